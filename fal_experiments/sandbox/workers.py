"""Worker processes that look at input files and draw clips, while the server answers.

Never forked (a fork of a process with threads may hang). A worker whose parent is gone ends itself:
a killed run leaves no process behind.
"""

import multiprocessing
import os
import threading
from asyncio import wrap_future
from pathlib import Path

from pebble import ProcessPool

from fal_experiments.sandbox.clips.draw import draw_clip
from fal_experiments.sandbox.clips.look import look_at
from fal_experiments.sandbox.clips.order import (
    ClipMade,
    ClipOrder,
    Medium,
    MediumFacts,
    MediumRefused,
)

_LONGEST_S = 600
"""A clip that takes longer is given up; its worker is ended."""
_LONGEST_LOOK_S = 60
_ORPHANED = 3


class RenderPool:
    """A few processes that draw. They start with the first clip."""

    def __init__(self, worker_count: int) -> None:
        methods = multiprocessing.get_all_start_methods()
        method = "forkserver" if "forkserver" in methods else "spawn"
        self._pool = ProcessPool(
            max_workers=worker_count,
            initializer=_end_with_parent,
            context=multiprocessing.get_context(method),
        )

    async def look(self, media: tuple[Medium, ...]) -> tuple[MediumFacts, ...] | MediumRefused:
        """Return what input files are, or why one of them cannot be used.

        Raises: TimeoutError, pebble.ProcessExpired, OSError, as `draw` does.
        """
        future = self._pool.schedule(look_at, args=(media,), timeout=_LONGEST_LOOK_S)
        return await wrap_future(future)

    async def draw(self, order: ClipOrder, path: Path) -> ClipMade | MediumRefused:
        """Draw a clip into a file.

        Raises: TimeoutError when it takes too long, pebble.ProcessExpired when its worker dies,
        OSError when the disk refuses.
        """
        future = self._pool.schedule(draw_clip, args=(order, path), timeout=_LONGEST_S)
        return await wrap_future(future)

    def stop(self) -> None:
        """End every worker now, whatever it is doing."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _end_with_parent() -> None:
    threading.Thread(target=_wait_for_parent, name="end-with-parent", daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(_ORPHANED)

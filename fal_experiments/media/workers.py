"""The pool: checks, renders and compares files in processes apart, a few at a time.

A file is rendered in a process of its own. Checking a small one takes a tenth of what a process
costs, so a process that has met nothing but sound files checks the next one too. It may only say
`sound`: whatever else it says or does, it is ended, and the file is checked again in a fresh one.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fal_experiments.core.derived import Derived, Recipe
from fal_experiments.core.likeness import Likeness
from fal_experiments.core.measures import PairMeasures
from fal_experiments.core.ports import Checked
from fal_experiments.errors import DownloadFailed
from fal_experiments.media.anchor_file import Anchor
from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.limits import Limits
from fal_experiments.media.rendered import read_rendered, write_rendered
from fal_experiments.media.sniff import Finding

__all__ = ["Limits", "MediaPool"]

MOST_WORKERS = 4
USUAL_LIMITS = Limits()

# By name, so that this process need not load decoders.
CHECK = "fal_experiments.media.check:check_file"
DERIVE = "fal_experiments.media.derive:derive_file"
COMPARE = "fal_experiments.media.likeness:compare_clips"
MEASURE_PAIR = "fal_experiments.media.pair:measure_pair"

CHECKS_OF_A_PROCESS = 200
"""After so many, a process makes room for a fresh one: what a decoder leaks stays small."""

RETRY_IS_IN_VAIN = {"no_video", "too_large"}
"""The file arrived as the provider made it; another download brings the same."""


class MediaPool:
    """Up to `workers` files at a time (as many as there are cores, at most 4, if not told)."""

    def __init__(self, *, workers: int | None = None, limits: Limits = USUAL_LIMITS) -> None:
        self._limits = limits
        self._context = process_context()
        count = workers or min(MOST_WORKERS, os.cpu_count() or 1)
        # The threads only wait, each for its process.
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="media")
        self._lock = threading.Lock()
        self._running: set[Child] = set()
        self._proven: list[Child] = []
        """Processes that have checked sound files only, and wait for the next one."""
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def check(self, path: Path) -> Checked:
        """Return what a file is that plays to its end, `video/mp4` or `image/png`, and how long.

        Raises: DownloadFailed with what is wrong with it, in words.
        """
        try:
            finding = await asyncio.wrap_future(self._threads.submit(self._check, path))
        except JobEnded as exc:
            raise _download_failed("stopped", exc.reason) from exc
        if finding.media_type is None:
            raise _download_failed(finding.bad_kind or "not_playable", finding.reason)
        return Checked(finding.media_type, finding.duration_s, finding.audio_s)

    def derive(
        self,
        clip: Path,
        folder: Path,
        asset_sha256: str,
        recipe: Recipe,
        anchor: Anchor | None = None,
    ) -> "Future[Derived]":
        """Render a clip into `folder` and measure it, or find that this has been done already.

        `anchor` is the picture that the clip started from, for measuring how true it stayed.
        The future never fails because of the clip: what stood in the way, be it the file, a limit,
        a crash or the disk, is `Derived.failed`. It is cancelled when the pool closes first.
        """
        folder = folder.absolute()
        if anchor is not None:
            anchor = Anchor(anchor.path.absolute(), anchor.sha256)
        known = read_rendered(folder, asset_sha256, recipe, anchor.sha256 if anchor else None)
        if known is not None:
            done: Future[Derived] = Future()
            done.set_result(known)
            return done
        return self._threads.submit(
            self._derive, clip.absolute(), folder, asset_sha256, recipe, anchor
        )

    def compare(self, first: Path, second: Path) -> "Future[Likeness]":
        """Compare two results of one request.

        The future never fails because of the files: what stood in the way, be it a file, a limit
        or a crash, is `Likeness.failed`. It is cancelled when the pool closes first.
        """
        return self._threads.submit(self._compare, first.absolute(), second.absolute())

    def measure_pair(self, first: Path, second: Path) -> "Future[PairMeasures]":
        """Measure the second of two clips against the first.

        The future never fails because of the clips: what stood in the way is
        `PairMeasures.failed`. It is cancelled when the pool closes first.
        """
        return self._threads.submit(self._measure_pair, first.absolute(), second.absolute())

    def close(self) -> None:
        """End what is running, cancel what is waiting, and return when all processes are gone."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._closed = True
            running = [*self._running, *self._proven]
        for child in running:
            child.kill()
        self._threads.shutdown(wait=True)

    def _check(self, path: Path) -> Finding:
        arguments = (path.absolute(), self._limits)
        with self._lock:
            child = self._proven.pop() if self._proven else None
        if child is not None:
            child.give(CHECK, arguments)
            with contextlib.suppress(JobEnded):
                finding = self._checked(child)
                if finding.media_type is not None:
                    return finding
        return self._checked(self._started(CHECK, *arguments))

    def _checked(self, child: Child) -> Finding:
        """Return what a process found; it stays for the next file if this one is sound."""
        with self._watched(child):
            finding: Finding = child.answer_and_stay()
        with self._lock:
            stays = finding.media_type is not None and child.jobs < CHECKS_OF_A_PROCESS
            if stays and not self._closed:
                self._proven.append(child)
                return finding
        child.kill()
        return finding

    def _derive(
        self, clip: Path, folder: Path, asset_sha256: str, recipe: Recipe, anchor: Anchor | None
    ) -> Derived:
        wanted = (clip, folder, asset_sha256, recipe, self._limits, anchor)
        try:
            derived: Derived = self._alone(DERIVE, *wanted)
        except JobEnded as exc:
            derived = Derived(asset_sha256=asset_sha256, recipe=recipe, failed=exc.reason)
            # The caller has the record; a disk that refuses it too is the reason already.
            with contextlib.suppress(OSError):
                write_rendered(folder, derived, {})
        return derived

    def _compare(self, first: Path, second: Path) -> Likeness:
        try:
            likeness: Likeness = self._alone(COMPARE, first, second, self._limits)
        except JobEnded as exc:
            return Likeness(failed=exc.reason)
        return likeness

    def _measure_pair(self, first: Path, second: Path) -> PairMeasures:
        try:
            measures: PairMeasures = self._alone(MEASURE_PAIR, first, second, self._limits)
        except JobEnded as exc:
            return PairMeasures(failed=exc.reason)
        return measures

    def _alone(self, job: str, *arguments: Any) -> Any:
        """Run a job in a process of its own. Raises: JobEnded; CancelledError while closing."""
        child = self._started(job, *arguments)
        with self._watched(child):
            return child.answer()

    def _started(self, job: str, *arguments: Any) -> Child:
        with self._lock:
            if self._closed:
                raise CancelledError
            child = Child(self._context, job, arguments, self._limits)
            self._running.add(child)
        return child

    @contextlib.contextmanager
    def _watched(self, child: Child) -> Iterator[None]:
        """While the block waits for a process, `close` can end it. Raises: CancelledError then."""
        with self._lock:
            self._running.add(child)
        try:
            yield
        except JobEnded:
            if self._closed:
                raise CancelledError from None
            raise
        finally:
            with self._lock:
                self._running.discard(child)


def _download_failed(kind: str, reason: str) -> DownloadFailed:
    return DownloadFailed(
        f"the downloaded file cannot be used: {reason}",
        kind=kind,
        billed="yes",
        retry_can_help=kind not in RETRY_IS_IN_VAIN,
        fix="`fal-exp resume` fetches the file again; nothing is generated or paid twice",
    )

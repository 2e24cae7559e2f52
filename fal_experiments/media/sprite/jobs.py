"""Sprites of many clips, each made in a process of its own, put in place whole or not at all."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from fal_experiments.core.sprite import RECORD_FILE, SpriteRecord
from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.limits import Limits

MAKE = "fal_experiments.media.sprite.make:make_sprite"
SPRITE_LIMITS = Limits(wall_s=300, cpu_s=200)
"""120 frames of 1080p as PNG, three times over, take a minute."""
MOST_WORKERS = 2
"""Each holds up to half a gigabyte of frames."""


class SpriteJob(NamedTuple):
    """A clip and where its sprite goes."""

    key: str
    clip: Path
    anchor: Path | None
    folder: Path
    blank: SpriteRecord
    """What is known of the work before it is done: files and order."""


def made_before(job: SpriteJob) -> SpriteRecord | None:
    """Return the sprite that lies in place already, if it is of the same work and complete."""
    record = _record_in(job.folder)
    blank = job.blank
    if record is None or not record.is_of(blank.asset_sha256, blank.anchor_sha256, blank.order):
        return None
    for file in record.files:
        path = job.folder / file.file
        if not path.is_file() or path.stat().st_size != file.size_bytes:
            return None
    return record


def is_in_the_way(job: SpriteJob) -> bool:
    """Tell whether other files lie where the sprite is to go: they would have to be overwritten.

    A record alone, of a clip without a loop, is no loss.
    """
    try:
        names = {path.name for path in job.folder.iterdir()}
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        return True
    record = _record_in(job.folder)
    return bool(names) and not (names == {RECORD_FILE} and record is not None and not record.files)


def make_sprites(
    jobs: Sequence[SpriteJob], limits: Limits = SPRITE_LIMITS
) -> Iterator[tuple[SpriteJob, SpriteRecord]]:
    """Make sprites, a few at a time; yields each as it is done, in no certain order.

    What stands in the way of one, be it its file, a limit, a crash or the disk, is its record's
    `failed`; then nothing of it is written. Closing the generator ends what is running.
    """
    context = process_context()
    running: set[Child] = set()
    lock = threading.Lock()
    closed = threading.Event()

    def work(job: SpriteJob, folder: Path) -> SpriteRecord:
        arguments = (job.clip.absolute(), job.anchor, folder, job.blank, limits)
        with lock:
            if closed.is_set():
                raise JobEnded("it was not begun")
            child = Child(context, MAKE, arguments, limits)
            running.add(child)
        try:
            record: SpriteRecord = child.answer()
        finally:
            with lock:
                running.discard(child)
        return record

    def tried(job: SpriteJob) -> SpriteRecord:
        try:
            return _put_in_place(job, work)
        except JobEnded as exc:
            return job.blank.model_copy(update={"failed": exc.reason})
        except OSError as exc:
            reason = f"{exc.filename or job.folder}: {exc.strerror or exc}"
            return job.blank.model_copy(update={"failed": reason})

    threads = ThreadPoolExecutor(min(MOST_WORKERS, os.cpu_count() or 1), "sprite")
    try:
        waiting = {threads.submit(tried, job): job for job in jobs}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        with lock:
            closed.set()
            left = list(running)
        for child in left:
            child.kill()
        threads.shutdown(wait=True, cancel_futures=True)


_Work = Callable[[SpriteJob, Path], SpriteRecord]
"""Makes a sprite in an empty folder."""


def _put_in_place(job: SpriteJob, work: _Work) -> SpriteRecord:
    """Let a sprite be made beside its place, then move it there in one step."""
    job.folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".sprite-", dir=job.folder.absolute().parent))
    try:
        record = work(job, made)
        if record.failed is not None:
            return record
        made.chmod(0o755)
        if is_in_the_way(job):
            return job.blank.model_copy(update={"failed": f"{job.folder}: other files lie there"})
        if job.folder.exists():
            (job.folder / RECORD_FILE).unlink(missing_ok=True)
            job.folder.rmdir()
        made.rename(job.folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return record


def _record_in(folder: Path) -> SpriteRecord | None:
    try:
        return SpriteRecord.model_validate_json((folder / RECORD_FILE).read_bytes())
    except (OSError, ValidationError):
        return None

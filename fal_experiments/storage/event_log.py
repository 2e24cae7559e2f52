"""`events.jsonl`: append-only, on disk before `append` returns, one writer, repaired when opened.

Events that arrive while the disk is busy go out together with one fsync (group commit), so many
cells in flight do not wait in line, and none is told `written` before it is.
"""

import asyncio
import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from filelock import FileLock, Timeout
from pydantic import ValidationError

from fal_experiments.core.events import LedgerEvent, event_line, parse_event
from fal_experiments.core.fold import BatchState
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.storage.atomic import storage_failed, sync_folder
from fal_experiments.storage.layout import BatchFolder

RESERVE_BYTES = 256 * 1024
"""Kept free for the log: enough for the tickets of every request that is in flight."""

Listener = Callable[[LedgerEvent], None]


class ReadLog(NamedTuple):
    """The events of a log, and the bytes after its last whole line."""

    events: list[LedgerEvent]
    whole_bytes: int
    torn: bytes


def read_log(path: Path) -> ReadLog:
    """Return the events of a log without changing it. A missing file is an empty log.

    A last line without its newline is torn: it is left out, unless it is a whole event that only
    lost its newline. Raises: BadInput naming the line of any other damage.
    """
    data = path.read_bytes() if path.exists() else b""
    end = data.rfind(b"\n") + 1
    torn = data[end:]
    if torn and _is_whole_event(torn):
        end, torn = len(data), b""
    events: list[LedgerEvent] = []
    for number, line in enumerate(data[:end].splitlines(), start=1):
        try:
            event = parse_event(line)
        except ValidationError as exc:
            first = exc.errors()[0]
            raise BadInput(
                f"{path}:{number}: not an event of a log: {first['msg']}",
                fix="restore the file from a copy; nothing was changed",
            ) from exc
        if event.seq != number:
            raise BadInput(
                f"{path}:{number}: event {event.seq} stands where {number} belongs",
                fix="lines are missing or were moved; restore the file from a copy",
            )
        events.append(event)
    return ReadLog(events, end, torn)


def read_batch_log(folder: BatchFolder) -> ReadLog:
    """Return the log of a batch without changing it.

    Raises: BadInput as `read_log`, and when the log is gone while its submissions are not: without
    it everything would be bought again.
    """
    log = read_log(folder.events)
    if not log.events and folder.has_attempts():
        raise BadInput(
            f"{folder.events}: the log is missing or empty, but cells/ holds what was submitted",
            fix="restore events.jsonl from a copy; nothing is submitted without it",
        )
    return log


def state_of(folder: BatchFolder, log: ReadLog) -> BatchState:
    """Return the state after a log. Raises: BadInput for events that do not fit together."""
    state = BatchState()
    for event in log.events:
        try:
            state.apply(event)
        except ValueError as exc:
            raise BadInput(
                f"{folder.events}:{event.seq}: {exc}",
                fix="restore the file from a copy; nothing was changed",
            ) from exc
    return state


class BatchLog:
    """The open log of a batch. Use as an async context manager; one process at a time."""

    def __init__(self, folder: BatchFolder) -> None:
        self._folder = folder
        self._lock = FileLock(folder.lock, fallback_to_soft=False)
        self._fd = -1
        self._good_bytes = 0
        self._next_seq = 1
        self._pending: list[tuple[bytes, LedgerEvent, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._closing = False
        self._broken: StorageFailed | None = None
        self._listeners: list[Listener] = []
        self._after_groups: list[Callable[[], None]] = []
        self.state = BatchState()
        self.torn = b""
        """What was cut off the end when the log was opened; kept in `events.torn`."""
        self.listener_errors: list[Exception] = []
        """Why listeners were dropped. The log itself is whole."""
        self.low_space = False
        """True once the disk was full and the reserve had to be given up."""

    async def __aenter__(self) -> Self:
        self._take_lock()
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise
        self._writer = asyncio.create_task(self._write_groups())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        self._wake.set()
        if self._writer is not None:
            await self._writer
        os.close(self._fd)
        with contextlib.suppress(OSError):  # a disk that refuses has been told of already
            self._folder.space_reserve.unlink(missing_ok=True)
        self._lock.release()

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every event once it is on disk and applied to `state`."""
        self._listeners.append(listener)

    def after_each_group(self, act: Callable[[], None]) -> None:
        """Call `act` when the listeners have heard all that went to disk together.

        Whoever waits for one of these events goes on only after that.
        """
        self._after_groups.append(act)

    async def append(self, event: LedgerEvent) -> None:
        """Give the event its number and return when it is on disk.

        Raises: StorageFailed when it could not be written; then no later event is written either.
        """
        if self._broken is not None:
            raise self._broken
        numbered = event.model_copy(update={"seq": self._next_seq})
        line = event_line(numbered)
        self._next_seq += 1  # only now: an event that can not be written leaves no gap
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((line, numbered, written))
        self._wake.set()
        # A cancelled caller must not take the event with it: it is numbered and will be written.
        await asyncio.shield(written)

    def _take_lock(self) -> None:
        self._folder.path.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise busy_batch(self._folder) from None
        except OSError as exc:
            raise storage_failed(self._folder.lock, exc) from exc

    def _open(self) -> None:
        path = self._folder.events
        log = read_batch_log(self._folder)
        try:
            if log.torn:
                with self._folder.torn_events.open("ab") as file:
                    file.write(log.torn + b"\n")
                    os.fsync(file.fileno())
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            os.ftruncate(self._fd, log.whole_bytes)
            os.lseek(self._fd, 0, os.SEEK_END)
            if log.whole_bytes and not path.read_bytes().endswith(b"\n"):
                os.write(self._fd, b"\n")
            os.fsync(self._fd)
            self._set_space_aside()
            sync_folder(path.parent)
        except OSError as exc:
            raise storage_failed(path, exc) from exc
        self._good_bytes = os.lseek(self._fd, 0, os.SEEK_CUR)
        self.torn = log.torn
        self.state = state_of(self._folder, log)
        self._next_seq = self.state.next_seq

    def _set_space_aside(self) -> None:
        with self._folder.space_reserve.open("wb") as file:
            file.write(os.urandom(RESERVE_BYTES))  # bytes that no file system compresses away
            os.fsync(file.fileno())

    async def _write_groups(self) -> None:
        while not (self._closing and not self._pending):
            await self._wake.wait()
            self._wake.clear()
            group, self._pending = self._pending, []
            if group and self._broken is None:
                try:
                    await asyncio.to_thread(self._write, b"".join(line for line, _, _ in group))
                except OSError as exc:
                    self._broken = storage_failed(self._folder.events, exc)
            for _, event, written in group:
                if self._broken is not None:
                    written.set_exception(self._broken)
                    written.exception()  # a caller that was cancelled will not fetch it
                    continue
                try:
                    self.state.apply(event)
                except Exception as exc:  # noqa: BLE001 - a defect; whoever waits must hear of it
                    written.set_exception(exc)
                    continue
                written.set_result(None)
                self._call_all(self._listeners, event)
            self._call_all(self._after_groups)

    def _call_all(self, listeners: list[Any], *events: LedgerEvent) -> None:
        """Call listeners. One that fails is not called again, and never stops the log."""
        for listener in list(listeners):
            try:
                listener(*events)
            except Exception as exc:  # noqa: BLE001 - kept for whoever opened the log
                listeners.remove(listener)
                self.listener_errors.append(exc)

    def _write(self, data: bytes) -> None:
        """Write one group whole, giving up the reserve once if the disk is full."""
        try:
            self._write_at_end(data)
        except OSError as exc:
            if exc.errno not in {errno.ENOSPC, errno.EDQUOT} or self.low_space:
                raise
            self.low_space = True
            self._folder.space_reserve.unlink(missing_ok=True)
            self._write_at_end(data)

    def _write_at_end(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._good_bytes)
            os.lseek(self._fd, 0, os.SEEK_END)
            raise
        self._good_bytes += len(data)


def busy_batch(folder: BatchFolder) -> BadInput:
    """Return what a second process on a batch is told."""
    return BadInput(
        f"another fal-exp process is working on {folder.name}",
        fix=f"watch it with `fal-exp status --watch {folder.name}`, or stop it first",
    )


def is_locked(folder: BatchFolder) -> bool:
    """Tell whether a process works on the batch right now. The system frees a dead one's lock."""
    if not folder.lock.exists():
        return False
    lock = FileLock(folder.lock, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # a folder that may only be read: nobody can be writing to it either
        return False
    lock.release()
    return False


def _is_whole_event(line: bytes) -> bool:
    try:
        parse_event(line)
    except ValidationError:
        return False
    return True

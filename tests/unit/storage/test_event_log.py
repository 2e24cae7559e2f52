"""The log: on disk before it says so, one writer, whole again after a crash."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from fal_experiments.core.events import LedgerEvent, event_line
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.storage.event_log import BatchLog, is_locked, read_log
from fal_experiments.storage.layout import BatchFolder
from tests.unit.core.histories import done


@pytest.fixture
def folder(tmp_path: Path) -> BatchFolder:
    return BatchFolder(tmp_path / "batch")


async def _append(folder: BatchFolder, events: list[LedgerEvent]) -> BatchLog:
    async with BatchLog(folder) as log:
        for event in events:
            await log.append(event)
    return log


def test_what_append_returned_from_can_be_read_back(folder: BatchFolder) -> None:
    events = done().events

    asyncio.run(_append(folder, events))

    assert read_log(folder.events).events == events


def test_events_of_many_tasks_are_numbered_without_a_gap_and_applied_in_order(
    folder: BatchFolder,
) -> None:
    async def together() -> list[int]:
        heard: list[int] = []
        async with BatchLog(folder) as log:
            log.listen(lambda event: heard.append(event.seq))
            await log.append(done().events[0])
            await asyncio.gather(*(log.append(done().events[0]) for _ in range(50)))
        return heard

    assert asyncio.run(together()) == list(range(1, 52))
    assert [event.seq for event in read_log(folder.events).events] == list(range(1, 52))


def test_a_cancelled_caller_does_not_take_its_event_with_it(folder: BatchFolder) -> None:
    async def cancelled() -> None:
        async with BatchLog(folder) as log:
            caller = asyncio.create_task(log.append(done().events[0]))
            await asyncio.sleep(0)
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            await log.append(done().events[0])

    asyncio.run(cancelled())

    assert [event.seq for event in read_log(folder.events).events] == [1, 2]


@pytest.mark.parametrize("lost", [1, 7, 40])
def test_a_torn_last_line_is_set_aside_and_the_log_goes_on(folder: BatchFolder, lost: int) -> None:
    events = done().events
    folder.path.mkdir()
    whole = b"".join(event_line(event) for event in events[:4])
    torn = event_line(events[4])[:-1][:-lost]
    folder.events.write_bytes(whole + torn)

    log = asyncio.run(_append(folder, [events[4]]))

    assert log.torn == torn
    assert folder.torn_events.read_bytes() == torn + b"\n"
    assert read_log(folder.events).events == events[:5]


def test_a_whole_event_that_only_lost_its_newline_is_kept(folder: BatchFolder) -> None:
    events = done().events
    folder.path.mkdir()
    folder.events.write_bytes(b"".join(map(event_line, events[:3]))[:-1])

    log = asyncio.run(_append(folder, [events[3]]))

    assert log.torn == b""
    assert read_log(folder.events).events == events[:4]


def test_reading_never_changes_the_log(folder: BatchFolder) -> None:
    folder.path.mkdir()
    folder.events.write_bytes(event_line(done().events[0]) + b'{"half')

    log = read_log(folder.events)

    assert (len(log.events), log.torn) == (1, b'{"half')
    assert folder.events.read_bytes().endswith(b'{"half')


@pytest.mark.parametrize(
    ("lines", "why"),
    [([0, None, 2], ":2: not an event"), ([0, 2], ":2: event 3 stands where 2 belongs")],
)
def test_damage_before_the_end_is_an_error_that_names_the_line(
    folder: BatchFolder, lines: list[int | None], why: str
) -> None:
    events = done().events
    folder.path.mkdir()
    folder.events.write_bytes(
        b"".join(b"garbage\n" if i is None else event_line(events[i]) for i in lines)
    )

    with pytest.raises(BadInput, match=why):
        read_log(folder.events)


def test_a_second_writer_is_refused_and_the_lock_goes_with_its_holder(folder: BatchFolder) -> None:
    async def twice() -> None:
        async with BatchLog(folder):
            assert is_locked(folder)
            with pytest.raises(BadInput, match="another fal-exp process is working"):
                async with BatchLog(folder):
                    pass
        assert not is_locked(folder)

    asyncio.run(twice())


def test_a_full_disk_gives_up_the_reserve_so_that_the_last_answers_are_written(
    folder: BatchFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_write = os.write

    def full_until_the_reserve_is_gone(fd: int, data: bytes) -> int:
        if folder.space_reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(fd, data)

    async def fill() -> bool:
        async with BatchLog(folder) as log:
            monkeypatch.setattr(os, "write", full_until_the_reserve_is_gone)
            await log.append(done().events[0])
            return log.low_space

    assert asyncio.run(fill())
    assert len(read_log(folder.events).events) == 1


def test_a_disk_that_stays_full_stops_the_log_and_leaves_no_half_line(
    folder: BatchFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_write = os.write

    def half_then_full(fd: int, data: bytes) -> int:
        if len(data) > 40:
            return real_write(fd, bytes(data)[:40])
        raise OSError(errno.ENOSPC, "No space left on device")

    async def fill() -> None:
        async with BatchLog(folder) as log:
            await log.append(done().events[0])
            monkeypatch.setattr(os, "write", half_then_full)
            with pytest.raises(StorageFailed, match="No space left"):
                await log.append(done().events[0])
            with pytest.raises(StorageFailed):
                await log.append(done().events[0])

    asyncio.run(fill())

    log = read_log(folder.events)
    assert (len(log.events), log.torn) == (1, b"")

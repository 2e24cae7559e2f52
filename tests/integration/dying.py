"""`fal-exp` that dies at one moment, without a word: `python dying.py MOMENT NUMBER ARGUMENTS…`.

The moments are those after which a process leaves something half done. NUMBER counts them from 1;
a process that never gets there ends as it always does.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from fal_experiments.app import finish
from fal_experiments.cli.main import main
from fal_experiments.storage import atomic
from fal_experiments.storage.event_log import BatchLog
from fal_experiments.storage.ledger import Ledger

Dies = Callable[[], bool]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _countdown(number: int) -> Dies:
    left = [number]

    def is_now() -> bool:
        left[0] -= 1
        return left[0] == 0

    return is_now


def _in_the_log(moment: str, is_now: Dies) -> None:
    """Die before a group of lines is written, with half of it written, or once it is synced."""
    write = BatchLog._write_at_end

    def dying_write(log: BatchLog, data: bytes) -> None:
        dies = is_now()
        if dies and moment == "before":
            _die()
        if dies and moment == "torn":
            os.write(log._fd, data[: len(data) // 2])
            _die()
        write(log, data)
        if dies:
            _die()

    BatchLog._write_at_end = dying_write  # type: ignore[method-assign, assignment]


def _in_the_ledger(is_now: Dies) -> None:
    """Die with half of a row written."""
    append = Ledger.append

    def dying_append(ledger: Ledger, rows: Iterable[Any]) -> None:
        kept = list(rows)
        if kept and is_now():
            line: bytes = kept[0].model_dump_json().encode()
            with ledger._path.open("ab") as file:
                file.write(line[: len(line) // 2])
            _die()
        append(ledger, kept)

    Ledger.append = dying_append  # type: ignore[method-assign, assignment]


def _in_a_render(is_now: Dies) -> None:
    """Die when a clip has been rendered and the next one is under way."""
    completed = finish.as_completed  # type: ignore[attr-defined]

    def dying(jobs: Iterable[Any]) -> Iterator[Any]:
        for job in completed(jobs):
            if is_now():
                _die()
            yield job

    finish.as_completed = dying  # type: ignore[attr-defined, assignment]


def _before_a_rename(is_now: Dies) -> None:
    """Die when a file is written under its other name."""
    replace = Path.replace

    def dying_replace(path: Path, target: Any) -> Path:
        if path.suffix == atomic.PART and is_now():
            _die()
        return replace(path, target)

    Path.replace = dying_replace  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    _, chosen, at, *rest = sys.argv
    now = _countdown(int(at))
    if chosen == "ledger":
        _in_the_ledger(now)
    elif chosen == "render":
        _in_a_render(now)
    elif chosen == "rename":
        _before_a_rename(now)
    else:
        _in_the_log(chosen, now)
    sys.argv = ["fal-exp", *rest]
    main()

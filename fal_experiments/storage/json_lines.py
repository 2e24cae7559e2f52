"""Files of records, one JSON object a line, that only grow; several processes may add at once."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock, Timeout
from pydantic import ValidationError

from fal_experiments.core.model import Record
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import disk_errors
from fal_experiments.storage.ledger import TORN, set_torn_line_aside
from fal_experiments.storage.plain_file import (
    NoPlainFile,
    open_to_add,
    read_plain,
    size_of_plain,
)

R = TypeVar("R", bound=Record)

MOST_BYTES = 1_000_000_000
"""A file of records that is larger is none, where no other limit is given."""


class JsonLines(Generic[R]):
    """A file of records of one kind."""

    def __init__(self, path: Path, kind: type[R], most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._kind = kind
        self._most_bytes = most_bytes
        self._lock = FileLock(path.with_name(f".{path.stem}.lock"), fallback_to_soft=False)

    def append(self, record: R) -> None:
        """Add a record; it would survive a power cut when this returns. Raises: StorageFailed."""
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                self._write([record])

    def append_chosen(self, choose: Callable[[list[R]], Sequence[R]]) -> list[R]:
        """Add what `choose` makes of what is there, which nobody else changes meanwhile.

        Returns what was added.
        Raises: StorageFailed; BadInput for damage in what is there.
        """
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                chosen = list(choose(self.read()))
                if chosen:
                    self._write(chosen)
                return chosen

    def _write(self, records: Sequence[R]) -> None:
        self._check_plain()
        with open_to_add(self._path) as file:
            set_torn_line_aside(self._path, file)
            file.write(b"".join(record.model_dump_json().encode() + b"\n" for record in records))
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[R]:
        """Return all records, oldest first; a last line that a crash cut off is left out.

        Raises: BadInput naming file and line of any other damage, or what is no plain file.
        """
        if not self._check_plain():
            return []
        records = []
        try:
            lines = read_plain(self._path).splitlines(keepends=True)
        except OSError as exc:
            raise BadInput(f"{self._path}: cannot be read: {exc.strerror or exc}") from exc
        for number, line in enumerate(lines, start=1):
            if not line.strip() or not line.endswith(b"\n"):
                continue
            try:
                records.append(self._kind.model_validate_json(line))
            except ValidationError as exc:
                raise BadInput(
                    f"{self._path}: line {number}: {exc.errors()[0]['msg']}",
                    fix="the file was changed by hand or is of a newer version; mend the line",
                ) from exc
        return records

    def _check_plain(self) -> bool:
        """Tell whether the file is there. Raises: BadInput for a link, and anything but a file."""
        try:
            size = size_of_plain(self._path)
            torn = self._path.with_suffix(TORN)
            size_of_plain(torn)
        except NoPlainFile as exc:
            raise BadInput(str(exc), fix="put the file itself there") from exc
        if size is not None and size > self._most_bytes:
            raise BadInput(
                f"{self._path}: more than {self._most_bytes:,} bytes",
                fix="move the file away; was it written by something else?",
            )
        return size is not None


@contextlib.contextmanager
def alone(lock: Path, doing: str) -> Iterator[None]:
    """Let one process at a time into the block; the others are sent away. Raises: BadInput."""
    held = FileLock(lock, timeout=0, fallback_to_soft=False)
    with disk_errors(lock):
        try:
            held.acquire()
        except Timeout:  # which is an OSError too
            busy = f"another process is {doing} now"
            raise BadInput(busy, fix="wait until it has ended") from None
    try:
        yield
    finally:
        held.release()

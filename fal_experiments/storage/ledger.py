"""The ledger of all batches: `ledger.jsonl` only grows, `ledger.csv` is folded from it."""

import contextlib
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock
from pydantic import ValidationError

from fal_experiments.core.rows import LedgerRow
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import disk_errors, write_text
from fal_experiments.storage.layout import Tree
from fal_experiments.storage.ledger_csv import bring_csv_up_to_date, stamp_of_copy, stamp_of_csv
from fal_experiments.storage.plain_file import open_to_add

_CELL = re.compile(rb'"cell_id":"([0-9a-f]{16})"')
TORN = ".torn"
"""Suffix of the file beside, with what a crash cut off."""
MAX_ROW_BYTES = 4_000_000
"""Longer than any row: a prompt is the only part without a fixed size."""


class Ledger:
    """The ledger of one tree. Several batches may append at once; each line is whole."""

    def __init__(self, tree: Tree) -> None:
        self._path = tree.ledger
        self._csv = tree.ledger_csv
        self._lock = FileLock(tree.batches / ".ledger.lock", fallback_to_soft=False)

    @property
    def size_bytes(self) -> int:
        """Return the size of the file, 0 where there is none yet."""
        return self._path.stat().st_size if self._path.exists() else 0

    def append(self, rows: Iterable[LedgerRow]) -> None:
        """Add rows at the end. Raises: StorageFailed.

        The rows can be derived again from the batch's events, so nothing waits for the disk here.
        """
        lines = b"".join(map(_line, rows))
        if not lines:
            return
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, open_to_add(self._path) as file:
                set_torn_line_aside(self._path, file)
                file.write(lines)

    def read(self, *, from_byte: int = 0) -> list[LedgerRow]:
        """Return all rows that stand behind `from_byte`, oldest first.

        A last line that was cut off by a crash is left out: its batch's events still have it.
        Raises: BadInput naming file and line of any other damage.
        """
        return [row for _, row in self._lines(from_byte)]

    def _lines(self, from_byte: int = 0) -> Iterator[tuple[bytes, LedgerRow]]:
        """Yield lines with their rows, one at a time: a ledger may be larger than memory."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(_line_start(file, from_byte))
            yield from _rows(self._path, file)

    def read_whole_lines(self) -> list[LedgerRow]:
        """Return the rows that can be read, and pass over all damage: for a rebuild."""
        rows = []
        for line in self._path.read_bytes().splitlines() if self._path.exists() else ():
            try:
                rows.append(LedgerRow.model_validate_json(line))
            except ValidationError:
                continue  # what is here follows from the logs; a merge brings the rest again
        return rows

    def rows_of(self, cell_ids: Collection[str]) -> list[LedgerRow]:
        """Return the rows of some cells, oldest first, without reading the others whole."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            lines = (
                line
                for line in file
                if (cell := _CELL.search(line)) and cell[1].decode() in cell_ids
            )
            return [row for _, row in _rows(self._path, lines)]

    def read_new(self, from_byte: int) -> tuple[list[LedgerRow], int]:
        """Return the rows behind `from_byte`, and where the next ones will stand.

        A ledger that was replaced meanwhile is read from its beginning. Raises: as `read`.
        """
        if not self._path.exists():
            return [], 0
        with self._path.open("rb") as file:
            start = _line_start(file, from_byte)
            file.seek(start)
            data = file.read()
        rows = [row for _, row in _rows(self._path, data.splitlines(keepends=True))]
        return rows, start + data.rfind(b"\n") + 1

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep all other processes from appending until the block ends. Raises: StorageFailed."""
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def append_new(self, rows: Iterable[LedgerRow], *, from_byte: int) -> int:
        """Add those of `rows` that the ledger does not already say; return how many."""
        known = {row.row_id: line for line, row in self._lines(from_byte)}
        new = [row for row in rows if known.get(row.row_id) != _line(row)]
        self.append(new)
        return len(new)

    def rebuild(self, rows: Iterable[LedgerRow]) -> int:
        """Replace the ledger by `rows`; return how many. The old file is kept as `ledger.old`.

        At every moment there is a whole ledger. Raises: StorageFailed.
        """
        lines = [row.model_dump_json() + "\n" for row in rows]
        with self.exclusively():
            if self._path.exists():
                shutil.copyfile(self._path, self._path.with_suffix(".old"))
            for stamp in (stamp_of_csv(self._csv), stamp_of_copy(self._path)):
                stamp.unlink(missing_ok=True)  # a change within the file may not show at its ends
            write_text(self._path, "".join(lines))
        return len(lines)

    def write_csv(self) -> None:
        """Bring the spreadsheet up to date, which no cell can turn into a formula."""
        # Another batch that ends now writes the same file.
        with self.exclusively(), disk_errors(self._csv):
            bring_csv_up_to_date(self._path, self._csv, self._rows_behind)

    def _rows_behind(self, from_byte: int) -> Iterator[LedgerRow]:
        return (row for _, row in self._lines(from_byte))


def read_ledger_file(path: Path) -> list[LedgerRow]:
    """Return the rows of another machine's `ledger.jsonl`.

    Raises: BadInput for a file that is not there or holds something else.
    """
    try:
        with path.open("rb") as file:
            return [row for _, row in _rows(path, file)]
    except OSError as exc:
        raise BadInput(f"{path}: cannot be read: {exc.strerror}") from exc


def _line(row: LedgerRow) -> bytes:
    return row.model_dump_json().encode() + b"\n"


def _line_start(file: BinaryIO, from_byte: int) -> int:
    """Return `from_byte`, or 0 where no line starts there: the ledger was replaced meanwhile."""
    if not 0 < from_byte <= file.seek(0, os.SEEK_END):
        return 0
    file.seek(from_byte - 1)
    return from_byte if file.read(1) == b"\n" else 0


def _rows(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[bytes, LedgerRow]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or not line.endswith(b"\n"):
            continue
        try:
            yield line, LedgerRow.model_validate_json(line)
        except ValidationError as exc:
            raise BadInput(
                f"{path}: line {number}: not a ledger row: {exc.errors()[0]['msg']}",
                fix="run `fal-exp ledger rebuild`: the batches have it all",
            ) from exc


def set_torn_line_aside(path: Path, file: BinaryIO) -> None:
    """Move a last line that a crash cut off to `ledger.torn`, so that the next row starts clean."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return
    file.seek(size - 1)
    if file.read() == b"\n":  # nearly always: one byte tells
        return
    file.seek(max(0, size - MAX_ROW_BYTES))
    tail = file.read()
    torn = tail[tail.rfind(b"\n") + 1 :]
    with open_to_add(path.with_suffix(TORN)) as aside:
        aside.write(torn + b"\n")
    file.truncate(size - len(torn))

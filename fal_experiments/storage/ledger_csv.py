"""`ledger.csv`: the folded ledger as a spreadsheet, brought up to date without reading it all.

Rows of new attempts are added at the end. Where a row of an earlier attempt has changed, the file
is copied with that one line replaced; no other line is parsed. The result is, byte for byte, what
a fold of the whole ledger gives.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.rows import LedgerRow, spreadsheet_cells
from fal_experiments.storage.atomic import PART, write_text
from fal_experiments.storage.plain_file import size_of_plain

CSV_VERSION = 2
HEAD_BYTES, TAIL_BYTES = 65_536, 4_096
"""What is compared to tell whether a ledger is still the one that something was made of."""
Rows = Callable[[int], Iterable[LedgerRow]]
"""Return the ledger's rows that stand behind a byte."""


def bring_csv_up_to_date(ledger: Path, target: Path, rows: Rows) -> None:
    """Write the spreadsheet. Only one process at a time may do so. Raises: OSError, BadInput."""
    stamp = stamp_of_csv(target)
    end = ledger.stat().st_size if ledger.exists() else 0
    known = _stamp_of(stamp, ledger, target)
    latest: dict[str, LedgerRow] = {}
    for row in rows(known.bytes if known else 0):
        latest[row.row_id] = row
    batches = {row.batch for row in latest.values()}
    if known is None:
        _write_all(target, latest)
    elif batches & known.batches:
        _replace(target, latest)
    elif latest:
        with target.open("ab") as file:
            _add(file, latest.values())
    kept = _Stamp(end, (known.batches if known else frozenset()) | batches)
    write_text(stamp, kept.to_json(ledger, target))


def stamp_of_csv(target: Path) -> Path:
    """Return where it stands how far the spreadsheet goes."""
    return target.with_name(f".{target.name}.json")


def stamp_of_copy(ledger: Path) -> Path:
    """Return where it stands how far the Parquet copy goes (`storage.ledger_table`)."""
    return ledger.with_name(".ledger.parquet.json")


class _Stamp:
    """Up to which byte of the ledger the spreadsheet goes, and the batches that are in it."""

    def __init__(self, end: int, batches: frozenset[str]) -> None:
        self.bytes = end
        self.batches = batches

    def to_json(self, ledger: Path, target: Path) -> str:
        return json.dumps(
            {
                "v": CSV_VERSION,
                "columns": _columns_sha256(),
                "bytes": self.bytes,
                "sha256": prefix_sha256(ledger, self.bytes),
                "csv": _seen(target),
                "batches": sorted(self.batches),
            }
        )


def _stamp_of(stamp: Path, ledger: Path, target: Path) -> _Stamp | None:
    """Return what the spreadsheet holds; None where it is not what this program wrote last."""
    try:
        said = json.loads(stamp.read_text("utf-8"))
        is_ours = (
            said["v"] == CSV_VERSION
            and said["columns"] == _columns_sha256()
            and said["csv"] == _seen(target)
            and said["sha256"] == prefix_sha256(ledger, int(said["bytes"]))
        )
        return _Stamp(int(said["bytes"]), frozenset(said["batches"])) if is_ours else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _seen(target: Path) -> list[int]:
    """Return size and time of change: a person may have saved it. Raises: OSError for a link."""
    return [size_of_plain(target) or 0, target.stat().st_mtime_ns]


def _write_all(target: Path, latest: dict[str, LedgerRow]) -> None:
    part = target.with_name(target.name + PART)
    with part.open("wb") as file:
        file.write(_record(LedgerRow.model_fields))
        _add(file, latest.values())
    part.replace(target)


def _replace(target: Path, latest: dict[str, LedgerRow]) -> None:
    left = dict(latest)
    part = target.with_name(target.name + PART)
    with target.open("rb") as old, part.open("wb") as new:
        for record in _records(old):
            row = left.pop(record[:400].split(b",", 2)[1].decode(), None)
            new.write(record if row is None else _row_record(row))
        _add(new, left.values())
    part.replace(target)


def _records(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole records: a text in quotes may hold line breaks."""
    record = b""
    for line in file:
        record += line
        if record.count(b'"') % 2 == 0:
            yield record
            record = b""
    if record:
        yield record


def _add(file: BinaryIO, rows: Iterable[LedgerRow]) -> None:
    file.writelines(_row_record(row) for row in rows)


def _row_record(row: LedgerRow) -> bytes:
    return _record(cell for _, cell in spreadsheet_cells(row))


def _record(cells: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _columns_sha256() -> str:
    return sha256_hex(",".join(LedgerRow.model_fields))


def prefix_sha256(path: Path, until: int) -> str:
    """Return a hash of the beginning and of the end of what was folded."""
    if not until:
        return sha256_hex(b"")
    with path.open("rb") as file:
        head = file.read(min(HEAD_BYTES, until))
        file.seek(max(0, until - TAIL_BYTES))
        return sha256_hex(head + file.read(until - file.tell()))

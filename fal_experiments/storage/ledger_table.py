"""The folded ledger as an Arrow table, kept as Parquet and brought up to date by its tail.

A ledger of a million rows is parsed once; after that only what was appended since is read as JSON.
A small one needs no copy. The copy is derived: it can be deleted at any time, and one that is not
of this ledger is made anew.
"""

import json
import types
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.rows import LedgerRow
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import PART, disk_errors, write_text
from fal_experiments.storage.layout import Tree
from fal_experiments.storage.ledger import Ledger
from fal_experiments.storage.ledger_csv import prefix_sha256, stamp_of_copy
from fal_experiments.storage.plain_file import size_of_plain

CACHE = ".ledger.parquet"
WORTH_WRITING_ROWS = 2_000
"""With fewer new rows the copy stays as it is: reading them again is cheaper than writing it."""
CHUNK_ROWS = 50_000
CACHE_VERSION = 2


def ledger_table(tree: Tree, columns: Sequence[str] | None = None) -> pa.Table:
    """Return the latest row of each attempt as a table; all columns unless some are named.

    Whole numbers are int64, exact numbers text, times UTC, objects JSON text. A row of an
    older version has null in columns that it did not know, but for those with a default.
    Raises: BadInput naming file and line of a damaged row; StorageFailed.
    """
    path, names = tree.ledger, list(columns or LedgerRow.model_fields)
    if not path.exists():
        return schema().empty_table().select(names)
    end = _whole_lines_end(path)
    needed = names if "row_id" in names else [*names, "row_id"]
    kept, start = _copy(tree, path, end, needed)
    if start == end:
        return kept.select(names)
    fresh = _as_table(path, _folded(_records(path, start, end))).select(needed)
    is_old = pc.is_in(kept["row_id"], value_set=fresh["row_id"])
    return pa.concat_tables([kept.filter(pc.invert(is_old)), fresh]).select(names)


def _copy(tree: Tree, path: Path, end: int, needed: Sequence[str]) -> tuple[pa.Table, int]:
    """Return what the copy has, brought up to date if that is worth it, and its end in the ledger.

    A ledger that is quick to read has none.
    """
    start = _cached_until(tree, path, end)
    if not _is_much(path, start or 0, end):
        if start is None:
            return schema().empty_table().select(needed), 0
    else:
        with Ledger(tree).exclusively():  # two at a time would write into one file
            start = _cached_until(tree, path, end)
            start = _refresh(tree, path, start, end) if start != end else end
    return pq.read_table(tree.batches / CACHE, columns=list(needed)), start


def schema() -> pa.Schema:
    """Return the columns with their types, in the order of `LedgerRow`."""
    return pa.schema(
        [(name, _arrow_type(info.annotation)) for name, info in LedgerRow.model_fields.items()]
    )


def _arrow_type(annotation: Any) -> pa.DataType:
    kinds = get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else ()
    kind = next((one for one in kinds if one is not type(None)), annotation)
    simple = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
    if kind in simple:
        return simple[kind]
    if kind is datetime:
        return pa.timestamp("us", tz="UTC")
    first = get_args(kind)[:1]
    is_number = first and isinstance(first[0], int) and not isinstance(first[0], bool)
    return pa.int64() if is_number else pa.string()  # Decimal, object or Literal


def _whole_lines_end(path: Path) -> int:
    """Return where the last whole line ends: a torn one is no row yet."""
    size = path.stat().st_size
    with path.open("rb") as file:
        back = 0
        while back < size:
            back = min(size, back + 1_000_000)
            file.seek(size - back)
            found = file.read(back).rfind(b"\n")
            if found >= 0:
                return size - back + found + 1
    return 0


def _cached_until(tree: Tree, path: Path, end: int) -> int | None:
    """Return up to which byte the copy holds the ledger; None where it is of another one."""
    try:
        stamp = json.loads(stamp_of_copy(path).read_text("utf-8"))
        until = int(stamp["bytes"])
        is_same = stamp["v"] == CACHE_VERSION and stamp["columns"] == _columns_sha256()
        if not is_same or until > end or stamp["copy"] != _seen(tree.batches / CACHE):
            return None
        return until if stamp["sha256"] == prefix_sha256(path, until) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no copy, or a damaged one: it is made anew


def _seen(cache: Path) -> list[int]:
    """Return size and time of change: a damaged copy is not believed. Raises: OSError."""
    return [size_of_plain(cache) or 0, cache.stat().st_mtime_ns]


def _is_much(path: Path, start: int, end: int) -> bool:
    if end - start < WORTH_WRITING_ROWS * 500:  # no row is shorter
        return False
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start).count(b"\n") >= WORTH_WRITING_ROWS


def _refresh(tree: Tree, path: Path, start: int | None, end: int) -> int:
    """Bring the copy up to date; returns up to which byte it then holds the ledger."""
    cache = tree.batches / CACHE
    part = cache.with_name(cache.name + PART)
    with disk_errors(cache):
        fresh = _latest_lines(path, start or 0, end)
        with pq.ParquetWriter(part, schema(), compression="zstd") as writer:
            if start is not None:
                new_ids = pa.array(fresh, pa.string())
                for batch in pq.ParquetFile(cache).iter_batches(CHUNK_ROWS):
                    old = pa.Table.from_batches([batch])
                    is_old = pc.is_in(old["row_id"], value_set=new_ids)
                    writer.write_table(old.filter(pc.invert(is_old)))
            for chunk in _chunks(_at(path, fresh.values())):
                writer.write_table(_as_table(path, chunk))
        part.replace(cache)
    stamp = {
        "v": CACHE_VERSION,
        "columns": _columns_sha256(),
        "bytes": end,
        "sha256": prefix_sha256(path, end),
        "copy": _seen(cache),
    }
    write_text(stamp_of_copy(path), json.dumps(stamp) + "\n")
    return end


def _latest_lines(path: Path, start: int, end: int) -> dict[str, tuple[int, int]]:
    """Return where the latest line of each attempt stands, by row id, without parsing any whole."""
    places: dict[str, tuple[int, int]] = {}
    at = start
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if at >= end:
                break
            if line.strip():
                places[_row_id(path, line, at)] = (at, len(line))
            at += len(line)
    return places


def _row_id(path: Path, line: bytes, at: int) -> str:
    """Return the id of a row: it is the second field, and holds nothing that JSON escapes."""
    head, mark, rest = line[:400].partition(b'"row_id":"')
    found = rest.partition(b'"')[0]
    if mark and len(head) < 20 and b"\\" not in found:
        return found.decode()
    return str(_parsed(path, line, at)["row_id"])


def _at(path: Path, places: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for at, length in places:
            file.seek(at)
            yield _parsed(path, file.read(length), at)


def _records(path: Path, start: int, end: int) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        file.seek(start)
        at = start
        for line in file:
            if at >= end:
                return
            if line.strip():
                yield _parsed(path, line, at)
            at += len(line)


def _parsed(path: Path, line: bytes, at: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("row_id"), str):
        raise BadInput(
            f"{path}: the line at byte {at} is no ledger row",
            fix="`fal-exp ledger rebuild` makes the ledger again from the batches",
        )
    return record


def _folded(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({record["row_id"]: record for record in records}.values())


def _chunks(records: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for record in records:
        chunk.append(record)
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _as_table(path: Path, records: Sequence[dict[str, Any]]) -> pa.Table:
    columns = []
    for field in schema():
        default = _default(LedgerRow.model_fields[field.name])
        values = [record.get(field.name, default) for record in records]
        try:
            columns.append(_array(values, field.type))
        except (ValueError, TypeError, OverflowError, AttributeError) as exc:  # Arrow's are both
            raise BadInput(
                f"{path}: a row has something else in {field.name}: {exc}",
                fix="`fal-exp ledger rebuild` makes the ledger again from the batches",
            ) from exc
    return pa.Table.from_arrays(columns, schema=schema())


def _default(info: Any) -> Any:
    default = info.get_default(call_default_factory=False)
    return default if isinstance(default, str | int | bool | dict) else None


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array([None if v is None else datetime.fromisoformat(v) for v in values], kind)
    if pa.types.is_string(kind):
        return pa.array([v if v is None or isinstance(v, str) else _text(v) for v in values], kind)
    return pa.array(values, kind)


def _text(value: Any) -> str:
    if isinstance(value, Decimal | int | float):
        return str(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _columns_sha256() -> str:
    return sha256_hex(str(schema()))

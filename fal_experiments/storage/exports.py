"""A table as CSV or Parquet, whole or not at all; money stays exact, unknown stays empty."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fal_experiments.core.cell_table import Kind, Table, shown
from fal_experiments.core.rows import no_formula
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import PART, disk_errors, write_text

SUFFIXES = (".csv", ".parquet")

TYPES: dict[Kind, Any] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "usd": pa.decimal128(38, 9),
    "truth": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


def write_table(table: Table, target: Path) -> None:
    """Write a table as `.csv` or `.parquet`.

    A column has its type even where nothing in it is known. A text of a CSV that a spreadsheet
    would take for a formula has a `'` before it. Raises: BadInput for another suffix,
    StorageFailed.
    """
    if target.suffix == ".csv":
        write_text(target, _csv(table))
    elif target.suffix == ".parquet":
        part = target.with_name(target.name + PART)
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(_arrow(table), part)
            part.replace(target)
    else:
        raise BadInput(
            f"{target}: its suffix says no kind of table that is written here",
            fix=f"end the name in {' or '.join(SUFFIXES)}",
        )


def _csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(no_formula(column.name) for column in table.columns)
    for row in table.rows:
        values = [row[column.name] for column in table.columns]
        writer.writerow(no_formula(v) if isinstance(v, str) else shown(v) for v in values)
    return text.getvalue()


def _arrow(table: Table) -> Any:
    arrays = []
    for name, kind in table.columns:
        values = [_plain(row[name], kind) for row in table.rows]
        arrays.append(pa.array(values, TYPES[kind]))
    return pa.Table.from_arrays(arrays, names=[column.name for column in table.columns])


def _plain(value: Any, kind: Kind) -> str | int | float | Decimal | bool | datetime | None:
    if value is None:
        return None
    plain: str | int | float | Decimal | bool | datetime = value
    return float(value) if kind == "number" else plain

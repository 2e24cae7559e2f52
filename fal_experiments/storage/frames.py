"""Ledger rows summed up and taken away: groups by any column, Parquet, CSV, Markdown."""

import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from fal_experiments.core.ledger_query import AMOUNTS, Term
from fal_experiments.core.markdown_text import plain
from fal_experiments.core.rows import no_formula
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import PART, disk_errors, write_text
from fal_experiments.storage.layout import Tree
from fal_experiments.storage.ledger_filter import mask_of
from fal_experiments.storage.ledger_table import ledger_table

if TYPE_CHECKING:
    import pandas as pd

USD = pa.decimal128(38, 9)
SUMS = tuple(f"{amount}_nano_usd" for amount in AMOUNTS)


def summarise(tree: Tree, by: Sequence[str], terms: Sequence[Term] = ()) -> list[dict[str, Any]]:
    """Return attempts, done, known costs and sums for each group, in order of the groups.

    A group without any known amount has None in its place, never 0.

    Args:
        by: columns; `day` and `month` are those of the submission, in UTC.

    Raises: BadInput for a damaged ledger; StorageFailed.
    """
    derived = {"day", "month"}
    wanted = {*(name for name in by if name not in derived), *(t.column for t in terms), *SUMS}
    wanted = {_stored(name) for name in wanted} | {"state", "submitted_at"}
    table = ledger_table(tree, sorted(wanted - derived))
    table = table.filter(mask_of(table, terms)) if terms else table
    for name, form in (("day", "%Y-%m-%d"), ("month", "%Y-%m")):
        if name in by:
            table = table.append_column(name, pc.strftime(table["submitted_at"], format=form))
    is_done = pc.cast(pc.equal(table["state"], "done"), pa.int64())
    table = table.append_column("done", is_done)
    counted = [(name, how) for name in SUMS for how in ("sum", "count")]
    groups = table.group_by(list(by), use_threads=False).aggregate(
        [*counted, ("done", "sum"), ([], "count_all")]
    )
    groups = groups.sort_by([(name, "ascending") for name in by]) if by else groups
    return [_group(row, by) for row in groups.to_pylist()]


def export(tree: Tree, target: Path, terms: Sequence[Term] = (), *, by_month: bool = False) -> int:
    """Write the rows as `.parquet`, `.csv` or `.md`, or as a folder of Parquet files by month.

    Amounts are exact decimals of USD (in Parquet decimal128(38, 9), `estimate_usd` and so on) and
    integer nano-USD beside them. Whole or not at all; returns how many rows.
    Raises: BadInput without a row, for another suffix, and for a folder that is not empty;
    StorageFailed.
    """
    if not target.name:
        raise BadInput(f"{target}: expected the name of a file", fix="name one: rows.csv")
    table = ledger_table(tree)
    table = table.filter(mask_of(table, terms)) if terms else table
    if not table.num_rows:  # an empty file in place of a full one is what nobody asks for
        raise BadInput(
            f"no attempt of {tree.ledger} is asked for: {target} is not written",
            fix="`fal-exp ledger show` lists what is there; --sandbox is the sandbox's ledger",
        )
    part = target.with_name(target.name + PART)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if by_month:
            _write_months(_with_dollars(table), target)
        elif target.suffix == ".parquet":
            pq.write_table(_with_dollars(table), part, compression="zstd")
            part.replace(target)
        elif target.suffix == ".csv":
            pacsv.write_csv(_safe(_with_dollars(table)), part)
            part.replace(target)
        elif target.suffix == ".md":
            write_text(target, _markdown(table))
        else:
            raise BadInput(
                f"{target}: cannot write {target.suffix or 'this'}",
                fix="end the name in .csv, .parquet or .md, or add --partition month",
            )
    return int(table.num_rows)


def data_frame(tree: Tree) -> "pd.DataFrame":
    """Return the ledger as a data frame with the types of docs/ledger.md."""
    import pandas as pd  # noqa: PLC0415  half a second, which sums and exports need not pay

    table = ledger_table(tree)
    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): _strings(pd)}
    frame: pd.DataFrame = table.to_pandas(types_mapper=types.get)
    return frame


def _strings(pd: Any) -> Any:
    return pd.StringDtype("pyarrow")


def _stored(name: str) -> str:
    amount = name.removesuffix("_usd")
    return f"{amount}_nano_usd" if amount in AMOUNTS and name.endswith("_usd") else name


def _group(row: dict[str, Any], by: Sequence[str]) -> dict[str, Any]:
    sums = {name: row[f"{name}_sum"] if row[f"{name}_count"] else None for name in SUMS}
    return {
        **{name: row[name] for name in by},
        "attempts": row["count_all"],
        "done": row["done_sum"] or 0,
        "metered_known": row["metered_nano_usd_count"],
        "billed_known": row["billed_nano_usd_count"],
        **sums,
    }


def _with_dollars(table: pa.Table) -> pa.Table:
    """Return a table with each amount as an exact decimal of USD beside the nano-dollars."""
    for amount in AMOUNTS:
        nano = table[f"{amount}_nano_usd"].cast(pa.decimal128(28, 0))
        usd = pc.multiply(nano, pa.scalar(Decimal("1e-9"), pa.decimal128(9, 9)))
        table = table.append_column(f"{amount}_usd", usd.cast(USD))
    return table


def _write_months(table: pa.Table, target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(
            f"{target}: something is there already", fix="name a folder that is empty or new"
        )
    part = target.with_name(target.name + PART)
    if part.is_dir():  # of an export that was cut off: its months would stay
        shutil.rmtree(part)
    months = pc.strftime(table["submitted_at"], format="%Y-%m")
    ds.write_dataset(
        table.append_column("month", months),
        part,
        format="parquet",
        partitioning=ds.partitioning(pa.schema([("month", pa.string())]), flavor="hive"),
        existing_data_behavior="delete_matching",
    )
    if target.exists():
        target.rmdir()
    part.replace(target)


def _safe(table: pa.Table) -> pa.Table:
    """Return a table of which no text would be a formula to a spreadsheet."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            is_formula = pc.match_substring_regex(table[field.name], r"^[=+\-@\t\r]")
            if pc.any(is_formula).as_py():
                texts = table[field.name].to_pylist()
                safe = [text if text is None else no_formula(text) for text in texts]
                table = table.set_column(index, field, pa.array(safe, pa.string()))
    return table


def _markdown(table: pa.Table) -> str:
    names = table.column_names
    lines = [f"| {' | '.join(names)} |", "|" + " --- |" * len(names)]
    for row in table.to_pylist():
        cells = ("" if row[name] is None else plain(str(row[name])) for name in names)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"

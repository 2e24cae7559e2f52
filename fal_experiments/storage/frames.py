"""Ledger rows as data frames: sums by any column, Parquet and CSV for notebooks."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fal_experiments.core.rows import LedgerRow, spreadsheet_cells
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import PART, disk_errors

MONEY = (
    "estimate_nano_usd",
    "metered_nano_usd",
    "billed_nano_usd",
    "invoiced_nano_usd",
    "counted_nano_usd",
)


def frame(rows: Sequence[LedgerRow]) -> pd.DataFrame:
    """Return rows as a data frame; amounts are nullable Int64 nano-USD, times are UTC."""
    records = [row.model_dump(mode="json") for row in rows]
    table = pd.DataFrame.from_records(records, columns=list(LedgerRow.model_fields))
    for name in table.columns:
        if name.endswith(("_nano_usd", "_bytes")) or name in {"seed_sent", "seed_returned"}:
            table[name] = table[name].astype("Int64")
        elif name.endswith("_at"):
            table[name] = pd.to_datetime(table[name], utc=True, format="ISO8601")
    for name in ("axes", "vars", "inputs"):
        table[name] = table[name].map(lambda value: json.dumps(value, sort_keys=True))
    return table


def summarise(rows: Sequence[LedgerRow], by: Sequence[str]) -> list[dict[str, Any]]:
    """Return attempts, done, known and unknown costs and sums for each group.

    Args:
        by: names of columns; `day` stands for the UTC date of submission.

    Raises: BadInput for a column that does not exist.
    """
    table = frame(rows)
    table["day"] = table["submitted_at"].dt.strftime("%Y-%m-%d")
    unknown = [name for name in by if name not in table.columns]
    if unknown:
        raise BadInput(
            f"the ledger has no column {unknown[0]}",
            fix=f"columns are: day, {', '.join(LedgerRow.model_fields)}",
        )
    groups: list[dict[str, Any]] = []
    for key, part in table.groupby(list(by), dropna=False, sort=True):
        names = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        groups.append({**names, **_sums(part)})
    return groups


def export(rows: Sequence[LedgerRow], target: Path) -> None:
    """Write rows as `.parquet` or `.csv`, whole or not at all.

    Raises: BadInput for another suffix, StorageFailed.
    """
    table = frame(rows)
    part = target.with_name(target.name + PART)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".parquet":
            table.to_parquet(part, index=False)
        elif target.suffix == ".csv":
            safe = pd.DataFrame.from_records([dict(spreadsheet_cells(row)) for row in rows])
            safe.to_csv(part, index=False)
        else:
            raise BadInput(
                f"{target}: cannot write {target.suffix or 'this'}", fix=".csv, .parquet"
            )
        part.replace(target)


def _sums(part: pd.DataFrame) -> dict[str, Any]:
    """Return sums of what is known; a group with no known amount has None, never 0."""
    sums = {name: None if part[name].isna().all() else int(part[name].sum()) for name in MONEY}
    return {
        "attempts": len(part),
        "done": int((part["state"] == "done").sum()),
        "metered_known": int(part["metered_nano_usd"].notna().sum()),
        **sums,
    }

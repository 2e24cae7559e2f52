"""What is exported comes back as it was: types, exact money, gaps; and no cell is a formula."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from fal_experiments.core.cell_table import Column, Table, Value
from fal_experiments.errors import BadInput
from fal_experiments.storage.exports import write_table

COLUMNS = (
    Column("prompt", "text"),
    Column("=axis", "text"),
    Column("seed", "whole"),
    Column("cost_usd", "usd"),
    Column("loop_seam", "number"),
    Column("sandbox", "truth"),
    Column("at", "time"),
    Column("never", "whole"),
)
ROWS: tuple[dict[str, Value], ...] = (
    {
        "prompt": '=HYPERLINK("http://x")\n骑士, "quoted"',
        "=axis": "-1",
        "seed": 2**53 + 1,
        "cost_usd": Decimal("0.000000001"),
        "loop_seam": Decimal("-0.25"),
        "sandbox": True,
        "at": datetime(2026, 11, 20, 9, 30, 0, 123_000, tzinfo=UTC),
        "never": None,
    },
    dict.fromkeys((column.name for column in COLUMNS), None),
)
TABLE = Table(COLUMNS, ROWS)


def test_parquet_gives_back_every_value_with_its_type(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "t.parquet")

    found = pq.read_table(tmp_path / "t.parquet")

    first, second = found.to_pylist()
    assert first == ROWS[0] | {"loop_seam": -0.25}
    assert second == ROWS[1]
    assert str(found.schema.field("never").type) == "int64", "typed though nothing is known"


def test_a_spreadsheet_gets_text_and_empty_places_and_no_formula(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "t.csv")

    with (tmp_path / "t.csv").open(newline="") as file:
        head, first, second = csv.reader(file)

    assert head[1] == "'=axis"
    assert first == [
        "'" + str(ROWS[0]["prompt"]), "'-1", "9007199254740993", "0.000000001", "-0.25", "true",
        "2026-11-20T09:30:00.123000Z", "",
    ]  # fmt: skip
    assert second == [""] * len(COLUMNS)


def test_another_suffix_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="suffix"):
        write_table(TABLE, tmp_path / "t.xlsx")

    assert list(tmp_path.iterdir()) == []

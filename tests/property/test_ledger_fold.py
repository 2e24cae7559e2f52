"""Spreadsheet and Parquet copy of the ledger are what a fold of the whole gives, step by step."""

import csv
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fal_experiments.core.fold import fold
from fal_experiments.core.ledger_query import holds, parse_terms
from fal_experiments.core.rows import LedgerRow, fold_rows, ledger_row
from fal_experiments.errors import BadInput
from fal_experiments.storage import ledger_table as tables
from fal_experiments.storage.layout import Project
from fal_experiments.storage.ledger import Ledger
from fal_experiments.storage.ledger_filter import mask_of
from tests.unit.core.histories import done
from tests.unit.core.materials import plan_of, spec

CELL = plan_of(spec(seeds=1, presets=["seeded"])).cells[0]
ATTEMPT = fold(done().events).latest("c1")
PROMPTS = ["He walks.", '=1+"a"\n1,b0/c/1,x', "“\r\n”", "a,b", ""]


def _row(batch: int, cell: int, nano_usd: int | None, prompt: str) -> LedgerRow:
    assert ATTEMPT is not None
    made = ledger_row(CELL, ATTEMPT, batch=f"b{batch}", sandbox=False, strict=True)
    changes = {
        "row_id": f"b{batch}/c{cell}/1",
        "cell_id": f"c{cell}",
        "metered_nano_usd": nano_usd,
        "prompt": prompt,
    }
    return made.model_copy(update=changes)


ROWS = st.builds(
    _row,
    st.integers(0, 2),
    st.integers(0, 3),
    st.one_of(
        st.none(), st.integers(0, 10**10), st.sampled_from([10**9, 2**53, 2**53 + 1, 2**53 + 2])
    ),
    st.sampled_from(PROMPTS),
)


@settings(max_examples=60)
@given(st.lists(st.lists(ROWS, max_size=4), max_size=6))
def test_the_spreadsheet_is_that_of_a_whole_fold_after_every_batch(
    steps: Sequence[Sequence[LedgerRow]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        ledger = Ledger(Project(Path(folder)).tree(sandbox=False))
        whole: list[LedgerRow] = []
        for rows in steps:
            ledger.append(rows)
            ledger.write_csv()
            whole += rows
        anew = Ledger(Project(Path(other)).tree(sandbox=False))
        anew.append(whole)
        anew.write_csv()
        ledger.write_csv()

        path = Path("experiments/fal/ledger.csv")
        text = (Path(folder) / path).read_bytes()
        assert text == (Path(other) / path).read_bytes()
        with (Path(folder) / path).open(newline="", encoding="utf-8") as file:
            ids = [record["row_id"] for record in csv.DictReader(file)]
        assert ids == [row.row_id for row in fold_rows(whole)]


@settings(max_examples=60)
@given(
    st.lists(st.lists(ROWS, min_size=1, max_size=4), min_size=1, max_size=4),
    st.sampled_from([1, 3, 2_000]),
)
def test_the_table_is_that_of_a_whole_fold_with_and_without_its_copy(
    steps: Sequence[Sequence[LedgerRow]], worth_writing_rows: int
) -> None:
    worth = mock.patch.object(tables, "WORTH_WRITING_ROWS", worth_writing_rows)
    with tempfile.TemporaryDirectory() as folder, worth:
        tree = Project(Path(folder)).tree(sandbox=False)
        ledger = Ledger(tree)
        whole: list[LedgerRow] = []
        for rows in steps:
            ledger.append(rows)
            whole += rows
            table = tables.ledger_table(tree)  # of the copy, of copy and tail, or without a copy

            told = {r["row_id"]: r for r in table.to_pylist()}
            assert set(told) == {row.row_id for row in whole}
            for row in fold_rows(whole):
                assert told[row.row_id]["metered_nano_usd"] == row.metered_nano_usd
                assert told[row.row_id]["prompt"] == row.prompt
                assert told[row.row_id]["submitted_at"] == row.submitted_at
                assert json.loads(told[row.row_id]["axes"]) == row.axes


CONDITIONS = (
    "metered_usd>1",
    "metered_usd<=0.5",
    "metered_usd=",
    "metered_usd!=",
    "batch=b1",
    "batch!=b1",
    "prompt~WALKS",
    "attempt=1",
    "strict=true",
    "month=2026-08",
    "cell_id>=c2",
    "metered_usd=1",
    "metered_usd!=1",
    "metered_usd=$1.000",
    "metered_nano_usd=1000000000",
    "metered_nano_usd=9007199254740993",
    "metered_nano_usd>9007199254740992",
    "strict=yes",
    "strict!=yes",
    "submitted_at~T",
    "submitted_at>2026-08-01",
    "submitted_at<=2026-08-01T09:30:00+02:00",
    "ended_at!=",
    "inference_s>1",
    "inference_s=12.50",
    "submitted_at=2026-08-01T09:30:00Z",
    "inference_s!=12.5",
    "inference_s=",
    "inference_s!=",
    "billable_units>=1e-3",
    "request_id~a",
    "axes=",
    "axes={}",
    "axes!={}",
    "vars!={}",
    "axes~cfg",
    "reasons=",
    "reasons={}",
)


@pytest.mark.parametrize("condition", CONDITIONS)
@settings(max_examples=4)
@given(rows=st.lists(ROWS, min_size=1, max_size=6))
def test_a_filter_means_the_same_for_rows_and_for_the_table(
    condition: str, rows: list[LedgerRow]
) -> None:
    terms = parse_terms([condition])
    with tempfile.TemporaryDirectory() as folder:
        tree = Project(Path(folder)).tree(sandbox=False)
        Ledger(tree).append(rows)
        table = tables.ledger_table(tree)

        kept = table.filter(mask_of(table, terms))["row_id"].to_pylist()

    assert sorted(kept) == sorted(r.row_id for r in fold_rows(rows) if holds(r, terms))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("attempt=first", "attempt is a number"),
        ("billable_units=abc", "billable_units is a number"),
        ("metered_usd~1", "metered_usd is a number"),
        ("inference_s>", "compared with nothing"),
        ("preset>=", "compared with nothing"),
        ("axes<1", "no order is among its values"),
        ("submitted_at>soon", "submitted_at is a moment"),
        ("billed_at=soon", "billed_at is a moment"),
    ],
)
def test_a_condition_without_a_meaning_is_refused_before_any_row_is_read(
    condition: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        parse_terms([condition])

"""A ledger row says everything about one attempt, and no cell of a spreadsheet is a formula."""

from decimal import Decimal

import pytest

from fal_experiments.core.fold import fold
from fal_experiments.core.rows import LedgerRow, fold_rows, ledger_row, spreadsheet_cells
from tests.unit.core.histories import History, done
from tests.unit.core.materials import plan_of, spec


def _row(history: History, prompt: str = "He walks.") -> LedgerRow:
    cell = plan_of(
        spec(seeds=1, presets=["seeded"], prompts=[{"id": "walk", "text": prompt}])
    ).cells[0]
    attempt = fold(history.events).latest("c1")
    assert attempt is not None
    return ledger_row(cell, attempt, batch="b", sandbox=False, strict=True)


def test_a_row_holds_money_times_ids_and_where_the_clip_is() -> None:
    row = _row(done())

    assert row.state == "done"
    assert (row.estimate_nano_usd, row.metered_nano_usd) == (500_000_000, 56)
    assert row.billed_nano_usd is None
    assert row.billable_units == Decimal(5)
    assert (row.queue_s, row.inference_s, row.total_s) == (2.0, Decimal("3.5"), 7.0)
    assert row.request_id == "req-1"
    assert row.media_path == "x/clip.mp4"


def test_an_unknown_cost_is_empty_in_the_spreadsheet_and_never_zero() -> None:
    row = _row(done(None))

    assert row.metered_nano_usd is None
    assert dict(spreadsheet_cells(row))["metered_nano_usd"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_prompt_that_begins_a_formula_is_text_in_the_spreadsheet(start: str) -> None:
    cells = dict(spreadsheet_cells(_row(done()).model_copy(update={"prompt": f"{start}1+1"})))

    assert cells["prompt"] == f"'{start}1+1"


def test_the_latest_row_of_an_attempt_stands_for_it() -> None:
    first = _row(History().started().intended().accepted())
    last = _row(done())
    other = last.model_copy(update={"row_id": "other"})

    assert fold_rows([first, other, last]) == [last, other]

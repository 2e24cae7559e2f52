"""Ledgers of several machines: what knows more holds, whichever file it came in, and only once."""

import itertools

import pytest

from fal_experiments.core.fold import fold
from fal_experiments.core.ledger_check import Merged, merge, settled, verify
from fal_experiments.core.rows import LedgerRow, ledger_row
from tests.unit.core.histories import History, done
from tests.unit.core.materials import plan_of, spec

CELL = plan_of(spec(seeds=1, presets=["seeded"])).cells[0]


def _row(history: History, **changes: object) -> LedgerRow:
    attempt = fold(history.events).latest("c1")
    assert attempt is not None
    row = ledger_row(CELL, attempt, batch="b", sandbox=False, strict=True)
    return row.model_copy(update=changes)


UNDER_WAY = _row(History().started().intended().accepted())
ENDED = _row(done())
BILLED = ENDED.model_copy(update={"billed_nano_usd": 7, "reconciled": True})
CORRECTED = BILLED.model_copy(update={"billed_nano_usd": 5, "corrections": 1})
OTHER_BILL = BILLED.model_copy(update={"billed_nano_usd": 8})


@pytest.mark.parametrize(
    "rows", list(itertools.permutations([UNDER_WAY, ENDED, BILLED, CORRECTED])), ids=str
)
def test_the_row_that_knows_most_holds_in_any_order(rows: tuple[LedgerRow, ...]) -> None:
    told: list[LedgerRow] = []
    for row in rows:
        told += merge(told, [row], batches=()).new

    assert told[-1] == CORRECTED


def test_rows_of_a_batch_that_is_here_follow_from_its_log() -> None:
    assert merge([ENDED], [CORRECTED], batches={"b"}) == Merged((), 1, ())
    assert merge([], [CORRECTED], batches={"b"}) == Merged((), 1, ())


def test_a_contradiction_is_settled_by_a_person_only() -> None:
    found = merge([BILLED], [OTHER_BILL], batches=())

    assert [c.columns for c in found.conflicts] == [("billed_nano_usd",)]
    assert settled(found, None) == found
    assert settled(found, "ours") == Merged((), 1, ())
    assert settled(found, "theirs") == Merged((OTHER_BILL,), 0, ())


def test_missing_extra_and_foreign_rows_are_told_apart() -> None:
    extra = ENDED.model_copy(update={"row_id": "b/c9/1"})
    foreign = ENDED.model_copy(update={"row_id": "far/c1/1", "batch": "far"})

    found = verify([extra, foreign], [ENDED], {"b"})

    assert [(d.row_id, d.ledger, d.log) for d in found.differences] == [
        (ENDED.row_id, None, "a row"),
        (extra.row_id, "a row", None),
    ]
    assert (found.rows, found.elsewhere) == (2, 1)

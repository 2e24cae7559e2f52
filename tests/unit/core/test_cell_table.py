"""The table of a batch leaves nothing out and invents no number; conditions mean what they say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fal_experiments.core.cell_table import CellFacts, Table, TableParts, cell_table
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Plan
from fal_experiments.core.ratings import Rating
from fal_experiments.core.wall_selection import Filters, select
from fal_experiments.core.where import keep, parse_conditions
from fal_experiments.errors import BadInput
from tests.unit.core.histories import History, done, failure
from tests.unit.core.materials import plan_of, spec

AT = datetime(2026, 11, 20, tzinfo=UTC)


def _plan() -> Plan:
    plan = plan_of(
        spec(
            presets=["seeded"],
            seeds="1-3",
            axes={"cfg": [Decimal("0.3")]},
            exclude=[{"seed": 3, "reason": "=later"}],
        )
    )
    named = [cell.model_copy(update={"cell_id": f"c{n}"}) for n, cell in enumerate(plan.cells, 1)]
    return plan.model_copy(update={"cells": tuple(named)})


def _rating(rater: str, stars: int) -> Rating:
    return Rating(
        at=AT, rater=rater, cell="0" * 16, stars=stars, verdict="keep", reasons=("drift",)
    )


@pytest.fixture
def table() -> Table:
    """A cell that was bought twice and rated by two, one that was never sent, one left out."""
    plan, state = _plan(), BatchState()
    twice = History().started().intended().accepted().failed(failure(billed="no"))
    twice.intended().accepted().result().metered(56).stored().finished()
    state.apply_all(twice.events)
    facts = {
        "c1": CellFacts(
            "experiments/fal/b/cells/c1/2",
            scores={"clip.score": Decimal("0.31")},
            ratings=[_rating("anna", 4), _rating("ben", 5)],
        )
    }
    parts = TableParts("b", sandbox=False, plan=plan, state=state, facts=facts)
    return cell_table(parts, select(plan, state, Filters()))


def kept(table: Table, *conditions: str) -> list[object]:
    """The cells that pass; None is a combination that was left out."""
    found = keep(table, parse_conditions(conditions, table.columns))
    return [row["cell"] for row in found.rows]


def test_a_row_says_where_it_stands_what_came_and_what_it_cost(table: Table) -> None:
    first, second, left_out = table.rows

    assert [first[name] for name in ("prompt", "preset", "seed", "axis:cfg", "state")] == [
        "walk", "seeded", 1, "0.3", "done",
    ]  # fmt: skip
    assert (first["attempts"], first["cost_usd"], first["cost_source"]) == (
        2, Decimal("0.000000056"), "not billed, metered",
    )  # fmt: skip
    assert (first["stars"], first["verdict"], first["raters"]) == (Decimal("4.5"), "keep", 2)
    assert first["clip.score"] == Decimal("0.31")
    assert second["state"] == "pending"
    assert second["cost_usd"] is second["stars"] is second["queue_s"] is None
    assert (left_out["state"], left_out["reason"], left_out["cell"]) == ("excluded", "=later", None)
    assert all(list(row) == [column.name for column in table.columns] for row in table.rows)


@pytest.mark.parametrize(
    ("condition", "cells"),
    [
        ("cost_usd<=0.5", ["c1"]),
        ("cost_usd<=0.5?", ["c1", "c2", None]),
        ("cost_usd > 0.000000056", []),
        ("cost_usd=", ["c2", None]),
        ("cost_usd!=", ["c1"]),
        ("state!=pending", ["c1", None]),
        ("axis:cfg = 0.3", ["c1", "c2", None]),
        ("seed!=1", ["c2", None]),
        ("verdict!=keep", ["c2", None]),
        ("clip.score>=0.31", ["c1"]),
    ],
)
def test_a_condition_lets_through_what_it_says_and_what_is_unknown_only_when_asked(
    table: Table, condition: str, cells: list[object]
) -> None:
    assert kept(table, condition) == cells


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("cost_usd", "not a condition"),
        ("cost_us<1", "did you mean cost_usd"),
        ("cost_usd<cheap", "not a number"),
        ("cost_usd<nan", "not a number"),
        ("state<done", "no order"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(
    table: Table, condition: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        kept(table, condition)


def test_an_unknown_attempt_makes_the_whole_cost_unknown() -> None:
    plan, state = _plan(), BatchState()
    state.apply_all(done(None).events)
    parts = TableParts("b", sandbox=False, plan=plan, state=state, facts={})

    (row, *_) = cell_table(parts, select(plan, state, Filters())).rows

    assert row["cost_usd"] is None

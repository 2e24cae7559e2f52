"""Counts have denominators, unknown costs are counted apart, and the exit code says the worst."""

import pytest

from fal_experiments.core.fold import BatchState, fold
from fal_experiments.core.plan import Plan
from fal_experiments.core.summary import exit_code, summarise
from tests.unit.core.histories import History, done, failure
from tests.unit.core.materials import plan_of, spec


def _plan() -> Plan:
    plan = plan_of(
        spec(
            presets=["seeded"],
            exclude=[{"seed": 2, "reason": "later"}],
            seeds="1-3",
        )
    )
    first, second = plan.cells
    named = (
        first.model_copy(update={"cell_id": "c1"}),
        second.model_copy(update={"cell_id": "c2"}),
    )
    return plan.model_copy(update={"cells": named})


def _state(*histories: History) -> BatchState:
    state = BatchState()
    for history in histories:
        state.apply_all(history.events)
    return state


def test_every_combination_is_in_the_denominator() -> None:
    summary = summarise(_plan(), _state(done()), "b")

    assert summary.combinations == 3
    assert summary.counts == {"done": 1, "pending": 1, "excluded": 1}


def test_known_and_unknown_costs_are_kept_apart() -> None:
    unknown = History(cell="c2").started().intended().accepted()
    money = summarise(_plan(), _state(done(56), unknown), "b").money

    assert (money.metered_nano_usd, money.metered_known, money.metered_unknown) == (56, 1, 1)
    assert money.counted_nano_usd == 156


def test_an_attempt_that_cost_nothing_is_not_an_unknown_cost() -> None:
    refused = History().started().intended().rejected()

    money = summarise(_plan(), _state(refused), "b").money

    assert (money.metered_known, money.metered_unknown) == (0, 0)


@pytest.mark.parametrize(
    ("histories", "interrupted", "code"),
    [
        ([done(), History(cell="c2").intended().accepted().result().stored()], False, 0),
        ([done(), History(cell="c2").intended().accepted().failed()], False, 1),
        ([done()], False, 1),
        ([done()], True, 130),
        ([done(), History(cell="c2").intended().unknown()], False, 4),
        ([done(), History(cell="c2").intended().unknown()], True, 130),
        ([done(), History(cell="c2").intended().accepted().finished("detached")], False, 0),
        ([History().started().finished("budget", ("c1", "c2"))], False, 3),
        ([done(), History(cell="c2").intended().accepted().failed(failure())], True, 1),
    ],
)
def test_the_exit_code_tells_the_worst_that_is_left(
    histories: list[History], interrupted: bool, code: int
) -> None:
    assert exit_code(_plan(), _state(*histories), interrupted=interrupted) == code


def test_times_are_medians_over_what_ended_well() -> None:
    summary = summarise(_plan(), fold(done().events), "b")

    times = summary.presets[0].inference
    assert times is not None
    assert (times.n, times.median_s) == (1, 3.5)

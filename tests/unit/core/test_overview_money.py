"""From estimate to metered to billed: every difference has a reason, and the sum closes exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.attempt import Attempt, AttemptState, Cost
from fal_experiments.core.overview_model import MoneyView
from fal_experiments.core.overview_money import money_view, waterfall
from fal_experiments.core.plan import Plan
from tests.unit.core.overview_batch import EXPECTED, a_plan, after, attempt, cell, state_of

PLAN = a_plan("1-3", ["seeded"])


def _changes(view: MoneyView) -> dict[str, int]:
    return {step.code: step.nano_usd for step in view.steps if not step.is_total}


def _closes(view: MoneyView) -> bool:
    """Tell whether every total is the one before with the changes between."""
    at = 0
    for index, step in enumerate(view.steps):
        if step.is_total and index:
            if step.nano_usd != at:
                return False
        else:
            at += step.nano_usd
    return True


def test_what_went_as_expected_has_no_step_between() -> None:
    view = money_view(PLAN, state_of([attempt(f"a{n}") for n in (1, 2, 3)]))

    assert [(step.code, step.nano_usd) for step in view.steps] == [
        ("estimate", 3 * EXPECTED),
        ("metered", 3 * EXPECTED),
    ]
    assert view.said[-1].startswith("Billed: not reconciled.")


@pytest.mark.parametrize(
    ("one", "changes"),
    [
        (attempt("a1", "failed", metered=None), {"no_clip": -EXPECTED}),
        (attempt("a1", "rejected", metered=None), {"rejected": -EXPECTED}),
        (
            attempt("a1", "failed", metered=EXPECTED + 5),
            {"no_clip": -EXPECTED, "failed_but_billed": EXPECTED + 5},
        ),
        (attempt("a1", "running", metered=None), {"not_known": -EXPECTED}),
        (attempt("a1", "submission_unknown", metered=None), {"not_known": -EXPECTED}),
        (attempt("a1", metered=EXPECTED - 7), {"unknown": -7}),
    ],
    ids=lambda value: "" if isinstance(value, Attempt) else next(iter(value)),
)
def test_each_way_to_end_has_its_reason(one: Attempt, changes: dict[str, int]) -> None:
    view = money_view(PLAN, state_of([one, attempt("a2"), attempt("a3")]))

    assert _changes(view) == changes
    assert _closes(view)


def test_cells_that_were_not_sent_are_taken_off_by_their_state() -> None:
    state = state_of([attempt("a1")])
    state.left = {cell("a2"): "over_budget"}

    view = money_view(PLAN, state)

    assert _changes(view) == {"over_budget": -EXPECTED, "pending": -EXPECTED}
    assert view.steps[-1].nano_usd == EXPECTED


def test_an_earlier_attempt_that_cost_is_a_step_of_its_own() -> None:
    tries = [attempt("a1", "failed"), attempt("a1", number=2), attempt("a2"), attempt("a3")]

    view = money_view(PLAN, state_of(tries))

    assert _changes(view) == {"retried": EXPECTED}
    assert "$0.50 was paid for 1 attempt that ended without a clip." in view.said


def test_what_is_not_known_is_said_with_its_worst_case() -> None:
    view = money_view(PLAN, state_of([attempt("a1", "running", metered=None)]))

    assert any("up to $0.60 more, so $0.60 at worst" in words for words in view.said)


def test_a_price_and_a_number_of_units_that_both_changed_are_told_apart() -> None:
    preset = PLAN.presets["seeded"].preset
    assert preset.price is not None
    price = preset.price.model_copy(update={"unit_price_usd": Decimal("0.10")})
    use = PLAN.presets["seeded"].model_copy(
        update={"preset": preset.model_copy(update={"price": price})}
    )
    plan: Plan = PLAN.model_copy(update={"presets": {"seeded": use}})
    one = attempt("a1")
    # six seconds in place of five, at eleven cents in place of ten
    one.costs["metered"] = [
        Cost(660_000_000, Decimal(6), "second", Decimal("0.11"), "units", after(0))
    ]

    view = money_view(plan, state_of([one, attempt("a2"), attempt("a3")]))

    assert _changes(view) == {"price_changed": 60_000_000, "unit_mismatch": 100_000_000}


def test_a_bill_is_a_total_of_its_own_with_what_is_not_in_it() -> None:
    tries = [attempt("a1", billed=EXPECTED + 3), attempt("a2", billed=EXPECTED), attempt("a3")]

    view = money_view(PLAN, state_of(tries))

    assert _changes(view) == {"late_event": -EXPECTED, "unknown": 3}
    assert (view.steps[-1].code, view.steps[-1].nano_usd) == ("billed", 2 * EXPECTED + 3)
    assert not any("not reconciled" in words for words in view.said)


def test_a_discount_of_the_bill_is_told_as_reconcile_tells_it() -> None:
    one = attempt("a1")
    one.costs["metered"] = [Cost(EXPECTED, Decimal(5), "s", Decimal("0.10"), "units", after(0))]
    one.costs["billed"] = [
        Cost(
            EXPECTED - 50_000_000,
            Decimal(5),
            "s",
            Decimal("0.10"),
            "billing-events",
            after(0),
            discount_nano_usd=50_000_000,
        )
    ]

    view = money_view(a_plan("1", ["seeded"]), state_of([one]))

    assert _changes(view) == {"discount": -50_000_000}


def test_a_bill_of_what_was_never_metered_is_a_step_of_its_own() -> None:
    tries = [attempt("a1", metered=None, billed=EXPECTED), attempt("a2"), attempt("a3")]

    view = money_view(PLAN, state_of(tries))

    assert [(s.code, s.nano_usd) for s in view.steps if s.nano_usd == EXPECTED][-2:] == [
        ("not_metered", EXPECTED),
        ("billed", EXPECTED),
    ]


def test_codes_that_others_bring_are_drawn_by_their_names() -> None:
    steps = waterfall(
        ("metered", "metered", 10),
        [({"by_hand": [2, 3], "missing_event": [-1]}, ("billed", "billed", 14))],
    )

    assert [(step.label, step.nano_usd) for step in steps] == [
        ("metered", 10),
        ("no billing event", -1),
        ("by hand", 5),
        ("billed", 14),
    ]


def test_steps_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="end at 11, not at 12"):
        waterfall(("estimate", "estimate", 10), [({"units": [1]}, ("metered", "metered", 12))])


STATES: tuple[AttemptState, ...] = (
    *("done", "failed", "rejected", "running", "submission_unknown", "timed_out", "cancelled"),
)
amounts = st.none() | st.integers(min_value=0, max_value=10**12)


@given(
    st.lists(
        st.tuples(st.sampled_from(("a1", "a2", "a3")), st.sampled_from(STATES), amounts, amounts),
        max_size=8,
    )
)
def test_the_sum_closes_whatever_happened(
    told: list[tuple[str, AttemptState, int | None, int | None]],
) -> None:
    tries = [
        attempt(name, state, metered=metered, billed=billed)
        for name, state, metered, billed in told
    ]

    view = money_view(PLAN, state_of(tries))

    assert _closes(view)
    totals = {step.code: step.nano_usd for step in view.steps if step.is_total}
    assert totals["estimate"] == 3 * EXPECTED
    assert totals["metered"] == sum(metered or 0 for _, _, metered, _ in told)
    if "billed" in totals:
        assert totals["billed"] == sum(billed or 0 for *_, billed in told)

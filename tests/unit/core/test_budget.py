"""The purse says no before the cap is passed; a plan that cannot begin is refused."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.budget import (
    Forecast,
    Purse,
    cap_of,
    check_budget,
    forecast,
    most_spent,
    over_cell_limit,
    within_cell_limit,
    worst_case,
)
from fal_experiments.errors import BadInput
from tests.unit.core.materials import SEEDED, plan_of, preset, spec

UNPRICED = preset("seedless", price=None, seed={"support": "none"})


def test_the_worst_case_is_what_is_reserved() -> None:
    plan = plan_of(spec(presets=["seeded"]))

    assert worst_case(plan.cells[0], plan.spec.budget) == 600_000_000


def test_a_purse_lets_through_what_fits_and_not_a_nano_more() -> None:
    purse = Purse(100)
    cell = plan_of(spec(presets=["seeded"])).cells[0]

    assert purse.try_reserve(cell, 1, 60)

    assert purse.fits(40)
    assert not purse.try_reserve(cell, 2, 41)
    assert purse.counted_nano_usd == 60


def test_settling_gives_back_what_was_reserved_too_much() -> None:
    purse = Purse(100, 60)

    purse.settle(60, 10)

    assert purse.counted_nano_usd == 10
    assert purse.fits(90)


def test_without_a_cap_what_was_confirmed_is_what_may_be_spent() -> None:
    assert cap_of(plan_of(spec(presets=["seeded"]))) == 2 * 600_000_000
    assert cap_of(plan_of(spec(budget={"max_usd": "1.5"}))) == 1_500_000_000


@pytest.mark.parametrize(
    ("budget", "why"),
    [
        ({"max_usd": "0.05"}, r"\$0.05 is less than the cheapest cell"),
        ({"per_cell_usd": "0.59"}, r"\$0.59 is less than the cheapest"),
    ],
)
def test_a_budget_that_is_too_small_for_one_cell_is_refused(
    budget: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        check_budget(plan_of(spec(budget=budget)))


def test_a_cell_without_a_price_blocks_unless_its_preset_is_allowed_by_name() -> None:
    with pytest.raises(BadInput) as caught:
        check_budget(plan_of(spec(), presets=(SEEDED, UNPRICED)))
    assert "the price of preset seedless is unknown" in caught.value.message
    assert "allow_unpriced: [seedless]" in caught.value.fix

    allowed = {"allow_unpriced": ["seedless"], "per_cell_usd": "2"}
    plan = plan_of(spec(budget=allowed), presets=(SEEDED, UNPRICED))
    check_budget(plan)
    assert worst_case(plan.unpriced[0], plan.spec.budget) == 2_000_000_000


def test_allowing_an_unknown_price_needs_a_worst_case() -> None:
    with pytest.raises(ValueError, match="allow_unpriced needs per_cell_usd"):
        spec(budget={"allow_unpriced": ["seedless"]})


def test_a_cell_above_its_own_limit_is_seen() -> None:
    plan = plan_of(spec(axes={"duration": [5, 10]}, budget={"per_cell_usd": "1"}, seeds=1))

    over = [over_cell_limit(cell, plan.spec.budget) for cell in plan.cells]

    assert over == [False, True, False, True]


@pytest.mark.parametrize(
    ("budget", "elsewhere", "expected"),
    [
        ({}, 0, Forecast(fit=3, too_dear=0, left=0)),
        ({"max_usd": "1.80"}, 0, Forecast(fit=3, too_dear=0, left=0)),
        ({"max_usd": "1.79"}, 0, Forecast(fit=2, too_dear=0, left=1)),
        ({"max_usd": "1.80"}, 1, Forecast(fit=2, too_dear=0, left=1)),
        ({"max_usd": "1.80"}, 2 * 10**9, Forecast(fit=0, too_dear=0, left=3)),
        ({"per_cell_usd": "0.59"}, 0, Forecast(fit=0, too_dear=3, left=0)),
    ],
)
def test_a_forecast_says_what_each_cap_leaves_unbought(
    budget: dict[str, Any], elsewhere: int, expected: Forecast
) -> None:
    plan = plan_of(spec(presets=["seeded"], seeds="1-3", budget=budget))

    assert forecast(plan, elsewhere) == expected


def test_cells_above_their_own_limit_are_in_no_amount_that_may_be_spent() -> None:
    dear = spec(axes={"duration": [5, 10]}, budget={"per_cell_usd": "1"}, seeds="1-2")
    capped = dear.model_copy(
        update={"budget": dear.budget.model_copy(update={"max_usd": Decimal(1)})}
    )

    plan = plan_of(dear)

    bought = within_cell_limit(plan)
    assert [cell.at.axes["duration"] for cell in bought.cells] == [5] * len(bought.cells)
    assert 0 < len(bought.cells) < len(plan.cells)
    assert (
        most_spent(plan)
        == cap_of(plan)
        == sum(worst_case(cell, dear.budget) for cell in bought.cells)
    )
    assert most_spent(plan_of(capped)) == 10**9

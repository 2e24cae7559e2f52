"""How a run ends is told with the sets that its sums are of."""

from typing import Any

import pytest

from fal_experiments.cli.ending import money_line, next_steps
from fal_experiments.core.batch_money import Money
from fal_experiments.core.budget import over_cell_limit
from fal_experiments.core.fold import BatchState
from fal_experiments.core.money import ZERO, Band
from fal_experiments.core.summary import summarise
from tests.unit.core.materials import plan_of, spec

DOLLAR = 10**9


@pytest.mark.parametrize(
    ("known", "metered", "estimate"),
    [
        (
            {"metered_nano_usd": 2_430_000_000, "metered_known": 4},
            "Metered $2.43 (known for 4 of 12 attempts)",
            "estimate $1.00 + 4 cells of unknown price",
        ),
        ({"estimate": ZERO}, "Metered unknown (known for 0 of 8 attempts)", "estimate unknown"),
    ],
)
def test_money_is_told_with_the_set_that_it_is_of(
    known: dict[str, Any], metered: str, estimate: str
) -> None:
    money = Money(
        estimate=Band(low=DOLLAR, expected=DOLLAR, high=DOLLAR),
        unpriced=4,
        metered_nano_usd=0,
        metered_known=0,
        metered_unknown=8,
        counted_nano_usd=9 * DOLLAR,
        cap_nano_usd=10 * DOLLAR,
    ).model_copy(update=known)

    assert money_line(money) == f"{metered}; {estimate}; $9.00 counted of the cap $10.00."


def test_a_cell_that_no_cap_would_buy_is_not_promised_by_a_higher_one() -> None:
    plan = plan_of(spec(axes={"duration": [5, 10]}, budget={"per_cell_usd": "1"}, seeds=1))
    state = BatchState()
    state.left |= dict.fromkeys((cell.cell_id for cell in plan.cells), "over_budget")
    dear = [over_cell_limit(cell, plan.spec.budget) for cell in plan.cells].count(True)

    steps = " ".join(next_steps(summarise(plan, state, "b")))

    assert f"{dear} cells may cost more than per_cell_usd allows" in steps
    assert f"{len(plan.cells) - dear} cells did not fit the cap and cost nothing" in steps

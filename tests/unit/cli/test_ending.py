"""How a run ends is told with the sets that its sums are of."""

from typing import Any

import pytest

from fal_experiments.cli.ending import money_line
from fal_experiments.core.batch_money import Money
from fal_experiments.core.money import ZERO, Band

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

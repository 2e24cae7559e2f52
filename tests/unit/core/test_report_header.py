"""The head of a report tells how much of the bill a sum is of: the page's head shows no notes."""

import pytest

from fal_experiments.core.batch_money import Money
from fal_experiments.core.fold import BatchState
from fal_experiments.core.money import Band
from fal_experiments.core.report_header import cost_lines
from fal_experiments.core.summary import summarise
from tests.unit.core.materials import plan_of, spec

DOLLAR = 10**9


@pytest.mark.parametrize(
    ("known", "missing", "value", "tone"),
    [
        (0, 0, "not reconciled", None),
        (1, 0, "$1.00 for 1 of 2", "warn"),
        (1, 1, "$1.00 for 1 of 2", "warn"),
        (0, 2, "unknown", "warn"),
        (2, 0, "$1.00", None),
    ],
)
def test_a_sum_of_a_part_of_the_bill_says_so(
    known: int, missing: int, value: str, tone: str | None
) -> None:
    money = Money(
        estimate=Band(low=DOLLAR, expected=DOLLAR, high=DOLLAR),
        unpriced=0,
        metered_nano_usd=DOLLAR,
        metered_known=2,
        metered_unknown=0,
        billed_nano_usd=DOLLAR if known else 0,
        billed_known=known,
        billed_missing=missing,
        counted_nano_usd=DOLLAR,
        cap_nano_usd=DOLLAR,
    )
    summary = summarise(plan_of(spec()), BatchState(), "b").model_copy(update={"money": money})

    billed = next(line for line in cost_lines(summary) if line.label == "billed")

    assert (billed.value, billed.tone) == (value, tone)

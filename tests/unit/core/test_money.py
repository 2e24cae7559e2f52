"""Money is exact inside and rounded once, for people."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from fal_experiments.core.money import Band, Usd, format_usd, nano_from_usd


def test_dollars_become_nano_dollars_without_loss() -> None:
    assert nano_from_usd(Decimal("0.27")) == 270_000_000
    assert nano_from_usd(Decimal("38.8") * Decimal("0.007")) == 271_600_000


def test_a_cap_rounds_up_and_everything_else_half_to_even() -> None:
    assert nano_from_usd(Decimal("0.0000000015")) == 2
    assert nano_from_usd(Decimal("0.0000000025")) == 2
    assert nano_from_usd(Decimal("0.0000000011"), round_up=True) == 2


@pytest.mark.parametrize(
    ("nano_usd", "label"),
    [
        (0, "$0.00"),
        (270_000_000, "$0.27"),
        (268_800_000, "$0.2688"),
        (1_512_000_000, "$1.512"),
        (12_345_678_901, "$12.35"),
        (1_234_567_000_000, "$1,234.57"),
        (-560_000_000, "-$0.56"),
        (1_000, "<$0.0001"),
        (None, "unknown"),
    ],
)
def test_an_amount_is_written_as_a_person_reads_it(nano_usd: int | None, label: str) -> None:
    assert format_usd(nano_usd) == label


@pytest.mark.parametrize("value", [1.5, True, "x", "-1", "nan", "Infinity", "2000000000"])
def test_a_float_or_an_impossible_amount_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Usd).validate_python(value)


@pytest.mark.parametrize("value", ["12.50", 3, Decimal("0.1")])
def test_text_whole_numbers_and_decimals_are_amounts(value: object) -> None:
    assert TypeAdapter[Decimal](Usd).validate_python(value) == Decimal(str(value))


def test_bands_add_up_side_by_side() -> None:
    one = Band(low=1, expected=2, high=3)

    assert one + one == Band(low=2, expected=4, high=6)
    assert Band(low=270_000_000, expected=270_000_000, high=324_000_000).label() == "$0.27–$0.324"

"""An estimate follows the preset's price rule, and an unknown price stays unknown."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.estimate import estimate
from fal_experiments.core.price import Price
from tests.unit.core.materials import preset


def _price(**changes: Any) -> dict[str, Any]:
    return {"unit": "second", "source": "s", "as_of": "d", "rules": [{"usd": "0.1"}]} | changes


def test_a_price_by_the_second_counts_the_seconds_asked() -> None:
    band = estimate(preset("p"), {"duration": "10"}).band

    assert band is not None
    assert (band.low, band.expected, band.high) == (10**9, 10**9, 1_200_000_000)


def test_the_first_rule_whose_conditions_hold_gives_the_rate() -> None:
    rules = [
        {"when": {"audio": True}, "usd": "0.168"},
        {"when": {"audio": False}, "usd": "0.112"},
    ]
    priced = preset("p", price=_price(rules=rules))

    costs = [estimate(priced, {"duration": "5", "audio": a}).band for a in (True, False)]

    assert [band.expected for band in costs if band] == [840_000_000, 560_000_000]


def test_tokens_are_pixels_times_frames_by_1024() -> None:
    tokens = {"fps": 24, "pixels": {"720p": 921_600}}
    rules = [{"usd": "0.0000025", "high_usd": "0.000003"}]
    priced = preset("p", price=_price(unit="token", tokens=tokens, rules=rules))

    found = estimate(priced, {"duration": "5", "resolution": "720p"})

    assert found.band is not None
    assert found.band.expected == int(Decimal("0.27") * 10**9)
    assert found.note == "108,000 tokens × $0.0000025 (d)"


@pytest.mark.parametrize(
    ("changes", "arguments", "why"),
    [
        ({"price": None}, {"duration": "5"}, "no price"),
        ({}, {"duration": "auto"}, "the model chooses the length"),
        ({}, {}, "the model chooses the length"),
        (
            {"price": _price(rules=[{"when": {"resolution": "4k"}, "usd": "1"}])},
            {"duration": "5"},
            "no price rule fits",
        ),
        (
            {"price": _price(unit="token", tokens={"fps": 24, "pixels": {}})},
            {"duration": "5", "resolution": "9p"},
            "no pixel count",
        ),
    ],
)
def test_what_is_not_known_is_unknown_and_never_nothing(
    changes: dict[str, Any], arguments: dict[str, Any], why: str
) -> None:
    found = estimate(preset("p", **changes), arguments)

    assert found.band is None
    assert why in found.note


def test_a_flat_price_needs_no_length() -> None:
    flat = preset("p", price=_price(unit="video", rules=[{"usd": "0.28"}]))

    band = estimate(flat, {}).band

    assert band is not None
    assert band.expected == 280_000_000


def test_rates_that_are_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="low_usd ≤ usd ≤ high_usd"):
        Price.model_validate(_price(rules=[{"usd": "0.2", "high_usd": "0.1"}]))

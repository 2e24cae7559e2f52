"""A unit price never takes a rule's place, and is never read for what its unit does not say."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from fal_experiments.core.preset import Preset
from fal_experiments.core.price_seen import PriceSeen, PriceSnapshot, compare, latest, warning_of
from tests.unit.core.materials import preset


def seen(price: str | None, unit: str = "seconds", **more: Any) -> PriceSeen:
    """What the pricing API said of the test preset."""
    fields: dict[str, Any] = {
        "endpoint": "vendor/p",
        "day": "2026-12-01",
        "unit_price": None if price is None else Decimal(price),
        "unit": unit,
        "currency": "USD",
        "source": "https://api.fal.ai/v1/models/pricing",
    }
    return PriceSeen.model_validate(fields | more)


def _preset(*rules: dict[str, Any], **price: Any) -> Preset:
    fields = {"unit": "second", "rules": list(rules), "source": "s", "as_of": "2026-08-02"}
    return preset("p", price=fields | price)


ONE = _preset({"usd": "0.10", "high_usd": "0.12"})
STATED = _preset({"usd": "0.112"}, unit_price_usd="0.14")
MANY = _preset(
    {"when": {"audio": True}, "usd": "0.168", "high_usd": "0.196"},
    {"when": {"audio": False}, "usd": "0.112"},
)
TOKENS = _preset({"usd": "0.000014"}, unit="token", tokens={"fps": 24, "pixels": {"720p": 921_600}})


@pytest.mark.parametrize(
    ("one", "said", "verdict", "ratio"),
    [
        (ONE, seen("0.1"), "agrees", "1"),
        (ONE, seen("0.15"), "dearer", "1.5"),
        (ONE, seen("0.05"), "cheaper", "1"),
        (STATED, seen("0.14", "units"), "agrees", "1"),
        (STATED, seen("0.28", "units"), "dearer", "2"),
        (STATED, seen("0.112"), "cheaper", "1"),
        (MANY, seen("0.112"), "agrees", "1"),
        (MANY, seen("0.14"), "not comparable", "1"),
        (MANY, seen("0.392"), "dearer", "2"),
        (TOKENS, seen("0.014", "1000 tokens"), "agrees", "1"),
        (TOKENS, seen("14", "1M tokens"), "agrees", "1"),
        (TOKENS, seen("28", "1m tokens"), "dearer", "2"),
        (ONE, None, "unknown", "1"),
        (ONE, seen(None), "unknown", "1"),
        (ONE, seen("0.15", currency="EUR"), "unknown", "1"),
        (ONE, seen("0.15", currency=""), "unknown", "1"),
        (ONE, seen("0"), "unknown", "1"),
        (preset("p", price=None), seen("0.1"), "not comparable", "1"),
    ],
)
def test_a_price_is_compared_only_with_its_like(
    one: Preset, said: PriceSeen | None, verdict: str, ratio: str
) -> None:
    found = compare(one, said)

    assert (found.verdict, found.ratio) == (verdict, Fraction(ratio))


@pytest.mark.parametrize(
    "unit",
    ["1k tokens", "1000 tokens", "1m tokens", "units", "unit", "compute seconds", "credits", "",
     "1000 characters", "5 seconds", "tokens", "per second of audio"],
)  # fmt: skip
def test_no_other_unit_is_taken_for_a_second(unit: str) -> None:
    """D2: tokens by the thousand read as seconds; a $1/unit stub; one name from $0.001 to $1.50."""
    assert compare(ONE, seen("1", unit)).verdict == "not comparable"
    assert warning_of(ONE, seen("1", unit)) is None


def test_a_plan_is_warned_of_both_directions_and_of_nothing_else() -> None:
    assert warning_of(ONE, seen("0.1")) is None
    assert warning_of(ONE, None) is None
    dearer, cheaper = warning_of(ONE, seen("0.15")), warning_of(ONE, seen("0.05"))
    assert dearer == (
        "p: on 2026-12-01 fal's pricing API said $0.15 where the preset says $0.1 a second "
        "(2026-08-02): the rule's highest price × 1.5 is reserved"
    )
    assert cheaper is not None
    assert "the rule stays" in cheaper


def test_the_newest_word_counts_and_an_average_stays_with_its_own_date() -> None:
    first = seen("0.1", past_usd=Decimal("0.52"), past_day="2026-11-01", day="2026-11-01")
    second = seen(None, day="2026-12-01")
    snapshots = [
        PriceSnapshot(at=at, api="https://api.fal.ai/v1", sandbox=False, prices=(one,))
        for at, one in (("20261101T000000Z", first), ("20261201T000000Z", second))
    ]

    found = latest(snapshots)["vendor/p"]

    assert found.unit_price is None
    assert (found.past_usd, found.past_day) == (Decimal("0.52"), "2026-11-01")

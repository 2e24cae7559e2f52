"""An estimate is exact, in order, never below what is billed, and unknown rather than nothing."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.discount import Discount
from fal_experiments.core.estimate import estimate
from fal_experiments.core.estimate_chain import Asked, Evidence, best_estimate
from fal_experiments.core.history import MIN_SAMPLES, Samples, samples_of
from fal_experiments.core.money import NANO_PER_USD
from fal_experiments.core.preset import Preset
from fal_experiments.core.price_seen import PriceSeen
from tests.unit.core.materials import preset

rates = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal(100), places=7)
lengths = st.decimals(min_value=Decimal("0.001"), max_value=Decimal(600), places=3)
steps = st.none() | st.decimals(min_value=Decimal("0.001"), max_value=Decimal(30), places=3)
leasts = st.none() | st.decimals(min_value=Decimal("0.01"), max_value=Decimal(30), places=2)
amounts = st.integers(min_value=1, max_value=10**12)


@st.composite
def prices(draw: st.DrawFn) -> dict[str, Any]:
    """A price of input seconds: two rates below and above what is expected, steps and minima."""
    low, usd, high = sorted(draw(st.tuples(rates, rates, rates)))
    fields = {
        "unit": "second",
        "seconds": "input",
        "rules": [{"usd": usd, "low_usd": low, "high_usd": high}],
        "source": "s",
        "as_of": "2026-11-01",
        "step": draw(steps),
        "least": draw(leasts),
        "least_usd": draw(leasts),
        "request_usd": draw(leasts),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _priced(price: dict[str, Any]) -> Preset:
    return preset("p", price=price)


@given(prices(), lengths)
def test_low_expected_and_high_stand_in_order_and_are_whole_nano_dollars(
    price: dict[str, Any], seconds: Decimal
) -> None:
    band = estimate(_priced(price), {}, seconds).band

    assert band is not None
    assert 0 < band.low <= band.expected <= band.high or band.expected == 0
    assert all(type(amount) is int for amount in (band.low, band.expected, band.high))


@given(prices(), lengths, lengths)
def test_a_longer_clip_never_costs_less(
    price: dict[str, Any], one_s: Decimal, other_s: Decimal
) -> None:
    bands = [estimate(_priced(price), {}, s).band for s in sorted((one_s, other_s))]

    short, long = (band for band in bands if band is not None)
    assert short.low <= long.low
    assert short.expected <= long.expected
    assert short.high <= long.high


@given(prices(), lengths)
def test_the_expected_amount_is_the_exact_product_and_rounding_never_bills_less(
    price: dict[str, Any], seconds: Decimal
) -> None:
    found = estimate(_priced(price), {}, seconds)

    assert found.basis is not None
    assert found.band is not None
    quantity = found.basis.quantity
    assert quantity is not None
    assert quantity >= seconds
    step, least = price.get("step"), price.get("least", Decimal(0))
    assert quantity >= least
    if step is not None and quantity > least:
        assert (Fraction(quantity) / Fraction(step)).denominator == 1
        assert quantity - seconds < step
    exact = Fraction(price["rules"][0]["usd"]) * Fraction(quantity)
    exact = max(exact + Fraction(price.get("request_usd", 0)), Fraction(price.get("least_usd", 0)))
    assert abs(found.band.expected - exact * NANO_PER_USD) <= Fraction(1, 2)


@given(prices(), lengths)
def test_the_least_that_a_request_costs_is_never_undercut(
    price: dict[str, Any], seconds: Decimal
) -> None:
    band = estimate(_priced(price), {}, seconds).band

    assert band is not None
    assert band.low >= price.get("least_usd", 0) * NANO_PER_USD


@given(prices(), st.sampled_from(["EUR", "CNY", "credits"]), lengths)
def test_another_currency_and_an_unknown_length_are_unknown_and_never_zero(
    price: dict[str, Any], currency: str, seconds: Decimal
) -> None:
    elsewhere = estimate(_priced(price | {"currency": currency}), {}, seconds)
    endless = estimate(_priced(price), {}, None)

    assert (elsewhere.band, elsewhere.basis, endless.band) == (None, None, None)
    assert currency in elsewhere.note


@given(prices(), lengths, st.tuples(amounts, amounts, amounts), st.integers(1, 20), rates)
def test_no_evidence_lowers_what_the_rule_reserves(
    price: dict[str, Any], seconds: Decimal, costs: tuple[int, int, int], n: int, seen_usd: Decimal
) -> None:
    priced = _priced(price)
    asked = Asked(priced, {}, seconds)
    low, median, high = sorted(costs)
    samples = Samples(n=n, median=median, low=low, high=high, youngest="2026-11-30")
    seen = PriceSeen(
        endpoint=priced.endpoint,
        day="2026-11-30",
        unit_price=seen_usd,
        unit="seconds",
        currency="USD",
        source="s",
    )
    off = Discount(endpoint="vendor/*", percent=Decimal(15), source="s", as_of="2026-11-01")
    rule = best_estimate(asked, Evidence()).band

    found = best_estimate(
        asked, Evidence({asked.price_key: samples}, {priced.endpoint: seen}, [off])
    )

    assert rule is not None
    assert found.band is not None
    assert found.basis is not None
    assert found.band.low <= found.band.expected <= found.band.high
    assert found.band.high >= rule.high
    assert found.basis.source == ("ledger" if n >= MIN_SAMPLES else "rule")
    if found.basis.source == "ledger":
        assert found.band.expected == median
        assert found.band.high >= high


@given(st.lists(amounts, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_samples_do_not_depend_on_the_order_of_rows(costs: list[int], shuffler: Any) -> None:
    rows = [
        {
            "row_id": f"b/{number}/1",
            "state": "done",
            "price_key": "k",
            "billed_nano_usd": cost,
            "submitted_at": f"2026-11-{number // 24 + 1:02}T{number % 24:02}:00:00Z",
        }
        for number, cost in enumerate(costs)
    ]
    shuffled = list(rows)
    shuffler.shuffle(shuffled)

    found = samples_of(shuffled)

    assert found == samples_of(rows)
    assert found["k"].low <= found["k"].median <= found["k"].high
    assert found["k"].median in costs

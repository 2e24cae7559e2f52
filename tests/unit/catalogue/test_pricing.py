"""A unit price is exact or unknown: never zero by default, never another endpoint's."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.catalogue.pricing import Priced, UnitPrice, ask_price, read_price
from fal_experiments.errors import Answer, BadInput, ServiceUnreachable
from tests.unit.catalogue.asked import API, Asked, not_found, says


def ask(answer: Answer) -> Priced:
    return asyncio.run(ask_price(Asked(answer), API, "a/b"))


def prices(*rows: Any) -> Answer:
    return says({"prices": rows})


def test_a_price_is_exact() -> None:
    text = (
        '{"prices": [{"endpoint_id": "a/b", "unit_price": 0.1000000000000000055,'
        ' "unit": "seconds", "currency": "USD", "is_favorited": true}]}'
    )

    priced = ask(says(text))

    assert priced.price == UnitPrice("a/b", Decimal("0.1000000000000000055"), "seconds", "USD")
    quote = priced.price.quote(source="s", as_of="2026-11-20")
    assert quote is not None
    assert (quote.unit_price_usd, quote.unit) == (priced.price.amount, "seconds")
    assert priced.row is not None
    assert "is_favorited" not in priced.row
    assert read_price("a/b", priced.row) == priced.price


@pytest.mark.parametrize(
    "row",
    [
        {"unit_price": 0.1, "currency": "USD"},
        {"unit_price": 0.1, "unit": "", "currency": "USD"},
        {"unit": "seconds", "currency": "USD"},
        {"unit_price": "free", "unit": "seconds", "currency": "USD"},
        {"unit_price": -1, "unit": "seconds", "currency": "USD"},
        {"unit_price": True, "unit": "seconds", "currency": "USD"},
        {"unit_price": 1e30, "unit": "seconds", "currency": "USD"},
        {"unit_price": 0.1, "unit": ["seconds"], "currency": "USD"},
        {"unit_price": 0.1, "unit": "seconds"},
        {"unit_price": 0.1, "unit": "seconds", "currency": "EUR"},
    ],
)
def test_what_is_missing_or_senseless_is_unknown(row: dict[str, Any]) -> None:
    price = ask(prices({"endpoint_id": "a/b", **row})).price

    assert price.quote(source="s", as_of="2026-11-20") is None


@pytest.mark.parametrize(
    "answer", [not_found(), prices(), prices({"endpoint_id": "a/c", "unit_price": 1})]
)
def test_an_unpriced_endpoint_has_an_unknown_price(answer: Answer) -> None:
    assert ask(answer) == Priced(UnitPrice("a/b"), None)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_bad_input(status: int) -> None:
    with pytest.raises(BadInput, match="refuses the key"):
        ask(says({}, status))


@pytest.mark.parametrize("answer", [says("<html/>"), says({"prices": 1}), says("{}", 404)])
def test_anything_else_is_odd(answer: Answer) -> None:
    with pytest.raises(ServiceUnreachable):
        ask(answer)

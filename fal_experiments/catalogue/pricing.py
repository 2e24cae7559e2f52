"""Unit prices as the platform API tells them: what one billable unit costs this account.

Source: references/fal-platform.md 8.3. One id a question, because one unknown id fails a batch.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from fal_experiments.catalogue.asking import Ask, odd_answer, question, read_object
from fal_experiments.core.foreign import exact_number, plain_text
from fal_experiments.core.request import Quote
from fal_experiments.errors import Answer, BadInput


class UnitPrice(NamedTuple):
    """What is known of a price. None and empty mean unknown, never zero and never a default."""

    endpoint: str
    amount: Decimal | None = None
    unit: str = ""
    currency: str = ""

    def quote(self, *, source: str, as_of: str) -> Quote | None:
        """Return it as a quote in US dollars; None when any part of one is unknown."""
        if self.amount is None or not self.unit or self.currency != "USD":
            return None
        return Quote(unit_price_usd=self.amount, unit=self.unit, source=source, as_of=as_of)


class Priced(NamedTuple):
    """A price, and the row that said it, for the cache; None where the service has no row."""

    price: UnitPrice
    row: dict[str, Any] | None


async def ask_price(ask: Ask, api: str, endpoint: str) -> Priced:
    """Return the unit price of an endpoint; an unpriced or unknown one has an unknown price.

    Raises: BadInput when the key is refused; ServiceUnreachable.
    """
    url = price_url(api, endpoint)
    answer = await ask(url)
    if answer.http_status in {401, 403}:
        raise BadInput(
            f"fal's platform API refuses the key (HTTP {answer.http_status})",
            fix="set FAL_KEY to a key with API scope (fal.ai/dashboard/keys), or use --offline",
        )
    if answer.http_status == 404 and '"not_found"' in answer.text:
        return Priced(UnitPrice(endpoint), None)
    row = _row_of(endpoint, url, answer)
    return Priced(read_price(endpoint, row), row)


def price_url(api: str, endpoint: str) -> str:
    """Return where the price of an endpoint is asked."""
    return question(f"{api}/models/pricing", endpoint_id=endpoint)


def read_price(endpoint: str, row: Any) -> UnitPrice:
    """Return what a row says; what is missing or makes no sense is unknown."""
    said = row if isinstance(row, dict) else {}
    return UnitPrice(
        endpoint=endpoint,
        amount=exact_number(said.get("unit_price")),
        unit=plain_text(said.get("unit"), 60),
        currency=plain_text(said.get("currency"), 10),
    )


def _row_of(endpoint: str, url: str, answer: Answer) -> dict[str, Any] | None:
    rows = read_object(url, answer, exact=True).get("prices")
    if not isinstance(rows, list):
        raise odd_answer(url, answer, "JSON that has no list of prices")
    fitting = (r for r in rows if isinstance(r, dict) and r.get("endpoint_id") == endpoint)
    row = next(fitting, None)
    if row is None:
        return None
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
        if name in {"endpoint_id", "unit_price", "unit", "currency"}
    }

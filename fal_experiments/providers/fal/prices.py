"""Unit prices from fal's platform API (8.3): what a billable unit costs this account, today."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fal_experiments.core.foreign import exact_number, json_of
from fal_experiments.core.ports import Clock
from fal_experiments.core.request import Quote
from fal_experiments.errors import BadInput
from fal_experiments.providers.fal.adapter import FalUrls
from fal_experiments.providers.http import Wire

AT_ONCE = 4


class FalPrices:
    """The pricing endpoint, asked one id at a time: one unknown id fails a whole batch (8.3)."""

    def __init__(self, wire: Wire, urls: FalUrls, clock: Clock) -> None:
        self._wire = wire
        self._urls = urls
        self._clock = clock

    async def quotes(self, endpoints: Sequence[str]) -> dict[str, Quote]:
        """Return the unit price of each endpoint that has one in US dollars.

        Raises: BadInput when the key is refused; ServiceUnreachable.
        """
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(endpoint: str) -> Quote | None:
            async with gate:
                return await self._quote(endpoint)

        found = await asyncio.gather(*(one(endpoint) for endpoint in endpoints))
        return {e: q for e, q in zip(endpoints, found, strict=True) if q is not None}

    async def _quote(self, endpoint: str) -> Quote | None:
        url = f"{self._urls.api}/models/pricing"
        answer = await self._wire.ask(f"{url}?{urlencode({'endpoint_id': endpoint})}")
        if answer.http_status in {401, 403}:
            raise BadInput(
                f"fal's platform API refuses the key (HTTP {answer.http_status})",
                fix="set FAL_KEY to a key with API scope (fal.ai/dashboard/keys)",
            )
        if answer.http_status != 200:
            return None
        row = _row_of(endpoint, answer.text)
        if row is None or row.get("currency") != "USD" or not row.get("unit"):
            return None
        price = exact_number(row.get("unit_price"))
        if price is None:
            return None
        as_of = self._clock.now().date().isoformat()
        return Quote(unit_price_usd=price, unit=str(row["unit"]), source=url, as_of=as_of)


def _row_of(endpoint: str, text: str) -> dict[str, Any] | None:
    """Return the row of an endpoint; None for an answer that has not the shape of 8.3."""
    body = json_of(text, exact=True)
    prices = body.get("prices") if isinstance(body, dict) else None
    rows = [row for row in prices if isinstance(row, dict)] if isinstance(prices, list) else []
    return next((row for row in rows if row.get("endpoint_id") == endpoint), None)

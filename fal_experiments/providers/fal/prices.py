"""Unit prices from fal's platform API (8.3): what a billable unit costs this account, today."""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

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
        price = _price(row.get("unit_price"))
        if price is None:
            return None
        as_of = self._clock.now().date().isoformat()
        return Quote(unit_price_usd=price, unit=str(row["unit"]), source=url, as_of=as_of)


def _row_of(endpoint: str, text: str) -> dict[str, Any] | None:
    try:
        # parse_float: a price of 0.1 must not become 0.1000000000000000055
        prices = json.loads(text, parse_float=Decimal)["prices"]
        return next((dict(p) for p in prices if p["endpoint_id"] == endpoint), None)
    except (ValueError, KeyError, TypeError):  # not the shape of 8.3: no price is known
        return None


def _price(value: Any) -> Decimal | None:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price >= 0 else None

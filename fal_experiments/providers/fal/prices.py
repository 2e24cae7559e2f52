"""Unit prices from fal's platform API (8.3): what a billable unit costs this account, today."""

import asyncio
from collections.abc import Coroutine, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from fal_experiments.core.foreign import exact_number, json_of, plain_text
from fal_experiments.core.ports import Clock
from fal_experiments.core.price_seen import PriceSeen
from fal_experiments.core.request import Quote
from fal_experiments.errors import Answer, BadInput, ServiceUnreachable
from fal_experiments.providers.fal.adapter import FalUrls
from fal_experiments.providers.fal.past_costs import PastCosts
from fal_experiments.providers.http import Wire

AT_ONCE = 4


class FalPrices:
    """The pricing endpoint, asked one id at a time: one unknown id fails a whole batch (8.3)."""

    def __init__(self, wire: Wire, urls: FalUrls, clock: Clock) -> None:
        self._wire = wire
        self._url = f"{urls.api}/models/pricing"
        self._clock = clock
        self._past = PastCosts(wire, urls, clock)

    async def quotes(self, endpoints: Sequence[str]) -> dict[str, Quote]:
        """Return the unit price of each endpoint that has one in US dollars.

        Raises: BadInput when the key is refused; ServiceUnreachable.
        """
        answers = await asyncio.gather(*self._asked(endpoints))
        found = (_seen(e, a, self._url, self._day()) for e, a in answers)
        return {
            seen.endpoint: Quote(
                unit_price_usd=seen.unit_price, unit=seen.unit, source=seen.source, as_of=seen.day
            )
            for seen in found
            if seen is not None
            and seen.unit_price is not None
            and seen.currency == "USD"
            and seen.unit
        }

    async def seen(self, endpoints: Sequence[str]) -> list[PriceSeen]:
        """Return what is said of each endpoint; one that could not be asked is left out.

        Raises: BadInput when the key is refused; ServiceUnreachable when nothing could be asked.
        """
        answers = await asyncio.gather(*self._asked(endpoints), return_exceptions=True)
        found: list[PriceSeen] = []
        lost: list[ServiceUnreachable] = []
        for answer in answers:
            if isinstance(answer, ServiceUnreachable):
                lost.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                seen = _seen(answer[0], answer[1], self._url, self._day())
                found += [seen] if seen is not None else []
        if lost and not found:
            raise lost[0]
        return found

    async def past_usd(self, endpoint: str) -> Decimal | None:
        """Return what past calls have cost on average, None where fal does not tell."""
        return await self._past.average_usd(endpoint)

    def _asked(self, endpoints: Sequence[str]) -> list[Coroutine[Any, Any, tuple[str, Answer]]]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(endpoint: str) -> tuple[str, Answer]:
            async with gate:
                return endpoint, await self._ask(endpoint)

        return [one(endpoint) for endpoint in endpoints]

    async def _ask(self, endpoint: str) -> Answer:
        answer = await self._wire.ask(f"{self._url}?{urlencode({'endpoint_id': endpoint})}")
        if answer.http_status in {401, 403}:
            raise BadInput(
                f"fal's platform API refuses the key (HTTP {answer.http_status})",
                fix="set FAL_KEY to a key with API scope (fal.ai/dashboard/keys)",
            )
        return answer

    def _day(self) -> str:
        return self._clock.now().date().isoformat()


def _seen(endpoint: str, answer: Answer, url: str, day: str) -> PriceSeen | None:
    """Return what an answer says of an endpoint; None where it is no answer to the question."""
    is_unknown = answer.http_status == 404 and '"not_found"' in answer.text
    row = {} if is_unknown else _row_of(endpoint, answer)
    if row is None:
        return None
    return PriceSeen(
        endpoint=endpoint,
        day=day,
        unit_price=exact_number(row.get("unit_price")),
        unit=plain_text(row.get("unit"), 60),
        currency=plain_text(row.get("currency"), 10),
        source=url,
    )


def _row_of(endpoint: str, answer: Answer) -> dict[str, Any] | None:
    """Return the row of an endpoint, empty without one; None for another shape than that of 8.3."""
    body = json_of(answer.text, exact=True) if answer.http_status == 200 else None
    prices = body.get("prices") if isinstance(body, dict) else None
    if not isinstance(prices, list):
        return None
    rows = [row for row in prices if isinstance(row, dict)]
    return next((row for row in rows if row.get("endpoint_id") == endpoint), {})

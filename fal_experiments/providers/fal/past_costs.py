"""What past calls of an endpoint have cost on average, by fal's estimate API (8.3).

fal throttles it hard: the third call at 800 ms was refused, 28 of 33 at five at once
(references/peers.md D1). So one call a second, and never sooner than Retry-After asks.
"""

from decimal import Decimal

from fal_experiments.core.foreign import exact_number, json_of
from fal_experiments.core.ports import Clock
from fal_experiments.core.schedule import retry_after_s
from fal_experiments.errors import Answer, ProviderError
from fal_experiments.providers.fal.adapter import FalUrls
from fal_experiments.providers.http import Wire, retry_after_header_s

PACE_S = 1.0
TRIES = 4
MOST_WAIT_S = 60.0
"""Asked to wait longer than this, an endpoint's average stays unknown."""


class PastCosts:
    """Averages, asked one after the other."""

    def __init__(self, wire: Wire, urls: FalUrls, clock: Clock) -> None:
        self._wire = wire
        self._url = f"{urls.api}/models/pricing/estimate"
        self._clock = clock
        self._not_before_s = 0.0

    async def average_usd(self, endpoint: str) -> Decimal | None:
        """Return what one call has cost on average; None where fal does not tell, for any reason.

        Asking is free. A total of 0 tells nothing: it is what an endpoint without a past has.
        """
        body = {
            "estimate_type": "historical_api_price",
            "endpoints": {endpoint: {"call_quantity": 1}},
        }
        for tries in range(1, TRIES + 1):
            wait_s = self._not_before_s - self._clock.monotonic_s()
            if wait_s > MOST_WAIT_S:
                return None
            if wait_s > 0:
                await self._clock.sleep(wait_s)
            answer = await self._ask(body)
            if answer is not None and answer.http_status == 200:
                return _average(answer)
            if answer is not None and answer.http_status not in {429, 500, 502, 503, 504}:
                return None
            asked_s = retry_after_header_s(answer.headers) if answer else None
            pause_s = retry_after_s(tries, asked_s, jitter=1.0) if asked_s is None else asked_s
            self._not_before_s = max(self._not_before_s, self._clock.monotonic_s() + pause_s)
        return None

    async def _ask(self, body: object) -> Answer | None:
        self._not_before_s = self._clock.monotonic_s() + PACE_S
        try:
            return await self._wire.post_once(self._url, body, {})
        except ProviderError:
            return None


def _average(answer: Answer) -> Decimal | None:
    body = json_of(answer.text, exact=True)
    if not isinstance(body, dict) or body.get("currency") != "USD":
        return None
    return exact_number(body.get("total_cost")) or None

"""fal's list of past requests: where a submit whose answer was lost is found again.

Source: references/fal-platform.md 8.6 (GET /models/requests/by-endpoint, an API key is enough).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fal_experiments.core.foreign import json_of
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.ports import Clock
from fal_experiments.core.request import Ticket
from fal_experiments.core.unknowns import SENT_BEFORE, PastRequest
from fal_experiments.errors import Answer, ServiceUnreachable
from fal_experiments.providers.fal.adapter import FalUrls, app_of
from fal_experiments.providers.http import Wire, clock_skew_s

PAGE = 100
MOST_PAGES = 200
SMALL_SKEW_S = 5.0
"""A `Date` header has whole seconds and has travelled; less than this is no difference."""


class FalRequests:
    """Questions to the platform API. They are free."""

    def __init__(self, wire: Wire, urls: FalUrls, clock: Clock) -> None:
        self._wire = wire
        self._urls = urls
        self._clock = clock

    async def sent_since(self, endpoint: str, since: datetime) -> list[PastRequest]:
        """Return the requests of an endpoint since then. Raises: ServiceUnreachable.

        `since` is on our clock. fal's may differ, which its `Date` header tells.
        """
        start = since - SENT_BEFORE
        first = await self._answer(_window(endpoint, start))
        skew_s = self._skew_s(first)
        if skew_s < 0:  # on a clock that is behind, our start may even be in the future: HTTP 400
            start += timedelta(seconds=skew_s)
            first = await self._answer(_window(endpoint, start))
        items = await self._items(first, _window(endpoint, start))
        return [r for item in items if (r := self._request(item, endpoint, skew_s)) is not None]

    async def find(self, endpoint: str, request_id: str) -> PastRequest | None:
        """Return one request by its id, up to 90 days back. Raises: ServiceUnreachable."""
        answer = _readable(await self._answer({"endpoint_id": endpoint, "request_id": request_id}))
        skew_s = self._skew_s(answer)
        for item in _items_of(answer):
            request = self._request(item, endpoint, skew_s)
            if request is not None and request.ticket.request_id == request_id:
                return request
        return None

    async def _items(self, first: Answer, query: dict[str, str]) -> list[Any]:
        """Return the rows of all pages, of which the first is here already."""
        answer, items = _readable(first), []
        for _ in range(MOST_PAGES):
            items += _items_of(answer)
            body = json_of(answer.text)
            cursor = body.get("next_cursor") if isinstance(body, dict) else None
            if not cursor:
                return items
            answer = _readable(await self._answer({**query, "cursor": str(cursor)}))
        raise ServiceUnreachable(
            f"the list of {query['endpoint_id']} requests has more than "
            f"{MOST_PAGES * PAGE:,} rows since {query['start']}",
            kind="too_many",
            fix="look for the request on fal's dashboard, then `fal-exp ledger resolve`",
        )

    async def _answer(self, query: Mapping[str, str]) -> Answer:
        words = urlencode({**query, "expand": "payloads", "limit": PAGE})
        return await self._wire.ask(f"{self._urls.api}/models/requests/by-endpoint?{words}")

    def _skew_s(self, answer: Answer) -> float:
        skew_s = clock_skew_s(answer.headers, self._clock.now())
        return skew_s if abs(skew_s) > SMALL_SKEW_S else 0.0

    def _request(self, item: Any, endpoint: str, skew_s: float) -> PastRequest | None:
        """Return a row as a record; None for one that names no request or another endpoint."""
        if not isinstance(item, dict) or item.get("endpoint_id", endpoint) != endpoint:
            return None
        request_id, sent_at = item.get("request_id"), _moment(item.get("sent_at"))
        if not isinstance(request_id, str) or not _is_id(request_id) or sent_at is None:
            return None
        body, tags = item.get("json_input"), item.get("tags")
        return PastRequest(
            ticket=self._ticket(endpoint, request_id),
            sent_at=sent_at - timedelta(seconds=skew_s),
            body_sha256=_sha256_of(body) if isinstance(body, dict) else None,
            tags={str(k): str(v) for k, v in tags.items()} if isinstance(tags, dict) else {},
        )

    def _ticket(self, endpoint: str, request_id: str) -> Ticket:
        """Return a ticket as fal would have given it (2.1); a lost one has no other form."""
        below = f"{self._urls.queue}/{app_of(endpoint)}/requests/{request_id}"
        return Ticket(
            provider="fal",
            endpoint=endpoint,
            request_id=request_id,
            status_url=f"{below}/status",
            response_url=below,
            cancel_url=f"{below}/cancel",
        )


def _window(endpoint: str, start: datetime) -> dict[str, str]:
    return {"endpoint_id": endpoint, "start": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _readable(answer: Answer) -> Answer:
    """Return an answer that is a list. Raises: ServiceUnreachable."""
    body = json_of(answer.text)
    if answer.http_status == 200 and isinstance(body, dict) and "items" in body:
        return answer
    raise ServiceUnreachable(
        f"fal's list of requests answered HTTP {answer.http_status}: "
        f"{' '.join(answer.text.split())[:300]}",
        kind="list_refused",
        answer=answer,
        fix="the key needs the right to read past requests; without it, look on fal's "
        "dashboard, then `fal-exp ledger resolve`",
    )


def _items_of(answer: Answer) -> list[Any]:
    body = json_of(answer.text)
    items = body.get("items") if isinstance(body, dict) else None
    return items if isinstance(items, list) else []


def _sha256_of(body: dict[str, Any]) -> str | None:
    try:
        return sha256_hex(canonical_json(body))
    except ValueError:  # NaN, or half a surrogate pair: nothing that we would have sent
        return None


def _is_id(text: str) -> bool:
    """Tell whether a text can be part of an address as it is."""
    return len(text) <= 100 and text.replace("-", "").isalnum() and text.isascii()


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

"""What fal charged: billing events by request, usage totals, and what is left of the credit.

Source: references/fal-platform.md 8.1, 8.4, 8.5 and 8.9. Each of these wants a key of ADMIN scope.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from fal_experiments.core.foreign import json_of, plain_text
from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.usage import Balance, UsageLine, UsageTotal
from fal_experiments.core.usage_rows import usage_line, usage_total
from fal_experiments.errors import Answer, ServiceUnreachable, UsageRefused
from fal_experiments.providers.fal.adapter import FalUrls
from fal_experiments.providers.http import Wire

IDS_A_QUESTION = 50
PAGE = 1000
MOST_PAGES = 10_000
LONGEST_SPAN = timedelta(days=89)
"""One day less than 8.5 allows: the two ends are cut to seconds."""


class FalUsage:
    """Questions to the platform API with a key that may read bills. They are free."""

    def __init__(self, wire: Wire, urls: FalUrls) -> None:
        self._wire = wire
        self._urls = urls

    async def events_of(
        self, request_ids: Sequence[str], since: datetime, until: datetime
    ) -> list[UsageLine]:
        """Return the lines of these requests. Raises: UsageRefused, ServiceUnreachable."""
        lines: list[UsageLine] = []
        for start in range(0, len(request_ids), IDS_A_QUESTION):
            ids = request_ids[start : start + IDS_A_QUESTION]
            for span in _spans(since, until):
                # `start` would be 24 hours ago, even where requests are named (8.5)
                lines += await self._events({**span, "request_id": ",".join(ids)})
        return lines

    async def events_between(
        self, since: datetime, until: datetime, key_id: str | None = None
    ) -> list[UsageLine]:
        """Return every line of the account, or of one key, in a window. Raises: as `events_of`."""
        lines: list[UsageLine] = []
        for span in _spans(since, until):
            lines += await self._events(span | _of_key(key_id))
        return lines

    async def totals(
        self, since: datetime, until: datetime, key_id: str | None = None
    ) -> list[UsageTotal]:
        """Return sums by endpoint of exactly this window. Raises: as `events_of`.

        `bound_to_timeframe=false`: else the window snaps to whole buckets and widens (8.4).
        """
        totals: list[UsageTotal] = []
        for span in _spans(since, until):
            query = {**span, **_of_key(key_id), "bound_to_timeframe": "false", "expand": "summary"}
            for row in await self._rows("models/usage", query, "summary"):
                try:
                    totals.append(usage_total(row))
                except ValueError as exc:
                    raise _odd(f"a usage total that cannot be read: {exc}") from exc
        return totals

    async def balance(self) -> Balance:
        """Return what is left of the credit. Raises: as `events_of`."""
        url = f"{self._urls.api}/account/billing?expand=credits"
        body = json_of((await self._answer(url)).text, exact=True)
        credit = body.get("credits") if isinstance(body, dict) else None
        left = credit.get("current_balance") if isinstance(credit, dict) else None
        if not isinstance(credit, dict) or credit.get("currency") != "USD" or left is None:
            raise _odd("an account without a balance in USD")
        return Balance(nano_usd=nano_from_usd(_number(left)), source=url)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._wire.aclose()

    async def _events(self, query: dict[str, str]) -> list[UsageLine]:
        lines = []
        for row in await self._rows("models/billing-events", query, "billing_events"):
            try:
                lines.append(usage_line(row, "billing-events"))
            except ValueError as exc:
                named = plain_text(row.get("request_id"), 60)
                raise _odd(f"a billing event ({named}) that cannot be read: {exc}") from exc
        return lines

    async def _rows(self, path: str, query: dict[str, str], name: str) -> list[dict[str, Any]]:
        """Return the rows of all pages."""
        rows: list[dict[str, Any]] = []
        cursors: set[str] = set()
        asked = {**query, "limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            answer = await self._answer(f"{self._urls.api}/{path}?{urlencode(asked)}")
            body = json_of(answer.text, exact=True)
            page = body.get(name) if isinstance(body, dict) else None
            if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
                raise _odd(f"no list of {name}")
            rows += page
            cursor = body.get("next_cursor")
            if not cursor:
                if body.get("has_more") is True:
                    raise _odd(f"more {name}, and no way to the next page")
                return rows
            if str(cursor) in cursors:
                raise _odd(f"pages of {name} that go in a circle")
            cursors.add(str(cursor))
            asked["cursor"] = str(cursor)
        raise _odd(f"more than {MOST_PAGES:,} pages of {name}")

    async def _answer(self, url: str) -> Answer:
        """Return an answer of success; the wire asks again where one is worth waiting for."""
        answer = await self._wire.ask(url)
        if answer.http_status in {401, 403}:
            raise _refused(answer)
        if answer.http_status != 200:
            raise _odd(f"HTTP {answer.http_status}: {plain_text(answer.text, 200)}", answer)
        return answer


def _spans(since: datetime, until: datetime) -> Iterator[dict[str, str]]:
    """Yield windows that the API takes, which touch and do not overlap: the end is not in it."""
    start = since
    while start < until:
        end = min(start + LONGEST_SPAN, until)
        yield {"start": _stamp(start), "end": _stamp(end)}
        start = end


def _of_key(key_id: str | None) -> dict[str, str]:
    return {"api_key_id": key_id} if key_id else {}


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _odd("a balance that is no number")
    return number


def _refused(answer: Answer) -> UsageRefused:
    return UsageRefused(
        f"the key may not read what was charged (HTTP {answer.http_status})",
        kind="usage_refused",
        billed="no",
        answer=answer,
        fix="set FAL_ADMIN_KEY to a key of ADMIN scope (fal.ai/dashboard/keys), or bring the bill "
        "as a file: --import billing.csv",
    )


def _odd(what: str, answer: Answer | None = None) -> ServiceUnreachable:
    return ServiceUnreachable(
        f"fal's platform API answered with {what}",
        kind="odd_answer",
        billed="no",
        answer=answer,
        fix="try again later; nothing was changed, and what was read before is kept",
    )

"""https://api.fal.ai/v1: past requests, billing events and usage, from the sandbox's own books.

Source of every shape: references/fal-platform.md 8.4 to 8.6.
"""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request
from starlette.responses import Response

from fal_experiments.core.money import usd_from_nano
from fal_experiments.sandbox.bills import exact_json
from fal_experiments.sandbox.history import Booking, Page, Span
from fal_experiments.sandbox.jobs import CDN_MARK, Job
from fal_experiments.sandbox.queries import (
    choice_of,
    invalid,
    list_of,
    page_of,
    paged,
    span_of,
)
from fal_experiments.sandbox.services import Services
from fal_experiments.sandbox.usage import TIMEFRAMES, bucket_start, next_bucket, usual_timeframe
from fal_experiments.sandbox.wire import json_answer, stamp, tags_of

_HISTORY = timedelta(days=90)
_EVERYTHING = Page(limit=10**9, offset=0)


class UsageApi:
    """The routes below /api/v1 that look back."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def requests(self, request: Request) -> Response:
        """GET /models/requests/by-endpoint: how a submit whose answer was lost is found."""
        services = self._services
        services.gate.check_platform(request, is_admin_route=False)
        endpoints = list_of(request, "endpoint_id")
        if not endpoints:
            raise invalid("endpoint_id: expected 1 to 50 ids")
        request_id = request.query_params.get("request_id", "")
        usual = _HISTORY if request_id else timedelta(days=1)
        page = page_of(request, usual=50, most=100)
        rows, more = paged(
            services.history.requests(
                endpoints,
                span_of(request, services.now(), usual=usual),
                page,
                status=choice_of(request, "status", ("success", "error", "user_error")),
                request_id=request_id,
                order=choice_of(request, "sort_by", ("ended_at", "duration")),
            ),
            page,
        )
        with_payloads = "payloads" in list_of(request, "expand")
        items = []
        for job in rows:
            is_known, tells_tags = services.mischief.in_list(job, services.now())
            if is_known:
                tags = {"tags": tags_of(job.headers)} if tells_tags else {}
                items.append(self._item(job, with_payloads=with_payloads) | tags)
        return json_answer({"items": items, **more})

    async def billing_events(self, request: Request) -> Response:
        """GET /models/billing-events: one row for each request that reached a runner."""
        services = self._services
        services.gate.check_platform(request, is_admin_route=True)
        services.bills.refuse()
        span = span_of(request, services.now())
        if span.end - span.start > _HISTORY + timedelta(minutes=1):
            raise invalid("start, end: at most 90 days")
        page = page_of(request, usual=1000, most=10_000, cap=services.bills.most_lines(10_000))
        rows, more = paged(
            services.history.bookings(
                span,
                page,
                endpoints=list_of(request, "endpoint_id"),
                request_ids=list_of(request, "request_id"),
                of_jobs=self._is_of_own_key(request),
            ),
            page,
        )
        body = {"billing_events": services.bills.told(rows), **more}
        return Response(exact_json(body), media_type="application/json")

    async def usage(self, request: Request) -> Response:
        """GET /models/usage: sums per endpoint, in buckets of time or in all."""
        services = self._services
        services.gate.check_platform(request, is_admin_route=True)
        services.bills.refuse()
        zone = _zone(request)
        span = span_of(request, services.now())
        timeframe = choice_of(request, "timeframe", TIMEFRAMES) or usual_timeframe(span)
        if choice_of(request, "bound_to_timeframe", ("true", "false")) != "false":
            last = bucket_start(span.end - timedelta(microseconds=1), timeframe, zone)
            span = Span(bucket_start(span.start, timeframe, zone), next_bucket(last, timeframe))
        wanted = list_of(request, "endpoint_id")
        rows = services.history.bookings(
            span, _EVERYTHING, endpoints=wanted, of_jobs=self._is_of_own_key(request)
        )
        expand = set(list_of(request, "expand")) or {"time_series"}
        if not expand & {"time_series", "summary"}:
            raise invalid("expand: expected time_series, summary, or both")
        body: dict[str, Any] = {}
        if "time_series" in expand:
            buckets: dict[datetime, list[Booking]] = defaultdict(list)
            for row in rows:
                at = datetime.fromisoformat(row.at)
                buckets[bucket_start(at, timeframe, zone)].append(row)
            body["time_series"] = [
                {"bucket": start.isoformat(), "results": _sums(buckets[start])}
                for start in sorted(buckets)
            ]
        if "summary" in expand:
            body["summary"] = _sums(rows)
        more = {"next_cursor": None, "has_more": False}
        return Response(exact_json({**body, **more}), media_type="application/json")

    def _is_of_own_key(self, request: Request) -> bool:
        """Tell whether only jobs are wanted. Raises: Refusal for a key that is not of here."""
        wanted = list_of(request, "api_key_id")
        if set(wanted) - {self._services.gate.key_id}:
            raise invalid("api_key_id: no such key")
        return bool(wanted)

    def _item(self, job: Job, *, with_payloads: bool) -> dict[str, Any]:
        item: dict[str, Any] = {
            "request_id": job.request_id,
            "endpoint_id": job.endpoint,
            "sent_at": stamp(job.sent_at),
            "started_at": stamp(job.started_at) if job.started_at else None,
            "ended_at": stamp(job.ended_at) if job.ended_at else None,
            "status_code": job.outcome.http_status if job.outcome else None,
            "duration": (job.ended_at - job.sent_at).total_seconds() if job.ended_at else None,
        }
        if with_payloads and job.keeps_payloads:
            item["json_input"] = json.loads(job.body)
            if job.outcome:
                cdn = self._services.urls.cdn
                text = job.outcome.body.replace(f'"{CDN_MARK}', f'"{cdn}')
                item["json_output"] = json.loads(text)
        return item


def _sums(rows: list[Booking]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str, Decimal], list[Booking]] = defaultdict(list)
    for row in rows:
        groups[row.endpoint, row.charge.unit, row.charge.unit_price_usd].append(row)
    sums = []
    for (endpoint, unit, unit_price_usd), members in sorted(groups.items()):
        cost = usd_from_nano(sum(row.charge.cost_nano_usd for row in members))
        sums.append(
            {
                "endpoint_id": endpoint,
                "unit": unit,
                "quantity": sum((row.charge.units for row in members), Decimal(0)),
                "unit_price": unit_price_usd,
                "percent_discount": None,
                "cost_subtotal": cost,
                "cost_discount": 0,
                "cost_total": cost,
                "cost": cost,
                "currency": "USD",
            }
        )
    return sums


def _zone(request: Request) -> ZoneInfo:
    name = request.query_params.get("timezone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid("timezone: expected an IANA name such as Europe/Vienna") from None

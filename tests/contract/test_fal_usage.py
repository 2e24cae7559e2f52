"""Bills as fal tells them: all pages, exact windows, exact numbers, and nothing half understood."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from fal_experiments.core.ports import Context, QueueWishes, UsageSource
from fal_experiments.errors import ServiceUnreachable, UsageRefused
from fal_experiments.providers.registry import connect
from tests.contract.scripted import (
    Behaviour,
    InstantClock,
    Request,
    ScriptedServer,
    hangs_up,
    played,
    says,
    scripted,
)
from tests.sandbox.lab import TELLER, troubled

AT = datetime(2026, 6, 13, 3, tzinfo=UTC)
DAY = timedelta(days=1)
ROW = {
    "request_id": "r1",
    "endpoint_id": "fal-ai/a",
    "timestamp": "2026-06-13T03:44:17.164745000Z",
    "output_units": 2,
    "unit_price": 0.025,
    "cost_total": 0.05,
}
ADMIN = "admin-id:s3cret-of-the-admin"


@asynccontextmanager
async def _usage(
    api: str, clock: InstantClock, admin_key: str = ADMIN
) -> AsyncIterator[UsageSource]:
    context = Context("id:s3cret-of-the-user", {"api": api}, clock, QueueWishes(), admin_key)
    service = connect("fal", context)
    assert service.usage is not None
    try:
        yield service.usage
    finally:
        await service.provider.aclose()
        await service.usage.aclose()


@asynccontextmanager
async def _told(
    *behaviours: Behaviour, admin_key: str = ADMIN
) -> AsyncIterator[tuple[UsageSource, InstantClock, ScriptedServer]]:
    clock = InstantClock()
    async with scripted(*behaviours) as server, _usage(server.url, clock, admin_key) as usage:
        yield usage, clock, server


def _page(*rows: dict[str, Any], **more: Any) -> Behaviour:
    return says(200, json.dumps({"billing_events": rows, "next_cursor": None} | more))


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


@played
async def test_requests_are_asked_for_fifty_at_a_time_with_both_ends_of_the_window() -> None:
    ids = [f"r{number}" for number in range(101)]
    async with _told(_page()) as (usage, _, server):
        assert await usage.events_of(ids, AT, AT + DAY) == []

    asked = [_query(request) for request in server.requests]
    assert [len(query["request_id"].split(",")) for query in asked] == [50, 50, 1]
    assert ",".join(query["request_id"] for query in asked) == ",".join(ids)
    assert {(query["start"], query["end"]) for query in asked} == {
        ("2026-06-13T03:00:00.000000Z", "2026-06-14T03:00:00.000000Z")
    }


@played
async def test_no_request_is_no_question() -> None:
    async with _told(_page()) as (usage, _, server):
        assert await usage.events_of([], AT, AT + DAY) == []

    assert server.requests == []


@played
async def test_a_long_window_is_asked_in_parts_that_touch_and_are_short_enough() -> None:
    until = AT + 200 * DAY
    async with _told(_page()) as (usage, _, server):
        await usage.events_between(AT, until)

    asked = [_query(request) for request in server.requests]
    spans = [(datetime.fromisoformat(q["start"]), datetime.fromisoformat(q["end"])) for q in asked]
    assert (spans[0][0], spans[-1][1]) == (AT, until)
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert max(end - start for start, end in spans) <= 90 * DAY


@played
async def test_the_key_of_admin_scope_is_shown_and_else_the_only_one() -> None:
    async with _told(_page()) as (usage, _, server):
        await usage.events_between(AT, AT + DAY)
    async with _told(_page(), admin_key="") as (usage, _, alone):
        await usage.events_between(AT, AT + DAY)

    assert server.requests[0].headers["authorization"] == f"Key {ADMIN}"
    assert alone.requests[0].headers["authorization"] == "Key id:s3cret-of-the-user"


@played
async def test_every_page_is_read() -> None:
    pages = [_page(ROW | {"request_id": f"r{n}"}, next_cursor=f"c{n}") for n in range(3)]
    async with _told(*pages, _page(ROW | {"request_id": "r3"})) as (usage, _, server):
        lines = await usage.events_between(AT, AT + DAY)

    assert [line.request_id for line in lines] == ["r0", "r1", "r2", "r3"]
    assert [_query(r).get("cursor") for r in server.requests] == [None, "c0", "c1", "c2"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (_page(ROW, next_cursor="again"), "go in a circle"),
        (_page(ROW, has_more=True), "no way to the next page"),
        (says(200, "[]"), "no list of billing_events"),
        (says(200, "nonsense"), "no list of billing_events"),
        (says(200, '{"billing_events": [1]}'), "no list of billing_events"),
        (says(404, '{"error": "no"}'), "HTTP 404"),
        (
            _page(ROW | {"cost_total": "much"}),
            "a billing event (r1) that cannot be read: cost_total",
        ),
        (_page(ROW | {"cost_total": None}), "a billing event (r1) that cannot be read: cost_total"),
        (_page(ROW | {"timestamp": None}), "a billing event (r1) that cannot be read: timestamp"),
        (_page(ROW | {"endpoint_id": 7}), "a billing event (r1) that cannot be read: endpoint_id"),
        (_page(ROW | {"output_units": True}), "that cannot be read: output_units"),
    ],
)
def test_an_answer_that_makes_no_sense_is_told_and_never_half_taken(
    page: Behaviour, words: str
) -> None:
    @played
    async def ask() -> None:
        async with _told(page) as (usage, _, __):
            with pytest.raises(ServiceUnreachable) as caught:
                await usage.events_between(AT, AT + DAY)
        assert caught.value.kind == "odd_answer"
        assert words in caught.value.message

    ask()


@played
async def test_numbers_are_taken_as_they_are_written() -> None:
    body = json.dumps({"billing_events": [ROW | {"output_units": 0, "cost_total": 0.3}]})
    written = body.replace('"output_units": 0', '"output_units": 2.60064583333333350001')
    async with _told(says(200, written)) as (usage, _, __):
        (line,) = await usage.events_between(AT, AT + DAY)

    assert line.units == Decimal("2.60064583333333350001")
    assert line.nano_usd == 300_000_000
    assert (line.at.microsecond, line.at_text) == (164745, ROW["timestamp"])


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_not_read_bills_is_a_refusal_that_says_what_would_help(status: int) -> None:
    refusal = says(status, '{"error":{"type":"authorization_error","message":"no"}}')

    @played
    async def ask() -> None:
        async with _told(refusal) as (usage, clock, server):
            for question in (
                usage.events_between(AT, AT + DAY),
                usage.events_of(["r1"], AT, AT + DAY),
                usage.totals(AT, AT + DAY),
                usage.balance(),
            ):
                with pytest.raises(UsageRefused) as caught:
                    await question
                assert "FAL_ADMIN_KEY" in caught.value.fix
                assert "ADMIN scope" in caught.value.fix
            assert (len(server.requests), clock.slept_s) == (4, [])

    ask()


@played
async def test_a_busy_service_is_asked_again_when_it_says_and_an_ill_one_soon() -> None:
    async with _told(says(429, "{}", Retry_After="17"), says(500), hangs_up, _page(ROW)) as (
        usage,
        clock,
        _,
    ):
        with pytest.raises(ServiceUnreachable) as caught:
            await usage.events_between(AT, AT + DAY)
    async with _told(says(429, "{}", Retry_After="17"), says(500), _page(ROW)) as (
        again,
        patient,
        _,
    ):
        (line,) = await again.events_between(AT, AT + DAY)

    assert clock.slept_s[0] >= 17
    assert "in 3 tries" in caught.value.message
    assert patient.slept_s[0] >= 17
    assert line.nano_usd == 50_000_000


@played
async def test_totals_are_asked_for_exactly_the_window_and_without_buckets() -> None:
    row = {"endpoint_id": "fal-ai/a", "unit": "image", "quantity": 4, "cost_total": 0.1}
    async with _told(says(200, json.dumps({"summary": [row]}))) as (usage, _, server):
        (total,) = await usage.totals(AT, AT + DAY)

    query = _query(server.requests[0])
    assert (query["bound_to_timeframe"], query["expand"]) == ("false", "summary")
    assert query["start"] == "2026-06-13T03:00:00.000000Z"
    assert (total.endpoint, total.nano_usd) == ("fal-ai/a", 100_000_000)
    assert total.quantity == Decimal(4)


@played
async def test_a_balance_is_exact_and_one_in_another_currency_is_none() -> None:
    def credit(**named: Any) -> Behaviour:
        return says(200, json.dumps({"username": "u", "credits": named}))

    async with _told(credit(current_balance=24.5, currency="USD")) as (usage, _, server):
        assert (await usage.balance()).nano_usd == 24_500_000_000
        assert server.requests[0].path == "/account/billing?expand=credits"
    async with _told(credit(current_balance=24.5, currency="EUR"), says(200, "{}")) as (odd, _, __):
        for _try in range(2):
            with pytest.raises(ServiceUnreachable):
                await odd.balance()


@played
async def test_the_key_stands_in_no_error() -> None:
    async with _told(says(404, f'{{"you": "{ADMIN}"}}')) as (usage, _, __):
        with pytest.raises(ServiceUnreachable) as caught:
            await usage.balance()

    assert "s3cret" not in str(caught.value)


def test_the_sandboxs_bill_is_read_over_small_pages_and_is_what_its_books_say(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "bill_pages", "limit": 1}) as lab:
        for prompt in ("He walks.", "He breathes.", "He jumps."):
            assert lab.make(TELLER, prompt=prompt).status_code == 200
        stats = lab.server.stats()

        @played
        async def ask() -> None:
            now = datetime.now(UTC)
            clock = InstantClock()
            async with _usage(lab.server.urls.api, clock, "sandbox:admin") as usage:
                lines = await usage.events_between(now - DAY, now + DAY)
                named = await usage.events_of(
                    [str(line.request_id) for line in lines], now - DAY, now + DAY
                )
                totals = await usage.totals(now - DAY, now + DAY)
            assert len(lines) == 3
            assert {line.request_id: line.nano_usd for line in lines} == stats.billed_by_request
            assert {line.digest for line in named} == {line.digest for line in lines}
            assert sum(total.nano_usd for total in totals) == stats.billed_nano_usd

        ask()

"""Prices as fal tells them: one id a question, one average a second, and never a number unread."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from fal_experiments.core.ports import Context, Prices, QueueWishes
from fal_experiments.errors import BadInput, ServiceUnreachable
from fal_experiments.providers.registry import connect
from tests.contract.scripted import (
    Behaviour,
    InstantClock,
    ScriptedServer,
    hangs_up,
    played,
    says,
    scripted,
)
from tests.sandbox.lab import MOVER, TELLER, UNPRICED, troubled

AVERAGE = '{"estimate_type":"historical_api_price","total_cost":%s,"currency":"USD"}'
NO_SUCH = '{"error":{"type":"not_found","message":"Endpoint not found"}}'


@asynccontextmanager
async def _prices(api: str, clock: InstantClock, key: str = "k:secret") -> AsyncIterator[Prices]:
    service = connect("fal", Context(key, {"api": api}, clock, QueueWishes()))
    try:
        assert service.prices is not None
        yield service.prices
    finally:
        await service.provider.aclose()
        assert service.usage is not None
        await service.usage.aclose()


@asynccontextmanager
async def _told(
    *behaviours: Behaviour,
) -> AsyncIterator[tuple[Prices, InstantClock, ScriptedServer]]:
    clock = InstantClock()
    async with scripted(*behaviours) as server, _prices(server.url, clock) as prices:
        yield prices, clock, server


def _row(price: str, **more: object) -> str:
    row = {"endpoint_id": "fal-ai/a", "unit": "seconds", "currency": "USD"} | more
    return json.dumps({"prices": [row | {"unit_price": 0}]}).replace(": 0}", f": {price}}}")


@played
async def test_what_fal_says_is_kept_as_it_says_it() -> None:
    async with _told(says(200, _row("0.1", unit="1k tokens"))) as (prices, _, server):
        (seen,) = await prices.seen(["fal-ai/a"])

    assert (seen.unit_price, seen.unit, seen.currency) == (Decimal("0.1"), "1k tokens", "USD")
    assert seen.day == "2026-11-20"
    assert seen.source == f"{server.url}/models/pricing"


@pytest.mark.parametrize(
    "answer",
    [
        says(404, NO_SUCH),
        says(200, '{"prices":[]}'),
        says(200, _row("null")),
        says(200, _row('"free"')),
        says(200, _row("-1")),
    ],
    ids=["not found", "no row", "null", "words", "negative"],
)
@played
async def test_a_price_that_is_not_told_is_unknown(answer: Behaviour) -> None:
    async with _told(answer) as (prices, _, _server):
        (seen,) = await prices.seen(["fal-ai/a"])
        quotes = await prices.quotes(["fal-ai/a"])

    assert (seen.unit_price, seen.usd, quotes) == (None, None, {})


@played
async def test_what_is_no_answer_leaves_the_earlier_word_alone() -> None:
    async with _told(says(200, "<html>"), says(404, "nginx")) as (prices, _, _server):
        assert await prices.seen(["fal-ai/a"]) == []
        assert await prices.seen(["fal-ai/a"]) == []


@played
async def test_nobody_there_and_a_refused_key_are_errors() -> None:
    async with _told(hangs_up) as (prices, _, _server):
        with pytest.raises(ServiceUnreachable):
            await prices.seen(["fal-ai/a"])
    async with _told(says(401, "{}")) as (prices, _, _server):
        with pytest.raises(BadInput, match="refuses the key"):
            await prices.seen(["fal-ai/a"])


@played
async def test_averages_are_asked_one_a_second() -> None:
    async with _told(says(200, AVERAGE % "0.37")) as (prices, clock, server):
        found = [await prices.past_usd(f"fal-ai/{n}") for n in range(4)]

    assert found == [Decimal("0.37")] * 4
    assert clock.slept_s == [1.0, 1.0, 1.0]
    asked = json.loads(server.requests[2].body)
    assert asked == {
        "estimate_type": "historical_api_price",
        "endpoints": {"fal-ai/2": {"call_quantity": 1}},
    }


@played
async def test_nobody_is_asked_sooner_than_retry_after_says() -> None:
    refused = says(429, "{}", Retry_After="7")
    async with _told(refused, says(200, AVERAGE % "0.5")) as (prices, clock, _server):
        assert await prices.past_usd("fal-ai/a") == Decimal("0.5")

    assert clock.slept_s == [7.0]


@played
async def test_a_long_wait_leaves_this_and_the_next_average_unknown_without_asking() -> None:
    async with _told(says(429, "{}", Retry_After="500")) as (prices, clock, server):
        assert await prices.past_usd("fal-ai/a") is None
        assert await prices.past_usd("fal-ai/b") is None

    assert (clock.slept_s, len(server.requests)) == ([], 1)


@pytest.mark.parametrize(
    "answer",
    [
        says(404, NO_SUCH),
        says(200, AVERAGE % "0"),
        says(200, AVERAGE % "null"),
        says(200, '{"total_cost":1,"currency":"EUR"}'),
        says(200, "<html>"),
        says(500, "{}"),
        hangs_up,
    ],
    ids=["no past", "zero", "null", "euros", "a page", "down", "hangs up"],
)
@played
async def test_an_average_that_is_not_told_is_unknown_and_never_a_number(
    answer: Behaviour,
) -> None:
    async with _told(answer) as (prices, _, _server):
        assert await prices.past_usd("fal-ai/a") is None


@played
async def test_the_sandbox_refuses_every_third_estimate_and_all_are_had(tmp_path: Path) -> None:
    limited = {"do": "estimate_429", "every": 3, "retry_after_s": 2}
    clock = InstantClock()
    with troubled(tmp_path, limited) as lab:
        lab.make(TELLER, prompt="a castle", duration="2")
        async with _prices(lab.urls.api, clock, lab.server.key) as prices:
            found = [await prices.past_usd(TELLER) for _ in range(6)]
            never = await prices.past_usd(MOVER)
            (unpriced,) = await prices.seen([UNPRICED])

    assert found == [Decimal("0.02")] * 6
    assert never is None
    assert 2.0 in clock.slept_s
    assert unpriced.unit == "compute seconds"

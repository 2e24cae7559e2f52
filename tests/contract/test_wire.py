"""What leaves this machine, how often, and what is made of every way an answer can be lost."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from fal_experiments.errors import (
    DownloadFailed,
    ServiceUnreachable,
    SubmitNotSent,
    SubmitUnknown,
)
from fal_experiments.providers.http import Limits, Wire, redactor
from tests.contract.scripted import (
    Behaviour,
    InstantClock,
    ScriptedServer,
    breaks_off,
    hangs_up,
    says,
    scripted,
    stays_silent,
)

KEY = "key-id-0123:key-secret-4567"
QUICK = Limits(answer_s=0.2, connect_s=0.2, tries=4, download_bytes=1000, download_s=5, idle_s=0.2)


@contextlib.asynccontextmanager
async def wired(
    *behaviours: Behaviour, origin: str = ""
) -> AsyncIterator[tuple[Wire, ScriptedServer, InstantClock]]:
    """A wire to a scripted server; `origin` stands for another service's address."""
    clock = InstantClock()
    async with scripted(*behaviours) as script:
        wire = Wire(
            authorization=f"Key {KEY}",
            origins=[origin or script.url],
            redact=redactor([KEY]),
            clock=clock,
            limits=QUICK,
        )
        try:
            yield wire, script, clock
        finally:
            await wire.aclose()


@pytest.mark.parametrize("behaviour", [hangs_up, stays_silent, breaks_off])
def test_a_paid_post_whose_answer_is_lost_is_sent_once_and_reported_unknown(
    behaviour: Behaviour,
) -> None:
    async def play() -> int:
        async with wired(behaviour) as (wire, script, _):
            with pytest.raises(SubmitUnknown) as caught:
                await wire.post_once(f"{script.url}/a/b", {"prompt": "x"}, {})
            assert caught.value.may_have_spent
            return len(script.requests)

    assert asyncio.run(play()) == 1


def test_a_post_that_cannot_connect_left_nothing_behind() -> None:
    async def play() -> None:
        async with wired(says(200)) as (wire, script, _):
            port = script.url.rpartition(":")[2]
        async with wired(says(200), origin=f"http://127.0.0.1:{port}") as (wire, _, _):
            with pytest.raises(SubmitNotSent) as caught:
                await wire.post_once(f"http://127.0.0.1:{port}/a", {}, {})
            assert (caught.value.billed, caught.value.retry_can_help) == ("no", True)

    asyncio.run(play())


def test_every_paid_post_has_a_connection_of_its_own() -> None:
    """A kept-alive connection may be closed by the server while the next POST is on its way."""

    async def play() -> list[str | None]:
        async with wired(says(200)) as (wire, script, _):
            for _ in range(2):
                await wire.post_once(f"{script.url}/a", {}, {})
            return [request.headers.get("connection") for request in script.requests]

    assert asyncio.run(play()) == ["close", "close"]


def test_a_post_carries_key_headers_and_exactly_the_body_and_follows_no_redirect() -> None:
    async def play() -> None:
        async with wired(says(307, location="http://127.0.0.1:9/elsewhere")) as (wire, script, _):
            answer = await wire.post_once(f"{script.url}/a", {"é": 1}, {"X-Fal-No-Retry": "1"})
            (request,) = script.requests
            assert answer.http_status == 307
            assert request.headers["authorization"] == f"Key {KEY}"
            assert request.headers["x-fal-no-retry"] == "1"
            assert json.loads(request.body) == {"é": 1}

    asyncio.run(play())


def test_a_free_request_is_repeated_with_growing_pauses_and_as_the_service_asks() -> None:
    async def play() -> None:
        script_of = (says(503, "<html>nginx"), hangs_up, says(429, retry_after="9"), says(200, "1"))
        async with wired(*script_of) as (wire, script, clock):
            answer = await wire.get(f"{script.url}/status")
            assert (answer.text, len(script.requests)) == ("1", 4)
            assert len(clock.slept_s) == 3
            assert clock.slept_s[2] == 9.0

    asyncio.run(play())


def test_a_service_that_stays_down_is_reported_and_nothing_is_said_of_the_job() -> None:
    async def play() -> None:
        async with wired(says(502)) as (wire, script, _):
            with pytest.raises(ServiceUnreachable) as caught:
                await wire.get(f"{script.url}/status")
            assert len(script.requests) == QUICK.tries
            assert caught.value.billed == "unknown"

    asyncio.run(play())


def test_a_server_error_that_names_the_request_is_the_jobs_own_result() -> None:
    async def play() -> None:
        async with wired(says(500, x_fal_request_id="r")) as (wire, script, _):
            answer = await wire.get(f"{script.url}/result", own_errors=True)
            assert (answer.http_status, len(script.requests)) == (500, 1)

    asyncio.run(play())


def test_the_key_is_not_shown_to_an_address_that_an_answer_merely_names() -> None:
    async def play() -> None:
        async with wired(says(200), origin="https://queue.fal.run") as (wire, script, _):
            with pytest.raises(ServiceUnreachable, match="the key is not sent there"):
                await wire.get(f"{script.url}/status")
            assert script.requests == []

    asyncio.run(play())


@pytest.mark.parametrize("echo", [KEY, KEY.partition(":")[2]])
def test_a_service_that_echoes_the_key_does_not_put_it_into_the_records(echo: str) -> None:
    async def play() -> None:
        async with wired(says(200, f'{{"you": "{echo}"}}', x_fal_echo=echo)) as (wire, script, _):
            answer = await wire.get(f"{script.url}/x")
            assert echo not in answer.text
            assert echo not in answer.headers["x-fal-echo"]

    asyncio.run(play())


def test_only_headers_on_the_list_are_kept() -> None:
    async def play() -> None:
        named = {"x_fal_billable_units": "5", "set_cookie": "a=b", "x_fal_anything": "1"}
        async with wired(says(200, **named)) as (wire, script, _):
            answer = await wire.get(f"{script.url}/x")
            assert answer.headers["x-fal-billable-units"] == "5"
            assert answer.headers["x-fal-anything"] == "1"
            assert "set-cookie" not in answer.headers

    asyncio.run(play())


async def _download(wire: Wire, url: str) -> bytes:
    async with wire.download(url) as chunks:
        return b"".join([chunk async for chunk in chunks])


def test_a_download_arrives_whole_without_the_key_and_over_a_redirect() -> None:
    async def play() -> None:
        async with wired(says(302, location="/real"), says(200, b"clip")) as (wire, script, _):
            assert await _download(wire, f"{script.url}/file") == b"clip"
            assert [request.path for request in script.requests] == ["/file", "/real"]
            assert all("authorization" not in request.headers for request in script.requests)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (breaks_off, "broke off"),
        (hangs_up, "broke off"),
        (stays_silent, "broke off"),
        (says(404), "HTTP 404"),
        (says(200, b"x" * 2000), "larger than 1,000 bytes"),
        (says(302, location="file:///etc/passwd"), "not an address of a file on the web"),
        (says(302, location="/again"), "redirects"),
    ],
)
def test_a_download_that_cannot_be_trusted_fails_and_says_that_the_clip_is_paid_for(
    behaviour: Behaviour, why: str
) -> None:
    async def play() -> None:
        async with wired(behaviour) as (wire, script, _):
            with pytest.raises(DownloadFailed, match=why) as caught:
                await _download(wire, f"{script.url}/file")
            assert (caught.value.billed, caught.value.retry_can_help) == ("yes", True)

    asyncio.run(play())


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "[::1]", "192.168.0.1"]
)
def test_a_result_of_a_public_service_cannot_point_into_this_network(host: str) -> None:
    async def play() -> None:
        async with wired(says(200), origin="https://queue.fal.run") as (wire, _, _):
            with pytest.raises(DownloadFailed, match="inside this network"):
                await _download(wire, f"http://{host}:8080/secret")

    asyncio.run(play())

"""The transport keeps what may be kept, never sends twice, and tells before from after."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable

import httpx
import pytest

from fal_experiments.providers import direct
from fal_experiments.providers.direct import DirectTransport
from tests.contract.scripted import (
    Behaviour,
    Request,
    ScriptedServer,
    breaks_off,
    hangs_up,
    says,
    scripted,
    stays_silent,
)

Play = Callable[[httpx.AsyncClient, ScriptedServer], Awaitable[None]]


def play(on: Play, *behaviours: Behaviour) -> list[int]:
    """Run a scene; returns how many requests each connection brought."""
    per_connection: list[int] = []

    async def scene() -> None:
        transport = DirectTransport(ssl.create_default_context())
        async with (
            scripted(*behaviours) as script,
            httpx.AsyncClient(transport=transport, timeout=httpx.Timeout(0.3)) as client,
        ):
            serve = script.serve

            async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                before = len(script.requests)
                await serve(reader, writer)
                per_connection.append(len(script.requests) - before)

            script.serve = counted  # type: ignore[method-assign]
            await on(client, script)
            await asyncio.sleep(0)

    asyncio.run(scene())
    return per_connection


async def chunked(_: Request, writer: asyncio.StreamWriter) -> None:
    """Answer in two chunks, after a `100 Continue`."""
    writer.write(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    writer.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    await writer.drain()


async def says_and_goes(_: Request, writer: asyncio.StreamWriter) -> None:
    """Answer as if the connection were kept, and close it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    writer.close()


async def says_too_much(_: Request, writer: asyncio.StreamWriter) -> None:
    """Answer, and go on with what nobody asked for."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n")
    await writer.drain()


async def _twice(client: httpx.AsyncClient, script: ScriptedServer, **headers: str) -> None:
    for _ in range(2):
        answer = await client.get(script.url, headers=headers)
        assert answer.status_code == 200
        await asyncio.sleep(0.01)


def test_a_connection_is_kept_for_the_next_request() -> None:
    async def scene(client: httpx.AsyncClient, script: ScriptedServer) -> None:
        await _twice(client, script)
        await client.aclose()
        await asyncio.sleep(0.01)

    assert play(scene, says(200)) == [2]


@pytest.mark.parametrize("behaviour", [says_and_goes, says_too_much])
def test_a_connection_that_the_server_spoiled_is_not_used_again(behaviour: Behaviour) -> None:
    async def scene(client: httpx.AsyncClient, script: ScriptedServer) -> None:
        await _twice(client, script)
        await client.aclose()
        await asyncio.sleep(0.01)

    assert play(scene, behaviour) == [1, 1]


def test_a_request_that_says_close_ends_its_connection() -> None:
    async def scene(client: httpx.AsyncClient, script: ScriptedServer) -> None:
        await client.get(script.url)
        await _twice(client, script, connection="close")
        await client.aclose()
        await asyncio.sleep(0.01)

    # the first one is kept, and taken by the second request, which ends it
    assert sorted(play(scene, says(200))) == [1, 2]


def test_a_connection_that_was_idle_for_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(client: httpx.AsyncClient, script: ScriptedServer) -> None:
        monkeypatch.setattr(direct, "KEPT_S", 0.0)
        await _twice(client, script)
        await client.aclose()
        await asyncio.sleep(0.01)

    assert play(scene, says(200)) == [1, 1]


def test_an_answer_in_chunks_arrives_whole() -> None:
    async def scene(client: httpx.AsyncClient, script: ScriptedServer) -> None:
        assert (await client.get(script.url)).content == b"abcde"

    play(scene, chunked)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (hangs_up, httpx.RemoteProtocolError),
        (breaks_off, httpx.RemoteProtocolError),
        (stays_silent, httpx.ReadTimeout),
    ],
)
def test_an_answer_that_is_lost_is_no_connect_error_and_nothing_is_sent_again(
    behaviour: Behaviour, error: type[Exception]
) -> None:
    async def scene(client: httpx.AsyncClient, script: ScriptedServer) -> None:
        with pytest.raises(error):
            await client.post(script.url, json={"a": 1})
        assert len(script.requests) == 1

    play(scene, behaviour)


def test_before_the_first_byte_every_error_says_that_nothing_left() -> None:
    async def scene(client: httpx.AsyncClient, _: ScriptedServer) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            with pytest.raises(httpx.ConnectError):
                await client.post(f"http://127.0.0.1:{port}/")
        with pytest.raises(httpx.ConnectError):
            await client.post("http://no-such-host.invalid/")
        with pytest.raises(httpx.UnsupportedProtocol):
            await client.post("ftp://127.0.0.1/")

    play(scene, says(200))


def test_a_server_that_does_not_speak_tls_has_received_nothing() -> None:
    async def scene(client: httpx.AsyncClient, script: ScriptedServer) -> None:
        with pytest.raises((httpx.ConnectError, httpx.ConnectTimeout)):
            await client.post(script.url.replace("http://", "https://"), json={})
        assert script.requests == []

    play(scene, says(200))

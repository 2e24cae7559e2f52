"""Answers that are none: a connection that closes before, or in the midst of, its answer."""

import asyncio
from pathlib import Path
from typing import cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "transport"


class OpenProtocol(H11Protocol):
    """HTTP/1.1 whose requests know their connection, since ASGI has no word for closing it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection for every request that comes over it."""
        self.app_state = {**self.app_state, _TRANSPORT: transport}
        super().connection_made(transport)


class HangUp(Response):
    """No answer at all: the TCP connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Close, and return once the server knows that there is nobody left to answer."""
        await _close(scope, receive)


class CutShort(Response):
    """The headers of a whole file and half of its bytes; then the connection is closed."""

    def __init__(self, path: Path, content_type: str) -> None:
        super().__init__(media_type=content_type)
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is sent, and close."""
        data = self._path.read_bytes()
        headers = [
            (b"content-type", str(self.media_type).encode("latin-1")),
            (b"content-length", str(len(data)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = data[: len(data) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _close(scope, receive)


async def _close(scope: Scope, receive: Receive) -> None:
    cast("asyncio.Transport", scope["state"][_TRANSPORT]).close()
    while (await receive())["type"] != "http.disconnect":
        pass

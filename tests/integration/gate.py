"""An HTTP gate between the program and the sandbox: it can hold an answer back, or half a file."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

METHODS = ["GET", "POST", "PUT", "HEAD"]
OWN = {"content-length", "transfer-encoding", "connection", "content-encoding", "date", "server"}
WAIT_S = 60
Match = Callable[[str, str], bool]
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""
Change = Callable[[str, str, Answer], Answer]


class Gate:
    """Passes everything through, until it is told to hold something back.

    The sandbox's own address in answers is replaced by the gate's, so that nothing goes past it.
    """

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._hold: Match | None = None
        self._hold_file_after: int | None = None
        self._refuse: Match | None = None
        self._refusal = 403
        self._change: Change | None = None
        self._released = threading.Event()
        self._reached = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.seen: list[tuple[str, str]] = []
        self.hide_the_sandbox = False
        """True: answers lose the mark that says that no money moves."""
        route = Route("/{path:path}", self._pass, methods=METHODS)
        config = uvicorn.Config(Starlette(routes=[route]), log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        self._server.should_exit = True
        self._thread.join()

    def hold_answers(self, match: Match) -> None:
        """Let matching requests through, and hold their answers back."""
        self._hold = match

    def hold_files_after(self, size_bytes: int) -> None:
        """Send only the beginning of every result file."""
        self._hold_file_after = size_bytes

    def refuse(self, match: Match | None, status: int = 403) -> None:
        """Answer matching requests with an error, and pass nothing on."""
        self._refuse, self._refusal = match, status

    def change_answers(self, change: Change | None) -> None:
        """Answer something else than the sandbox does: method, path, answer → answer."""
        self._change = change

    def wait_until_reached(self) -> None:
        """Return when something is being held back."""
        assert self._reached.wait(WAIT_S), "nothing was held back"

    def release(self) -> None:
        """Hold nothing back any more."""
        self._hold, self._hold_file_after = None, None
        self._released.set()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    async def _pass(self, request: Request) -> Response:
        path = request.url.path
        self.seen.append((request.method, path))
        if self._refuse is not None and self._refuse(request.method, path):
            return Response('{"detail": "this key may not do that"}', self._refusal)
        headers = {k: v for k, v in request.headers.items() if k not in {"host", "connection"}}
        async with httpx.AsyncClient(timeout=WAIT_S) as client:
            answer = await client.request(
                request.method,
                f"{self._behind}{path}",
                params=request.url.query,
                headers=headers,
                content=self._inward(await request.body()),
            )
        if self._hold is not None and self._hold(request.method, path):
            await self._wait_for_release()
        hidden = {"x-fal-exp-sandbox"} if self.hide_the_sandbox else set()
        kept = {k: v for k, v in answer.headers.items() if k not in OWN | hidden}
        if self._hold_file_after is not None and "video" in answer.headers.get("content-type", ""):
            size = {"content-length": str(len(answer.content))}
            chunks = self._halves(answer.content, self._hold_file_after)
            return StreamingResponse(chunks, answer.status_code, kept | size)
        body = answer.content
        if "video" not in answer.headers.get("content-type", ""):
            body = body.replace(self._behind.encode(), self.url.encode())
        status = answer.status_code
        if self._change is not None:
            status, kept, body = self._change(request.method, path, (status, kept, body))
        return Response(body, status, kept)

    def _inward(self, body: bytes) -> bytes:
        return body.replace(self.url.encode(), self._behind.encode())

    async def _halves(self, content: bytes, after: int) -> AsyncIterator[bytes]:
        yield content[:after]
        with contextlib.suppress(asyncio.CancelledError):
            await self._wait_for_release()
            yield content[after:]

    async def _wait_for_release(self) -> None:
        self._reached.set()
        await asyncio.to_thread(self._released.wait, WAIT_S)

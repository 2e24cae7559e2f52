"""A report or a blind bundle on 127.0.0.1, for one person: pages, clips with ranges, and an inbox.

Who may ask: only who knows the random token that stands in every address, and only under the
address that was printed (a page of elsewhere has another Origin, and a name that was pointed at
127.0.0.1 another Host). What is served: files below the given folders that no symlink leads out
of, and single files that are named. What is taken: small JSON bodies from the page itself, each
handed to an inbox that stores it before the answer goes out.
"""

import secrets
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fal_experiments.errors import BadInput, FalExpError, LaterThere
from fal_experiments.reporting.review_files import (
    CONTENT_TYPES,
    Inbox,
    ReviewSite,
    content_type,
    is_range,
    page_of,
    place_of,
)

HOST = "127.0.0.1"
MOST_BODY_BYTES = 2 * 2**20
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
MEDIA_CACHE = {"Cache-Control": "private, max-age=600"}
"""A loop reads its clip again and again."""


class ReviewServer:
    """A site on loopback. A context manager; the token is new every time."""

    def __init__(self, site: ReviewSite, *, port: int = 0) -> None:
        self._site = site
        self._wished_port = port
        self.token = secrets.token_urlsafe(24)
        self.port = 0
        self._uvicorn: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """The address of the page, with its token."""
        site = self._site
        return f"{self.base_url}/{self.token}/{site.page.relative_to(site.root).as_posix()}"

    def __enter__(self) -> Self:
        listener = _listen(self._wished_port)
        self.port = int(listener.getsockname()[1])
        app = _Guard(_app(self._site, self.token), self.token, self.port)
        self._uvicorn = uvicorn.Server(_config(app))
        self._thread = threading.Thread(
            target=self._uvicorn.run, args=([listener],), name="review", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._uvicorn is not None and self._thread is not None:
            self._uvicorn.should_exit = True
            self._thread.join()


def _listen(port: int) -> socket.socket:
    """Listen on a port of loopback. Raises: BadInput when it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as exc:
        listener.close()
        raise BadInput(
            f"port {port} on {HOST} cannot be used: {exc.strerror}",
            fix="leave --port away to have a free one chosen",
        ) from exc
    listener.listen(128)
    return listener


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )


class _Guard:
    """Lets through who was given the address, and nobody else; puts the headers on every answer."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = {f"{HOST}:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = self._refusal(Request(scope)) or self._app
        heeded = [  # RFC 9110, 14.2: a range that is none is overlooked
            (name, value)
            for name, value in scope["headers"]
            if name != b"range" or is_range(value.decode("latin-1"))
        ]
        await answer({**scope, "headers": heeded}, receive, _with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if host not in self._hosts:
            return _no(403, "this server answers under its own address only")
        first = request.scope["path"].removeprefix("/").split("/")[0]
        if not secrets.compare_digest(first.encode(), self._token):
            return _no(403, "open the address that `fal-exp review` printed: its token is missing")
        origin = request.headers.get("origin")
        same = origin == f"http://{host}"
        if origin is not None and not same:
            return _no(403, "a page of another origin asks")
        if request.method not in {"GET", "HEAD"} and not same:
            return _no(403, "only the page that is served here may send anything")
        if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return _no(403, "a page of another site asks")
        return None


def _with_headers(send: Send) -> Send:
    """Return a way to send on which no answer lacks a header, whoever made it."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent


def _no(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status)


def _app(site: ReviewSite, token: str) -> Starlette:
    async def take(request: Request) -> Response:
        inbox = site.inboxes.get(request.path_params["inbox"])
        if inbox is None:
            return _no(404, "there is no such inbox")
        return await _taken(request, inbox)

    async def show(request: Request) -> Response:
        return await run_in_threadpool(_shown, site, token, request.path_params["path"])

    inbox = "/{token}/inbox/{inbox}"
    script = Route(f"/{token}/review.js", lambda _: _script(), methods=["GET"])
    routes = [
        Route(inbox, take, methods=["POST"]),
        script,
        Route("/{token}/{path:path}", show, methods=["GET"]),
    ]
    return Starlette(routes=routes)


def _script() -> Response:
    source = Path(__file__).parent / "static" / "review" / "review.js"
    return Response(source.read_bytes(), media_type=CONTENT_TYPES[".js"])


async def _taken(request: Request, inbox: Inbox) -> Response:
    """Store a body and answer with what is stored; an error says whether sending again can help."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return _no(415, "expected application/json")
    try:
        body = await _body(request)
    except ClientDisconnect:
        return _no(400, "the body was cut off")
    if body is None:
        return _no(413, f"more than {MOST_BODY_BYTES} bytes")
    try:
        stored = await run_in_threadpool(inbox, body)
    except BadInput as exc:
        refused = {"error": exc.message, "again": False}
        later = {"holds": exc.holds} if isinstance(exc, LaterThere) else {}
        return JSONResponse(refused | later, 409 if later else 400)
    except FalExpError as exc:
        return JSONResponse({"error": exc.message, "again": True}, 507)
    return JSONResponse({"stored": stored})


async def _body(request: Request) -> bytes | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY_BYTES:
            return None
    return body


def _shown(site: ReviewSite, token: str, asked: str) -> Response:
    """Return a file. Whatever is not to be served is as if it were not there."""
    path = place_of(site, asked)
    if path is None:
        return _no(404, "there is no such file here")
    if path in site.made:
        try:
            return Response(site.made[path](), media_type=content_type(path))
        except FalExpError as exc:
            return _no(500, str(exc))
    if path == site.page:
        return Response(page_of(site, token), media_type=CONTENT_TYPES[".html"])
    kind = content_type(path)
    lasting = MEDIA_CACHE if kind.startswith(("video/", "image/", "audio/")) else {}
    return FileResponse(path, headers=lasting, media_type=kind)

"""HTTP/1.1 straight from this machine to a service: a transport for httpx, a third of the cost.

httpx's own transport looks for sniffio and through every idle connection before each request, which
is most of what a request costs. This one keeps the parser (h11) and the client (httpx), and has no
proxies and no HTTP/2. Nothing is ever sent twice here.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import h11
import httpx

KEPT_S = 5.0
"""A connection that has been idle for longer is not used again: the service may close it."""
HEAD_BYTES = 100 * 1024
READ_BYTES = 1 << 16
Origin = tuple[str, str, int]


class DirectTransport(httpx.AsyncBaseTransport):
    """Connections of one client, kept alive unless a request says `Connection: close`."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: dict[Origin, list[_Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the answer as soon as its head is here.

        Raises: httpx.ConnectError, ConnectTimeout and UnsupportedProtocol before the first byte has
        left; other httpx.TransportErrors later.
        """
        limits = request.extensions.get("timeout", {})
        origin = _origin(request.url)
        connection = self._idle_one(origin) or await self._connect(origin, limits.get("connect"))
        connection.patience_s = limits.get("read")
        try:
            await connection.send(request)
            head = await connection.head()
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            status_code=head.status_code,
            headers=head.headers.raw_items(),
            stream=_Body(connection, lambda: self._release(origin, connection)),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": bytes(head.reason)},
        )

    async def aclose(self) -> None:
        """Close what is idle."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def _idle_one(self, origin: Origin) -> "_Connection | None":
        """Return the connection that was used last; those that have waited too long are closed."""
        connections = self._idle.get(origin, [])
        oldest_s = time.monotonic() - KEPT_S
        while connections:
            connection = connections.pop()
            if connection.idle_since_s > oldest_s and connection.is_open:
                return connection
            connection.close()
        return None

    async def _connect(self, origin: Origin, patience_s: float | None) -> "_Connection":
        scheme, host, port = origin
        tls: dict[str, Any] = {"ssl": self._tls, "server_hostname": host}
        try:
            async with asyncio.timeout(patience_s):
                reader, writer = await asyncio.open_connection(
                    host, port, happy_eyeballs_delay=0.25, **(tls if scheme == "https" else {})
                )
        except TimeoutError as exc:
            raise httpx.ConnectTimeout(f"no connection within {patience_s:g} s") from exc
        except (OSError, UnicodeError) as exc:
            raise httpx.ConnectError(str(exc)) from exc
        return _Connection(reader, writer)

    def _release(self, origin: Origin, connection: "_Connection") -> None:
        if connection.may_be_used_again():
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.close()


class _Connection:
    """One connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self.patience_s: float | None = None
        """How long the other side may say nothing."""
        self.idle_since_s = 0.0

    @property
    def is_open(self) -> bool:
        """False when the other side has closed it, or spoken without being asked."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    async def send(self, request: httpx.Request) -> None:
        """Write a request, whole. Raises: httpx.TransportError."""
        head = h11.Request(
            method=request.method, target=request.url.raw_path, headers=request.headers.raw
        )
        body = await request.aread()
        try:
            data = self._http.send(head) or b""
            if body:
                data += self._http.send(h11.Data(data=body)) or b""
            data += self._http.send(h11.EndOfMessage()) or b""
            self._writer.write(data)
            async with asyncio.timeout(self.patience_s):
                await self._writer.drain()
        except h11.LocalProtocolError as exc:
            raise httpx.LocalProtocolError(str(exc)) from exc
        except TimeoutError as exc:
            raise httpx.WriteTimeout("the request could not be written in time") from exc
        except OSError as exc:
            raise httpx.WriteError(str(exc)) from exc

    async def head(self) -> h11.Response:
        """Return status and headers of the answer. Raises: httpx.TransportError."""
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError("the connection was closed without an answer")

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the answer's body. Raises: httpx.TransportError."""
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    async def _event(self) -> Any:
        while True:
            try:
                event = self._http.next_event()
                if event is not h11.NEED_DATA:
                    return event
                async with asyncio.timeout(self.patience_s):
                    self._http.receive_data(await self._reader.read(READ_BYTES))
            except h11.RemoteProtocolError as exc:
                raise httpx.RemoteProtocolError(str(exc)) from exc
            except TimeoutError as exc:
                raise httpx.ReadTimeout(f"nothing came for {self.patience_s:g} s") from exc
            except OSError as exc:
                raise httpx.ReadError(str(exc)) from exc

    def may_be_used_again(self) -> bool:
        """Make the connection ready for another request, if both sides have ended this one well."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        if self._http.trailing_data[0] or not self.is_open:
            return False
        self._http.start_next_cycle()
        self.idle_since_s = time.monotonic()
        return True

    def close(self) -> None:
        """Close it, at once."""
        self._writer.close()


class _Body(httpx.AsyncByteStream):
    """The body of one answer; whoever read it or gave it up lets its connection go."""

    def __init__(self, connection: _Connection, release: Callable[[], None]) -> None:
        self._connection = connection
        self._release = release

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._connection.body():
            yield data

    async def aclose(self) -> None:
        self._release()


def _origin(url: httpx.URL) -> Origin:
    ports = {"http": 80, "https": 443}
    if url.scheme not in ports or not url.host:
        raise httpx.UnsupportedProtocol(f"{url.scheme or 'no'}: is not HTTP")
    return url.scheme, url.raw_host.decode("ascii"), url.port or ports[url.scheme]

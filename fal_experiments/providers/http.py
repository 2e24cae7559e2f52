"""The wire, shared by all adapters: one-shot POSTs, repeated free requests, bounded downloads.

Three clients, because three kinds of request must never be mixed up:
`post_once` pays, so it is sent exactly once on a fresh connection (a kept-alive connection that
the server closes meanwhile would leave us not knowing whether the request arrived);
`get` and `put` are free and are repeated until answered; `download` carries no key at all.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from fal_experiments import __version__
from fal_experiments.core.addresses import is_private
from fal_experiments.core.attempt import GONE_KIND
from fal_experiments.core.ports import Clock
from fal_experiments.core.schedule import retry_after_s
from fal_experiments.errors import (
    Answer,
    DownloadFailed,
    ServiceUnreachable,
    SubmitNotSent,
    SubmitUnknown,
)

USER_AGENT = f"fal-exp/{__version__}"
KEPT_HEADERS = ("content-type", "content-length", "date", "retry-after", "location", "etag")
KEPT_PREFIXES = ("x-fal-", "x-app-fal-", "x-ratelimit-")
MAX_ANSWER_BYTES = 64 * 2**20
MAX_REDIRECTS = 5
NOTHING_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.ProxyError,
)
"""Errors that are raised before the first byte of a request leaves this machine."""


@dataclass(frozen=True)
class Limits:
    """Bounds in seconds and bytes."""

    connect_s: float = 10
    answer_s: float = 60
    tries: int = 12
    """Questions about a job that is paid for: some minutes of outage, with the backoff."""
    quick_tries: int = 3
    """Questions before anything was submitted: a person is waiting."""
    download_s: float = 1800
    download_bytes: int = 4 * 2**30
    idle_s: float = 60
    """A download that delivers nothing for this long is given up and begun again."""


class Wire:
    """HTTP to one service. `origins` are the only places that ever see the key; empty: no key."""

    def __init__(
        self,
        *,
        authorization: str,
        origins: Sequence[str],
        redact: Callable[[str], str],
        clock: Clock,
        limits: Limits = Limits(),
    ) -> None:
        self._authorization = authorization
        self._origins = {origin_of(url) for url in origins}
        self._redact = redact
        self._clock = clock
        self._limits = limits
        timeout = httpx.Timeout(limits.answer_s, connect=limits.connect_s)
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        tls = httpx.create_ssl_context()
        self._paying = httpx.AsyncClient(
            timeout=timeout,
            headers={**headers, "Connection": "close"},
            limits=httpx.Limits(max_keepalive_connections=0),
            verify=tls,
            follow_redirects=False,
        )
        self._free = httpx.AsyncClient(
            timeout=timeout, headers=headers, verify=tls, follow_redirects=False
        )
        self._media = httpx.AsyncClient(
            timeout=httpx.Timeout(limits.idle_s, connect=limits.connect_s),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            verify=tls,
            follow_redirects=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        for client in (self._paying, self._free, self._media):
            await client.aclose()

    async def post_once(self, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """POST JSON exactly once, whatever happens.

        Raises: SubmitNotSent when no byte left; SubmitUnknown when the answer was lost.
        """
        self._refuse_stranger(url)
        auth = {"Authorization": self._authorization, **headers}
        try:
            return await self._exchange(self._paying, "POST", url, headers=auth, json=body)
        except NOTHING_LEFT as exc:
            raise SubmitNotSent(
                f"{_host(url)} cannot be reached: {self._words(exc)}",
                kind="not_sent",
                billed="no",
                retry_can_help=True,
                fix="check the network and the address, then `fal-exp resume`",
            ) from exc
        except httpx.HTTPError as exc:
            raise SubmitUnknown(
                f"{_host(url)} did not answer the submit: {self._words(exc)}; the job may be "
                "running and billed",
                kind="no_answer",
            ) from exc

    async def get(self, url: str, *, own_errors: bool = False) -> Answer:
        """GET with the key, repeated through network errors, 429 and 5xx: for jobs that exist.

        `own_errors`: a 5xx that names a request is the job's own result, and is returned.
        Raises: ServiceUnreachable when it never succeeded, or when `url` is not of this service.
        """
        return await self._repeat("GET", url, self._limits.tries, own_errors=own_errors)

    async def ask(self, url: str) -> Answer:
        """GET like `get`, but given up soon: for questions before anything was submitted."""
        return await self._repeat("GET", url, self._limits.quick_tries, own_errors=False)

    async def put(self, url: str) -> Answer:
        """PUT without a body, with the key, repeated like `get`. Raises: ServiceUnreachable."""
        return await self._repeat("PUT", url, self._limits.tries, own_errors=False)

    @contextlib.asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a file for streaming, without the key, following redirects to http(s) only.

        Raises: DownloadFailed for an error status, a refused address, or a broken limit.
        """
        try:
            async with asyncio.timeout(self._limits.download_s):
                with _bad_addresses(url):
                    response = await self._open(url)
                try:
                    yield self._bounded(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise _lost(f"the download took longer than {self._limits.download_s:g} s") from None
        except httpx.HTTPError as exc:
            raise _lost(f"the download of {_host(url)} broke off: {self._words(exc)}") from exc

    async def _open(self, url: str) -> httpx.Response:
        for _ in range(MAX_REDIRECTS + 1):
            self._refuse_inside(url)
            request = self._media.build_request("GET", url)
            response = await self._media.send(request, stream=True)
            if response.is_redirect:
                await response.aclose()
                url = str(response.url.join(response.headers.get("location", "about:blank")))
                continue
            if response.status_code != 200:
                await response.aclose()
                words = f"{_host(url)} answered HTTP {response.status_code} for the file"
                raise _lost(words, is_gone=response.status_code in {404, 410})
            return response
        raise _lost(f"more than {MAX_REDIRECTS} redirects")

    async def _bounded(self, response: httpx.Response) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in response.aiter_bytes(1 << 18):
            total += len(chunk)
            if total > self._limits.download_bytes:
                raise _lost(f"the file is larger than {self._limits.download_bytes:,} bytes")
            yield chunk
        announced = response.headers.get("content-length", "")
        plain = announced.isdigit() and "content-encoding" not in response.headers
        if plain and total != int(announced):
            raise _lost(f"{total:,} of {int(announced):,} bytes arrived")

    async def _repeat(self, method: str, url: str, most: int, *, own_errors: bool) -> Answer:
        self._refuse_stranger(url)
        headers = {"Authorization": self._authorization} if self._authorization else {}
        last = ""
        for tries in range(1, most + 1):
            asked_s: float | None = None
            try:
                answer = await self._exchange(self._free, method, url, headers=headers)
            except httpx.InvalidURL as exc:
                raise _untrusted(url) from exc
            except httpx.HTTPError as exc:
                last = self._words(exc)
            else:
                if answer.http_status not in {408, 429, 500, 502, 503, 504}:
                    return answer
                named = "x-fal-request-id" in answer.headers and answer.http_status != 429
                if own_errors and named:
                    return answer
                last = f"HTTP {answer.http_status}"
                asked_s = retry_after_header_s(answer.headers)
            if tries < most:
                jitter = random.random()  # noqa: S311 - spreads load, hides nothing
                await self._clock.sleep(retry_after_s(tries, asked_s, jitter=jitter))
        raise ServiceUnreachable(
            f"{_host(url)} did not serve {method} in {most} tries: {last}",
            kind="unreachable",
            billed="unknown",
            retry_can_help=True,
            fix="try again later: the service has trouble"
            if last.startswith("HTTP ")
            else "check network and address: `fal-exp doctor`",
        )

    async def _exchange(
        self, client: httpx.AsyncClient, method: str, url: str, **options: Any
    ) -> Answer:
        """Send one request and read the whole answer, within size and time."""
        try:
            async with (
                asyncio.timeout(self._limits.answer_s + self._limits.connect_s),
                client.stream(method, url, **options) as response,
            ):
                data = bytearray()
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > MAX_ANSWER_BYTES:
                        raise httpx.ReadError(f"an answer of more than {MAX_ANSWER_BYTES:,} bytes")
        except TimeoutError as exc:
            raise httpx.ReadTimeout(f"no answer within {self._limits.answer_s:g} s") from exc
        kept = {
            name: self._redact(value)
            for name, value in response.headers.items()
            if name in KEPT_HEADERS or name.startswith(KEPT_PREFIXES)
        }
        text = self._redact(data.decode("utf-8", errors="replace"))
        return Answer(response.status_code, kept, text)

    def _refuse_stranger(self, url: str) -> None:
        """Never show the key to a place that a provider's answer merely names."""
        try:
            is_known = origin_of(url) in self._origins
        except ValueError:  # half an IPv6 address, a port that is none
            is_known = False
        if not is_known:
            raise _untrusted(url)

    def _refuse_inside(self, url: str) -> None:
        """Refuse other schemes, and this machine's own network unless the service is there."""
        parts = urlsplit(url)
        origin_of(url)  # raises for a port that is none
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise _lost(f"{parts.scheme or 'no'}: is not an address of a file on the web")
        if is_private(parts.hostname) and not any(is_private(_host(o)) for o in self._origins):
            raise _lost(f"{parts.hostname} is an address inside this network")

    def _words(self, exc: Exception) -> str:
        return self._redact(str(exc)) or type(exc).__name__


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL: `https://queue.fal.run:443`."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def clock_skew_s(headers: Mapping[str, str], now: datetime) -> float:
    """Return how many seconds a service's clock is ahead of ours; 0 where it does not tell."""
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return 0.0
    if theirs.tzinfo is None:
        return 0.0
    return (theirs - now).total_seconds()


def retry_after_header_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Retry-After asks for; None without it or when it is a date."""
    value = headers.get("retry-after", "")
    return min(float(value), 600.0) if value.isascii() and value.isdigit() else None


def redactor(secrets: Sequence[str]) -> Callable[[str], str]:
    """Return a function that blacks out every secret, whole or in its parts (`id:secret`)."""
    parts = {part for secret in secrets for part in (secret, secret.partition(":")[2]) if part}
    ordered = sorted((p for p in parts if len(p) >= 8), key=len, reverse=True)

    def redact(text: str) -> str:
        for part in ordered:
            text = text.replace(part, "[key]")
        return text

    return redact


@contextlib.contextmanager
def _bad_addresses(url: str) -> Iterator[None]:
    """Tell an address that nobody can go to from a defect of ours."""
    try:
        yield
    except (ValueError, httpx.InvalidURL, ExceptionGroup) as exc:
        raise _lost(f"{url[:200]!r} is not an address of a file on the web") from exc


def _untrusted(url: str) -> ServiceUnreachable:
    return ServiceUnreachable(
        f"the provider's answer points to {url[:200]!r}, which is not one of its own addresses; "
        "the key is not sent there",
        kind="untrusted_address",
        billed="unknown",
    )


def _lost(reason: str, *, is_gone: bool = False) -> DownloadFailed:
    return DownloadFailed(
        reason,
        kind=GONE_KIND if is_gone else "download_failed",
        billed="yes",
        retry_can_help=True,
        fix="the clip is paid for; `fal-exp resume` fetches it again, without a new generation",
    )


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or url)[:200]
    except ValueError:
        return url[:200]

"""The doors of the core: what runner and app ask of providers, storage, media and the clock."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, Protocol

from fal_experiments.core.events import LedgerEvent
from fal_experiments.core.plan import Cell
from fal_experiments.core.preset import Output
from fal_experiments.core.price_seen import PriceSeen
from fal_experiments.core.request import (
    LogLine,
    ProviderRequest,
    ProviderResult,
    QueueStatus,
    Quote,
    Ticket,
)
from fal_experiments.core.unknowns import PastRequest
from fal_experiments.core.usage import Balance, UsageLine, UsageTotal
from fal_experiments.errors import Answer


class Clock(Protocol):
    """Time, so that no test has to wait for it."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Accepted(NamedTuple):
    """A job that the provider took, and its own words."""

    ticket: Ticket
    answer: Answer


class Provider(Protocol):
    """A generation service. Five verbs, because five is what the wires have in common."""

    name: str

    def build(
        self, cell: Cell, uploads: Mapping[str, str], tags: Mapping[str, str]
    ) -> ProviderRequest:
        """Return the request of a cell; `uploads` maps an input's SHA-256 to its URL. Pure.

        `tags` name the attempt, on a service that keeps such things beside a request.
        """
        ...

    async def submit(self, request: ProviderRequest) -> Accepted:
        """Send the job with exactly one POST.

        Raises: SubmitNotSent, SubmitRejected, SubmitUnknown.
        """
        ...

    async def poll(self, ticket: Ticket) -> QueueStatus:
        """Ask where the job stands. Free, and repeated until answered.

        Raises: ServiceUnreachable, ResultFailed when the job is not known (any more).
        """
        ...

    async def fetch(self, ticket: Ticket, output: Output) -> ProviderResult:
        """Return the result of a completed job. Free, and repeated until answered.

        Raises: ResultFailed, ResultNotReady, ServiceUnreachable.
        """
        ...

    async def cancel(self, ticket: Ticket) -> str:
        """Ask to cancel; returns the provider's word. The job may still run and bill."""
        ...

    def download(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open a result file for streaming, without the key, within limits of size and time.

        Raises: DownloadFailed.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class Uploads(Protocol):
    """A service that takes local files."""

    async def upload(self, path: Path) -> str:
        """Return the URL under which the service can read the file. Raises: ServiceUnreachable."""
        ...


class RequestFinder(Protocol):
    """A service that lists past requests: how a submit whose answer was lost is found again."""

    async def sent_since(self, endpoint: str, since: datetime) -> list[PastRequest]:
        """Return the requests of an endpoint that were sent since then, in any order.

        Raises: ServiceUnreachable.
        """
        ...

    async def find(self, endpoint: str, request_id: str) -> PastRequest | None:
        """Return one request by its id; None where the list does not have it.

        Raises: ServiceUnreachable.
        """
        ...


class Prices(Protocol):
    """A service that tells its unit prices."""

    async def quotes(self, endpoints: Sequence[str]) -> dict[str, Quote]:
        """Return the unit price of each endpoint that has one.

        Raises: ServiceUnreachable; BadInput when the key is refused.
        """
        ...

    async def seen(self, endpoints: Sequence[str]) -> list[PriceSeen]:
        """Return what the service says of each endpoint; one that could not be asked is left out.

        Raises: as `quotes`, ServiceUnreachable only when nothing could be asked.
        """
        ...

    async def past_usd(self, endpoint: str) -> Decimal | None:
        """Return what past calls of an endpoint have cost on average; None: not told."""
        ...


class UsageSource(Protocol):
    """A service that tells what it charged. Each question is free."""

    async def events_of(
        self, request_ids: Sequence[str], since: datetime, until: datetime
    ) -> list[UsageLine]:
        """Return the lines of these requests, all pages; a request without a line is not in it.

        Raises: UsageRefused when the key may not read bills; ServiceUnreachable.
        """
        ...

    async def events_between(
        self, since: datetime, until: datetime, key_id: str | None = None
    ) -> list[UsageLine]:
        """Return every line of the account, or of one key, in a window, oldest first.

        Raises: as `events_of`.
        """
        ...

    async def totals(
        self, since: datetime, until: datetime, key_id: str | None = None
    ) -> list[UsageTotal]:
        """Return sums of exactly this window, by endpoint, of the account or of one key.

        Raises: as `events_of`.
        """
        ...

    async def balance(self) -> Balance:
        """Return what is left of the account's credit. Raises: as `events_of`."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class KeyCheck(NamedTuple):
    """What a free question told before anything was submitted."""

    sandbox: bool
    """True when the service says of itself that no money moves there."""


class QueueWishes(NamedTuple):
    """How a service's queue is to treat the requests of a matrix."""

    strict: bool = True
    """No other endpoint may serve a request; payloads are kept, so that it can be looked up."""
    platform_retries: bool = False
    start_timeout_s: int | None = None


class Context(NamedTuple):
    """What an adapter's `connect` gets to work with."""

    key: str
    urls: Mapping[str, str]
    """Addresses that differ from the service's own, by name: `queue`, `rest`, …"""
    clock: Clock
    queue: QueueWishes
    admin_key: str = ""
    """What may read bills, where it is another key."""


class Service(NamedTuple):
    """A connected service. What it can not do is None."""

    provider: Provider
    check_key: Callable[[str], Awaitable[KeyCheck]]
    uploads: Uploads | None = None
    prices: Prices | None = None
    finder: RequestFinder | None = None
    usage: UsageSource | None = None


class EventLog(Protocol):
    """The log of a batch."""

    @property
    def low_space(self) -> bool:
        """True once the disk was full: only what is already under way may still be written."""
        ...

    async def append(self, event: LedgerEvent) -> None:
        """Return when the event is on disk. Raises: StorageFailed."""
        ...


class AttemptFiles(Protocol):
    """The files of one attempt."""

    def write_request(self, request: ProviderRequest) -> None:
        """Keep what is about to be POSTed."""
        ...

    def write_answer(self, name: str, answer: Answer) -> None:
        """Keep what the service said: `submit` or `response`."""
        ...

    def write_logs(self, lines: Sequence[LogLine]) -> None:
        """Keep the model's log lines."""
        ...

    async def store_media(
        self, chunks: AsyncIterator[bytes], media_type: str | None, check: "MediaCheck"
    ) -> "StoredFile":
        """Write a file whole or not at all. Raises: DownloadFailed, StorageFailed."""
        ...


class StoredFile(NamedTuple):
    """A file of a result that is complete on disk; `path` is from the project root, with `/`."""

    path: str
    sha256: str
    size_bytes: int
    media_type: str
    duration_s: Decimal | None = None
    audio_s: Decimal | None = None


class Checked(NamedTuple):
    """A file that plays to its end: what it is, and how long its pictures and its sound play."""

    media_type: str
    """`video/mp4`."""
    duration_s: Decimal | None = None
    audio_s: Decimal | None = None


class MediaCheck(Protocol):
    """Tells whether a file is what it should be, in a process of its own."""

    async def __call__(self, path: Path, /) -> Checked:
        """Return what the file is. Raises: DownloadFailed when it does not play."""
        ...


Progress = Callable[[LedgerEvent], None]
"""Called with every event after it is on disk."""

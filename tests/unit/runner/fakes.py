"""A provider, a log and files that live in memory, for tests of the runner."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from fal_experiments.core.budget import Purse
from fal_experiments.core.events import LedgerEvent
from fal_experiments.core.fold import BatchState
from fal_experiments.core.limits import Breaker, Limiter
from fal_experiments.core.matrix import Budget
from fal_experiments.core.plan import Cell
from fal_experiments.core.ports import Accepted, Checked, MediaCheck, RequestFinder, StoredFile
from fal_experiments.core.preset import Output, Preset
from fal_experiments.core.request import (
    LogLine,
    MediaRef,
    ProviderRequest,
    ProviderResult,
    QueueStatus,
    Quote,
    Ticket,
)
from fal_experiments.core.unknowns import PastRequest
from fal_experiments.errors import Answer, StorageFailed
from fal_experiments.runner.admission import Rules
from fal_experiments.runner.attempt import Tools
from fal_experiments.runner.engine import Engine, Means
from fal_experiments.runner.inputs import InputUploads
from fal_experiments.runner.lookup import Lookup, LookupRules, Rivals
from fal_experiments.runner.shutdown import Shutdown
from tests.contract.scripted import InstantClock

QUOTE = Quote(unit_price_usd=Decimal("0.1"), unit="seconds", source="test", as_of="2026-11-20")
Act = Callable[[], Any]


@dataclass
class FakeProvider:
    """Takes every job and finishes it after `polls` questions; scripts change what happens.

    `on_submit`, `on_fetch` and `on_download` map a cell's seed to a list of exceptions to raise,
    one a call, or None to go well; after the list all goes well.
    """

    polls: int = 2
    units: str | None = "5"
    on_submit: dict[int, list[Exception | None]] = field(default_factory=dict)
    on_fetch: dict[int, list[Exception | None]] = field(default_factory=dict)
    on_download: dict[int, list[Exception | None]] = field(default_factory=dict)
    submitted: list[int] = field(default_factory=list)
    fetched: list[int] = field(default_factory=list)
    most_at_once: int = 0
    before_answer: Callable[[int], Any] | None = None
    name: str = "fal"
    _running: dict[str, int] = field(default_factory=dict)

    def build(
        self, cell: Cell, uploads: Mapping[str, str], tags: Mapping[str, str]
    ) -> ProviderRequest:
        body = dict(cell.arguments) | {"image_url": uploads.get("ab" * 32, "")}
        return ProviderRequest(provider="fal", endpoint=cell.endpoint, body=body)

    async def submit(self, request: ProviderRequest) -> Accepted:
        seed = int(request.body["seed"])
        self.submitted.append(seed)
        await asyncio.sleep(0)
        if self.before_answer is not None:
            self.before_answer(seed)
        self._act(self.on_submit, seed)
        request_id = f"job-{seed}"
        self._running[request_id] = self.polls
        self.most_at_once = max(self.most_at_once, len(self._running))
        url = f"https://queue.fal.run/{request_id}"
        ticket = Ticket(
            provider="fal",
            endpoint=request.endpoint,
            request_id=request_id,
            status_url=url,
            response_url=url,
            cancel_url=url,
        )
        return Accepted(ticket, Answer(200, {}, "{}"))

    async def poll(self, ticket: Ticket) -> QueueStatus:
        await asyncio.sleep(0)
        left = self._running.get(ticket.request_id, 0)
        if left <= 0:
            return QueueStatus(state="completed", inference_s=Decimal(3))
        self._running[ticket.request_id] = left - 1
        return QueueStatus(
            state="running" if left < self.polls else "queued",
            logs=(LogLine(at="t", message=f"{left} left"),),
        )

    async def fetch(self, ticket: Ticket, output: Output) -> ProviderResult:
        await asyncio.sleep(0)
        seed = _seed(ticket)
        self.fetched.append(seed)
        self._running.pop(ticket.request_id, None)
        self._act(self.on_fetch, seed)
        return ProviderResult(
            http_status=200,
            headers={},
            text="{}",
            body={},
            media=MediaRef(url=f"https://cdn/{seed}"),
            billable_units=Decimal(self.units) if self.units else None,
        )

    def finish_all(self) -> None:
        """Let every job end at once."""
        self._running.clear()

    def polls_left(self) -> int:
        """How many questions more the jobs would take."""
        return sum(self._running.values())

    async def cancel(self, ticket: Ticket) -> str:
        return "CANCELLATION_REQUESTED"

    @contextlib.asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        await asyncio.sleep(0)
        self._act(self.on_download, int(url.rpartition("/")[2]))

        async def chunks() -> AsyncIterator[bytes]:
            yield b"clip"

        yield chunks()

    async def aclose(self) -> None:
        return None

    @staticmethod
    def _act(script: dict[int, list[Exception | None]], seed: int) -> None:
        error = script[seed].pop(0) if script.get(seed) else None
        if error is not None:
            raise error


class MemoryLog:
    """An event log that keeps its events in a list; `fail_after` makes the disk full."""

    def __init__(self, state: BatchState | None = None, fail_after: int | None = None) -> None:
        self.events: list[LedgerEvent] = []
        self.state = state or BatchState()
        self.uploads = MemoryUploads()
        self.low_space = False
        self._fail_after = fail_after

    async def append(self, event: LedgerEvent) -> None:
        await asyncio.sleep(0)
        if self._fail_after is not None and len(self.events) >= self._fail_after:
            raise StorageFailed("events.jsonl: cannot be written: No space left on device")
        numbered = event.model_copy(update={"seq": self.state.next_seq})
        self.events.append(numbered)
        self.state.apply(numbered)

    def limiter(self, most: int) -> Limiter:
        """The limiter of the run at hand, for a test to look at."""
        self.last_limiter = Limiter(most)
        return self.last_limiter

    def types(self, cell: str) -> list[str]:
        """The types of a cell's events, in order."""
        return [e.type for e in self.events if getattr(e, "cell", None) == cell]


class MemoryFiles:
    """The files of one attempt, as a dict."""

    def __init__(self) -> None:
        self.written: dict[str, Any] = {}

    def write_request(self, request: ProviderRequest) -> None:
        self.written["request"] = request

    def write_answer(self, name: str, answer: Answer) -> None:
        self.written[name] = answer

    def write_logs(self, lines: Sequence[LogLine]) -> None:
        self.written["logs"] = [line.message for line in lines]

    async def store_media(
        self, chunks: AsyncIterator[bytes], media_type: str | None, check: MediaCheck
    ) -> StoredFile:
        data = b"".join([chunk async for chunk in chunks])
        return StoredFile("clip.mp4", "sha", len(data), *await check(Path("clip.mp4")))


class MemoryUploads:
    """Counts uploads."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    async def upload(self, path: Path) -> str:
        await asyncio.sleep(0)
        self.paths.append(path)
        return f"https://cdn/{path.name}"


async def plays(_: Path) -> Checked:
    """A media check that finds every file good."""
    return Checked("video/mp4", Decimal("5.04"), Decimal("5.0"))


class MemoryFinder:
    """A list of past requests. `lag` searches see nothing of what it holds."""

    def __init__(self, *requests: PastRequest, lag: int = 0) -> None:
        self.requests = list(requests)
        self.lag = lag
        self.searches = 0

    async def sent_since(self, endpoint: str, since: datetime) -> list[PastRequest]:
        await asyncio.sleep(0)
        self.searches += 1
        return self.requests if self.searches > self.lag else []

    async def find(self, endpoint: str, request_id: str) -> PastRequest | None:
        return next((r for r in self.requests if r.ticket.request_id == request_id), None)


@dataclass(frozen=True)
class Way:
    """How a run of the engine is set up."""

    cap: int = 10**12
    concurrency: int = 2
    per_endpoint: int | None = None
    budget: Budget = field(default_factory=Budget)
    retries: int = 0
    pause_after: int = 100
    timeout_s: float = 3600
    finder: MemoryFinder | None = None
    settle_s: float = 60
    resubmit: bool = False
    detached: bool = False


def engine(
    provider: FakeProvider, log: MemoryLog, preset: Preset, shutdown: Shutdown, way: Way
) -> Engine:
    """An engine over a log and a provider in memory, for one preset."""
    limiters = {"fal": log.limiter(way.concurrency)}
    with_what = tools(provider, log, {preset.id: preset}, limiters, way.timeout_s)
    finders: dict[str, RequestFinder] = {"fal": way.finder} if way.finder else {}
    rivals = Rivals(claimed=(), contested=())
    means = Means(
        purse=Purse(log.state.cap_nano_usd, log.state.counted_nano_usd),
        rules=Rules(way.budget, limiters, way.per_endpoint, Breaker(way.pause_after)),
        inputs=InputUploads(
            with_what, log.state, {"ab" * 32: Path("plate.png")}, {"fal": log.uploads}
        ),
        lookup=Lookup(
            with_what, log.state, LookupRules(finders, way.settle_s, way.resubmit, lambda: rivals)
        ),
        retries=way.retries,
        detached=way.detached,
    )
    return Engine(with_what, log.state, means, shutdown)


def tools(
    provider: FakeProvider,
    log: MemoryLog,
    presets: Mapping[str, Any],
    limiters: Mapping[str, Limiter],
    timeout_s: float,
) -> Tools:
    """What the engine works with, in memory."""
    folders: dict[tuple[str, int], MemoryFiles] = {}
    return Tools(
        batch="b",
        providers={"fal": provider},
        log=log,
        clock=InstantClock(),
        check=plays,
        files=lambda cell, number: folders.setdefault((cell.cell_id, number), MemoryFiles()),
        presets=presets,
        quotes={"vendor/seeded": QUOTE},
        limiters=limiters,
        timeout_s=timeout_s,
        stopping=lambda: False,
        jitter=lambda: 0.0,
    )


def _seed(ticket: Ticket) -> int:
    return int(ticket.request_id.removeprefix("job-"))

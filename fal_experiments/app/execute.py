"""Works on a batch in this process: log, service, engine, records. Shared by run and resume."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fal_experiments import __version__
from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.connection import Services
from fal_experiments.app.records import Records
from fal_experiments.core.attempt import INTERRUPTED_SUBMIT
from fal_experiments.core.budget import Purse, SharedCap, cap_of
from fal_experiments.core.events import (
    BatchFinished,
    BatchStarted,
    LedgerEvent,
    SubmitUnknown,
)
from fal_experiments.core.fold import BatchState
from fal_experiments.core.limits import Breaker, Limiter
from fal_experiments.core.ports import Clock, MediaCheck
from fal_experiments.core.request import Quote
from fal_experiments.core.schedule import remaining
from fal_experiments.errors import FalExpError, ProviderError, StorageFailed
from fal_experiments.runner.admission import Rules
from fal_experiments.runner.attempt import Tools
from fal_experiments.runner.engine import Engine, Means, Outcome
from fal_experiments.runner.inputs import InputUploads
from fal_experiments.runner.lookup import Lookup, LookupRules, Rivals
from fal_experiments.runner.shutdown import Shutdown
from fal_experiments.storage.event_log import BatchLog


@dataclass(frozen=True)
class Watch:
    """How a person hears of what happens. Every hook may be called often and must be quick."""

    on_event: Callable[[LedgerEvent, BatchState], None]
    notice: Callable[[str], None]


@dataclass(frozen=True)
class Session:
    """What one process brings to a batch."""

    services: Services
    quotes: Mapping[str, Quote]
    clock: Clock
    check: MediaCheck
    sandbox: bool
    rivals: Callable[[], Rivals]
    shared_cap: SharedCap | None = None
    """Where the cap is one of the ledger, what the other batches hold of it."""
    max_nano_usd: int | None = None
    """A lower cap, for this session."""
    new_cap_nano_usd: int | None = None
    """Another cap from now on, higher or lower: a person said so on a resume."""
    concurrency: int | None = None
    detached: bool = False


@dataclass(frozen=True)
class Result:
    """How it ended."""

    state: BatchState
    troubles: tuple[FalExpError, ...]
    interrupted: bool


async def execute(batch: Batch, session: Session, watch: Watch) -> Result:
    """Do what is left of a batch: collect, submit, download. Returns when that has ended.

    Raises: BadInput when another process works on the batch, StorageFailed.
    """
    shutdown = Shutdown()
    async with BatchLog(batch.folder) as log:
        records = Records(batch, log.state)
        log.listen(records.on_event)
        log.after_each_group(records.flush)
        log.listen(lambda event: watch.on_event(event, log.state))
        if log.torn:
            watch.notice(
                f"the log ended in a torn line of {len(log.torn)} bytes; it is kept in events.torn"
            )
        await _begin(batch, session, log, records)
        outcome = Outcome((), (), {}, ())
        error: StorageFailed | None = None
        with _interrupts(shutdown, watch.notice, batch.name):
            try:
                cells = batch.plan.cells
                work = remaining(cells, log.state, batch.missing_files(log.state))
                outcome = await _engine(batch, session, log, shutdown).run(cells, work)
            except StorageFailed as exc:
                error = exc
        await _finish(batch, session, log, shutdown, outcome)
        records.bring_up_to_date()
        if error is not None:
            raise error
        # A progress line that nobody can read any more is no defect; anything else is.
        for defect in log.listener_errors:
            if not isinstance(defect, OSError):
                raise defect
    return Result(
        state=log.state,
        troubles=_told_once(outcome.troubles),
        interrupted=shutdown.reason == "interrupted",
    )


async def _begin(batch: Batch, session: Session, log: BatchLog, records: Records) -> None:
    """Log the session, and every submission that an earlier process left without an answer."""
    state, now = log.state, session.clock.now()
    first = state.started is None
    unanswered = [
        attempt
        for tries in state.attempts.values()
        for attempt in tries
        if attempt.state == "submitting"
    ]
    await log.append(
        BatchStarted(
            at=now,
            batch=batch.name,
            session=state.sessions + 1,
            tool_version=__version__,
            plan_sha256=batch.plan_sha256,
            sandbox=session.sandbox,
            strict=batch.plan.spec.strict,
            cap_nano_usd=_cap(batch, session, state),
            quotes=dict(session.quotes),
            ledger_bytes=records.ledger_bytes if first else _ledger_bytes(state),
        )
    )
    for attempt in unanswered:
        await log.append(
            SubmitUnknown(
                at=session.clock.now(),
                batch=batch.name,
                cell=attempt.cell,
                attempt=attempt.number,
                failure=INTERRUPTED_SUBMIT,
            )
        )


def _cap(batch: Batch, session: Session, state: BatchState) -> int:
    """Return the cap of this session: the last one, unless a person says another."""
    before = state.cap_nano_usd if state.started else cap_of(batch.plan)
    cap = before if session.new_cap_nano_usd is None else session.new_cap_nano_usd
    return cap if session.max_nano_usd is None else min(cap, session.max_nano_usd)


def _ledger_bytes(state: BatchState) -> int:
    return state.started.ledger_bytes if state.started else 0


def _engine(batch: Batch, session: Session, log: BatchLog, shutdown: Shutdown) -> Engine:
    spec, services, state = batch.plan.spec, session.services, log.state
    limiters = {name: Limiter(session.concurrency or spec.concurrency) for name in services}
    tools = Tools(
        batch=batch.name,
        providers={name: service.provider for name, service in services.items()},
        log=log,
        clock=session.clock,
        check=session.check,
        files=batch.attempt_folder,
        presets={name: use.preset for name, use in batch.plan.presets.items()},
        quotes=state.quotes,
        limiters=limiters,
        timeout_s=spec.timeout_s,
        stopping=lambda: shutdown.stopping,
        jitter=wiring.jitter,
    )
    takers = {n: s.uploads for n, s in services.items() if s.uploads is not None}
    lookup = LookupRules(
        finders={n: s.finder for n, s in services.items() if s.finder is not None},
        settle_s=spec.unknown_settle_s,
        resubmit_when_absent=spec.on_unknown == "resubmit-when-absent",
        rivals=session.rivals,
    )
    means = Means(
        purse=Purse(state.cap_nano_usd, state.counted_nano_usd, session.shared_cap),
        rules=Rules(
            spec.budget, limiters, spec.concurrency_per_endpoint, Breaker(spec.pause_after)
        ),
        inputs=InputUploads(tools, state, batch.input_files(), takers),
        lookup=Lookup(tools, state, lookup),
        retries=spec.retries,
        detached=session.detached,
    )
    return Engine(tools, state, means, shutdown)


async def _finish(
    batch: Batch, session: Session, log: BatchLog, shutdown: Shutdown, outcome: Outcome
) -> None:
    await log.append(
        BatchFinished.model_validate(
            {
                "at": session.clock.now(),
                "batch": batch.name,
                "reason": _reason(session, shutdown, outcome),
                "over_budget": outcome.over_budget,
                "paused": outcome.paused,
                "pauses": outcome.pauses,
            }
        )
    )


def _reason(session: Session, shutdown: Shutdown, outcome: Outcome) -> str:
    if shutdown.reason is not None:
        return "interrupted" if shutdown.reason == "defect" else shutdown.reason
    if outcome.over_budget:
        return "budget"
    if outcome.pauses:
        return "paused"
    return "detached" if session.detached else "finished"


@contextlib.contextmanager
def _interrupts(shutdown: Shutdown, notice: Callable[[str], None], batch: str) -> Iterator[None]:
    """Ctrl+C once: stop submitting. Twice, or SIGTERM: leave now. Everything stays resumable."""
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if shutdown.stopping:
            notice(f"leaving; `fal-exp resume {batch}` collects what is running")
            shutdown.leave()
        else:
            notice(
                "nothing more is submitted; waiting for what is running "
                f"(Ctrl+C again to leave; `fal-exp resume {batch}` goes on)"
            )
            shutdown.stop_submitting("interrupted")

    def on(number: int, act: Callable[[], None]) -> None:
        # not loop.add_signal_handler: it does not exist on Windows
        before = signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
        stack.callback(signal.signal, number, before)

    with contextlib.ExitStack() as stack:
        on(signal.SIGINT, interrupt)
        on(signal.SIGTERM, shutdown.leave)
        if hasattr(signal, "SIGHUP"):  # the terminal was closed; Windows has no such signal
            on(signal.SIGHUP, shutdown.leave)
        yield


def _told_once(troubles: tuple[FalExpError, ...]) -> tuple[FalExpError, ...]:
    """Return one of each kind of trouble: ten cells that hit the same wall are one message."""
    told: dict[object, FalExpError] = {}
    for trouble in troubles:
        key: object = trouble.message
        if isinstance(trouble, ProviderError):
            key = (trouble.kind, trouble.http_status)
        told[key] = trouble
    return tuple(told.values())

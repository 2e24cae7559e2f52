"""Works on a batch in this process: log, service, engine, records. Shared by run and resume."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fal_experiments import __version__
from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.records import Records
from fal_experiments.core.attempt import INTERRUPTED_SUBMIT
from fal_experiments.core.budget import cap_of
from fal_experiments.core.events import (
    BatchFinished,
    BatchStarted,
    LedgerEvent,
    SubmitUnknown,
)
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ports import Clock, MediaCheck, Service
from fal_experiments.core.request import Quote
from fal_experiments.core.schedule import remaining
from fal_experiments.errors import FalExpError, ProviderError, StorageFailed
from fal_experiments.runner.attempt import Tools
from fal_experiments.runner.engine import Engine, Inputs, Outcome
from fal_experiments.runner.shutdown import Shutdown
from fal_experiments.storage.event_log import BatchLog

Services = Mapping[str, Service]


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
    concurrency: int | None = None
    cap_nano_usd: int | None = None
    """A lower cap than the plan's, for this session."""


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
        log.listen(lambda event: watch.on_event(event, log.state))
        if log.torn:
            watch.notice(
                f"the log ended in a torn line of {len(log.torn)} bytes; it is kept in events.torn"
            )
        await _begin(batch, session, log, records)
        outcome = Outcome((), ())
        error: StorageFailed | None = None
        with _interrupts(shutdown, watch.notice, batch.name):
            try:
                outcome = await _engine(batch, session, log, shutdown).run(
                    remaining(batch.plan.cells, log.state),
                    session.concurrency or batch.plan.spec.concurrency,
                )
            except StorageFailed as exc:
                error = exc
        await _finish(batch, session, log, shutdown, outcome)
        records.bring_up_to_date()
        if error is not None:
            raise error
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
            cap_nano_usd=_cap(batch, session),
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


def _cap(batch: Batch, session: Session) -> int:
    own = cap_of(batch.plan)
    return own if session.cap_nano_usd is None else min(own, session.cap_nano_usd)


def _ledger_bytes(state: BatchState) -> int:
    return state.started.ledger_bytes if state.started else 0


def _engine(batch: Batch, session: Session, log: BatchLog, shutdown: Shutdown) -> Engine:
    uploads = {n: s.uploads for n, s in session.services.items() if s.uploads is not None}
    tools = Tools(
        batch=batch.name,
        providers={name: service.provider for name, service in session.services.items()},
        log=log,
        clock=session.clock,
        check=session.check,
        files=batch.attempt_folder,
        presets={name: use.preset for name, use in batch.plan.presets.items()},
        quotes=log.state.quotes,
        stopping=lambda: shutdown.stopping,
        jitter=wiring.jitter,
    )
    return Engine(
        tools, log.state, batch.plan.spec.budget, Inputs(batch.input_files(), uploads), shutdown
    )


async def _finish(
    batch: Batch, session: Session, log: BatchLog, shutdown: Shutdown, outcome: Outcome
) -> None:
    reasons = {
        "interrupted": "interrupted",
        "account": "account",
        "storage": "storage",
        "overdrawn": "budget",
        "defect": "interrupted",
    }
    reason = reasons[shutdown.reason] if shutdown.reason else "finished"
    if reason == "finished" and outcome.over_budget:
        reason = "budget"
    await log.append(
        BatchFinished.model_validate(
            {
                "at": session.clock.now(),
                "batch": batch.name,
                "reason": reason,
                "over_budget": outcome.over_budget,
            }
        )
    )


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
        yield


def _told_once(troubles: tuple[ProviderError, ...]) -> tuple[FalExpError, ...]:
    """Return one of each kind of trouble: ten cells that hit the same wall are one message."""
    return tuple({(t.kind, t.http_status): t for t in troubles}.values())

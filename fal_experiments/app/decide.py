"""What a person decides about a batch: cancel it, cancel a job, resolve an unknown submission."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.connection import Services, address_of, check_same_world, connected
from fal_experiments.app.records import Records
from fal_experiments.app.rivals import rivals_of
from fal_experiments.app.settings import Settings
from fal_experiments.core.attempt import INTERRUPTED_SUBMIT, Attempt
from fal_experiments.core.events import (
    BatchCancelled,
    CancelRequested,
    CellResolved,
    LedgerEvent,
    SubmitUnknown,
)
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS
from fal_experiments.core.plan import Cell
from fal_experiments.core.request import Ticket
from fal_experiments.errors import BadInput, ServiceUnreachable
from fal_experiments.storage.event_log import BatchLog

Decision = Literal["adopt", "resubmit", "abandon"]
CANCELLABLE = {"queued", "running", "timed_out"}


@dataclass(frozen=True)
class Cancelled:
    """A job that the provider was asked to cancel, and its answer."""

    cell: Cell
    request_id: str
    answer: str


@dataclass(frozen=True)
class Resolved:
    """What was decided about an unknown submission."""

    attempt: Attempt
    goes_on: bool
    """True when a resume has something to do for it."""


def cancel(batch: Batch, settings: Settings, request_id: str | None = None) -> list[Cancelled]:
    """Ask the provider to cancel one job, or all of a batch and what was not submitted yet.

    Raises: BadInput when a process is at work on the batch, or no such job is under way.
    """
    state, busy = read_state(batch)
    if busy and request_id is None:
        raise BadInput(
            f"a process is at work on {batch.name} and would go on submitting",
            fix="press Ctrl+C in it first, or cancel single jobs by their request id",
        )
    cells = {cell.cell_id: cell for cell in batch.plan.cells}
    jobs = [
        (cells[attempt.cell], attempt)
        for tries in state.attempts.values()
        if (attempt := tries[-1]).state in CANCELLABLE
        and attempt.ticket is not None
        and request_id in {None, attempt.ticket.request_id}
    ]
    if request_id is not None and not jobs:
        raise BadInput(
            f"no job {request_id} of {batch.name} is under way",
            fix=f"`fal-exp status {batch.name}` shows the jobs that are",
        )
    return asyncio.run(_cancel(batch, settings, jobs, whole=request_id is None, busy=busy))


def resolve(
    batch: Batch, settings: Settings, cell_id: str, decision: Decision, words: str
) -> Resolved:
    """Write down what a person decided about an unknown submission.

    `words` is the request id for `adopt`, which is looked up at the provider first, else a reason.
    Raises: BadInput when the cell is not unknown, or the request is not one that it can adopt.
    """
    state, busy = read_state(batch)
    if busy:
        raise BadInput(
            f"a process is at work on {batch.name}; it may find the request by itself",
            fix="wait for it, or stop it with Ctrl+C first",
        )
    attempt = _undecided(batch, state, cell_id, decision)
    ticket = None
    if decision == "adopt":
        ticket = asyncio.run(_ticket(batch, settings, state, attempt, words))
        words = f"a person says that request {words} is this one"
    goes_on = asyncio.run(_write_down(batch, attempt, decision, words, ticket))
    return Resolved(attempt, goes_on)


def _undecided(batch: Batch, state: BatchState, cell_id: str, decision: Decision) -> Attempt:
    """Return the unknown submission of a cell, or one given up that may be adopted after all.

    Raises: BadInput when there is none.
    """
    attempt = state.latest(cell_id)
    if attempt is not None and attempt.state in {"submission_unknown", "submitting"}:
        return attempt
    given_up = [
        one
        for one in state.attempts.get(cell_id, ())
        if one.state == "abandoned" and one.request_id is None
    ]
    if decision != "adopt" or not given_up:
        label = STATE_LABELS[state.cell_state(cell_id)]
        raise BadInput(
            f"cell {cell_id} of {batch.name} is {label}: there is nothing to resolve",
            fix=f"`fal-exp status {batch.name}` shows which submissions are unknown",
        )
    return given_up[-1]


async def _cancel(
    batch: Batch,
    settings: Settings,
    jobs: list[tuple[Cell, Attempt]],
    *,
    whole: bool,
    busy: bool,
) -> list[Cancelled]:
    clock = wiring.system_clock()
    done: list[Cancelled] = []
    events: list[LedgerEvent] = []
    if whole:
        events.append(BatchCancelled(at=clock.now(), batch=batch.name))
    if jobs:
        with address_of(batch, settings) as address:
            async with connected(batch.plan, address, clock) as services:
                await check_same_world(batch, services)
                done = [await _ask_to_cancel(services, cell, job) for cell, job in jobs]
    events += [
        CancelRequested(
            at=clock.now(),
            batch=batch.name,
            cell=one.cell.cell_id,
            attempt=job.number,
            answer=one.answer,
        )
        for one, (_, job) in zip(done, jobs, strict=True)
    ]
    if not busy:  # else the process at work sees what becomes of the job, and writes that down
        await _append(batch, events)
    return done


async def _ask_to_cancel(services: Services, cell: Cell, job: Attempt) -> Cancelled:
    if job.ticket is None:
        raise ValueError(f"cell {cell.cell_id}: a job without a ticket")
    try:
        answer = await services[cell.provider].provider.cancel(job.ticket)
    except ServiceUnreachable as exc:
        answer = f"not answered: {exc.message}"
    return Cancelled(cell, job.ticket.request_id, answer)


async def _ticket(
    batch: Batch, settings: Settings, state: BatchState, attempt: Attempt, request_id: str
) -> Ticket:
    """Return the ticket of a request that can be this attempt. Raises: BadInput."""
    own = {
        a.request_id
        for tries in state.attempts.values()
        for a in tries
        if a.request_id and a is not attempt
    }
    if request_id in own or request_id in rivals_of(batch).claimed:
        raise BadInput(
            f"request {request_id} belongs to another attempt already",
            fix=f"`fal-exp ledger show {request_id}` shows which",
        )
    provider = next(c.provider for c in batch.plan.cells if c.cell_id == attempt.cell)
    clock = wiring.system_clock()
    with address_of(batch, settings) as address:
        async with connected(batch.plan, address, clock) as services:
            await check_same_world(batch, services)
            finder = services[provider].finder
            if finder is None:
                raise BadInput(
                    f"{provider} has no list of requests to look into",
                    fix="decide with --resubmit or --abandon",
                )
            found = await finder.find(attempt.endpoint, request_id)
    if found is None:
        raise BadInput(
            f"{provider} knows no request {request_id} of {attempt.endpoint}",
            fix="copy the id from the provider's dashboard; a new request may take minutes to show",
        )
    if found.body_sha256 not in {None, attempt.request_sha256}:
        raise BadInput(
            f"request {request_id} has another input than cell {attempt.cell}",
            fix=f"`fal-exp resume {batch.name}` searches for the one with its input",
        )
    return found.ticket


async def _write_down(
    batch: Batch, attempt: Attempt, decision: Decision, reason: str, ticket: Ticket | None
) -> bool:
    """Append a decision to the log; tells whether a resume has something to do for it."""
    at = wiring.system_clock().now()
    place = {"at": at, "batch": batch.name, "cell": attempt.cell, "attempt": attempt.number}
    async with BatchLog(batch.folder) as log:
        # Once more, now that nobody else can write: a resume may have found the job meanwhile, and
        # a `resubmit` on top of that would buy it twice.
        now = _undecided(batch, log.state, attempt.cell, decision)
        if now.number != attempt.number:
            raise BadInput(
                f"cell {attempt.cell} was submitted again meanwhile",
                fix=f"look at it again: `fal-exp status {batch.name}`",
            )
        if now.state == "submitting":
            lost = SubmitUnknown.model_validate(place | {"failure": INTERRUPTED_SUBMIT})
            await log.append(lost)
        words: dict[str, object] = {"decision": decision, "reason": reason, "ticket": ticket}
        is_replaced = now is not log.state.latest(attempt.cell)
        if ticket is not None and is_replaced:  # its bill is ours, its clip was bought again
            words |= {"ticket": None, "request_id": ticket.request_id}
        await log.append(CellResolved.model_validate(place | words))
        Records(batch, log.state).bring_up_to_date()
    return decision != "abandon" and not is_replaced


async def _append(batch: Batch, events: list[LedgerEvent]) -> None:
    async with BatchLog(batch.folder) as log:
        for event in events:
            await log.append(event)
        Records(batch, log.state).bring_up_to_date()

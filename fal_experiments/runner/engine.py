"""Runs a batch: collects what is at the provider, submits what is left, never above the cap.

The only place that decides to spend. It spends through `AttemptRun.submit`, after the purse has
agreed, once an attempt, in the order of the plan. A cell gets another attempt only where no money
moved for the one before.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.budget import Purse, WorstCases
from fal_experiments.core.fold import BatchState
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell
from fal_experiments.core.request import MediaRef, ProviderResult, Ticket
from fal_experiments.core.schedule import Work, may_submit_again, retry_after_s
from fal_experiments.core.schema import input_refs
from fal_experiments.core.unknowns import attempt_tags
from fal_experiments.errors import (
    FalExpError,
    Overcharged,
    ProviderError,
    ServiceUnreachable,
    StorageFailed,
    SubmitNotSent,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.runner.admission import Admission, Rules
from fal_experiments.runner.attempt import AttemptRun, Tools
from fal_experiments.runner.inputs import InputUploads
from fal_experiments.runner.lookup import Lookup
from fal_experiments.runner.shutdown import Shutdown

DOWNLOADS_AT_ONCE = 8


class Means(NamedTuple):
    """What a run may use."""

    purse: Purse
    rules: Rules
    inputs: InputUploads
    lookup: Lookup
    retries: int = 0
    """New attempts of a cell whose job failed unbilled."""
    detached: bool = False
    """Submit, and leave the jobs to a later resume."""


class Outcome(NamedTuple):
    """How a run of the engine ended."""

    over_budget: tuple[str, ...]
    """Cells that did not fit the cap; they cost nothing."""
    paused: tuple[str, ...]
    """Cells whose preset was paused before their turn."""
    pauses: Mapping[str, str]
    """The paused presets, with why."""
    troubles: tuple[FalExpError, ...]
    """Why some cells could not be submitted or collected this time. A resume tries again."""


class Engine:
    """One run over one batch, in one process."""

    def __init__(self, tools: Tools, state: BatchState, means: Means, shutdown: Shutdown) -> None:
        self._tools = tools
        self._state = state
        self._means = means
        self._shutdown = shutdown
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        self._files_waiting = 0
        self._changed = asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()
        self._posting: set[asyncio.Task[Any] | None] = set()
        self._searching: set[tuple[str, str]] = set()
        self._troubles: list[FalExpError] = []
        shutdown.listen(self._on_shutdown)

    async def run(self, cells: Sequence[Cell], work: Work) -> Outcome:
        """Do the work. Returns when everything has ended, or soon after shutdown says leave.

        Raises: StorageFailed when the batch could not be written any more, and any defect of the
        program itself; both only after every answer on its way has been written down.
        """
        means = self._means
        worst = WorstCases(cells, means.rules.budget, self._state)
        self._cells = {cell.cell_id: cell for cell in cells}
        order = {cell.cell_id: index for index, cell in enumerate(cells)}
        self._admission = Admission(order, work.submit, means.purse, worst, means.rules)
        async with asyncio.TaskGroup() as self._group:
            if not means.detached:
                for cell, attempt in work.collect:
                    self._start(self._take_up(cell, attempt))
                for cell, _ in work.held:
                    self._look_for(cell)
            await self._submit_all()
        means.inputs.cancel()
        error = self._shutdown.error
        if error is not None and not isinstance(error, ProviderError | Overcharged):
            raise error
        return Outcome(
            tuple(self._admission.over_budget),
            tuple(self._admission.paused),
            dict(means.rules.breaker.paused),
            tuple(self._troubles),
        )

    async def _submit_all(self) -> None:
        """Start every cell when its turn has come, until none is left that could come."""
        while not self._shutdown.stopping:
            self._changed.clear()
            if self._tools.log.low_space:
                self._shutdown.stop_submitting("storage", _disk_full())
                return
            cell = None
            if self._files_waiting == 0:  # results expire, so they are fetched before more is made
                cell = self._admission.next(self._next_number, more_may_fit=bool(self._jobs))
            if cell is not None:
                self._start(self._buy(cell, self._next_number(cell)))
            elif self._jobs:
                await self._changed.wait()
            else:
                return

    async def _buy(self, cell: Cell, number: int) -> None:
        run = AttemptRun(self._tools, cell, number)
        reserved = self._admission.worst_case(cell)
        ticket = result = None
        with self._seat(cell, number, reserved):
            ticket = await self._submit(run, cell, reserved)
            if ticket is None or self._shutdown.leaving or self._means.detached:
                return
            result = await self._result(run, ticket, self._tools.timeout_s)
        await self._conclude(run, cell, ticket, result)

    async def _take_up(self, cell: Cell, attempt: Attempt) -> None:
        """Go on with a job that was submitted before, or that was found in the provider's list."""
        ticket = attempt.ticket
        if ticket is None:
            raise ValueError(f"cell {cell.cell_id}: an accepted attempt without a ticket")
        run = AttemptRun(self._tools, cell, attempt.number)
        # A job that was given up before is looked at once; the others get their whole time.
        patience_s = 0.0 if attempt.state == "timed_out" else self._tools.timeout_s
        self._admission.take_seat(cell)
        with self._seat(cell, attempt.number, attempt.counted_nano_usd):
            result = _result_so_far(attempt)
            if result is None:
                result = await self._result(run, ticket, patience_s)
            elif attempt.cost("metered") is None:
                await run.settle(ticket, result)
        await self._conclude(run, cell, ticket, result)

    async def _submit(self, run: AttemptRun, cell: Cell, reserved: int) -> Ticket | None:
        """Upload what the cell needs and POST it. Not to be cut off between POST and answer.

        None when the answer was lost: the search for the request has begun.
        """
        refs = sorted(input_refs(cell.arguments))
        uploads = {ref: await self._means.inputs.url(cell.provider, ref) for ref in refs}
        tags = attempt_tags(self._tools.batch, cell.cell_id, run.number)
        request = self._tools.providers[cell.provider].build(cell, uploads, tags)
        task = asyncio.current_task()
        self._posting.add(task)
        try:
            return await run.submit(request, reserved)
        except SubmitUnknown:
            self._look_for(cell)
            return None
        except SubmitRejected as exc:
            if not exc.retry_can_help:
                self._means.rules.breaker.failed(cell.at.preset, exc.kind, exc.message)
            raise
        finally:
            self._posting.discard(task)

    async def _result(
        self, run: AttemptRun, ticket: Ticket, patience_s: float
    ) -> ProviderResult | None:
        result = await run.wait(ticket, patience_s=patience_s)
        if result is not None:
            await run.settle(ticket, result)
        return result

    async def _conclude(
        self, run: AttemptRun, cell: Cell, ticket: Ticket, result: ProviderResult | None
    ) -> None:
        """Fetch the file of a result; after a failure, see whether the cell gets another try."""
        if result is None:
            await self._after_failure(cell)
            return
        self._means.rules.breaker.succeeded(cell.at.preset)
        self._files_waiting += 1
        try:
            await self._downloads.acquire()
        finally:
            self._files_waiting -= 1
        try:
            self._changed.set()
            await run.collect_file(ticket, result)
        finally:
            self._downloads.release()

    async def _after_failure(self, cell: Cell) -> None:
        tries = self._state.attempts[cell.cell_id]
        failure = tries[-1].failure
        if tries[-1].state != "failed" or failure is None:
            return
        self._means.rules.breaker.failed(cell.at.preset, failure.kind, failure.message)
        failed = sum(attempt.state == "failed" for attempt in tries)
        if may_submit_again(tries[-1]) and failed <= self._means.retries:
            await self._tools.clock.sleep(retry_after_s(failed, None, jitter=self._tools.jitter()))
            self._admission.again(cell)

    def _look_for(self, cell: Cell) -> None:
        """Search for the unknown submissions of a cell's endpoint, if nobody does already."""
        key = (cell.provider, cell.endpoint)
        if key not in self._searching and not self._means.detached:
            self._searching.add(key)
            self._start(self._search(*key))

    async def _search(self, provider: str, endpoint: str) -> None:
        try:
            while self._means.lookup.lost(endpoint) and not self._shutdown.stopping:
                await self._means.lookup.search(provider, endpoint, self._decided)
        finally:
            self._searching.discard((provider, endpoint))

    def _decided(self, attempt: Attempt) -> None:
        cell = self._cells[attempt.cell]
        if attempt.ticket is not None:
            self._start(self._take_up(cell, attempt))
        else:
            self._admission.again(cell)
            self._changed.set()

    @contextlib.contextmanager
    def _seat(self, cell: Cell, number: int, reserved_nano_usd: int) -> Iterator[None]:
        """Hold a place at the provider; afterwards count what the attempt is known to count for."""
        try:
            yield
        finally:
            attempt = self._state.latest(cell.cell_id)
            began = attempt is not None and attempt.number == number
            counted = attempt.counted_nano_usd if attempt is not None and began else 0
            self._means.purse.settle(reserved_nano_usd, counted)
            self._admission.leave_seat(cell)
            overrun = attempt is not None and began and attempt.overcharged_nano_usd
            # one that an earlier run saw already has stopped that run, and is reserved for since
            if attempt is not None and overrun and counted > reserved_nano_usd:
                error = _overcharged(cell, attempt)
                self._troubles.append(error)
                self._shutdown.stop_submitting("overcharged", error)
            self._changed.set()

    def _next_number(self, cell: Cell) -> int:
        return len(self._state.attempts.get(cell.cell_id, ())) + 1

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = self._group.create_task(self._guard(job))
        self._jobs.add(task)
        task.add_done_callback(self._on_job_end)

    def _on_job_end(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        self._changed.set()

    async def _guard(self, job: Coroutine[Any, Any, None]) -> None:
        """Keep one cell's trouble from cutting off the others, which may be in mid-POST."""
        try:
            await job
        except SubmitRejected as exc:
            self._rejected(exc)
        except (SubmitNotSent, ServiceUnreachable) as exc:
            self._troubles.append(exc)
        except StorageFailed as exc:
            self._shutdown.stop_submitting("storage", exc)
        except Exception as exc:  # noqa: BLE001 - raised again by run(), once no POST is under way
            self._shutdown.stop_submitting("defect", exc)

    def _rejected(self, error: SubmitRejected) -> None:
        if error.is_account_problem:
            self._shutdown.stop_submitting("account", error)
        if error.retry_can_help:
            self._troubles.append(error)

    def _on_shutdown(self) -> None:
        self._changed.set()
        if self._shutdown.leaving:
            for task in self._jobs - self._posting:
                task.cancel()


def _result_so_far(attempt: Attempt) -> ProviderResult | None:
    """Return a result that is already on the log; its file may still be where it was."""
    if attempt.media_url is None:
        return None
    return ProviderResult(
        http_status=200,
        headers={},
        text="",
        body=None,
        media=MediaRef(url=attempt.media_url),
        billable_units=attempt.units,
        seed_returned=attempt.seed_returned,
        prompt_returned=attempt.prompt_returned,
        strict_breach=attempt.strict_breach,
    )


def _overcharged(cell: Cell, attempt: Attempt) -> Overcharged:
    return Overcharged(
        f"cell {cell.cell_id} ({cell.at.preset}) cost {format_usd(attempt.counted_nano_usd)}, more "
        f"than its declared worst case of {format_usd(attempt.reserved_nano_usd)}; nothing more "
        "was submitted, because no cap can be kept on such terms",
        fix="check the preset's price rule; `fal-exp resume` goes on and reserves more for it",
    )


def _disk_full() -> StorageFailed:
    return StorageFailed(
        "the disk is full; what was under way has been written down, nothing more was submitted",
        fix="free some space, then `fal-exp resume` goes on where it stopped",
    )

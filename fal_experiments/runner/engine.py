"""Runs a batch: collects what is at the provider, submits what is left, never above the cap.

The only place that decides to spend. It spends through `AttemptRun.submit`, after the purse has
agreed, once a cell, in the order of the plan.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.budget import Purse, over_cell_limit, worst_case
from fal_experiments.core.events import InputUploaded
from fal_experiments.core.fold import BatchState
from fal_experiments.core.matrix import Budget
from fal_experiments.core.plan import Cell
from fal_experiments.core.ports import Uploads
from fal_experiments.core.request import MediaRef, ProviderResult, Ticket
from fal_experiments.core.schedule import Work
from fal_experiments.core.schema import input_refs
from fal_experiments.errors import (
    ProviderError,
    ServiceUnreachable,
    StorageFailed,
    SubmitNotSent,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.runner.attempt import AttemptRun, Tools
from fal_experiments.runner.shutdown import Shutdown

DOWNLOADS_AT_ONCE = 8


class Inputs(NamedTuple):
    """Where local inputs are, by SHA-256, and who takes them, by provider."""

    files: Mapping[str, Path]
    uploads: Mapping[str, Uploads]


class Outcome(NamedTuple):
    """How a run of the engine ended."""

    over_budget: tuple[str, ...]
    """Cells that did not fit the cap; they cost nothing."""
    troubles: tuple[ProviderError, ...]
    """Why some cells could not be submitted or collected this time. A resume tries again."""


class Engine:
    """One run over one batch, in one process."""

    def __init__(
        self, tools: Tools, state: BatchState, budget: Budget, inputs: Inputs, shutdown: Shutdown
    ) -> None:
        self._tools = tools
        self._state = state
        self._budget = budget
        self._inputs = inputs
        self._shutdown = shutdown
        self._purse = Purse(state.cap_nano_usd, state.counted_nano_usd)
        self._uploading: dict[tuple[str, str], asyncio.Task[str]] = {}
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        self._at_provider = 0
        self._changed = asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()
        self._posting: set[asyncio.Task[Any] | None] = set()
        self._over_budget: list[str] = []
        self._troubles: list[ProviderError] = []
        shutdown.listen(self._on_shutdown)

    async def run(self, work: Work, concurrency: int) -> Outcome:
        """Do the work. Returns when everything has ended, or soon after shutdown says leave.

        Raises: StorageFailed when the batch could not be written any more, and any defect of the
        program itself; both only after every answer on its way has been written down.
        """
        async with asyncio.TaskGroup() as group:
            for cell, attempt in work.collect:
                self._start(group, self._take_up(cell, attempt))
            for cell in work.submit:
                admitted = await self._admit(cell, concurrency)
                if admitted == "stop":
                    break
                if admitted == "go":
                    self._start(group, self._buy(cell))
        for upload in self._uploading.values():
            upload.cancel()
        error = self._shutdown.error
        if error is not None and not isinstance(error, ProviderError):
            raise error
        return Outcome(tuple(self._over_budget), tuple(self._troubles))

    async def _admit(self, cell: Cell, concurrency: int) -> Literal["go", "skip", "stop"]:
        """Wait until a cell may be submitted, and reserve its worst case."""
        reserved = worst_case(cell, self._budget)
        while not self._shutdown.stopping:
            if self._tools.log.low_space:
                self._shutdown.stop_submitting("storage", _disk_full())
                break
            fits = self._purse.fits(reserved) and not over_cell_limit(cell, self._budget)
            if fits and self._at_provider < concurrency:
                self._purse.reserve(reserved)
                self._at_provider += 1
                return "go"
            if not fits and self._at_provider == 0:  # nothing will come back and make room
                self._over_budget.append(cell.cell_id)
                return "skip"
            self._changed.clear()
            await self._changed.wait()
        return "stop"

    async def _buy(self, cell: Cell) -> None:
        number = len(self._state.attempts.get(cell.cell_id, ())) + 1
        run = AttemptRun(self._tools, cell, number)
        with self._seat(cell, number, worst_case(cell, self._budget)):
            ticket = await self._submit(run, cell)
            if self._shutdown.leaving:
                return
            result = await self._result(run, ticket)
        await self._download(run, ticket, result)

    async def _take_up(self, cell: Cell, attempt: Attempt) -> None:
        """Go on with a job that an earlier process submitted."""
        ticket = attempt.ticket
        if ticket is None:
            raise ValueError(f"cell {cell.cell_id}: an accepted attempt without a ticket")
        run = AttemptRun(self._tools, cell, attempt.number)
        self._at_provider += 1
        with self._seat(cell, attempt.number, attempt.counted_nano_usd):
            result = _result_so_far(attempt)
            if result is None:
                result = await self._result(run, ticket)
            elif attempt.cost("metered") is None:
                await run.settle(ticket, result)
        await self._download(run, ticket, result)

    async def _submit(self, run: AttemptRun, cell: Cell) -> Ticket:
        """Upload what the cell needs and POST it. Not to be cut off between POST and answer."""
        refs = sorted(input_refs(cell.arguments))
        uploads = {sha256: await self._upload(cell.provider, sha256) for sha256 in refs}
        request = self._tools.providers[cell.provider].build(cell, uploads)
        task = asyncio.current_task()
        self._posting.add(task)
        try:
            return await run.submit(request, worst_case(cell, self._budget))
        finally:
            self._posting.discard(task)

    async def _result(self, run: AttemptRun, ticket: Ticket) -> ProviderResult | None:
        result = await run.wait(ticket)
        if result is not None:
            await run.settle(ticket, result)
        return result

    async def _download(
        self, run: AttemptRun, ticket: Ticket, result: ProviderResult | None
    ) -> None:
        if result is not None:
            async with self._downloads:
                await run.collect_file(ticket, result)

    async def _upload(self, provider: str, sha256: str) -> str:
        """Return where an input is at the provider, uploading it at most once for the batch."""
        key = (provider, sha256)
        if key in self._state.uploads:
            return self._state.uploads[key]
        if key not in self._uploading:
            self._uploading[key] = asyncio.create_task(self._upload_now(provider, sha256))
        return await asyncio.shield(self._uploading[key])

    async def _upload_now(self, provider: str, sha256: str) -> str:
        if provider not in self._inputs.uploads:
            raise ServiceUnreachable(
                f"{provider} takes no uploads",
                kind="no_uploads",
                billed="no",
                fix="give the input as a URL",
            )
        url = await self._inputs.uploads[provider].upload(self._inputs.files[sha256])
        await self._tools.log.append(
            InputUploaded(
                at=self._tools.clock.now(),
                batch=self._tools.batch,
                provider=provider,
                input_sha256=sha256,
                url=url,
            )
        )
        return url

    @contextlib.contextmanager
    def _seat(self, cell: Cell, number: int, reserved_nano_usd: int) -> Iterator[None]:
        """Hold a place at the provider; afterwards count what the attempt is known to count for."""
        try:
            yield
        finally:
            attempt = self._state.latest(cell.cell_id)
            began = attempt is not None and attempt.number == number
            counted = attempt.counted_nano_usd if attempt is not None and began else 0
            self._purse.settle(reserved_nano_usd, counted)
            self._at_provider -= 1
            if self._purse.overdrawn:
                self._shutdown.stop_submitting("overdrawn")
            self._changed.set()

    def _start(self, group: asyncio.TaskGroup, job: Coroutine[Any, Any, None]) -> None:
        task = group.create_task(self._guard(job))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _guard(self, job: Coroutine[Any, Any, None]) -> None:
        """Keep one cell's trouble from cutting off the others, which may be in mid-POST."""
        try:
            await job
        except SubmitUnknown:
            return  # logged with its attempt, and held for a person
        except SubmitRejected as exc:
            if exc.is_account_problem:
                self._shutdown.stop_submitting("account", exc)
            if exc.retry_can_help:
                self._troubles.append(exc)
        except (SubmitNotSent, ServiceUnreachable) as exc:
            self._troubles.append(exc)
        except StorageFailed as exc:
            self._shutdown.stop_submitting("storage", exc)
        except Exception as exc:  # noqa: BLE001 - raised again by run(), once no POST is under way
            self._shutdown.stop_submitting("defect", exc)

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
        strict_breach=attempt.strict_breach,
    )


def _disk_full() -> StorageFailed:
    return StorageFailed(
        "the disk is full; what was under way has been written down, nothing more was submitted",
        fix="free some space, then `fal-exp resume` goes on where it stopped",
    )

"""One submission of one cell: intent on disk, one POST, ticket on disk, poll, result, file.

Each method writes what it learned before the next step depends on it, so that a process that is
killed at any point leaves behind all that another one needs to go on.
"""

import contextlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from fal_experiments.core.events import (
    AssetStored,
    AttemptFailed,
    AttemptTimedOut,
    CostObserved,
    LedgerEvent,
    ResultReceived,
    StatusChanged,
    SubmitAccepted,
    SubmitIntended,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.limits import Limiter
from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.plan import Cell
from fal_experiments.core.ports import Accepted, AttemptFiles, Clock, EventLog, MediaCheck, Provider
from fal_experiments.core.preset import Preset
from fal_experiments.core.request import (
    Failure,
    LogLine,
    ProviderRequest,
    ProviderResult,
    QueueStatus,
    Quote,
    Ticket,
)
from fal_experiments.core.schedule import poll_after_s, retry_after_s
from fal_experiments.errors import (
    Answer,
    DownloadFailed,
    ProviderError,
    ResultFailed,
    ResultNotReady,
)
from fal_experiments.errors import SubmitNotSent as NotSentError
from fal_experiments.errors import SubmitRejected as RejectedError
from fal_experiments.errors import SubmitUnknown as UnknownError

SUBMIT_TRIES = 6
"""Tries of a submit that certainly made no job: nothing was sent, or it was turned away (429)."""
DOWNLOAD_TRIES = 4
UNITS_TRIES = 3
UNITS_PAUSE_S = 1.0
"""The units header may be missing on the first fetch (fal-platform.md 4.1): ask again."""


class Tools(NamedTuple):
    """What every attempt of a batch works with."""

    batch: str
    providers: Mapping[str, Provider]
    log: EventLog
    clock: Clock
    check: MediaCheck
    files: Callable[[Cell, int], AttemptFiles]
    presets: Mapping[str, Preset]
    quotes: Mapping[str, Quote]
    limiters: Mapping[str, Limiter]
    """By provider: how many jobs it takes at once."""
    timeout_s: float
    """How long a job may take before it is left alone."""
    stopping: Callable[[], bool]
    jitter: Callable[[], float]
    """A random number in [0, 1), so that repeated requests spread out."""


class AttemptRun:
    """One attempt, in this process. `number` counts from 1; `settled`: its cost is logged."""

    def __init__(self, tools: Tools, cell: Cell, number: int) -> None:
        self._tools = tools
        self._cell = cell
        self.number = number
        self._files = tools.files(cell, number)
        self._preset = tools.presets[cell.at.preset]
        self._provider = tools.providers[cell.provider]

    async def submit(self, request: ProviderRequest, reserved_nano_usd: int) -> Ticket:
        """Announce the POST on disk, send it once, and keep the answer on disk.

        Raises: errors.SubmitNotSent, SubmitRejected, SubmitUnknown after logging them;
        StorageFailed before anything was sent, or with the ticket in its message.
        """
        self._files.write_request(request)
        await self._log(
            SubmitIntended,
            endpoint=request.endpoint,
            request_sha256=sha256_hex(canonical_json(request.body)),
            reserved_nano_usd=reserved_nano_usd,
        )
        try:
            accepted = await self._post(request)
        except (NotSentError, RejectedError) as exc:
            await self._log(SubmitRejected, failure=Failure.of(exc))
            self._keep_answer("submit", exc.answer)
            raise
        except UnknownError as exc:
            await self._log(SubmitUnknown, failure=Failure.of(exc), request_id=exc.request_id)
            self._keep_answer("submit", exc.answer)
            raise
        await self._log(SubmitAccepted, ticket=accepted.ticket)
        self._keep_answer("submit", accepted.answer)
        return accepted.ticket

    async def _post(self, request: ProviderRequest) -> Accepted:
        """POST until the request was heard once. Only what certainly made no job is repeated.

        Raises: errors.SubmitNotSent, SubmitRejected, SubmitUnknown.
        """
        limiter = self._tools.limiters[request.provider]
        tries = 0
        while True:
            tries += 1
            sent_in_round = limiter.round
            try:
                accepted = await self._provider.submit(request)
            except (NotSentError, RejectedError) as exc:
                busy = isinstance(exc, RejectedError) and exc.http_status == 429
                if busy:
                    limiter.busy(sent_in_round)
                in_vain = tries == SUBMIT_TRIES or self._tools.stopping()
                if in_vain or not (busy or isinstance(exc, NotSentError)):
                    raise
                asked_s = exc.retry_after_s
            else:
                limiter.clean()
                return accepted
            pause_s = retry_after_s(tries, asked_s, jitter=self._tools.jitter())
            await self._tools.clock.sleep(pause_s)

    async def wait(self, ticket: Ticket, *, patience_s: float) -> ProviderResult | None:
        """Poll until the job has ended and return its result.

        None when it failed, or did not end within `patience_s`; either is logged.
        Raises: ServiceUnreachable, with the job still running as far as anyone knows.
        """
        logs: dict[LogLine, None] = {}
        began_s = self._tools.clock.monotonic_s()
        try:
            result = await self._poll_to_the_end(ticket, logs, patience_s)
        except ResultFailed as exc:
            failure = await self._with_units(ticket, exc)
            self._keep_answer("response", failure.answer)
            self._files.write_logs(list(logs))
            await self._log_failure(failure)
            return None
        self._files.write_logs(list(logs))
        if result is None:
            waited_s = self._tools.clock.monotonic_s() - began_s
            await self._log(AttemptTimedOut, waited_s=round(waited_s, 3))
            return None
        await self._keep_result(result)
        return result

    async def settle(self, ticket: Ticket, result: ProviderResult) -> None:
        """Log the metered cost: units of the result × the provider's unit price of that day."""
        units = result.billable_units
        for _ in range(UNITS_TRIES):
            if units is not None:
                break
            await self._tools.clock.sleep(UNITS_PAUSE_S)
            units = (await self._fetch_again(ticket, result)).billable_units
        await self._log_units(units, "the result has no x-fal-billable-units header")

    async def collect_file(self, ticket: Ticket, result: ProviderResult) -> None:
        """Download the result's file. Never submits anything.

        A download that fails is logged as a failure whose result exists; a resume fetches it again.
        Raises: StorageFailed.
        """
        for left in reversed(range(DOWNLOAD_TRIES)):
            try:
                await self._download(result)
            except DownloadFailed as exc:
                if left == 0:
                    await self._log(AttemptFailed, failure=Failure.of(exc))
                    return
                await self._tools.clock.sleep(DOWNLOAD_TRIES - left)
                result = await self._fetch_again(ticket, result)
            else:
                return

    async def _poll_to_the_end(
        self, ticket: Ticket, logs: dict[LogLine, None], patience_s: float
    ) -> ProviderResult | None:
        clock, preset = self._tools.clock, self._preset
        usual_s = float(preset.usual_s) if preset.usual_s else None
        began_s = clock.monotonic_s()
        seen: set[str] = set()
        while True:
            status = await self._provider.poll(ticket)
            logs.update(dict.fromkeys(status.logs))
            if status.state not in seen:
                await self._log_status(status)
                seen.add(status.state)
            if status.state == "completed":
                # A queue that delivers a job twice may say `completed` and take it back.
                with contextlib.suppress(ResultNotReady):
                    return await self._provider.fetch(ticket, preset.output)
            waited_s = clock.monotonic_s() - began_s
            if waited_s >= patience_s:
                return None
            pause_s = poll_after_s(waited_s, usual_s, status.retry_after_s)
            await clock.sleep(min(pause_s, patience_s - waited_s))

    async def _log_status(self, status: QueueStatus) -> None:
        await self._log(
            StatusChanged,
            state=status.state,
            queue_position=status.queue_position,
            inference_s=status.inference_s,
        )

    async def _keep_result(self, result: ProviderResult) -> None:
        self._keep_answer("response", Answer(result.http_status, result.headers, result.text))
        await self._log(
            ResultReceived,
            http_status=result.http_status,
            billable_units=result.billable_units,
            media_url=result.media.url,
            seed_returned=result.seed_returned,
            prompt_returned=result.prompt_returned,
            strict_breach=result.strict_breach,
        )

    async def _log_failure(self, error: ResultFailed) -> None:
        """Log a failure, and what its units say that it cost."""
        if error.billed == "yes" and error.units is not None:
            await self._log_units(error.units, "")
        await self._log(AttemptFailed, failure=Failure.of(error))

    async def _log_units(self, units: Decimal | None, missing: str) -> None:
        quote = self._tools.quotes.get(self._cell.endpoint)
        nano_usd: int | None = None
        source = missing
        if units is not None and quote is None:
            source = "the provider told no unit price for this endpoint"
        elif units is not None and quote is not None:
            nano_usd = nano_from_usd(units * quote.unit_price_usd)
            source = f"x-fal-billable-units × unit price of {quote.as_of} ({quote.source})"
        await self._log(
            CostObserved,
            amount="metered",
            nano_usd=nano_usd,
            units=units,
            unit=quote.unit if quote else None,
            unit_price_usd=quote.unit_price_usd if quote else None,
            source=source,
        )

    async def _with_units(self, ticket: Ticket, failure: ResultFailed) -> ResultFailed:
        """Ask again for a failure that may be billed and does not say so: units may come late."""
        for _ in range(UNITS_TRIES):
            if failure.billed != "maybe" or failure.units is not None:
                break
            await self._tools.clock.sleep(UNITS_PAUSE_S)
            try:
                await self._provider.fetch(ticket, self._preset.output)
            except ResultFailed as exc:
                failure = exc
            except ProviderError:  # what it said before still holds
                break
        return failure

    async def _fetch_again(self, ticket: Ticket, before: ProviderResult) -> ProviderResult:
        """Ask for the result once more: its units may be there now, its file's address renewed."""
        try:
            return await self._provider.fetch(ticket, self._preset.output)
        except ProviderError:  # the result was readable before: what it said then still holds
            return before

    async def _download(self, result: ProviderResult) -> None:
        async with self._provider.download(result.media.url) as chunks:
            stored = await self._files.store_media(
                chunks, result.media.media_type, self._tools.check
            )
        await self._log(
            AssetStored,
            path=stored.path,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            media_type=stored.media_type,
            duration_s=stored.duration_s,
            audio_s=stored.audio_s,
        )

    def _keep_answer(self, name: str, answer: Answer | None) -> None:
        if answer is not None:
            self._files.write_answer(name, answer)

    async def _log(self, kind: Callable[..., LedgerEvent], **fields: object) -> None:
        await self._tools.log.append(
            kind(
                at=self._tools.clock.now(),
                batch=self._tools.batch,
                cell=self._cell.cell_id,
                attempt=self.number,
                **fields,
            )
        )

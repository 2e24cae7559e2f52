"""A runner whose jobs end as the fault script says, and as they should where it says nothing."""

import asyncio
import json
from dataclasses import replace

from fal_experiments.sandbox.bills import Bills
from fal_experiments.sandbox.books import no_charge
from fal_experiments.sandbox.catalogue import Catalogue
from fal_experiments.sandbox.fault_answers import lost_by_runner
from fal_experiments.sandbox.fault_kinds import (
    AimedFault,
    CompletedWithError,
    Result422,
    Result500,
    Stuck,
)
from fal_experiments.sandbox.jobs import Charge, Job, Outcome
from fal_experiments.sandbox.mischief import Mischief
from fal_experiments.sandbox.runner import Runner
from fal_experiments.sandbox.timing import Times
from fal_experiments.sandbox.validation import error_item

_FLAGGED = "The content could not be processed: it was flagged by a content checker."


class FaultyRunner:
    """Stands between the queue and the runner."""

    def __init__(
        self, runner: Runner, mischief: Mischief, bills: Bills, catalogue: Catalogue
    ) -> None:
        self._runner = runner
        self._mischief = mischief
        self._bills = bills
        self._catalogue = catalogue

    def times(self, job: Job) -> Times:
        """Return how long a job would take at fal."""
        return self._runner.times(job)

    async def run(self, job: Job) -> Outcome | None:
        """Return what comes of a job; None when it is stuck for ever."""
        outcome = await self._run(job)
        if outcome is None:
            return None
        outcome = self._bills.charged(job, outcome)
        if self._mischief.is_cancelled_and_billed(job):
            return replace(_cancelled(), charge=outcome.charge, also=outcome.also)
        return outcome

    async def _run(self, job: Job) -> Outcome | None:
        fault = self._mischief.of_job(job)
        if isinstance(fault, Stuck):
            if fault.for_s is None:
                return None
            await asyncio.sleep(fault.for_s)
        if isinstance(fault, Result422) and fault.billed:
            done = await self._runner.run(job)
            is_good = done.http_status == 200
            return replace(_flagged(done.charge), headers=done.headers) if is_good else done
        return self._instead_of_work(fault, job) or await self._runner.run(job)

    def _instead_of_work(self, fault: AimedFault | None, job: Job) -> Outcome | None:
        match fault:
            case CompletedWithError():
                return lost_by_runner(fault.error_type)
            case Result500():
                return _failed_inside()
            case Result422():
                return _flagged(self._no_charge(job))
            case _:
                return None

    def _no_charge(self, job: Job) -> Charge:
        endpoint = self._catalogue.get(job.endpoint)
        return no_charge(endpoint.preset if endpoint else None)


def _flagged(cost: Charge | None) -> Outcome:
    body = {"detail": [error_item(("prompt",), "content_policy_violation", _FLAGGED)]}
    return Outcome(422, json.dumps(body), {"x-fal-billable-units": "0"}, charge=cost)


def _failed_inside() -> Outcome:
    body = {"detail": [error_item((), "internal_server_error", "Internal server error")]}
    return Outcome(500, json.dumps(body), {"x-fal-needs-retry": "1"})


def _cancelled() -> Outcome:
    text, error_type = "The request was cancelled", "client_cancelled"
    body = json.dumps({"detail": text, "error_type": error_type})
    return Outcome(499, body, {"x-fal-error-type": error_type}, text, error_type)

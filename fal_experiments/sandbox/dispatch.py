"""Queued jobs → running jobs → finished jobs, a limited number at once, in order of arrival.

One thread, one event loop. The database is written before anything is said or done, so that a
killed process finds every job again. Low priority waits behind all normal requests.
"""

import asyncio
import bisect
import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fal_experiments.sandbox.jobs import Job, Outcome
from fal_experiments.sandbox.store import JobStore
from fal_experiments.sandbox.timing import Times

_log = logging.getLogger("fal_experiments.sandbox")
_Place = tuple[bool, int]
"""Low priority or not, then the order of arrival."""


@dataclass
class _Waiting:
    job: Job
    queue_s: float
    others_ahead: int
    ready_at_s: float
    """When its simulated wait is over, on the loop's clock."""


class Works(Protocol):
    """Whoever does the jobs."""

    def times(self, job: Job) -> Times:
        """Return how long a job would take at fal."""

    async def run(self, job: Job) -> Outcome | None:
        """Return what comes of a job; None when nothing is ever heard of it again."""


class Dispatcher:
    """The queue of one sandbox."""

    def __init__(
        self,
        store: JobStore,
        runner: Works,
        *,
        concurrency: int,
        time_scale: float,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._runner = runner
        self._concurrency = concurrency
        self._time_scale = time_scale
        self._now = now
        self._order: list[_Place] = []
        self._waiting: dict[_Place, _Waiting] = {}
        self._places: dict[str, _Place] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._done: dict[str, asyncio.Event] = {}

    def reopen(self) -> None:
        """Take up every job that a former process left unfinished."""
        for job in self._store.reopen_unfinished():
            self.enqueue(job)

    async def close(self) -> None:
        """Stop. Running jobs are dropped here and run again when the state is opened again."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def has_free_slot(self) -> bool:
        """True when a job could start at once."""
        return len(self._running) < self._concurrency

    def waiting_count(self, endpoint: str) -> int:
        """Return how many requests of an endpoint wait."""
        return sum(waiting.job.endpoint == endpoint for waiting in self._waiting.values())

    def planned_s(self, job: Job) -> float:
        """Return the seconds that a job will be in progress, drawing included if that is quick."""
        return self._runner.times(job).service_s * self._time_scale

    def enqueue(self, job: Job) -> None:
        """Let a job wait for its turn."""
        loop, times = asyncio.get_running_loop(), self._runner.times(job)
        queue_s = times.queue_s * self._time_scale
        place = (job.is_low_priority, job.seq)
        self._waiting[place] = _Waiting(job, queue_s, times.others_ahead, loop.time() + queue_s)
        self._places[job.request_id] = place
        bisect.insort(self._order, place)
        self._done[job.request_id] = asyncio.Event()
        if job.start_within_s is not None:
            waited_s = (self._now() - job.sent_at).total_seconds()
            loop.call_later(max(0.0, job.start_within_s - waited_s), self._expire, job)
        if queue_s:
            loop.call_later(queue_s, self._fill_slots)
        loop.call_soon(self._fill_slots)

    def start_at_once(self, job: Job) -> None:
        """Run a job without a wait; the caller has seen that a slot is free."""
        self._done[job.request_id] = asyncio.Event()
        self._start(job)

    def position(self, request_id: str) -> int | None:
        """Return how many requests stand before one, strangers' included; None: none waits."""
        place = self._places.get(request_id)
        if place is None:
            return None
        waiting = self._waiting[place]
        left_s = waiting.ready_at_s - asyncio.get_running_loop().time()
        strangers = 0
        if left_s > 0:
            strangers = math.ceil(waiting.others_ahead * left_s / waiting.queue_s)
        return bisect.bisect_left(self._order, place) + strangers

    def cancel(self, request_id: str) -> bool:
        """Take a job off the queue; False when it does not wait (any more)."""
        if request_id not in self._places:
            return False
        job = self._leave_queue(self._places[request_id])
        self._finish(job, _failed(499, "The request was cancelled", "client_cancelled"))
        return True

    async def wait_done(self, request_id: str, timeout_s: float | None = None) -> bool:
        """Wait until a job is finished; False when the time is over before."""
        done = self._done.get(request_id)
        if done is None:
            return True
        try:
            await asyncio.wait_for(done.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    def _fill_slots(self) -> None:
        now_s = asyncio.get_running_loop().time()
        while self.has_free_slot:
            ready = (place for place in self._order if self._waiting[place].ready_at_s <= now_s)
            place = next(ready, None)
            if place is None:
                return
            self._start(self._leave_queue(place))

    def _leave_queue(self, place: _Place) -> Job:
        del self._order[bisect.bisect_left(self._order, place)]
        job = self._waiting.pop(place).job
        del self._places[job.request_id]
        return job

    def _expire(self, job: Job) -> None:
        if job.request_id in self._places:
            self._leave_queue(self._places[job.request_id])
            outcome = _failed(504, "Request timed out", "request_timeout")
            outcome.headers["x-fal-request-timeout-type"] = "user"
            self._finish(job, outcome)

    def _start(self, job: Job) -> None:
        self._store.start(job, self._now())
        self._running[job.request_id] = asyncio.create_task(self._serve(job))

    async def _serve(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        ends_at_s = loop.time() + self.planned_s(job)
        outcome: Outcome | None
        try:
            outcome = await self._runner.run(job)
        except Exception:  # noqa: BLE001  a fault of ours ends this one job, never the queue
            _log.exception("job %s of %s failed", job.request_id, job.endpoint)
            outcome = _failed(500, "Internal error", "internal_error")
        await asyncio.sleep(max(0.0, ends_at_s - loop.time()))
        del self._running[job.request_id]
        if outcome is not None:
            self._finish(job, outcome)
        self._fill_slots()

    def _finish(self, job: Job, outcome: Outcome) -> None:
        self._store.complete(job, outcome, self._now())
        self._done.pop(job.request_id).set()


def _failed(status: int, text: str, error_type: str) -> Outcome:
    body = json.dumps({"detail": text, "error_type": error_type})
    return Outcome(status, body, {"x-fal-error-type": error_type}, text, error_type)

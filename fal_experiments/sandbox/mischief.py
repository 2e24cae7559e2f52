"""What the routes ask before they answer: does a fault of the script strike here, and which?"""

from dataclasses import replace
from datetime import datetime

from fal_experiments.sandbox.fault_kinds import (
    AimedFault,
    DuplicateDelivery,
    Hook,
    ListLag,
    ListTags,
)
from fal_experiments.sandbox.faults import Occasion
from fal_experiments.sandbox.jobs import CDN_MARK, Job
from fal_experiments.sandbox.store import JobStore
from fal_experiments.sandbox.strikes import Strikes

ADDRESS_KNOB = "token"
"""The parameter by which one address of a file differs from another."""
_UNITS_HEADER = "x-fal-billable-units"


class Mischief:
    """The script's faults, by what they strike. Without a script every answer is no."""

    def __init__(self, strikes: Strikes, store: JobStore) -> None:
        self._strikes = strikes
        self._store = store

    def at_submit(self, endpoint: str, body_sha256: str) -> AimedFault | None:
        """Return what befalls a POST that is not in the database yet."""
        if not self._strikes.can_strike("submit"):
            return None
        number = self._store.posts_of(endpoint, body_sha256)
        return self._strikes.first_on(
            Occasion("submit", endpoint, f"{body_sha256} {endpoint}", number)
        )

    def at_read(self, job: Job, action: tuple[str, ...]) -> AimedFault | None:
        """Return what befalls a GET of status or result; a stream is left alone."""
        if action == ():
            return self._strikes.first_on(*self._counted(job, "read"))
        if action == ("status",):
            return self._strikes.first_on(*self._counted(job, "read", "status"))
        return None

    def of_job(self, job: Job) -> AimedFault | None:
        """Return what befalls a job as a whole: always the same."""
        if not self._strikes.can_strike("job"):
            return None
        return self._strikes.first_on(_as_a_whole("job", job))

    def ignores_cancel(self, job: Job) -> bool:
        """Tell whether a cancellation is without effect."""
        hooks: tuple[Hook, ...] = ("cancel", "cancel_bill")
        if not self._strikes.can_strike(*hooks):
            return False
        occasions = (_as_a_whole(hook, job) for hook in hooks)
        return self._strikes.first_on(*occasions) is not None

    def is_cancelled_and_billed(self, job: Job) -> bool:
        """Tell whether a job was cancelled whose work was done and is charged all the same."""
        return self._strikes.has_struck("cancel_billed", job.request_id)

    def as_shown(self, job: Job) -> Job:
        """Return a job as this one read shows it: one that is delivered twice is done twice."""
        if job.state != "completed":
            return job
        fault = self.of_job(job)
        if not isinstance(fault, DuplicateDelivery):
            return job
        earlier = self._strikes.next_number("job", _identity(job))
        if not 1 <= earlier <= fault.for_reads:
            return job
        return replace(job, state="running", ended_at=None, outcome=None)

    def result_headers(self, job: Job, headers: dict[str, str]) -> dict[str, str]:
        """Return the headers of a result, without its units where they are late."""
        if _UNITS_HEADER in headers and self._strikes.first_on(*self._counted(job, "result")):
            return {name: value for name, value in headers.items() if name != _UNITS_HEADER}
        return headers

    def result_body(self, job: Job, body: str) -> str:
        """Return a result's text with a fresh address for its file, where addresses can die."""
        if not self._strikes.can_strike("address"):
            return body
        url_path = self._store.file_of(job.request_id)
        if url_path is None:
            return body
        number = 1 + self._strikes.next_number("address", _identity(job))
        address = f'"{CDN_MARK}{url_path}'
        return body.replace(f'{address}"', f'{address}?{ADDRESS_KNOB}={number}"')

    def at_media(self, url_path: str, token: str, *, is_get: bool) -> AimedFault | None:
        """Return what befalls a GET or HEAD of a file; uploads are left alone."""
        if not self._strikes.can_strike("media", "address", "file"):
            return None
        job = self._store.maker_of(url_path)
        if job is None:
            return None
        # an address without a token is that of the first result
        address = int(token) - 1 if token.isdecimal() and 0 < len(token) < 10 else 0
        about = (job.endpoint, _identity(job))
        return self._strikes.first_on(
            Occasion("address", *about, max(0, address), job.request_id),
            Occasion("file", *about, 0, job.request_id),
            *(self._counted(job, "media") if is_get else ()),
        )

    def in_list(self, job: Job, now: datetime) -> tuple[bool, bool]:
        """Return whether a list knows a job yet, and whether it tells its tags."""
        if not self._strikes.can_strike("list"):
            return True, False
        faults = self._strikes.all_on(_as_a_whole("list", job))
        age_s = (now - job.sent_at).total_seconds()
        is_known = all(age_s >= fault.for_s for fault in faults if isinstance(fault, ListLag))
        return is_known, any(isinstance(fault, ListTags) for fault in faults)

    def _counted(self, job: Job, *hooks: Hook) -> list[Occasion]:
        identity = _identity(job)
        return [
            Occasion(
                hook,
                job.endpoint,
                identity,
                self._strikes.next_number(hook, identity),
                job.request_id,
            )
            for hook in hooks
            if self._strikes.can_strike(hook)
        ]


def _identity(job: Job) -> str:
    """Return what a job is called in every run of the same work; its id is another each time."""
    return f"{job.body_sha256} {job.take} {job.endpoint}"


def _as_a_whole(hook: Hook, job: Job) -> Occasion:
    """Return the occasion that a job is, among equal ones."""
    equal = f"{job.body_sha256} {job.endpoint}"
    return Occasion(hook, job.endpoint, equal, job.take, job.request_id)

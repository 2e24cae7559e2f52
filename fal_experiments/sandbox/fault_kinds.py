"""The kinds of faults that a script can name, each with what can be said about it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fal_experiments.core.model import Record, Truth, Whole
from fal_experiments.sandbox.bill_faults import (
    Aimed,
    BillFault,
    BillKind,
    Count,
    EventFault,
    Number,
)

Hook = Literal[
    "submit",
    "read",
    "status",
    "result",
    "job",
    "cancel",
    "media",
    "address",
    "file",
    "list",
    "bill",
    "cancel_bill",
    "event",
    "late",
    "bills",
    "page",
    "estimate",
    "account",
]
"""Where a fault strikes. `media` is each GET of a file, `address` one address of it, `file` all;
`bill` is what a job is charged, `event` a line of the bill, `bills` a question about bills."""
At = Literal["submit", "read"]
ErrorType = Literal[
    "runner_disconnected",
    "runner_scheduling_failure",
    "runner_connection_timeout",
    "runner_connection_refused",
    "runner_connection_error",
    "runner_incomplete_response",
    "runner_server_error",
    "internal_error",
    "request_timeout",
    "startup_timeout",
]
"""The infrastructure errors of references/fal-platform.md 5.3 that a job can end with."""


Seconds = Annotated[Number, Field(ge=0, le=86_400)]


class SubmitSpoiled(Aimed):
    """The answer of a submit goes missing or is cut; `dropped` accepts nothing."""

    do: Literal["answer_lost", "dropped", "garbled"]


class RateLimited(Aimed):
    """HTTP 429 in fal's words."""

    do: Literal["rate_limited"]
    at: At = "submit"
    retry_after_s: Annotated[Whole, Field(ge=0, le=86_400)] = 0
    """Sent as Retry-After when it is not 0."""


class Ingress503(Aimed):
    """The page of a proxy that did not reach fal's gateway."""

    do: Literal["ingress_503"]
    at: At = "submit"
    accepted: Truth = False
    """True: the job was accepted all the same."""

    @model_validator(mode="after")
    def _accepts_submits_only(self) -> "Ingress503":
        if self.accepted and self.at == "read":
            raise ValueError("accepted is about a submit; leave it out, or at: read")
        return self


class SlowHeaders(Aimed):
    """The work is done and the answer withheld."""

    do: Literal["slow_headers"]
    at: At = "submit"
    delay_s: Seconds = 5.0


class Status5xx(Aimed):
    """GET status fails while the job goes on."""

    do: Literal["status_5xx"]
    status: Literal[500, 502, 503, 504] = 500


class UnitsLate(Aimed):
    """A result without x-fal-billable-units, at first."""

    do: Literal["units_late"]
    first: Count | None = 1


class JobFault(Aimed):
    """A fault of a job as a whole. `first` counts the equal requests that became jobs."""


class CompletedWithError(JobFault):
    """The infrastructure lost the job. Unbilled."""

    do: Literal["completed_with_error"]
    error_type: ErrorType = "runner_disconnected"


class Result422(JobFault):
    """The model refuses what it was asked."""

    do: Literal["result_422"]
    billed: Truth = False
    """True: after the work was done, which is charged."""


class Result500(JobFault):
    """The model fails, and may not the next time. Unbilled."""

    do: Literal["result_500"]


class Stuck(JobFault):
    """The job stays in progress."""

    do: Literal["stuck"]
    for_s: Seconds | None = None
    """Real seconds; null is for ever."""


class DuplicateDelivery(JobFault):
    """Delivered at least once: a job that was done is in progress again, and done again."""

    do: Literal["duplicate_delivery"]
    for_reads: Annotated[Whole, Field(ge=1, le=1000)] = 2


class CancelIgnored(Aimed):
    """A cancellation is taken note of, and nothing more."""

    do: Literal["cancel_ignored"]


class MediaBroken(Aimed):
    """A file of a result comes as half of its bytes, or as a page of HTML."""

    do: Literal["media_truncated", "media_html"]


class MediaExpired(Aimed):
    """An address of a file is dead for good; the result hands out a fresh one at each fetch."""

    do: Literal["media_expired"]
    first: Count | None = 1
    gone: Truth = False
    """True: the file itself is gone, whatever the address."""


class ListFault(Aimed):
    """A fault of GET models/requests/by-endpoint, for each job in it."""


class ListLag(ListFault):
    """The list does not know the youngest requests yet."""

    do: Literal["list_lag"]
    for_s: Seconds = 60.0


class ListTags(ListFault):
    """The list tells the tags of a request, which the real one is not known to do."""

    do: Literal["list_tags"]


class ClockSkew(Record):
    """The service's clock is off, for everything that it stamps."""

    do: Literal["clock_skew"]
    by_s: Annotated[Number, Field(ge=-3e8, le=3e8)] = 120.0


AimedFault = (
    SubmitSpoiled
    | RateLimited
    | Ingress503
    | SlowHeaders
    | Status5xx
    | UnitsLate
    | CompletedWithError
    | Result422
    | Result500
    | Stuck
    | DuplicateDelivery
    | CancelIgnored
    | MediaBroken
    | MediaExpired
    | ListLag
    | ListTags
    | BillKind
)
Fault = AimedFault | ClockSkew


_HOOKS: dict[str, Hook] = {
    "answer_lost": "submit",
    "dropped": "submit",
    "garbled": "submit",
    "status_5xx": "status",
    "units_late": "result",
    "cancel_ignored": "cancel",
    "media_truncated": "media",
    "media_html": "media",
    "list_lag": "list",
    "list_tags": "list",
    "cancel_billed": "cancel_bill",
    "bill_late": "late",
    "bills_500": "bills",
    "bills_403": "bills",
    "bill_pages": "page",
    "estimate_429": "estimate",
    "balance": "account",
}


def hook_of(fault: AimedFault) -> Hook:
    """Return where a fault strikes; a job as a whole is what remains."""
    if isinstance(fault, RateLimited | Ingress503 | SlowHeaders):
        return fault.at
    if isinstance(fault, MediaExpired):
        return "file" if fault.gone else "address"
    if isinstance(fault, BillFault):
        return "bill"
    if isinstance(fault, EventFault) and fault.do not in _HOOKS:
        return "event"
    return _HOOKS.get(fault.do, "job")

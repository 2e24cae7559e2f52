"""One submission of one cell, as far as its events tell: state, times, money, file."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from fal_experiments.core.events import (
    AssetStored,
    AttemptEvent,
    AttemptFailed,
    AttemptTimedOut,
    CancelRequested,
    CellResolved,
    CostObserved,
    ResultReceived,
    StatusChanged,
    SubmitAccepted,
    SubmitRejected,
    SubmitUnknown,
    UnknownSearched,
)
from fal_experiments.core.request import Failure, Ticket

AttemptState = Literal[
    "submitting",  # intended, no answer yet
    "queued",
    "running",
    "downloading",  # the result is here, its file not yet
    "done",
    "failed",
    "rejected",
    "submission_unknown",
    "timed_out",  # given up waiting; the job may still end, and a resume collects it
    "cancelled",
    "download_lost",  # paid for, and the provider has the file no more
    "abandoned",
]
IN_FLIGHT: frozenset[str] = frozenset({"submitting", "queued", "running", "downloading"})
ENDED: frozenset[str] = frozenset(
    {"done", "failed", "rejected", "timed_out", "cancelled", "download_lost", "abandoned"}
)
CANCELLED_KIND = "client_cancelled"
GONE_KIND = "media_gone"
"""Failures that are states of their own."""


@dataclass
class Cost:
    """One observed amount with its source."""

    nano_usd: int | None
    units: Decimal | None
    unit: str | None
    unit_price_usd: Decimal | None
    source: str
    at: datetime
    discount_nano_usd: int | None = None
    billed_as: str | None = None
    billed_at: datetime | None = None
    lines: int = 1


@dataclass
class Attempt:
    """One submission of a cell, as far as the log knows it."""

    cell: str
    number: int
    endpoint: str
    request_sha256: str
    reserved_nano_usd: int
    intended_at: datetime
    state: AttemptState = "submitting"
    ticket: Ticket | None = None
    failure: Failure | None = None
    unknown_at: datetime | None = None
    """When the answer to the submit was given up."""
    named: str | None = None
    """The request id in an answer that was no ticket."""
    searched: UnknownSearched | None = None
    """The last search in the provider's request list, of an unknown submission."""
    resolved: CellResolved | None = None
    cancel_asked: bool = False
    accepted_at: datetime | None = None
    running_at: datetime | None = None
    completed_at: datetime | None = None
    received_at: datetime | None = None
    ended_at: datetime | None = None
    inference_s: Decimal | None = None
    units: Decimal | None = None
    media_url: str | None = None
    seed_returned: int | None = None
    prompt_returned: str | None = None
    strict_breach: str | None = None
    asset: AssetStored | None = None
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    """Observations by amount (metered, billed, invoiced), oldest first."""

    @property
    def request_id(self) -> str | None:
        """The provider's name of the job; None where no answer to the submit told one."""
        return self.ticket.request_id if self.ticket else self.named

    def cost(self, amount: str) -> Cost | None:
        """Return the latest observation of an amount."""
        seen = self.costs.get(amount)
        return seen[-1] if seen else None

    @property
    def bill_changes(self) -> list[tuple[Cost, Cost]]:
        """Observations of the billed amount that differ from the one before, with that one."""
        seen = self.costs.get("billed", [])
        return [(old, new) for old, new in pairwise(seen) if old.nano_usd != new.nano_usd]

    @property
    def counted_nano_usd(self) -> int:
        """What this attempt holds against the cap: its known cost, else its worst case.

        Nothing is counted where no job exists or the provider does not bill the failure.
        """
        if self._known is not None:
            return max(0, self._known)  # a credit makes no room that nobody granted
        unbilled = self.failure is not None and self.failure.billed == "no"
        if self.state == "rejected" or (self.state in {"failed", "cancelled"} and unbilled):
            return 0
        return self.reserved_nano_usd

    @property
    def known_nano_usd(self) -> int:
        """What it is known to have cost; 0 where nothing is known yet."""
        return self._known or 0

    @property
    def _known(self) -> int | None:
        for amount in ("billed", "metered"):
            cost = self.cost(amount)
            if cost is not None and cost.nano_usd is not None:
                return cost.nano_usd
        return None

    @property
    def overcharged_nano_usd(self) -> int:
        """How much more than its declared worst case this attempt cost; 0 where it kept it."""
        return max(0, self.counted_nano_usd - self.reserved_nano_usd)


INTERRUPTED_SUBMIT = Failure(
    kind="interrupted_submit",
    message="the program ended between sending the request and reading its answer",
    billed="unknown",
)


def advance(attempt: Attempt, event: AttemptEvent) -> None:
    """Take one more event of the attempt into account."""
    match event:
        case SubmitAccepted():
            attempt.ticket, attempt.accepted_at = event.ticket, event.at
            attempt.state = "queued"
        case SubmitRejected():
            _end(attempt, "rejected", event.at, event.failure)
        case SubmitUnknown():
            attempt.state, attempt.failure = "submission_unknown", event.failure
            attempt.unknown_at, attempt.named = event.at, event.request_id
        case StatusChanged():
            _note_status(attempt, event)
        case ResultReceived():
            attempt.state, attempt.received_at = "downloading", event.at
            attempt.units, attempt.media_url = event.billable_units, event.media_url
            attempt.failure, attempt.ended_at = None, None  # a late result of a job given up
            attempt.seed_returned = event.seed_returned
            attempt.prompt_returned = event.prompt_returned
            attempt.strict_breach = event.strict_breach
        case AssetStored():
            attempt.asset = event
            _end(attempt, "done", event.at, None)
        case AttemptFailed():
            states: dict[str, AttemptState] = {
                CANCELLED_KIND: "cancelled",
                GONE_KIND: "download_lost",
            }
            _end(attempt, states.get(event.failure.kind, "failed"), event.at, event.failure)
        case AttemptTimedOut():
            _end(attempt, "timed_out", event.at, _timed_out(event.waited_s))
        case CellResolved():
            _resolve(attempt, event)
        case _:
            _note(attempt, event)


def _note(attempt: Attempt, event: AttemptEvent) -> None:
    """Take an event into account that changes no state."""
    match event:
        case UnknownSearched():
            attempt.searched = event
        case CancelRequested():
            attempt.cancel_asked = True
        case CostObserved():
            cost = Cost(
                nano_usd=event.nano_usd,
                units=event.units,
                unit=event.unit,
                unit_price_usd=event.unit_price_usd,
                source=event.source,
                at=event.at,
                discount_nano_usd=event.discount_nano_usd,
                billed_as=event.billed_as,
                billed_at=event.billed_at,
                lines=event.lines,
            )
            attempt.costs.setdefault(event.amount, []).append(cost)
        case _:
            raise TypeError(f"no rule for {type(event).__name__}")


def _note_status(attempt: Attempt, event: StatusChanged) -> None:
    if event.state == "completed":
        attempt.completed_at = attempt.completed_at or event.at
        attempt.inference_s = event.inference_s
        return
    attempt.state = event.state
    if event.state == "running":
        attempt.running_at = attempt.running_at or event.at


def _timed_out(waited_s: float) -> Failure:
    return Failure(
        kind="timed_out",
        message=f"no result after {waited_s:.0f} s; the job may still end and be billed, and a "
        "resume collects it",
        billed="unknown",
        retry_can_help=True,
    )


def _resolve(attempt: Attempt, event: CellResolved) -> None:
    if event.request_id is not None:
        attempt.named = event.request_id
        return
    attempt.resolved = event
    if event.decision == "adopt" and event.ticket is not None:
        attempt.ticket, attempt.accepted_at = event.ticket, event.at
        attempt.state, attempt.failure, attempt.ended_at = "queued", None, None
    else:
        attempt.state, attempt.ended_at = "abandoned", event.at


def _end(attempt: Attempt, state: AttemptState, at: datetime, failure: Failure | None) -> None:
    attempt.state, attempt.ended_at, attempt.failure = state, at, failure

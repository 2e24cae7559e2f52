"""One submission of one cell, as far as its events tell: state, times, money, file."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from fal_experiments.core.events import (
    AssetStored,
    AttemptEvent,
    AttemptFailed,
    CellResolved,
    CostObserved,
    ResultReceived,
    StatusChanged,
    SubmitAccepted,
    SubmitRejected,
    SubmitUnknown,
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
    "abandoned",
]
IN_FLIGHT: frozenset[str] = frozenset({"submitting", "queued", "running", "downloading"})
ENDED: frozenset[str] = frozenset({"done", "failed", "rejected", "abandoned"})


@dataclass
class Cost:
    """One observed amount with its source."""

    nano_usd: int | None
    units: Decimal | None
    unit: str | None
    unit_price_usd: Decimal | None
    source: str
    at: datetime


@dataclass
class Attempt:
    """One submission of a cell, as far as the log knows it."""

    cell: str
    number: int
    endpoint: str
    reserved_nano_usd: int
    intended_at: datetime
    state: AttemptState = "submitting"
    ticket: Ticket | None = None
    failure: Failure | None = None
    accepted_at: datetime | None = None
    running_at: datetime | None = None
    completed_at: datetime | None = None
    received_at: datetime | None = None
    ended_at: datetime | None = None
    inference_s: Decimal | None = None
    units: Decimal | None = None
    media_url: str | None = None
    seed_returned: int | None = None
    strict_breach: str | None = None
    asset: AssetStored | None = None
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    """Observations by amount (metered, billed, invoiced), oldest first."""

    def cost(self, amount: str) -> Cost | None:
        """Return the latest observation of an amount."""
        seen = self.costs.get(amount)
        return seen[-1] if seen else None

    @property
    def counted_nano_usd(self) -> int:
        """What this attempt holds against the cap: its known cost, else its worst case.

        Nothing is counted where no job exists or the provider does not bill the failure.
        """
        for amount in ("billed", "metered"):
            cost = self.cost(amount)
            if cost is not None and cost.nano_usd is not None:
                return cost.nano_usd
        unbilled = self.failure is not None and self.failure.billed == "no"
        if self.state == "rejected" or (self.state == "failed" and unbilled):
            return 0
        return self.reserved_nano_usd


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
        case StatusChanged():
            _note_status(attempt, event)
        case ResultReceived():
            attempt.state, attempt.received_at = "downloading", event.at
            attempt.units, attempt.media_url = event.billable_units, event.media_url
            attempt.seed_returned = event.seed_returned
            attempt.strict_breach = event.strict_breach
        case AssetStored():
            attempt.asset = event
            _end(attempt, "done", event.at, None)
        case AttemptFailed():
            _end(attempt, "failed", event.at, event.failure)
        case CostObserved():
            cost = Cost(
                nano_usd=event.nano_usd,
                units=event.units,
                unit=event.unit,
                unit_price_usd=event.unit_price_usd,
                source=event.source,
                at=event.at,
            )
            attempt.costs.setdefault(event.amount, []).append(cost)
        case CellResolved():
            _resolve(attempt, event)
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


def _resolve(attempt: Attempt, event: CellResolved) -> None:
    if event.decision == "adopt" and event.ticket is not None:
        attempt.ticket, attempt.accepted_at = event.ticket, event.at
        attempt.state, attempt.failure = "queued", None
    else:
        attempt.state, attempt.ended_at = "abandoned", event.at


def _end(attempt: Attempt, state: AttemptState, at: datetime, failure: Failure | None) -> None:
    attempt.state, attempt.ended_at, attempt.failure = state, at, failure

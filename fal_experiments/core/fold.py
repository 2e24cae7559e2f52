"""Events → state: what became of every attempt and every cell. Defined on every prefix of a log."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from fal_experiments.core.attempt import INTERRUPTED_SUBMIT, Attempt, AttemptState, advance
from fal_experiments.core.events import (
    AttemptEvent,
    BatchCancelled,
    BatchFinished,
    BatchStarted,
    CostObserved,
    InputUploaded,
    LedgerEvent,
    SubmitIntended,
)
from fal_experiments.core.request import Quote

CellState = AttemptState | Literal["pending", "over_budget", "paused"]


@dataclass
class BatchState:
    """The whole of a batch, as far as its log knows it."""

    started: BatchStarted | None = None
    first_started_at: datetime | None = None
    last_at: datetime | None = None
    sessions: int = 0
    cap_nano_usd: int = 0
    quotes: dict[str, Quote] = field(default_factory=dict)
    uploads: dict[tuple[str, str], str] = field(default_factory=dict)
    """URL of each input that is uploaded, by provider and SHA-256."""
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    finished: BatchFinished | None = None
    left: dict[str, CellState] = field(default_factory=dict)
    """Cells that the last process left for a reason, until the next one starts."""
    cancelled_at: datetime | None = None
    """When a person cancelled the batch; nothing more is submitted then."""
    next_seq: int = 1
    spent_nano_usd: int = 0
    """Known costs of every attempt together; the rest of what is counted is held."""
    counted_nano_usd: int = 0
    """Settled and reserved money of every attempt together, kept up with each event."""

    def latest(self, cell: str) -> Attempt | None:
        """Return the last attempt of a cell, None before the first."""
        tries = self.attempts.get(cell)
        return tries[-1] if tries else None

    def cell_state(self, cell: str) -> CellState:
        """Return where a cell stands.

        One that should have been submitted once more, and did not fit the cap, waits for a higher
        one like any other.
        """
        attempt = self.latest(cell)
        left = self.left.get(cell) if self.cancelled_at is None else None
        if attempt is not None and left == "over_budget":
            return left
        if attempt is not None:
            return attempt.state
        if self.cancelled_at is not None:
            return "cancelled"
        return self.left.get(cell, "pending")

    def apply_all(self, events: Iterable[LedgerEvent]) -> None:
        """Take events into account, in order."""
        for event in events:
            self.apply(event)

    def apply(self, event: LedgerEvent) -> None:
        """Take one more event into account."""
        self.next_seq = event.seq + 1
        if not (isinstance(event, CostObserved) and event.amount == "billed"):
            self.last_at = event.at  # a bill is read days later, when nothing runs any more
        match event:
            case BatchStarted():
                self._begin(event)
            case InputUploaded():
                self.uploads[event.provider, event.input_sha256] = event.url
            case BatchFinished():
                self.finished = event
                self.left = dict.fromkeys(event.paused, "paused")
                self.left |= dict.fromkeys(event.over_budget, "over_budget")
            case BatchCancelled():
                self.cancelled_at = event.at
            case SubmitIntended():
                attempt = Attempt(
                    cell=event.cell,
                    number=event.attempt,
                    endpoint=event.endpoint,
                    request_sha256=event.request_sha256,
                    reserved_nano_usd=event.reserved_nano_usd,
                    intended_at=event.at,
                )
                self.attempts.setdefault(event.cell, []).append(attempt)
                self.counted_nano_usd += attempt.counted_nano_usd
            case _:
                attempt = self._attempt_of(event)
                self.counted_nano_usd -= attempt.counted_nano_usd
                self.spent_nano_usd -= attempt.known_nano_usd
                advance(attempt, event)
                self.counted_nano_usd += attempt.counted_nano_usd
                self.spent_nano_usd += attempt.known_nano_usd

    def _attempt_of(self, event: AttemptEvent) -> Attempt:
        tries = self.attempts.get(event.cell, [])
        if not 1 <= event.attempt <= len(tries):
            raise ValueError(
                f"event {event.seq}: attempt {event.attempt} of {event.cell} was never intended"
            )
        return tries[event.attempt - 1]

    def _begin(self, event: BatchStarted) -> None:
        self.started = event
        self.first_started_at = self.first_started_at or event.at
        self.sessions = event.session
        self.cap_nano_usd = event.cap_nano_usd
        self.quotes |= event.quotes
        self.finished = None
        self.left = {}


def fold(events: Iterable[LedgerEvent]) -> BatchState:
    """Return the state after `events`.

    Raises: ValueError when an event speaks of an attempt that was never intended.
    """
    state = BatchState()
    state.apply_all(events)
    return state


def settle_interrupted(state: BatchState) -> None:
    """Turn every submission without an answer into an unknown one.

    True once no process works on the batch any more: the POST may have left before the end.
    """
    for tries in state.attempts.values():
        for attempt in tries:
            if attempt.state == "submitting":
                attempt.state = "submission_unknown"
                attempt.failure = INTERRUPTED_SUBMIT

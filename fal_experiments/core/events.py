"""The events of a batch: one class each, in the order in which they can happen.

`events.jsonl` is the only truth about execution. An event that announces a paid act is on disk
before the act. Everything else (ledger rows, batch.json, the report) is folded from these.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fal_experiments.core.model import Record
from fal_experiments.core.request import Failure, Quote, Ticket

EVENT_VERSION = 1


class Envelope(Record):
    """What every event carries. `seq` counts from 1 without a gap; `at` is aware UTC."""

    v: Literal[1] = 1
    seq: int = 0
    at: datetime
    batch: str


class AttemptEvent(Envelope):
    """An event of one submission of one cell. `attempt` counts from 1."""

    cell: str
    attempt: int


class BatchStarted(Envelope):
    """A process began to work on the batch: the first time, or to resume it."""

    type: Literal["batch_started"] = "batch_started"
    session: int
    tool_version: str
    plan_sha256: str
    sandbox: bool
    strict: bool
    cap_nano_usd: int
    """What may be spent in all. No submission leaves that could pass it."""
    quotes: dict[str, Quote] = {}
    """The provider's unit prices by endpoint; metering multiplies them with billable units."""
    ledger_bytes: int = 0
    """Size of the ledger when the batch began: its rows stand behind this offset."""


class InputUploaded(Envelope):
    """A local input is at the provider; the same content is never uploaded again for the batch."""

    type: Literal["input_uploaded"] = "input_uploaded"
    provider: str
    input_sha256: str
    url: str


class SubmitIntended(AttemptEvent):
    """Fsynced before the POST leaves. Without a later event, the job may exist."""

    type: Literal["submit_intended"] = "submit_intended"
    endpoint: str
    request_sha256: str
    reserved_nano_usd: int
    """The worst case of this attempt, held against the cap until its cost is known."""


class SubmitAccepted(AttemptEvent):
    """The provider took the job. The ticket is on disk before the first poll."""

    type: Literal["submit_accepted"] = "submit_accepted"
    ticket: Ticket


class SubmitRejected(AttemptEvent):
    """The provider refused the request, or no byte of it left: no job exists."""

    type: Literal["submit_rejected"] = "submit_rejected"
    failure: Failure


class SubmitUnknown(AttemptEvent):
    """The request left and no usable answer came. Never sent again by the tool."""

    type: Literal["submit_unknown"] = "submit_unknown"
    failure: Failure
    request_id: str | None = None
    """What the unusable answer called the request, if it called it anything."""


class StatusChanged(AttemptEvent):
    """A job was first seen queued, running or completed."""

    type: Literal["status_changed"] = "status_changed"
    state: Literal["queued", "running", "completed"]
    queue_position: int | None = None
    inference_s: Decimal | None = None


class ResultReceived(AttemptEvent):
    """The job succeeded; its raw result is on disk, its file not yet."""

    type: Literal["result_received"] = "result_received"
    http_status: int
    billable_units: Decimal | None
    media_url: str
    seed_returned: int | None = None
    prompt_returned: str | None = None
    strict_breach: str | None = None


class AssetStored(AttemptEvent):
    """The file of the result is on disk, complete and playable."""

    type: Literal["asset_stored"] = "asset_stored"
    path: str
    """From the project root, with `/` on every system."""
    sha256: str
    size_bytes: int
    media_type: str
    duration_s: Decimal | None = None
    """How long its pictures play, measured; None for a still and where it was not measured."""
    audio_s: Decimal | None = None
    """How long its sound plays; None without any and where it was not measured."""


class AttemptFailed(AttemptEvent):
    """The attempt ended without a usable file."""

    type: Literal["attempt_failed"] = "attempt_failed"
    failure: Failure


class CostObserved(AttemptEvent):
    """What the attempt cost, from one source. Later observations do not replace earlier ones."""

    type: Literal["cost_observed"] = "cost_observed"
    amount: Literal["metered", "billed", "invoiced"]
    nano_usd: int | None
    """None: the source was asked and could not say."""
    units: Decimal | None = None
    unit: str | None = None
    unit_price_usd: Decimal | None = None
    source: str
    discount_nano_usd: int | None = None
    """What was taken off before `nano_usd`; None where the source does not say."""
    billed_as: str | None = None
    """The endpoint under which the provider books it, where a bill names one."""
    billed_at: datetime | None = None
    """When the provider booked it (the last of several lines)."""
    lines: int = 1
    """How many different lines of the bill make up the amount."""


class UnknownSearched(AttemptEvent):
    """The provider's request list was searched for an unknown submission, without a decision."""

    type: Literal["unknown_searched"] = "unknown_searched"
    found: Literal["absent", "ambiguous", "unreadable"]
    note: str
    candidates: tuple[str, ...] = ()
    """Requests that may be this one, for a person to choose from."""


class CellResolved(AttemptEvent):
    """It was decided what becomes of an unknown submission."""

    type: Literal["cell_resolved"] = "cell_resolved"
    decision: Literal["adopt", "resubmit", "abandon"]
    by: Literal["person", "tool"] = "person"
    reason: str
    ticket: Ticket | None = None
    request_id: str | None = None
    """With `adopt` and no ticket: the job that an attempt was whose place another has taken. Its
    bill is known from then on; its clip is not collected."""


class AttemptTimedOut(AttemptEvent):
    """The job took longer than `timeout_s`. Its ticket is kept; a resume collects a late result."""

    type: Literal["attempt_timed_out"] = "attempt_timed_out"
    waited_s: float


class CancelRequested(AttemptEvent):
    """The provider was asked to cancel. A job that runs may still end, and be billed."""

    type: Literal["cancel_requested"] = "cancel_requested"
    answer: str
    """The provider's own word."""


class BatchCancelled(Envelope):
    """A person cancelled the batch: what was not submitted yet never will be."""

    type: Literal["batch_cancelled"] = "batch_cancelled"


class BatchFinished(Envelope):
    """A process stopped working on the batch, for this reason."""

    type: Literal["batch_finished"] = "batch_finished"
    reason: Literal[
        "finished",
        "budget",
        "interrupted",
        "account",
        "storage",
        "detached",
        "paused",
        "overcharged",
    ]
    over_budget: tuple[str, ...] = ()
    """Cells that did not fit the cap; they cost nothing and wait for a higher one."""
    paused: tuple[str, ...] = ()
    """Cells that were left because their preset failed too often in a row."""
    pauses: dict[str, str] = {}
    """The paused presets, with why."""


LedgerEvent = Annotated[
    BatchStarted
    | InputUploaded
    | SubmitIntended
    | SubmitAccepted
    | SubmitRejected
    | SubmitUnknown
    | StatusChanged
    | ResultReceived
    | AssetStored
    | AttemptFailed
    | CostObserved
    | UnknownSearched
    | CellResolved
    | AttemptTimedOut
    | CancelRequested
    | BatchCancelled
    | BatchFinished,
    Field(discriminator="type"),
]

_adapter: TypeAdapter[LedgerEvent] = TypeAdapter(LedgerEvent)


def parse_event(line: bytes | str) -> LedgerEvent:
    """Return one event from a line of the log. Raises: pydantic.ValidationError."""
    return _adapter.validate_json(line)


def event_line(event: LedgerEvent) -> bytes:
    """Return an event as one line of the log, newline included."""
    return event.model_dump_json(exclude_defaults=False).encode() + b"\n"

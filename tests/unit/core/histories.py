"""Logs of batches, written as a person would tell them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fal_experiments.core.events import (
    AssetStored,
    AttemptFailed,
    BatchFinished,
    BatchStarted,
    CostObserved,
    LedgerEvent,
    ResultReceived,
    StatusChanged,
    SubmitAccepted,
    SubmitIntended,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.core.request import Failure, Ticket
from fal_experiments.errors import Billed

BEGAN_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TICKET = Ticket(
    provider="fal",
    endpoint="vendor/seeded",
    request_id="req-1",
    status_url="https://queue.fal.run/vendor/seeded/requests/req-1/status",
    response_url="https://queue.fal.run/vendor/seeded/requests/req-1",
    cancel_url="https://queue.fal.run/vendor/seeded/requests/req-1/cancel",
)


def failure(
    kind: str = "boom", *, billed: Billed = "unknown", retry_can_help: bool = False
) -> Failure:
    return Failure(kind=kind, message="it broke", billed=billed, retry_can_help=retry_can_help)


class History:
    """Appends numbered events, one second apart."""

    def __init__(self, cell: str = "c1", reserved: int = 100) -> None:
        self.cell, self.reserved = cell, reserved
        self.events: list[LedgerEvent] = []
        self.attempt = 0

    def started(self, cap: int = 1000, session: int = 1) -> "History":
        return self._add(
            BatchStarted,
            session=session,
            tool_version="0",
            plan_sha256="x",
            sandbox=False,
            strict=True,
            cap_nano_usd=cap,
        )

    def intended(self) -> "History":
        self.attempt += 1
        return self._attempt(
            SubmitIntended,
            endpoint="vendor/seeded",
            request_sha256="y",
            reserved_nano_usd=self.reserved,
        )

    def accepted(self) -> "History":
        return self._attempt(SubmitAccepted, ticket=TICKET)

    def rejected(self, why: Failure | None = None) -> "History":
        return self._attempt(SubmitRejected, failure=why or failure(billed="no"))

    def unknown(self) -> "History":
        return self._attempt(SubmitUnknown, failure=failure("no_answer"))

    def status(self, state: str, **fields: Any) -> "History":
        return self._attempt(StatusChanged, state=state, **fields)

    def result(self, units: str | None = "5") -> "History":
        return self._attempt(
            ResultReceived,
            http_status=200,
            billable_units=Decimal(units) if units else None,
            media_url="https://v3.fal.media/x.mp4",
        )

    def metered(self, nano_usd: int | None) -> "History":
        return self._attempt(CostObserved, amount="metered", nano_usd=nano_usd, source="units")

    def stored(self) -> "History":
        return self._attempt(
            AssetStored, path="x/clip.mp4", sha256="z", size_bytes=9, media_type="video/mp4"
        )

    def failed(self, why: Failure | None = None) -> "History":
        return self._attempt(AttemptFailed, failure=why or failure())

    def finished(self, reason: str = "finished", over_budget: tuple[str, ...] = ()) -> "History":
        return self._add(BatchFinished, reason=reason, over_budget=over_budget)

    def _attempt(self, kind: Any, **fields: Any) -> "History":
        return self._add(kind, cell=self.cell, attempt=self.attempt, **fields)

    def _add(self, kind: Any, **fields: Any) -> "History":
        seq = len(self.events) + 1
        at = BEGAN_AT + timedelta(seconds=seq)
        self.events.append(kind(seq=seq, at=at, batch="b", **fields))
        return self


def done(units_nano: int | None = 56) -> History:
    """A cell that went well."""
    return (
        History()
        .started()
        .intended()
        .accepted()
        .status("queued", queue_position=2)
        .status("running")
        .status("completed", inference_s=Decimal("3.5"))
        .result()
        .metered(units_nano)
        .stored()
        .finished()
    )

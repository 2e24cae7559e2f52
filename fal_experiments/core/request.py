"""What passes between the runner and a provider: request, ticket, status, result, failure."""

from decimal import Decimal
from typing import Any, Literal

from fal_experiments.core.model import Json, Record
from fal_experiments.errors import Billed, ProviderError


class ProviderRequest(Record):
    """One request, complete but for the key: what is POSTed where."""

    provider: str
    endpoint: str
    body: dict[str, Json]
    headers: dict[str, str] = {}


class Ticket(Record):
    """Enough for another process, on another day, to go on. The URLs are the provider's own."""

    provider: str
    endpoint: str
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str


class LogLine(Record):
    """One line that the model printed."""

    at: str
    message: str
    level: str = ""


class QueueStatus(Record):
    """Where a job stands. `completed` ends the queue; whether it succeeded, the result tells."""

    state: Literal["queued", "running", "completed"]
    queue_position: int | None = None
    logs: tuple[LogLine, ...] = ()
    inference_s: Decimal | None = None
    """Seconds on the runner, as the provider measured them."""
    retry_after_s: float | None = None
    """How long the provider asks to wait before the next question."""


class MediaRef(Record):
    """A file of the result, still at the provider."""

    url: str
    media_type: str | None = None
    size_bytes: int | None = None


class ProviderResult(Record):
    """A job that succeeded."""

    http_status: int
    headers: dict[str, str]
    text: str
    """The body exactly as it came, but for a blacked-out key."""
    body: Any
    media: MediaRef
    billable_units: Decimal | None = None
    """None: the header was missing, which is not zero."""
    seed_returned: int | None = None
    prompt_returned: str | None = None
    """The prompt that the result says was used; another one than was sent was rewritten."""
    strict_breach: str | None = None
    """Why this result does not count as a strict one: another endpoint served or bills it."""


class Quote(Record):
    """The provider's own unit price for an endpoint, on a day."""

    unit_price_usd: Decimal
    unit: str
    source: str
    as_of: str


class Failure(Record):
    """An error as it is kept: its type, whether it cost money, whether a retry can help."""

    kind: str
    message: str
    http_status: int | None = None
    billed: Billed = "unknown"
    retry_can_help: bool = False

    @classmethod
    def of(cls, error: ProviderError) -> "Failure":
        """Return what the log keeps of an error."""
        return cls(
            kind=error.kind,
            message=error.message,
            http_status=error.http_status,
            billed=error.billed,
            retry_can_help=error.retry_can_help,
        )

    def label(self) -> str:
        """Return `content_policy_violation (HTTP 422, not billed): …` for a person."""
        status = f"HTTP {self.http_status}, " if self.http_status else ""
        cost = {"no": "not billed", "yes": "billed", "maybe": "may be billed"}
        return f"{self.kind} ({status}{cost.get(self.billed, 'cost unknown')}): {self.message}"

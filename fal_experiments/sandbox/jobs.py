"""One request on the queue, as it stands in the database, and what came of it."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

JobState = Literal["queued", "running", "completed"]
Via = Literal["queue", "run"]


@dataclass(frozen=True)
class Charge:
    """One row of the sandbox's books. `units × unit_price_usd` is the cost, to the nano-dollar."""

    unit: str
    units: Decimal
    unit_price_usd: Decimal
    cost_nano_usd: int
    percent_discount: Decimal | None = None
    """Taken off already; the cost is less than units × price by it."""


@dataclass(frozen=True)
class Also:
    """A further charge that comes with a job: of another request, or of the same once more."""

    request_id: str
    endpoint: str
    charge: Charge
    after_s: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """The answer of a finished job, kept word for word.

    `body` is JSON text in which the sandbox's own CDN stands as `CDN_MARK`, since the port may be
    another one tomorrow. `error` and `error_type` appear on the status, as fal does for failures
    of its infrastructure; an error of the model shows on the result only.
    """

    http_status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    error_type: str | None = None
    charge: Charge | None = None
    also: tuple[Also, ...] = ()

    def billed_as(self, endpoint: str) -> str:
        """Return the id under which a job of `endpoint` stands in the books."""
        return self.headers.get(BILL_AS, endpoint)


BILL_AS = "x-fal-bill-as"
CDN_MARK = "sandbox-cdn:"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A request that is about to be accepted."""

    request_id: str
    app: str
    endpoint: str
    """The model id as it was sent, which may name a path that does not exist."""
    body: bytes
    headers: dict[str, str]
    """Every x-fal-* and x-app-fal-* header."""
    via: Via


@dataclass(frozen=True, kw_only=True)
class Job(Submission):
    """One accepted request."""

    seq: int
    body_sha256: str
    take: int
    """How many equal bodies this endpoint had accepted before."""
    state: JobState
    sent_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def is_low_priority(self) -> bool:
        """True when it waits behind every normal request."""
        return self.headers.get("x-fal-queue-priority", "").lower() == "low"

    @property
    def keeps_payloads(self) -> bool:
        """False when the caller opted out of payload storage with `X-Fal-Store-IO: 0`."""
        return self.headers.get("x-fal-store-io", "1").strip() != "0"

    @property
    def start_within_s(self) -> float | None:
        """Seconds from submit within which it has to start, by `X-Fal-Request-Timeout`."""
        stated = self.headers.get("x-fal-request-timeout")
        return float(stated) if stated else None


def new_request_id(now: datetime) -> str:
    """Return a UUID of version 7: fal's ids sort by time (references/fal-platform.md 2.1)."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(secrets.token_bytes(10), "big")
    value = (value & ~(0xF << 76)) | (7 << 76)
    return str(uuid.UUID(int=(value & ~(0x3 << 62)) | (2 << 62)))

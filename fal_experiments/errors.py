"""Every error a user can meet: its exit code, whether money may have moved, what to do next.

FalExpError
├── BadInput            2    nothing was submitted, nothing was changed
│   └── LaterThere           what was sent is older than what is stored
├── Overcharged         3    the provider charged more than the declared worst case
├── StorageFailed       1    the disk refused; what was paid for is named
└── ProviderError       1    the service answered with an error, or not at all
    ├── SubmitNotSent        no byte of the request left: safe to send again
    ├── SubmitRejected       the service refused the request before it ran
    ├── SubmitUnknown        the request left, no usable answer came: never sent again
    ├── ResultNotReady       the status said `completed`, the result says `not yet`
    ├── ResultFailed         the job ended without a result
    ├── DownloadFailed       the result exists, its file could not be fetched
    └── ServiceUnreachable   a free request (status, price, upload) failed for good
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple

Billed = Literal["no", "maybe", "yes", "unknown"]
"""What is known about the cost of a failure: `maybe` means that the provider may charge it."""


class Answer(NamedTuple):
    """What a service said, for the record: headers are kept by allow-list, keys are blacked out."""

    http_status: int
    headers: Mapping[str, str]
    text: str


class FalExpError(Exception):
    """An error with a message for a person: what is wrong, and after it how to mend it."""

    exit_code = 1
    may_have_spent = False

    def __init__(self, message: str, *, fix: str = "") -> None:
        self.message = message
        self.fix = fix
        super().__init__(message if not fix else f"{message}\n  → {fix}")


class BadInput(FalExpError):
    """A file, a flag or the environment is wrong. Nothing was submitted or changed.

    `path` is where in the file at hand the wrong value stands, for whoever knows its lines.
    """

    exit_code = 2

    def __init__(self, message: str, *, fix: str = "", path: tuple[str | int, ...] = ()) -> None:
        self.path = path
        super().__init__(message, fix=fix)


class LaterThere(BadInput):
    """Something later is stored already, and holds: `holds` is what it says."""

    def __init__(self, message: str, holds: Mapping[str, Any]) -> None:
        self.holds = holds
        super().__init__(message)


class Overcharged(FalExpError):
    """A request cost more than its declared worst case: no cap can be kept on such terms."""

    exit_code = 3
    may_have_spent = True


class StorageFailed(FalExpError):
    """A file could not be written: the disk is full, read-only, or the folder is gone."""

    may_have_spent = True


class ProviderError(FalExpError):
    """A service answered with an error, or not at all.

    `kind` is the provider's machine-readable type, `billed` what is known of its cost,
    `retry_can_help` whether the same request may succeed later, `answer` the words of the service.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        billed: Billed = "unknown",
        retry_can_help: bool = False,
        answer: Answer | None = None,
        fix: str = "",
    ) -> None:
        self.kind = kind
        self.billed: Billed = billed
        self.retry_can_help = retry_can_help
        self.answer = answer
        super().__init__(message, fix=fix)

    @property
    def http_status(self) -> int | None:
        """Status of the answer, None when there was none."""
        return self.answer.http_status if self.answer else None

    @property
    def retry_after_s(self) -> float | None:
        """Seconds that the service asked to wait, None when it did not say."""
        value = self.answer.headers.get("retry-after", "") if self.answer else ""
        return min(float(value), 600.0) if value.isascii() and value.isdigit() else None

    @property
    def is_account_problem(self) -> bool:
        """True for a wrong key, a locked account or no credit: every further request fails too."""
        return self.http_status in {401, 402, 403}


class SubmitNotSent(ProviderError):
    """No byte of the paid request left this machine; sending it again cannot cost twice."""


class SubmitRejected(ProviderError):
    """The service refused the request before any work began."""


class SubmitUnknown(ProviderError):
    """The request left and no usable answer came back; the job may be running and billed.

    `request_id` is what the unusable answer called the request, if anything.
    """

    exit_code = 4
    may_have_spent = True

    def __init__(self, message: str, *, request_id: str | None = None, **words: Any) -> None:
        self.request_id = request_id
        super().__init__(message, **words)


class ResultNotReady(ProviderError):
    """The result is not there yet, whatever the status said (a queue may deliver a job twice)."""


class ResultFailed(ProviderError):
    """The job ended and its result is an error; `units` is what it is said to have used."""

    may_have_spent = True

    def __init__(self, message: str, *, units: Decimal | None = None, **words: Any) -> None:
        self.units = units
        super().__init__(message, **words)


class DownloadFailed(ProviderError):
    """The job succeeded and was paid for; its file could not be fetched or is damaged."""

    may_have_spent = True


class ServiceUnreachable(ProviderError):
    """A free request failed after its retries; the job itself is not touched by this."""


class UsageRefused(ProviderError):
    """The key may not read what was charged: fal wants one with the ADMIN scope for that."""

    exit_code = 2

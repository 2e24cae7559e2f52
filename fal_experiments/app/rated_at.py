"""When something was judged: a time that cannot be would win or lose over all others for good."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from fal_experiments.errors import BadInput

AHEAD = timedelta(minutes=5)
"""How far another computer's clock may be ahead."""
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""A clock that was never set says 1970 or 2000; nobody had a batch to judge before this."""
FIX = "set the clock of the computer it comes from, and the time in the file"
Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def time_flaw(at: datetime, now: datetime) -> str:
    """Return why nothing can have been judged at a time; nothing when it can."""
    if at > now + AHEAD:
        return f"its time, {at.isoformat()}, is still to come; nothing was stored"
    if at < EARLIEST:
        return f"its time, {at.isoformat()}, is before {EARLIEST.date()}; nothing was stored"
    return ""


def check_past(what: str, times: Iterable[datetime], now: datetime) -> None:
    """Raise BadInput where one of the times cannot be."""
    for flaw in filter(None, (time_flaw(at, now) for at in times)):
        raise BadInput(f"{what}: {flaw}", fix=FIX)

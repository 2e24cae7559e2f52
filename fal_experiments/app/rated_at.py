"""When something was judged: a time that is still to come would win over all that follows."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from fal_experiments.errors import BadInput

AHEAD = timedelta(minutes=5)
"""How far another computer's clock may be ahead."""
Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def check_past(what: str, times: Iterable[datetime], now: datetime) -> None:
    """Raise BadInput where one of the times is still to come."""
    latest = max(times, default=now)
    if latest > now + AHEAD:
        raise BadInput(
            f"{what}: its time, {latest.isoformat()}, is still to come; nothing was stored",
            fix="set the clock of the computer it comes from, and the time in the file",
        )

"""Buckets of time, as the usage report cuts them (references/fal-platform.md 8.4)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fal_experiments.sandbox.history import Span

TIMEFRAMES = ("minute", "hour", "day", "week", "month")
_BY_SPAN = (
    (timedelta(hours=2), "minute"),
    (timedelta(days=2), "hour"),
    (timedelta(days=64), "day"),
    (timedelta(days=183), "week"),
)


def usual_timeframe(span: Span) -> str:
    """Return the buckets that a span is cut into when nothing else is asked."""
    length = span.end - span.start
    return next((name for limit, name in _BY_SPAN if length < limit), "month")


def bucket_start(moment: datetime, timeframe: str, zone: ZoneInfo) -> datetime:
    """Return the begin of the bucket that a moment falls into, in the zone's own time."""
    local = moment.astimezone(zone).replace(second=0, microsecond=0)
    if timeframe == "minute":
        return local
    local = local.replace(minute=0)
    if timeframe == "hour":
        return local
    local = local.replace(hour=0)
    if timeframe == "week":
        return local - timedelta(days=local.weekday())
    return local.replace(day=1) if timeframe == "month" else local


def next_bucket(start: datetime, timeframe: str) -> datetime:
    """Return the begin of the bucket after the one that begins at `start`."""
    if timeframe == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    lengths = {"minute": {"minutes": 1}, "hour": {"hours": 1}, "day": {"days": 1}}
    return start + timedelta(**lengths.get(timeframe, {"weeks": 1}))

"""Numbers and states as people read them. Rounding happens here, once, and nowhere else."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

Tone = Literal["good", "bad", "warn", "busy", "idle", "person"]
"""How a state is drawn: done, failed, budget, in flight, left out, needs a person."""
STATE_LABELS = {
    "done": "done",
    "failed": "failed",
    "rejected": "refused",
    "submission_unknown": "submission unknown",
    "download_lost": "file lost",
    "timed_out": "timed out",
    "cancelled": "cancelled",
    "abandoned": "given up",
    "over_budget": "over budget",
    "paused": "preset paused",
    "downloading": "downloading",
    "running": "running",
    "queued": "queued",
    "submitting": "submitting",
    "pending": "not submitted",
    "unsupported": "unsupported",
    "excluded": "excluded",
    "duplicate": "same as another",
}
STATE_TONES: dict[str, Tone] = {
    "done": "good",
    "failed": "bad",
    "rejected": "bad",
    "submission_unknown": "person",
    "download_lost": "bad",
    "timed_out": "warn",
    "cancelled": "idle",
    "abandoned": "person",
    "over_budget": "warn",
    "paused": "warn",
    "downloading": "busy",
    "running": "busy",
    "queued": "busy",
    "submitting": "busy",
    "pending": "idle",
    "unsupported": "idle",
    "excluded": "idle",
    "duplicate": "idle",
}


def seconds_label(seconds: float | Decimal | None) -> str:
    """Return `0.042 s`, `4.2 s`, `1 min 05 s`, or `–` for what is not known."""
    if seconds is None:
        return "–"
    if 0 < seconds < 0.1:
        return f"{seconds:.3f} s"  # a frame is not nothing
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(float(seconds)), 60)
    return f"{minutes} min {rest:02d} s"


def time_label(at: datetime | None) -> str:
    """Return `2026-11-20 09:30:00 UTC`, or `–`."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "–"


def bytes_label(size_bytes: int) -> str:
    """Return `812 kB` or `3.4 MB` (powers of ten)."""
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def value_label(value: Any) -> str:
    """Return a held or varied value: on/off for truths, `5` for 5.0."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def hold_label(key: str, value: Any) -> str:
    """Return a held value with its unit: `5 s`, `24 fps`."""
    units = {"duration": " s", "fps": " fps"}
    return f"{value_label(value)}{units.get(key, '')}"


def hold_name(key: str) -> str:
    """Return `aspect ratio` for aspect_ratio."""
    return key.replace("_", " ")


def plural(count: int, word: str) -> str:
    """Return `1 attempt`, `2 attempts`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def counts_label(counts: dict[str, int], denominator: int) -> str:
    """Return `12 of 14 done, 1 failed, 1 unsupported`."""
    parts = [f"{counts.get('done', 0)} of {denominator} done"]
    parts += [f"{n} {STATE_LABELS[state]}" for state, n in counts.items() if state != "done"]
    return ", ".join(parts)

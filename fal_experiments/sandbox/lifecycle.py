"""How long a file is kept, as the caller prefers it (references/fal-platform.md 3.3)."""

import json
from collections.abc import Mapping

_HEADERS = ("x-fal-object-lifecycle-preference", "x-fal-object-lifecycle")


def lifetime(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a file lives; None, also for an unreadable wish, is for ever."""
    for name in _HEADERS:
        try:
            preference = json.loads(headers.get(name, "null"))
        except (ValueError, RecursionError):
            continue
        seconds = (
            preference.get("expiration_duration_seconds") if isinstance(preference, dict) else None
        )
        if (
            isinstance(seconds, int | float)
            and not isinstance(seconds, bool)
            and 0 < seconds < 1e10
        ):
            return float(seconds)
    return None

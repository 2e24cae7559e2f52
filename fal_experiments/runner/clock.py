"""The real clock. Everything that waits or writes a time gets a `core.ports.Clock`."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Time of day in UTC, and waiting that takes as long as it says."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

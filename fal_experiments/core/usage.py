"""What a provider says that it charged: one line of a bill, and sums of it.

Source of the fields: references/fal-platform.md 8.4 and 8.5 (fal's billing events and usage).
"""

from datetime import datetime, timedelta
from decimal import Decimal

from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.model import Record


def grain_of(at: datetime) -> timedelta:
    """Return how coarse a moment is, by its zeros: exports cut it to the day, hour or second."""
    if not (at.hour or at.minute or at.second or at.microsecond):
        return timedelta(days=1)
    if not (at.minute or at.second or at.microsecond):
        return timedelta(hours=1)
    if not at.microsecond:
        return timedelta(seconds=1)
    return timedelta(microseconds=1000 if at.microsecond % 1000 == 0 else 1)


def may_be_one_moment(one: datetime, other: datetime) -> bool:
    """Tell whether two moments may be one, of which an export has cut one to its day, hour, …"""
    fine, coarse = sorted((one, other), key=grain_of)
    return one == other or coarse <= fine < coarse + grain_of(coarse)


class UsageLine(Record):
    """One line of a bill, as the provider (or a file that it exported) states it."""

    request_id: str | None
    """None in exports that do not name requests."""
    endpoint: str
    """Under which the provider books it; it may be another one than was asked."""
    at: datetime
    at_text: str
    """The moment exactly as it was written: fal writes nine digits of a second."""
    units: Decimal | None = None
    unit: str | None = None
    unit_price_usd: Decimal | None = None
    percent_discount: Decimal | None = None
    subtotal_nano_usd: int | None = None
    discount_nano_usd: int | None = None
    nano_usd: int
    """What is charged, discount taken off."""
    source: str
    """`billing-events`, or the file and line that it was read from."""

    @property
    def digest(self) -> str:
        """SHA-256 of what the line says, wherever it was read: equal lines are one line.

        5 and 5.0 units are the same.
        """
        said = self.model_dump(mode="json", exclude={"source"})
        for name in ("units", "unit_price_usd", "percent_discount"):
            number = getattr(self, name)
            said[name] = None if number is None else f"{number.normalize():f}"
        return sha256_hex(canonical_json(said))

    @property
    def name(self) -> str:
        """What a person calls the line: its request id, else the beginning of its digest."""
        return self.request_id or f"line-{self.digest[:12]}"

    def may_lie_in(self, window: tuple[datetime, datetime]) -> bool:
        """Tell whether the charge may be of a window, as far as its moment tells."""
        start, end = window
        grain = grain_of(self.at)
        is_coarse = grain >= timedelta(hours=1)
        return self.at < end and (self.at + grain > start if is_coarse else self.at >= start)


class UsageTotal(Record):
    """What was charged for an endpoint in a window, without telling requests apart."""

    endpoint: str
    unit: str | None = None
    quantity: Decimal | None = None
    nano_usd: int


class Balance(Record):
    """What is left of an account's credit, in nano-USD."""

    nano_usd: int
    source: str

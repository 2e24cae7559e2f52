"""Exact money: integer nano-dollars in memory and on disk, `Decimal` only for rates and ratios.

One nano-dollar is 1e-9 USD, the finest unit that fal's billing events use
(`cost_estimate_nano_usd`, references/fal-platform.md 8.5). Nothing here is ever a float.
"""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

NANO_PER_USD = 1_000_000_000
MAX_DIGITS = 60


def nano_from_usd(usd: Decimal, *, round_up: bool = False) -> int:
    """Return `usd` dollars as nano-dollars, rounded half to even, or up where a cap needs it."""
    rounding = ROUND_CEILING if round_up else ROUND_HALF_EVEN
    return int((usd * NANO_PER_USD).to_integral_value(rounding=rounding))


def usd_from_nano(nano_usd: int) -> Decimal:
    """Return nano-dollars as an exact `Decimal` of dollars."""
    return Decimal(nano_usd) / NANO_PER_USD


def format_usd(nano_usd: int | None) -> str:
    """Return `$1.25`, `$0.2688` or `unknown`: rounded once, for people, never for sums."""
    if nano_usd is None:
        return "unknown"
    usd = usd_from_nano(abs(nano_usd))
    places = Decimal("0.0001") if usd < 10 else Decimal("0.01")
    with localcontext(prec=MAX_DIGITS):
        text = f"{usd.quantize(places, rounding=ROUND_HALF_EVEN):,f}"
    whole, _, cents = text.partition(".")
    cents = cents.rstrip("0").ljust(2, "0")
    if usd and not int(whole.replace(",", "")) and not int(cents):
        return f"{'-' if nano_usd < 0 else ''}<$0.0001"
    return f"{'-' if nano_usd < 0 else ''}${whole}.{cents}"


def _exact_decimal(value: Any) -> Any:
    """Let text, whole numbers and Decimals through; a float has lost its cents already."""
    if isinstance(value, bool | float):
        raise ValueError('an amount must be written as 1.25 or "1.25"')  # noqa: TRY004
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not an amount; write 1.25") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"{value} is not an amount that can be paid")
    if abs(number) > 10**9:
        raise ValueError(f"{value} is more than a billion dollars")
    return number


Usd = Annotated[Decimal, BeforeValidator(_exact_decimal)]
"""A non-negative amount or rate in US dollars, read from a file without passing a float."""


def usd_to_type(nano_usd: int) -> str:
    """Return an amount exactly, as somebody would type it: `1.1840049`."""
    return f"{usd_from_nano(nano_usd).normalize():f}"


class Band(BaseModel):
    """What something may cost, in nano-dollars: low ≤ expected ≤ high (the worst case)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: int
    expected: int
    high: int

    def __add__(self, other: "Band") -> "Band":
        return Band(
            low=self.low + other.low,
            expected=self.expected + other.expected,
            high=self.high + other.high,
        )

    def label(self) -> str:
        """Return `$0.27`, or `$0.27–$0.32` where low and high differ."""
        if self.low == self.high:
            return format_usd(self.expected)
        return f"{format_usd(self.low)}–{format_usd(self.high)}"


ZERO = Band(low=0, expected=0, high=0)

"""What things cost here: one unit price an endpoint, and units that multiply to the exact cost.

fal's pricing API states one unit price for an endpoint; what depends on arguments (resolution,
sound) is folded into the units (references/fal-platform.md 8.3, presets-notes.md 2). The sandbox
does the same, from the preset's price rules:

- where the preset states the API's unit price, that one: Kling v3 and o3 have 0.14, and a second
  with sound is 1.2 units;
- else it is the first rate of which all others are a multiple in finite decimals: Veo 3.1 Fast
  with 0.35, 0.30, 0.15 and 0.10 has 0.10, and a second at 4k with sound is 3.5 units;
- without such a rate it is their greatest common divisor, and the unit is called "units";
- tokens are sold by the million, or by the thousand from 10 USD a million on;
- an endpoint without a price is sold by compute seconds, and its results carry no units header.

The cost of a request is `core.estimate`'s expected amount, to the nano-dollar, for the length that
was really made and every file of it.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import gcd, lcm
from typing import Any

from fal_experiments.core.control_kinds import FixedControl
from fal_experiments.core.estimate import estimate
from fal_experiments.core.money import NANO_PER_USD, nano_from_usd, usd_from_nano
from fal_experiments.core.preset import Preset
from fal_experiments.sandbox.jobs import Charge

_UNITS = {
    "second": "seconds",
    "video": "videos",
    "image": "images",
    "megapixel": "megapixels",
}
_DEAR_TOKEN_USD = Decimal("0.00001")
_COMPUTE_SECOND_USD = Decimal("0.001")
_MOST_PLACES = 18


@dataclass(frozen=True)
class UnitPrice:
    """What the pricing API says of an endpoint."""

    unit: str
    usd: Decimal
    is_metered_by_app: bool
    """False: billed by compute time, which no response header states."""


@dataclass(frozen=True)
class Done:
    """What a finished job amounts to, for the books."""

    made: dict[str, Any]
    """The arguments with the provider's defaults, and the length that was really made."""
    length_s: Decimal
    service_s: Decimal
    """Seconds on the runner, for endpoints that are billed by them."""
    input_s: Decimal | None = None
    """How long the input video plays; unknown, it counts as long as what was made."""
    files: int = 1


def unit_price(preset: Preset) -> UnitPrice:
    """Return the one unit price of an endpoint."""
    if preset.price is None:
        return UnitPrice("compute seconds", _COMPUTE_SECOND_USD, is_metered_by_app=False)
    rates = tuple(rule.usd for rule in preset.price.rules)
    unit, per_unit = _UNITS.get(preset.price.unit, ""), Decimal(1)
    usd = preset.price.unit_price_usd
    if preset.price.unit == "token":
        unit, per_unit = _token_unit(rates, usd)
    if usd is None:
        rates = tuple(rate * per_unit for rate in rates)
        usd = _shared_divisor(rates)
        unit = unit if usd in rates else "units"
    return UnitPrice(unit, usd.normalize(), is_metered_by_app=True)


def charge(preset: Preset, done: Done) -> Charge:
    """Return what a finished job costs."""
    price = unit_price(preset)
    if not price.is_metered_by_app:
        cost_nano_usd = nano_from_usd(done.service_s * price.usd)
        return Charge(price.unit, done.service_s, price.usd, cost_nano_usd)
    expected = _expected_nano_usd(preset, done)
    cost_nano_usd = done.files * nano_from_usd(price.usd) if expected is None else expected
    return Charge(price.unit, units_for(cost_nano_usd, price.usd), price.usd, cost_nano_usd)


def _expected_nano_usd(preset: Preset, done: Done) -> int | None:
    """Return what the preset's rules say of the files that were made, None where they do not.

    A rule with a knob for the number of pictures counts them itself; others price one file.
    """
    counted = preset.price.count_knob if preset.price else None
    made = done.made | ({counted: done.files} if counted else {})
    band = estimate(_of_length(preset, done.length_s), made, done.input_s or done.length_s).band
    if band is None or preset.price is None:
        return None
    once = nano_from_usd(preset.price.request_usd or Decimal(0))
    return band.expected if counted else once + done.files * (band.expected - once)


def no_charge(preset: Preset | None) -> Charge:
    """Return the zero row that a refused request leaves in the books."""
    price = unit_price(preset) if preset else UnitPrice("units", Decimal(0), True)  # noqa: FBT003
    return Charge(price.unit, Decimal(0), price.usd, 0)


def units_for(cost_nano_usd: int, unit_usd: Decimal) -> Decimal:
    """Return the shortest number of units that costs exactly `cost_nano_usd` at this price."""
    exact = usd_from_nano(cost_nano_usd) / unit_usd
    for places in range(_MOST_PLACES):
        units = exact.quantize(Decimal(1).scaleb(-places))
        if nano_from_usd(units * unit_usd) == cost_nano_usd:
            return units
    return exact


def _of_length(preset: Preset, length_s: Decimal) -> Preset:
    """Return the preset as one whose clips have the length that was made, however it came about."""
    controls = dict(preset.controls) | {"duration": FixedControl(fixed=f"{length_s:f}")}
    return preset.model_copy(update={"controls": controls})


def _token_unit(rates: tuple[Decimal, ...], usd: Decimal | None) -> tuple[str, Decimal]:
    """Return what tokens are sold by: the thousand or the million, whichever the price is of."""
    by_size = {Decimal(1000): "1000 tokens", Decimal(10**6): "1m tokens"}
    if usd is not None:
        size = next((size for size in by_size if usd in {rate * size for rate in rates}), None)
        return (by_size[size], size) if size else ("units", Decimal(1))
    size = Decimal(1000) if rates[0] >= _DEAR_TOKEN_USD else Decimal(10**6)
    return by_size[size], size


@cache
def _shared_divisor(rates: tuple[Decimal, ...]) -> Decimal:
    """Return a rate of which every rate is a multiple with a finite number of decimals."""
    for rate in rates:
        if rate and all(_is_finite(Fraction(other) / Fraction(rate)) for other in rates):
            return rate
    fractions = [Fraction(rate) for rate in rates if rate]
    if not fractions:
        return Decimal(1) / NANO_PER_USD
    shared = Fraction(
        gcd(*(part.numerator for part in fractions)), lcm(*(part.denominator for part in fractions))
    )
    return Decimal(shared.numerator) / Decimal(shared.denominator)


def _is_finite(ratio: Fraction) -> bool:
    rest = ratio.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1

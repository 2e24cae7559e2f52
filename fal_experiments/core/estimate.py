"""Price rules → what a request may cost: low, expected and high, or unknown with the reason.

An unknown price is never $0. Sources of the rules stand in each preset; the token formula
(height × width × fps × seconds ÷ 1024) is that of the Seedance pages, references/fal-prices.json.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from fal_experiments.core.money import Band, nano_from_usd
from fal_experiments.core.preset import FixedControl, KnobControl, Preset, PriceRule


class Estimate(NamedTuple):
    """A band, or None where the price is unknown; `note` says how it was found or why not."""

    band: Band | None
    note: str


def estimate(preset: Preset, arguments: dict[str, Any]) -> Estimate:
    """Return what sending `arguments` to the preset's endpoint may cost."""
    price = preset.price
    if price is None:
        return Estimate(None, "the preset has no price")
    rule = next((rule for rule in price.rules if _holds(rule, arguments)), None)
    if rule is None:
        return Estimate(None, "no price rule fits these arguments")
    quantity, unit = _quantity(preset, arguments)
    if quantity is None:
        return Estimate(None, unit)
    rates = (rule.low_usd or rule.usd, rule.usd, rule.high_usd or rule.usd)
    low, expected, high = (
        nano_from_usd(rate * quantity, round_up=rate is rates[2]) for rate in rates
    )
    note = f"{_short(quantity)} {unit} × ${rule.usd.normalize():f} ({price.as_of})"
    return Estimate(Band(low=low, expected=expected, high=high), note)


def seconds_asked(preset: Preset, arguments: dict[str, Any]) -> Decimal | None:
    """Return the clip length that the arguments ask for, None where the model decides."""
    control = preset.controls.get("duration")
    if isinstance(control, FixedControl):
        return Decimal(str(control.fixed))
    if not isinstance(control, KnobControl) or control.knob not in arguments:
        return None
    sent = arguments[control.knob]
    means = next((c.means for c in control.choices if c.send == sent), None)
    is_number = isinstance(means, int | float) and not isinstance(means, bool)
    return Decimal(str(means)) if is_number else None


def _holds(rule: PriceRule, arguments: dict[str, Any]) -> bool:
    return all(knob in arguments and arguments[knob] == value for knob, value in rule.when.items())


def _quantity(preset: Preset, arguments: dict[str, Any]) -> tuple[Decimal | None, str]:
    """Return how many units are bought and the unit's name, or None and why it is not known."""
    price = preset.price
    if price is None or price.unit in {"video", "image"}:
        return Decimal(1), price.unit if price else ""
    seconds = seconds_asked(preset, arguments)
    if seconds is None:
        return None, "the model chooses the length, and the price with it"
    if price.tokens is None:
        return seconds, "s"
    resolution = str(arguments.get("resolution"))
    pixels = price.tokens.pixels.get(resolution)
    if pixels is None:
        return None, f"no pixel count for resolution {resolution}"
    return seconds * price.tokens.fps * pixels / 1024, "tokens"


def _short(quantity: Decimal) -> str:
    return f"{quantity.normalize():,f}"

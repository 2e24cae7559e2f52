"""Price rules → what a request may cost: low, expected and high, or unknown with the reason.

An unknown price is never $0. Sources of the rules stand in each preset; the token formula
(height × width × fps × seconds ÷ 1024) is that of the Seedance pages, references/fal-prices.json.
"""

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from fal_experiments.core.control_kinds import (
    FixedControl,
    FollowsControl,
    FramesControl,
    KnobControl,
    RangeControl,
    TextControl,
)
from fal_experiments.core.controls import frames_per_second
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.money import Band, nano_from_usd
from fal_experiments.core.plan import Basis
from fal_experiments.core.preset import Preset
from fal_experiments.core.price import FrameSizes, Price, Seconds

MEGAPIXEL_PX = 1_000_000
PRICE_KEY_CHARS = 16


class Estimate(NamedTuple):
    """A band, or None where the price is unknown; `note` says how it was found or why not."""

    band: Band | None
    note: str
    basis: Basis | None = None
    """What the band rests on; None exactly where the band is."""


def estimate(
    preset: Preset,
    arguments: dict[str, Any],
    input_s: Decimal | None = None,
    audio_s: Decimal | None = None,
) -> Estimate:
    """Return what sending `arguments` to the preset's endpoint may cost by the preset's own rule.

    Args:
        input_s: length of the input video in seconds, None where there is none or it is unknown.
        audio_s: length of the input sound, likewise.
    """
    price = preset.price
    if price is None:
        return Estimate(None, "the preset has no price")
    if price.currency != "USD":
        return Estimate(None, f"the price is in {price.currency}, which is not converted")
    for knob, key in preset.stands_for.items():
        if arguments.get(knob) is not None:
            return Estimate(None, f"{knob} stands in place of {key}, and no price counts it")
    rule = next((rule for rule in price.rules if rule.holds(arguments)), None)
    if rule is None:
        return Estimate(None, "no price rule fits these arguments")
    whose = rule.seconds or price.seconds
    made_s = _billed_length_s(preset, price, arguments, input_s)
    length_s = audio_s if whose == "audio" else _billed_s(whose, made_s, input_s)
    quantity, unit = _quantity(price, arguments, length_s)
    if quantity is None:
        return Estimate(None, unit)
    quantity = _as_billed(price, quantity)
    on_top, least = price.request_usd or Decimal(0), price.least_usd or Decimal(0)
    low, expected, high = (
        max(rate * quantity + on_top, least)
        for rate in (rule.low_usd or rule.usd, rule.usd, rule.high_usd or rule.usd)
    )
    more = f" + ${on_top.normalize():f}" if on_top else ""
    note = f"{_short(quantity)} {unit} × ${rule.usd.normalize():f}{more} ({price.as_of})"
    basis = Basis(
        source="rule",
        as_of=price.as_of,
        quantity=quantity,
        unit=unit,
        unit_usd=rule.usd,
        on_top_usd=price.request_usd,
    )
    band = Band(
        low=nano_from_usd(low),
        expected=nano_from_usd(expected),
        high=nano_from_usd(high, round_up=True),
    )
    return Estimate(band, note, basis)


def price_key(
    preset: Preset,
    arguments: dict[str, Any],
    input_s: Decimal | None = None,
    audio_s: Decimal | None = None,
) -> str:
    """Return what is equal for requests that should cost the same.

    Prompt, seed and files do not count, but for the length of an input video or sound. 16 hex
    digits.
    """
    texts = {c.text_knob for c in preset.controls.values() if isinstance(c, TextControl)}
    apart = preset.inputs.names | texts | {preset.seed.knob}
    priced = {knob: value for knob, value in arguments.items() if knob not in apart}
    length_s = seconds_asked(preset, arguments, input_s)
    about = {
        "endpoint": preset.endpoint,
        "arguments": priced,
        "seconds": None if length_s is None else f"{length_s.normalize():f}",
        "input_s": None if input_s is None else f"{input_s.normalize():f}",
    }
    if audio_s is not None:
        about["audio_s"] = f"{audio_s.normalize():f}"
    return sha256_hex(canonical_json(about))[:PRICE_KEY_CHARS]


def _as_billed(price: Price, quantity: Decimal) -> Decimal:
    """Return a quantity rounded as the provider rounds it, and no less than its minimum."""
    if price.step is not None:
        quantity = ceil(Fraction(quantity) / Fraction(price.step)) * price.step
    return max(quantity, price.least or Decimal(0))


def seconds_asked(
    preset: Preset, arguments: dict[str, Any], input_s: Decimal | None = None
) -> Decimal | None:
    """Return the clip length that the arguments ask for, None where the model decides."""
    control = preset.controls.get("duration")
    match control:
        case FixedControl():
            return Decimal(str(control.fixed))
        case FollowsControl():
            return input_s
        case KnobControl() if control.knob in arguments:
            sent = arguments[control.knob]
            means = next((c.means for c in control.choices if c.send == sent), None)
            return input_s if means == "video" else _number(means)
        case RangeControl():
            return _number(arguments.get(control.knob))
        case FramesControl():
            frames = _number(arguments.get(control.frames_knob))
            rate = Decimal(str(frames_per_second(control, arguments)))
            return None if frames is None else frames / rate
        case _:
            return None


def _number(value: Any) -> Decimal | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else None


def _billed_length_s(
    preset: Preset, price: Price, arguments: dict[str, Any], input_s: Decimal | None
) -> Decimal | None:
    """Return the length of the clip that is made, as it is billed."""
    control = preset.controls.get("duration")
    if price.billed_fps is not None and isinstance(control, FramesControl):
        frames = _number(arguments.get(control.frames_knob))
        return None if frames is None else frames / price.billed_fps
    return seconds_asked(preset, arguments, input_s)


def _billed_s(whose: Seconds, made_s: Decimal | None, input_s: Decimal | None) -> Decimal | None:
    match whose:
        case "output":
            return made_s
        case "input":
            return input_s
        case _:
            return None if made_s is None or input_s is None else made_s + input_s


def _quantity(
    price: Price, arguments: dict[str, Any], seconds: Decimal | None
) -> tuple[Decimal | None, str]:
    """Return how many units are bought and the unit's name, or None and why it is not known."""
    count = _number(arguments.get(price.count_knob)) if price.count_knob else Decimal(1)
    if count is None:
        return None, f"the price depends on {price.count_knob}, which is not sent"
    if price.unit in {"video", "image"}:
        return count, price.unit
    pixels, why = _pixels(price.tokens or price.megapixels, arguments)
    if pixels is None and why:
        return None, why
    if price.megapixels is not None and pixels is not None:
        each = (pixels / MEGAPIXEL_PX).to_integral_value(rounding=ROUND_CEILING)
        return count * each, "megapixels"
    return _by_length(price, pixels, seconds)


def _by_length(
    price: Price, pixels: Decimal | None, seconds: Decimal | None
) -> tuple[Decimal | None, str]:
    if seconds is None:
        input_decides = "the price depends on the length of the input, which is not known"
        model_decides = "the model chooses the length, and the price with it"
        return None, model_decides if price.seconds == "output" else input_decides
    if price.tokens is not None and pixels is not None:
        return seconds * price.tokens.fps * pixels / 1024, "tokens"
    return seconds, "s"


def _pixels(sizes: FrameSizes | None, arguments: dict[str, Any]) -> tuple[Decimal | None, str]:
    if sizes is None:
        return None, ""
    value = str(arguments.get(sizes.knob))
    pixels = sizes.pixels.get(value)
    if pixels is None:
        return None, f"no pixel count for {sizes.knob} {value}"
    return Decimal(pixels), ""


def _short(quantity: Decimal) -> str:
    return f"{quantity.normalize():,f}"

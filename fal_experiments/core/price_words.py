"""A price rule as a person reads it: rates, when each holds, whose seconds count."""

from decimal import Decimal
from typing import Any

from fal_experiments.core.price import GIVEN, Price, PriceRule
from fal_experiments.core.skeleton_controls import SOUND_KNOBS

_OF = {
    "input": " of the input",
    "both": " of input and output",
    "audio": " of the input's sound",
    "output": "",
}
_UNITS = {"token": "a million tokens", "image": "an image"}


def price_words(price: Price | None) -> str:
    """Return a rule in words: `USD a second: 0.14 with sound; 0.112 silent`."""
    if price is None:
        return "not known"
    unit = _UNITS.get(price.unit, f"a {price.unit}")
    parts = [_rule_words(rule, price) for rule in price.rules]
    parts += [f"{usd_words(price.request_usd)} a request on top"] if price.request_usd else []
    parts += [f"in steps of {price.step.normalize():f}, rounded up"] if price.step else []
    parts += [f"for at least {price.least.normalize():f}"] if price.least else []
    parts += [f"at least {usd_words(price.least_usd)} a request"] if price.least_usd else []
    currency = price.currency if price.currency == "USD" else f"{price.currency} (not converted)"
    return f"{currency} {unit}{_OF[price.seconds]}: {'; '.join(parts)}"


def usd_words(usd: Decimal) -> str:
    """Return dollars with two digits after the point, or three where they say more."""
    text = f"{usd.quantize(Decimal('0.001')).normalize():f}"
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents:0<2}"


def _rule_words(rule: PriceRule, price: Price) -> str:
    factor = 10**6 if price.unit == "token" else 1
    rate = f"{(rule.usd * factor).normalize():f}"
    low, high = rule.low_usd or rule.usd, rule.high_usd or rule.usd
    reach = [f"from {(low * factor).normalize():f}"] if low < rule.usd else []
    reach += [f"up to {(high * factor).normalize():f}"] if high > rule.usd else []
    rate += f" ({', '.join(reach)})" if reach else ""
    when = [_when(knob, value) for knob, value in rule.when.items()]
    if rule.seconds is not None and rule.seconds != price.seconds:
        when.append(f"for the seconds{_OF[rule.seconds]}")
    return " ".join([rate, ", ".join(when)]).strip()


def _when(knob: str, value: Any) -> str:
    if value == GIVEN:
        return f"with {knob}"
    if knob in SOUND_KNOBS and isinstance(value, bool):
        return "with sound" if value else "silent"
    if isinstance(value, bool):
        return f"with {knob}" if value else f"without {knob}"
    if knob == "resolution":
        return f"at {value}"
    length = str(value).removesuffix("s")
    return f"for {length} s" if knob == "duration" else f"with {knob} {value}"

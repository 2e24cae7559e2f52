"""What the provider's pricing API said on a day, beside what a preset's rule says.

A unit price is not the price on the page for several families: it is a base that the units scale
(references/fal-platform.md 8.3, presets-notes.md 2), and a unit's name is free text. So it is
compared with the unit price that the preset states, and with a rate only where both units are
known to be the same. It never takes the rule's place; a higher one raises what is reserved.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from fal_experiments.core.model import Record
from fal_experiments.core.preset import Preset
from fal_experiments.core.price import Price

Verdict = Literal["agrees", "dearer", "cheaper", "not comparable", "unknown"]
RULE_UNITS: dict[str, tuple[str, int]] = {
    "second": ("second", 1),
    "seconds": ("second", 1),
    "video": ("video", 1),
    "videos": ("video", 1),
    "image": ("image", 1),
    "images": ("image", 1),
    "megapixel": ("megapixel", 1),
    "megapixels": ("megapixel", 1),
    "1k tokens": ("token", 1000),
    "1000 tokens": ("token", 1000),
    "1m tokens": ("token", 10**6),
    "million tokens": ("token", 10**6),
}
"""Names of units that mean one thing. `units`, `tokens`, `credits` and the like mean any: one such
name stands for prices from $0.001 to $1.50 (references/peers.md D2)."""


class PriceSeen(Record):
    """What the provider said of one endpoint; None and empty mean that it did not tell."""

    endpoint: str
    day: str
    """The UTC date on which it was asked."""
    unit_price: Decimal | None = None
    unit: str = ""
    """As the provider writes it."""
    currency: str = ""
    source: str
    past_usd: Decimal | None = None
    """What past calls have cost on average."""
    past_day: str = ""
    """The UTC date on which that was asked; empty where it never was."""

    @property
    def usd(self) -> Decimal | None:
        """The unit price in US dollars; None for another currency, which is never converted."""
        is_price = self.currency == "USD" and self.unit_price is not None and self.unit_price > 0
        return self.unit_price if is_price else None

    @property
    def rule_unit(self) -> tuple[str, int] | None:
        """The unit of a rule that the name means, and how many of it; None where it is not sure."""
        return RULE_UNITS.get(" ".join(self.unit.lower().split()))


class PriceSnapshot(Record):
    """What the provider said in one `fal-exp prices refresh`."""

    v: Literal[1] = 1
    at: str
    """UTC, as files are named: 20261201T070000Z."""
    api: str
    sandbox: bool
    prices: tuple[PriceSeen, ...]


class Compared(NamedTuple):
    """How a unit price agrees with a preset."""

    verdict: Verdict
    words: str
    ratio: Fraction = Fraction(1)
    """What the highest price of the rule is multiplied by: 1, or more where fal is dearer."""


def latest(snapshots: Iterable[PriceSnapshot]) -> dict[str, PriceSeen]:
    """Return the newest word on each endpoint, from snapshots, oldest first.

    An average of the past that a later snapshot does not ask for again stays, with its own date.
    """
    found: dict[str, PriceSeen] = {}
    for snapshot in snapshots:
        for seen in snapshot.prices:
            before = found.get(seen.endpoint)
            if before is not None and not seen.past_day:
                kept = {"past_usd": before.past_usd, "past_day": before.past_day}
                seen = seen.model_copy(update=kept)  # noqa: PLW2901
            found[seen.endpoint] = seen
    return found


def compare(preset: Preset, seen: PriceSeen | None) -> Compared:
    """Return whether the provider's unit price bears a preset's rule out."""
    price = preset.price
    if seen is None:
        return Compared("unknown", "never asked")
    if seen.usd is None:
        why = f"told in {seen.currency}" if seen.unit_price and seen.currency else "not told"
        return Compared("unknown", f"{why} ({seen.day})")
    if price is None:
        return Compared("not comparable", "the preset has no price")
    if price.unit_price_usd is not None:
        return _against(seen.usd, price.unit_price_usd, f"a unit ({price.as_of})")
    if seen.rule_unit is None or seen.rule_unit[0] != price.unit:
        return Compared("not comparable", f"a rate by the {price.unit} and a price by {_by(seen)}")
    return _with_rates(seen.usd / seen.rule_unit[1], price)


def _with_rates(rate: Decimal, price: Price) -> Compared:
    """Compare what fal asks for a unit with the rates of a rule for the same unit."""
    if any((rule.low_usd or rule.usd) <= rate <= rule.usd for rule in price.rules):
        return Compared("agrees", "with a rate of the rule")
    if len(price.rules) == 1 and not price.rules[0].when:
        return _against(rate, price.rules[0].usd, f"a {price.unit} ({price.as_of})")
    highest = max(rule.high_usd or rule.usd for rule in price.rules)
    if rate > highest:
        return _against(rate, highest, f"a {price.unit} at most ({price.as_of})")
    return Compared("not comparable", "the rate depends on arguments, and the units scale with it")


def warning_of(preset: Preset, seen: PriceSeen | None) -> str | None:
    """Return what a plan says of a price that is not what the preset says, None where it is."""
    found = compare(preset, seen)
    if seen is None or found.verdict not in {"dearer", "cheaper"}:
        return None
    what = f"{preset.id}: on {seen.day} fal's pricing API said {found.words}"
    if found.verdict == "dearer":
        return f"{what}: the rule's highest price × {_short(found.ratio)} is reserved"
    return f"{what}: the rule stays, and what is reserved too"


def _against(now: Decimal, stated: Decimal, of_what: str) -> Compared:
    if now == stated:
        return Compared("agrees", f"${_plain(now)} {of_what}")
    words = f"${_plain(now)} where the preset says ${_plain(stated)} {of_what}"
    if not stated or now < stated:
        return Compared("cheaper" if stated else "not comparable", words)
    return Compared("dearer", words, Fraction(now) / Fraction(stated))


def _by(seen: PriceSeen) -> str:
    return f"`{seen.unit}`" if seen.unit else "a unit without a name"


def _plain(usd: Decimal) -> str:
    return f"{usd.normalize():f}"


def _short(ratio: Fraction) -> str:
    return f"{float(ratio):.4g}"

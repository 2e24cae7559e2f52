"""What a request may cost, from the best source at hand, and which source that is.

own ledger's median → the preset's price rule → the provider's average of the past → its unit price
→ unknown. Whatever is expected, the most that is reserved never falls below the rule's highest
price: a median says nothing of the worst case. Without a rule nothing does, so an average or a
unit price is shown, and the budget takes the cell for one of unknown price.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from fal_experiments.core.discount import Discount, discount_of
from fal_experiments.core.estimate import Estimate, estimate, price_key, seconds_asked
from fal_experiments.core.history import Samples
from fal_experiments.core.labels import plural
from fal_experiments.core.money import Band, format_usd, nano_from_usd
from fal_experiments.core.plan import Basis, Cell
from fal_experiments.core.preset import Preset
from fal_experiments.core.price_seen import PriceSeen, compare

SOURCES = {
    "ledger": "own ledger",
    "rule": "price rule",
    "provider": "provider's average",
    "list": "unit price",
}


class Evidence(NamedTuple):
    """What is known of prices beside the presets' rules."""

    samples: Mapping[str, Samples] = {}
    """By price key: what equal requests have cost."""
    seen: Mapping[str, PriceSeen] = {}
    """By endpoint: what the provider's pricing API said."""
    discounts: Sequence[Discount] = ()


NO_EVIDENCE = Evidence()


class Asked(NamedTuple):
    """A request whose price is asked, and how long its input video and sound are."""

    preset: Preset
    arguments: dict[str, Any]
    input_s: Decimal | None = None
    audio_s: Decimal | None = None

    @property
    def price_key(self) -> str:
        """Equal for requests that should cost the same."""
        return price_key(self.preset, self.arguments, self.input_s, self.audio_s)


def best_estimate(asked: Asked, evidence: Evidence) -> Estimate:
    """Return what a request may cost, by the first source that tells."""
    preset = asked.preset
    seen = evidence.seen.get(preset.endpoint)
    found = estimate(preset, asked.arguments, asked.input_s, asked.audio_s)
    found = _reserved_by_snapshot(found, preset, seen)
    found = _discounted(found, preset, discount_of(preset.endpoint, evidence.discounts), seen)
    samples = evidence.samples.get(asked.price_key)
    if samples is not None and samples.is_enough:
        return _of_ledger(samples, found)
    if found.band is not None or seen is None:
        return found
    return _of_past(seen, found.note) or _of_unit_price(asked, seen, found.note) or found


def rests_on(cells: Iterable[Cell]) -> str:
    """Return `12 cells own ledger, 4 cells price rule, 1 cell unknown`."""
    counts = Counter(cell.basis.source if cell.basis else None for cell in cells)
    words = [(counts[source], name) for source, name in SOURCES.items()]  # type: ignore[index]
    words.append((counts[None], "unknown"))
    return ", ".join(f"{plural(count, 'cell')} {name}" for count, name in words if count)


def _reserved_by_snapshot(found: Estimate, preset: Preset, seen: PriceSeen | None) -> Estimate:
    """Return an estimate whose highest amount is raised where the provider is dearer today."""
    ratio = compare(preset, seen).ratio
    if found.band is None or ratio <= 1 or seen is None:
        return found
    high = ceil(found.band.high * ratio)
    band = found.band.model_copy(update={"high": high})
    return found._replace(
        band=band, note=f"{found.note}; up to {format_usd(high)} by fal's unit price of {seen.day}"
    )


def _discounted(
    found: Estimate, preset: Preset, discount: Discount | None, seen: PriceSeen | None
) -> Estimate:
    """Return an estimate less the account's discount.

    What is reserved stays whole, unless the provider's own unit price shows the discount already.
    """
    if found.band is None or found.basis is None or discount is None:
        return found
    left = Fraction(discount.left)
    stated = preset.price.unit_price_usd if preset.price else None
    shown = seen.usd if seen else None
    is_confirmed = bool(stated and shown and Fraction(shown) <= Fraction(stated) * left)
    band = Band(
        low=floor(found.band.low * left),
        expected=round(found.band.expected * left),
        high=ceil(found.band.high * left) if is_confirmed else found.band.high,
    )
    basis = found.basis.model_copy(update={"discount_percent": discount.percent})
    note = f"{found.note}, less {discount.percent.normalize():f} % ({discount.as_of})"
    return Estimate(band, note, basis)


def _of_ledger(samples: Samples, rule: Estimate) -> Estimate:
    """Return the ledger's median, reserved no lower than the rule's highest and any sample."""
    known = rule.band
    band = Band(
        low=min(samples.low, known.low if known else samples.low),
        expected=samples.median,
        high=max(samples.high, known.high if known else 0),
    )
    said = {
        "samples": samples.n,
        "sample_units": samples.units,
        "source": "ledger",
        "as_of": samples.youngest,
    }
    basis = (rule.basis or Basis(source="ledger", as_of="", has_worst_case=False)).model_copy(
        update=said
    )
    beside = f"rule: {rule.note}" if known else f"no rule: {rule.note}"
    note = f"median of {samples.n} own attempts, {samples.youngest} ({beside})"
    return Estimate(band, note, basis)


def _of_past(seen: PriceSeen, why: str) -> Estimate | None:
    """Return the provider's average of past calls; None where it told none."""
    if not seen.past_usd:
        return None
    amount = nano_from_usd(seen.past_usd)
    basis = Basis(source="provider", as_of=seen.past_day, has_worst_case=False)
    note = f"average of past calls, as fal told on {seen.past_day}; no rule: {why}"
    return Estimate(Band(low=amount, expected=amount, high=amount), note, basis)


def _of_unit_price(asked: Asked, seen: PriceSeen, why: str) -> Estimate | None:
    """Return unit price × quantity; None where the unit's name does not tell what is counted."""
    quantity = _quantity(asked, seen)
    if quantity is None or seen.usd is None:
        return None
    amount = nano_from_usd(quantity * seen.usd)
    basis = Basis(
        source="list",
        as_of=seen.day,
        quantity=quantity,
        unit=seen.unit,
        unit_usd=seen.usd,
        has_worst_case=False,
    )
    note = (
        f"{quantity.normalize():f} {seen.unit} × ${seen.usd.normalize():f} (fal's unit price of "
        f"{seen.day}; resolution and sound may count more units); no rule: {why}"
    )
    return Estimate(Band(low=amount, expected=amount, high=amount), note, basis)


def _quantity(asked: Asked, seen: PriceSeen) -> Decimal | None:
    """Return how many units a request is, where the unit is a second, a clip or a picture."""
    unit = seen.rule_unit[0] if seen.rule_unit else None
    if unit == "second":
        return seconds_asked(asked.preset, asked.arguments, asked.input_s)
    if unit == "video":
        return Decimal(1)
    if unit == "image":
        count = asked.arguments.get("num_images", 1)
        return Decimal(count) if isinstance(count, int) and count > 0 else None
    return None

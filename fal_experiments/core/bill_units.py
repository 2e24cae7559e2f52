"""Why units × unit price is not the estimate: a matter of price, of quantity, or of neither."""

from collections.abc import Iterator
from decimal import Decimal

from fal_experiments.core.attempt import Cost
from fal_experiments.core.control_kinds import KnobControl
from fal_experiments.core.money import nano_from_usd, usd_from_nano
from fal_experiments.core.plan import Basis, Cell
from fal_experiments.core.preset import Preset
from fal_experiments.core.price import PriceRule

MOST_ROUNDING_NANO_USD = 2
"""Each of two products is rounded once."""


def expected_nano_usd(cell: Cell) -> int:
    """Return the expected estimate; 0 where there is none, which `estimate_unknown` tells."""
    return cell.estimate.expected if cell.estimate else 0


def of_units(cell: Cell, cost: Cost, preset: Preset, difference: int) -> Iterator[tuple[str, int]]:
    """Yield why an amount before discount is not the estimate; all add up to `difference`.

    Only what units × unit price shows is called a matter of units or of price; an amount that is
    not their product is `unknown` as far as it is not. Up to two nano-dollars are left out.
    """
    if not difference:
        return
    if cost.units is None or cost.unit_price_usd is None:
        yield "unknown", difference
        return
    expected = expected_nano_usd(cell)
    unexplained = expected + difference - times(cost.unit_price_usd, cost.units)
    if abs(unexplained) > MOST_ROUNDING_NANO_USD:
        yield "unknown", unexplained
        difference -= unexplained
    stated, taken_off, share = _expected_price(cell, cost, preset)
    if taken_off:
        yield "discount", taken_off
        difference -= taken_off
    if stated is not None and stated != cost.unit_price_usd:
        of_price = times(cost.unit_price_usd - stated, cost.units)
        yield "price_changed", of_price
        difference -= of_price
    if abs(difference) <= MOST_ROUNDING_NANO_USD:
        return
    once = expected + taken_off
    if cost.lines > 1 and difference in {once * again for again in range(1, cost.lines)}:
        yield "platform_retry", difference
    elif cell.basis is None and stated is None:
        yield "unknown", difference  # an old plan: it may be the price as well as the units
    else:
        charged = round((expected + taken_off + difference) / share)
        yield _code_of_quantity(cell, preset, cell.basis, charged), difference


def _expected_price(cell: Cell, cost: Cost, preset: Preset) -> tuple[Decimal | None, int, Decimal]:
    """Return the price of a unit that was expected, and what the estimate is below full price.

    A discount that the unit price shows already is part of the price, and not taken off: the last
    value is then what it leaves of the full price, else 1.
    """
    basis, price = cell.basis, preset.price
    stated = price.unit_price_usd if price else None
    if stated is None and basis is not None and basis.quantity == cost.units:
        stated = basis.unit_usd  # as many units as expected: only their price can differ
    taken_off = _taken_off(cell, preset)
    if basis is None or basis.discount_percent is None or not taken_off or stated is None:
        return stated, taken_off, Decimal(1)
    left = 1 - basis.discount_percent / 100
    less = stated * left
    is_shown = cost.unit_price_usd is not None and cost.unit_price_usd <= less
    return (less, 0, left) if is_shown else (stated, taken_off, Decimal(1))


def _taken_off(cell: Cell, preset: Preset) -> int:
    """Return the account's discount in the expected estimate; 0 where the basis shows none."""
    basis = cell.basis
    if basis is None or basis.discount_percent is None:
        return 0
    if basis.quantity is None or basis.unit_usd is None:
        return 0
    least = (preset.price.least_usd if preset.price else None) or Decimal(0)
    full = max(basis.unit_usd * basis.quantity + (basis.on_top_usd or Decimal(0)), least)
    left = nano_from_usd(full * (1 - basis.discount_percent / 100))
    if abs(left - expected_nano_usd(cell)) > MOST_ROUNDING_NANO_USD:
        return 0  # a median of own bills, whatever they had taken off
    return nano_from_usd(full) - expected_nano_usd(cell)


def _code_of_quantity(cell: Cell, preset: Preset, basis: Basis | None, charged: int) -> str:
    """Return why another amount was charged at the price that was expected."""
    if basis is None or basis.quantity is None or not basis.unit_usd:
        return "unit_mismatch"
    rules = preset.price.rules if preset.price else ()
    own = next((rule for rule in rules if rule.holds(cell.arguments)), None)
    on_top = basis.on_top_usd or Decimal(0)
    for rule in rules:
        amount = nano_from_usd(rule.usd * basis.quantity + on_top)
        if own is not None and rule is not own and abs(amount - charged) <= MOST_ROUNDING_NANO_USD:
            return _tier(preset, own, rule)
    quantity = (usd_from_nano(charged) - on_top) / basis.unit_usd
    asked = cell.requested_s
    is_by_length = basis.unit in {"s", "tokens"} and asked is not None and basis.quantity > 0
    off_s = abs(quantity / basis.quantity * asked - asked) if is_by_length and asked else Decimal(0)
    if 0 < off_s < 1:
        return "duration_rounded"
    return "unit_mismatch"


def _tier(preset: Preset, own: PriceRule, other: PriceRule) -> str:
    """Return which condition two rules differ in."""
    knobs = {k for k in {*own.when, *other.when} if own.when.get(k) != other.when.get(k)}
    for hold, code in (("audio", "audio_surcharge"), ("resolution", "resolution_tier")):
        control = preset.controls.get(hold)  # type: ignore[call-overload]
        if isinstance(control, KnobControl) and control.knob in knobs:
            return code
    return "unit_mismatch"


def times(usd: Decimal, units: Decimal) -> int:
    """Return what units cost at a price, in nano-USD."""
    return nano_from_usd(usd * units)

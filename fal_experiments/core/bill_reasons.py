"""Why an attempt was billed otherwise than estimated: codes with amounts that always add up.

The codes are those of references/peers.md D3.8, and a few without which no books close: a clip
that never came, an estimate that never was, a bill that is still awaited, a rounded nano-dollar.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt, Cost
from fal_experiments.core.bill_units import (
    MOST_ROUNDING_NANO_USD,
    expected_nano_usd,
    of_units,
    times,
)
from fal_experiments.core.labels import Tone
from fal_experiments.core.money import usd_from_nano
from fal_experiments.core.plan import Cell
from fal_experiments.core.preset import Preset


class Reason(NamedTuple):
    """What a code means: a label for a chart, words for a table."""

    label: str
    says: str
    tone: Tone | None = None


BILL_REASONS: dict[str, Reason] = {
    "late_event": Reason("bill awaited", "attempt whose bill may still come"),
    "no_clip": Reason("no clip", "attempt that gave no clip: its estimate falls away"),
    "failed_but_billed": Reason("failed, billed", "job that failed and cost all the same", "bad"),
    "cancelled_but_billed": Reason("cancelled, billed", "cancelled job that cost money", "bad"),
    "download_lost": Reason("file lost, billed", "paid clip that the provider has no more", "bad"),
    "duplicate_submit": Reason("sent twice", "job that was paid beside another of its cell", "bad"),
    "estimate_unknown": Reason("no estimate", "attempt that had no price before the run"),
    "price_changed": Reason("other price", "another price of a unit than was expected"),
    "audio_surcharge": Reason("sound", "clip billed at the rate with or without sound"),
    "resolution_tier": Reason("resolution", "clip billed at another resolution's rate"),
    "duration_rounded": Reason("rounded", "length or units that the bill has rounded"),
    "unit_mismatch": Reason("other units", "more or fewer units than expected"),
    "discount": Reason("discount", "another discount than the estimate had, or a credit"),
    "platform_retry": Reason("billed again", "request with several lines in the bill", "bad"),
    "missing_event": Reason("no billing event", "attempt that never came into the bill", "warn"),
    "orphan_request": Reason("orphan", "line of the bill that no attempt here explains", "bad"),
    "rounding": Reason("rounding", "bill rounded to the nano-dollar"),
    "unknown": Reason("not explained", "attempt whose bill nothing here explains", "bad"),
}
"""In the order in which they are told."""
WITHOUT_CLIP = {
    "failed": "failed_but_billed",
    "rejected": "failed_but_billed",
    "cancelled": "cancelled_but_billed",
    "download_lost": "download_lost",
    "abandoned": "duplicate_submit",
}
"""States that give no clip, and what it is called when they cost money. What is under way, or was
only given up waiting for, may still give one: its bill is held against its estimate as any other.
"""
Reasons = dict[str, int]
"""Nano-USD by code; what amounts to nothing is left out."""


def explain(cell: Cell, attempt: Attempt, preset: Preset) -> Reasons:
    """Return why what is billed for an attempt is not its estimate.

    The amounts add up to billed − expected estimate, where what is not billed (yet) and what has
    no estimate count as 0. `unknown` holds what nothing explains.
    """
    reasons: Reasons = {}
    for code, amount in _reasons(cell, attempt, preset):
        reasons[code] = reasons.get(code, 0) + amount
    billed, expected = _nano(attempt.cost("billed")) or 0, expected_nano_usd(cell)
    rest = billed - expected - sum(reasons.values())
    if rest:
        code = "rounding" if abs(rest) <= MOST_ROUNDING_NANO_USD else "unknown"
        reasons[code] = reasons.get(code, 0) + rest
    return {code: reasons[code] for code in BILL_REASONS if reasons.get(code)}


def costs_nothing(attempt: Attempt) -> bool:
    """Tell whether an attempt is known to have cost nothing, before any bill."""
    return _nano(attempt.cost("billed")) is None and attempt.counted_nano_usd == 0


def _reasons(cell: Cell, attempt: Attempt, preset: Preset) -> Iterator[tuple[str, int]]:
    seen = attempt.cost("billed")
    expected, billed = expected_nano_usd(cell), _nano(seen)
    if seen is None or billed is None:
        missing = "late_event" if seen is None else "missing_event"
        yield "no_clip" if costs_nothing(attempt) else missing, -expected
    elif attempt.state in WITHOUT_CLIP:
        yield "no_clip", -expected
        yield WITHOUT_CLIP[attempt.state], billed
    elif cell.estimate is None:
        yield "estimate_unknown", billed
    elif cell.basis is not None and cell.basis.source == "ledger":
        yield from of_median(cell, attempt.cost("metered"), seen)
    else:
        metered = attempt.cost("metered")
        known = _nano(metered)
        if metered is not None and known is not None:
            yield from of_units(cell, metered, preset, known - expected)
            yield from of_bill(metered, seen)
        else:
            off = seen.discount_nano_usd or 0
            yield from of_units(cell, seen, preset, billed + off - expected)
            yield "discount", -off


def of_median(cell: Cell, metered: Cost | None, billed: Cost) -> Iterator[tuple[str, int]]:
    """Yield why an amount is not the median of own bills: page price and meter have no part in it.

    What is yielded may leave something of the difference: nothing explains that.
    """
    expected, off = expected_nano_usd(cell), billed.discount_nano_usd or 0
    difference = (billed.nano_usd or 0) - expected
    if abs(difference) <= MOST_ROUNDING_NANO_USD:
        return
    if billed.lines > 1 and _is_again(expected, difference, billed.lines):
        yield "platform_retry", difference
        return
    charged = _stated(metered, billed)
    if charged.units is None or charged.unit_price_usd is None:
        return
    unexplained = (billed.nano_usd or 0) + off - times(charged.unit_price_usd, charged.units)
    if abs(unexplained) > MOST_ROUNDING_NANO_USD:
        yield "unknown", unexplained
        difference -= unexplained
    used, price = _of_sample(cell)
    if used and used != charged.units:
        of_units_alone = times(usd_from_nano(expected) / used, charged.units - used)
        yield _code_of_units(used, charged.units, billed.lines), of_units_alone
        difference -= of_units_alone
    if abs(difference) > MOST_ROUNDING_NANO_USD:
        is_discount = bool(off) and (charged.unit_price_usd == price or -off <= difference < 0)
        yield "discount" if is_discount else "price_changed", difference


def _of_sample(cell: Cell) -> tuple[Decimal | None, Decimal | None]:
    """Return the units of the attempt that cost the median, and the page's price of one.

    A plan that does not have the units has the rule's, which say something of the sample only
    where they make its amount.
    """
    basis = cell.basis
    if basis is None:
        return None, None
    units, price = basis.sample_units, basis.unit_usd
    if units is None and basis.quantity is not None and price is not None:
        by_rule = times(price, basis.quantity)
        is_it = abs(by_rule - expected_nano_usd(cell)) <= MOST_ROUNDING_NANO_USD
        units = basis.quantity if is_it else None
    return units, price


def _stated(metered: Cost | None, billed: Cost) -> Cost:
    """Return a bill with its units and their price; where it names none, those of the response
    that make the same amount."""
    if billed.units is not None and billed.unit_price_usd is not None:
        return billed
    full = (billed.nano_usd or 0) + (billed.discount_nano_usd or 0)
    return metered if metered is not None and metered.nano_usd == full else billed


def of_bill(metered: Cost, billed: Cost) -> Iterator[tuple[str, int]]:
    """Yield why a bill is not what the response metered."""
    difference = (billed.nano_usd or 0) - (metered.nano_usd or 0)
    if not difference and not billed.discount_nano_usd:
        return
    if billed.discount_nano_usd:
        yield "discount", -billed.discount_nano_usd
        difference += billed.discount_nano_usd
    if abs(difference) <= MOST_ROUNDING_NANO_USD:
        return  # the same money, however the bill counts its units
    prices, charged = (metered.unit_price_usd, billed.unit_price_usd), _units_of(metered, billed)
    if None not in prices and metered.units is not None and charged is not None:
        yield from _of_price_and_units(metered, replace(billed, units=charged))
    elif billed.lines > 1 and _is_again(metered.nano_usd, difference, billed.lines):
        yield "platform_retry", difference


def _is_again(once: int | None, more: int, lines: int) -> bool:
    """Tell whether further lines charge the job's own amount again, and nothing else."""
    return bool(once) and more in {(once or 0) * again for again in range(1, lines)}


def _units_of(metered: Cost, billed: Cost) -> Decimal | None:
    """Return the units of a bill; where it names none, those that make its amount exactly."""
    if billed.units is not None or metered.units is None or billed.unit_price_usd is None:
        return billed.units
    amount = (billed.nano_usd or 0) + (billed.discount_nano_usd or 0)
    likely = [metered.units, metered.units.to_integral_value(rounding=ROUND_CEILING)]
    likely += [metered.units * again for again in range(2, billed.lines + 1)]
    return next((n for n in likely if times(billed.unit_price_usd, n) == amount), None)


def _of_price_and_units(metered: Cost, billed: Cost) -> Iterator[tuple[str, int]]:
    before, after = metered.unit_price_usd or Decimal(0), billed.unit_price_usd or Decimal(0)
    used, charged = metered.units or Decimal(0), billed.units or Decimal(0)
    if before != after:
        yield "price_changed", times(after - before, charged)
    of_units_alone = times(before, charged - used)
    if abs(of_units_alone) > MOST_ROUNDING_NANO_USD:
        yield _code_of_units(used, charged, billed.lines), of_units_alone


def _code_of_units(used: Decimal, charged: Decimal, lines: int) -> str:
    if lines > 1 and used and charged in {used * again for again in range(2, lines + 1)}:
        return "platform_retry"
    is_rounded = charged == used.to_integral_value(rounding=ROUND_CEILING) or any(
        charged == used.quantize(Decimal(1).scaleb(-places)) for places in range(6)
    )
    return "duration_rounded" if is_rounded else "unit_mismatch"


def _nano(cost: Cost | None) -> int | None:
    return cost.nano_usd if cost else None

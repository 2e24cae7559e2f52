"""The four amounts of a cell with their sources: estimate, metered, billed, invoiced."""

from collections.abc import Iterator, Sequence

from fal_experiments.core.attempt import Attempt, Cost
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell
from fal_experiments.core.report_lines import LabelledValue

_MISSING = {
    "metered": "no result with units yet",
    "billed": "not reconciled",
    "invoiced": "not reconciled",
}


def money_lines(cell: Cell, attempts: Sequence[Attempt]) -> tuple[LabelledValue, ...]:
    """Return what a cell may cost and did cost. What is not known says so, and is never $0."""
    return tuple(_lines(cell, attempts))


def _lines(cell: Cell, attempts: Sequence[Attempt]) -> Iterator[LabelledValue]:
    yield _estimate(cell)
    if not attempts:
        return
    for attempt in attempts:
        which = f" · attempt {attempt.number}" if len(attempts) > 1 else ""
        for amount, missing in _MISSING.items():
            if amount != "metered" and attempt is not attempts[-1] and not attempt.cost(amount):
                continue  # said once, at the end
            yield _amount(f"{amount}{which}", attempt.costs.get(amount, []), missing)
    counted = sum(attempt.counted_nano_usd for attempt in attempts)
    yield LabelledValue(
        label="counted against the cap",
        value=format_usd(counted),
        note=f"{plural(len(attempts), 'attempt')} together" if len(attempts) > 1 else "",
    )


def _estimate(cell: Cell) -> LabelledValue:
    band = cell.estimate
    if band is None:
        return LabelledValue(label="estimate", value="unknown", note=cell.estimate_note)
    if band.low == band.high:
        return LabelledValue(
            label="estimate", value=format_usd(band.expected), note=cell.estimate_note
        )
    value = f"{format_usd(band.expected)} expected"
    limits = f"{format_usd(band.low)} at least, {format_usd(band.high)} at most"
    return LabelledValue(label="estimate", value=value, note=f"{limits} · {cell.estimate_note}")


def _amount(label: str, seen: Sequence[Cost], missing: str) -> LabelledValue:
    if not seen:
        return LabelledValue(label=label, value="unknown", note=missing)
    before = [f"{format_usd(cost.nano_usd)} on {cost.at:%Y-%m-%d}" for cost in seen[:-1]]
    earlier = f"before: {', '.join(before)}" if before else ""
    note = " · ".join(part for part in (_source(seen[-1]), earlier) if part)
    return LabelledValue(label=label, value=format_usd(seen[-1].nano_usd), note=note)


def _source(cost: Cost) -> str:
    units = f"{cost.units.normalize():f} {cost.unit or 'units'}" if cost.units is not None else ""
    price = f" × ${cost.unit_price_usd.normalize():f}" if cost.unit_price_usd is not None else ""
    seen = f"seen {cost.at:%Y-%m-%d %H:%M} UTC"
    parts = (f"{units}{price}" if units else "", cost.source, seen)
    return " · ".join(part for part in parts if part)

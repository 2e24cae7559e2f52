"""From estimate to metered to billed, step by step: each with its reason, adding up exactly.

A step is a code and an amount. Reconciliation with the provider's billing events adds codes of its
own; nothing here needs to know them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import Tone, plural
from fal_experiments.core.money import format_usd, nano_from_usd, usd_from_nano
from fal_experiments.core.overview_model import (
    Figure,
    Heading,
    MoneyStep,
    MoneyView,
    TableRow,
    TableView,
)
from fal_experiments.core.plan import Cell, Plan


class Reason(NamedTuple):
    """Why an amount is another one. `says` is told in the table."""

    label: str
    says: str
    tone: Tone | None = None


REASONS: dict[str, Reason] = {
    "over_budget": Reason("over budget", "cell that did not fit the cap", "warn"),
    "paused": Reason("preset paused", "cell left as its preset failed too often", "warn"),
    "cancelled": Reason("cancelled", "cell that a person cancelled before it was sent"),
    "pending": Reason("not sent", "cell that is not submitted yet"),
    "rejected": Reason("refused", "request that was refused: no job, no cost"),
    "failed_unbilled": Reason("failed, not billed", "job that failed and cost nothing"),
    "failed_but_billed": Reason("failed, billed", "job that failed and cost all the same", "bad"),
    "not_known": Reason("not known yet", "attempt whose cost nobody has told", "person"),
    "retried": Reason("earlier attempts", "attempt before the last one of its cell", "warn"),
    "unpriced": Reason("no estimate", "cell that had no price before the run"),
    "unit_price": Reason("other price", "another price of a unit than the preset states"),
    "units": Reason("other units", "more or fewer units than expected, at their price"),
    "metered_differs": Reason("metered otherwise", "than expected; price or units, unknown"),
    "missing_event": Reason("no billing event", "attempt that is not in the provider's bill yet"),
    "unknown": Reason("not explained", "attempt billed otherwise than metered"),
}
Changes = dict[str, list[int]]
"""Amounts in nano-USD by code, one for each cell or attempt that has that reason."""


def money_view(plan: Plan, state: BatchState) -> MoneyView:
    """Return the steps from the estimate to what is known to be paid."""
    expected = sum(cell.estimate.expected for cell in plan.cells if cell.estimate)
    changes: Changes = {}
    for cell in plan.cells:
        for code, amount in _differences(plan, state, cell):
            changes.setdefault(code, []).append(amount)
    attempts = [a for cell in plan.cells for a in state.attempts.get(cell.cell_id, ())]
    metered = sum(_metered(attempt) or 0 for attempt in attempts)
    steps = waterfall(
        ("estimate", "estimate", expected), [(changes, ("metered", "metered", metered))]
    )
    billed = [a.cost("billed") for a in attempts]
    if any(cost is not None and cost.nano_usd is not None for cost in billed):
        total = sum(cost.nano_usd or 0 for cost in billed if cost)
        more = [(_billed_changes(attempts), ("billed", "billed", total))]
        steps += waterfall(("metered", "metered", metered), more)[1:]
    said = tuple(_said(plan, attempts, metered, has_bill=steps[-1].code == "billed"))
    is_plain = all(step.is_total for step in steps)
    why_not = "every total is the one before" if is_plain else ""
    return MoneyView(steps=tuple(steps), table=_table(steps), said=said, why_not=why_not)


Total = tuple[str, str, int]
"""Code, label and amount of a sum."""


def waterfall(start: Total, parts: Sequence[tuple[Changes, Total]]) -> list[MoneyStep]:
    """Return a start, then for each part its changes and the total that they lead to.

    Changes of one code are one step; codes that are not in REASONS come last, by name. Raises:
    ValueError when changes do not add up to their total: a sum that does not close is never drawn.
    """
    steps = [_total(start)]
    at = start[2]
    for changes, end in parts:
        known = [code for code in REASONS if code in changes]
        for code in [*known, *sorted(changes.keys() - REASONS.keys())]:
            amount = sum(changes[code])
            at += amount
            if amount:
                steps.append(_change(code, amount, len(changes[code])))
        if at != end[2]:
            raise ValueError(f"the steps to {end[0]} end at {at}, not at {end[2]} nano-USD")
        steps.append(_total(end))
    return steps


def _total(total: Total) -> MoneyStep:
    code, label, amount = total
    return MoneyStep(code=code, label=label, nano_usd=amount, is_total=True)


def _change(code: str, amount: int, count: int) -> MoneyStep:
    reason = REASONS.get(code, Reason(code.replace("_", " "), ""))
    note = f"{count} × {reason.says}" if reason.says else f"{count} ×"
    return MoneyStep(code=code, label=reason.label, note=note, nano_usd=amount, tone=reason.tone)


def _differences(plan: Plan, state: BatchState, cell: Cell) -> Iterator[tuple[str, int]]:
    """Yield why what a cell has cost is not what was expected; the amounts add up to that."""
    expected = cell.estimate.expected if cell.estimate else 0
    tries = state.attempts.get(cell.cell_id, [])
    for attempt in tries[:-1]:
        if amount := _metered(attempt):
            yield "retried", amount
    if not tries:
        if expected:
            yield state.cell_state(cell.cell_id), -expected
        return
    yield from _of_last(plan, cell, tries[-1], expected)


def _of_last(plan: Plan, cell: Cell, attempt: Attempt, expected: int) -> Iterator[tuple[str, int]]:
    metered = _metered(attempt)
    if metered is None:
        if attempt.counted_nano_usd:
            yield "not_known", -expected
        else:
            yield "rejected" if attempt.state == "rejected" else "failed_unbilled", -expected
    elif cell.estimate is None:
        yield "unpriced", metered
    elif attempt.state != "done" and metered:
        # what a failure costs is one thing, that nothing came of it another: both are said
        yield "failed_but_billed", metered - expected
    elif attempt.state != "done":
        yield "failed_unbilled", -expected
    elif metered != expected:
        yield from _of_units(plan, cell, attempt, metered - expected)


def _of_units(
    plan: Plan, cell: Cell, attempt: Attempt, difference: int
) -> Iterator[tuple[str, int]]:
    """Yield a difference as one of price and one of units, where both are known.

    The price's part is at the units that came; what is left is the units'.
    """
    price = plan.presets[cell.at.preset].preset.price
    stated = price.unit_price_usd if price else None
    cost = attempt.cost("metered")
    if stated is None or cost is None or cost.unit_price_usd is None or cost.units is None:
        yield "metered_differs", difference
        return
    of_price = nano_from_usd((cost.unit_price_usd - stated) * cost.units)
    if of_price:
        yield "unit_price", of_price
    if difference != of_price:
        yield "units", difference - of_price


def _metered(attempt: Attempt) -> int | None:
    cost = attempt.cost("metered")
    return cost.nano_usd if cost else None


def _billed_changes(attempts: Iterable[Attempt]) -> Changes:
    changes: Changes = {}
    for attempt in attempts:
        cost, metered = attempt.cost("billed"), _metered(attempt) or 0
        billed = cost.nano_usd if cost else None
        if billed is None and metered:
            changes.setdefault("missing_event", []).append(-metered)
        elif billed is not None and billed != metered:
            changes.setdefault("unknown", []).append(billed - metered)
    return changes


def _said(
    plan: Plan, attempts: Sequence[Attempt], metered: int, *, has_bill: bool
) -> Iterator[str]:
    bands = [cell.estimate for cell in plan.cells if cell.estimate]
    low, high = sum(b.low for b in bands), sum(b.high for b in bands)
    if low != high:
        yield f"The estimate is the expected one of {format_usd(low)} to {format_usd(high)}."
    unpriced = len(plan.cells) - len(bands)
    if unpriced:
        yield f"{plural(unpriced, 'cell')} had no price before the run: no estimate, not $0."
    open_ones = [a for a in attempts if _metered(a) is None and a.counted_nano_usd]
    if open_ones:
        held = sum(attempt.counted_nano_usd for attempt in open_ones)
        yield (
            f"The cost of {plural(len(open_ones), 'attempt')} is not known yet: up to "
            f"{format_usd(held)} more, so {format_usd(metered + held)} at worst."
        )
    lost = [m for a in attempts if a.state != "done" and a.ended_at and (m := _metered(a))]
    if lost:
        whose = f"{plural(len(lost), 'attempt')} that ended without a clip"
        yield f"{format_usd(sum(lost))} was paid for {whose}."
    if not has_bill:
        yield "Billed: not reconciled. What the provider charged is known only from its bill."


def _table(steps: Sequence[MoneyStep]) -> TableView:
    headings = ("Step", "Amount", "Because")
    return TableView(
        key="money-steps",
        title="Money, step by step",
        headings=tuple(Heading(label=label, sorts=False) for label in headings),
        rows=tuple(
            TableRow(
                title=step.label,
                subtitle="" if step.is_total else step.code,
                figures=(
                    Figure(value=_signed(step), number=float(usd_from_nano(step.nano_usd))),
                    Figure(value=step.note),
                ),
            )
            for step in steps
        ),
    )


def _signed(step: MoneyStep) -> str:
    shown = format_usd(step.nano_usd)
    if step.is_total or step.nano_usd < 0:
        return shown.replace("-", "−")
    return f"+{shown}"

"""From estimate to metered to billed, step by step: each with its reason, adding up exactly.

A step is a code and an amount. What an attempt costs is told in the words of `bill_reasons`, as
`fal-exp reconcile` tells it; the codes of cells that were not sent are the report's own.
"""

from collections.abc import Iterable, Iterator, Sequence

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.bill_reasons import (
    BILL_REASONS,
    WITHOUT_CLIP,
    Reason,
    of_bill,
    of_median,
)
from fal_experiments.core.bill_units import MOST_ROUNDING_NANO_USD, of_units
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd, usd_from_nano
from fal_experiments.core.overview_model import (
    Figure,
    Heading,
    MoneyStep,
    MoneyView,
    TableRow,
    TableView,
)
from fal_experiments.core.plan import Cell, Plan

REASONS: dict[str, Reason] = {
    "over_budget": Reason("over budget", "cell that did not fit the cap", "warn"),
    "paused": Reason("preset paused", "cell left as its preset failed too often", "warn"),
    "cancelled": Reason("cancelled", "cell that a person cancelled before it was sent"),
    "pending": Reason("not sent", "cell that is not submitted yet"),
    "rejected": Reason("refused", "request that was refused: no job, no cost"),
    "not_known": Reason("not known yet", "attempt whose cost nobody has told", "person"),
    "retried": Reason("earlier attempts", "attempt before the last one of its cell", "warn"),
    "not_metered": Reason("not metered", "attempt in the bill whose response told no units"),
    **BILL_REASONS,
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
            yield "rejected" if attempt.state == "rejected" else "no_clip", -expected
    elif attempt.state in WITHOUT_CLIP:
        # what a failure costs is one thing, that nothing came of it another: both are said
        yield "no_clip", -expected
        yield WITHOUT_CLIP[attempt.state], metered
    elif cell.estimate is None:
        yield "estimate_unknown", metered
    elif metered != expected:
        yield from _of_units(plan, cell, attempt, metered - expected)


def _of_units(
    plan: Plan, cell: Cell, attempt: Attempt, difference: int
) -> Iterator[tuple[str, int]]:
    """Yield why what was metered is not the estimate."""
    cost = attempt.cost("metered")
    if cost is None:
        yield "unknown", difference
        return
    preset = plan.presets[cell.at.preset].preset
    if cell.basis is not None and cell.basis.source == "ledger":
        yield from _closed(of_median(cell, None, cost), difference)
        return
    yield from _closed(of_units(cell, cost, preset, difference), difference)


def _closed(steps: Iterable[tuple[str, int]], difference: int) -> Iterator[tuple[str, int]]:
    """Yield steps, and what they leave of a difference as a step of its own."""
    for code, amount in steps:
        difference -= amount
        if amount:
            yield code, amount
    if difference:
        yield "rounding" if abs(difference) <= MOST_ROUNDING_NANO_USD else "unknown", difference


def _metered(attempt: Attempt) -> int | None:
    cost = attempt.cost("metered")
    return cost.nano_usd if cost else None


def _billed_changes(attempts: Iterable[Attempt]) -> Changes:
    changes: Changes = {}
    for attempt in attempts:
        for code, amount in _of_bill(attempt):
            changes.setdefault(code, []).append(amount)
    return changes


def _of_bill(attempt: Attempt) -> Iterator[tuple[str, int]]:
    """Yield why what is billed for an attempt is not what was metered, which may be nothing."""
    seen, metered = attempt.cost("billed"), attempt.cost("metered")
    before = _metered(attempt)
    if seen is None or seen.nano_usd is None:
        if before:
            yield "late_event" if seen is None else "missing_event", -before
    elif metered is None or before is None:
        if seen.nano_usd:
            yield WITHOUT_CLIP.get(attempt.state, "not_metered"), seen.nano_usd
    else:
        yield from _closed(of_bill(metered, seen), seen.nano_usd - before)


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

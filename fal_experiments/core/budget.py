"""The cap: settled + reserved worst case + next ≤ cap, at every moment."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import NamedTuple, Protocol

from fal_experiments.core.fold import BatchState
from fal_experiments.core.matrix import Budget
from fal_experiments.core.money import format_usd, nano_from_usd
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.errors import BadInput


class SharedCap(Protocol):
    """A cap that other batches spend from too."""

    def book(
        self, cell: Cell, number: int, worst_case_nano_usd: int, others_may_hold_nano_usd: int
    ) -> bool:
        """Book an attempt where the other batches see it, if they hold no more than that.

        Reading what they hold and booking are one step: two processes never take the same room.
        """
        ...


class Purse:
    """Money already counted against a cap. One purse a process; nothing else decides to spend."""

    def __init__(
        self, cap_nano_usd: int, counted_nano_usd: int = 0, shared: SharedCap | None = None
    ) -> None:
        self.cap_nano_usd = cap_nano_usd
        self.counted_nano_usd = counted_nano_usd
        self._shared = shared

    def fits(self, worst_case_nano_usd: int) -> bool:
        """Tell whether one more attempt could be paid for even at its worst case."""
        return self.counted_nano_usd + worst_case_nano_usd <= self.cap_nano_usd

    def try_reserve(self, cell: Cell, number: int, worst_case_nano_usd: int) -> bool:
        """Count one more attempt of a cell at its worst case, if that fits."""
        if not self.fits(worst_case_nano_usd):
            return False
        room = self.cap_nano_usd - self.counted_nano_usd - worst_case_nano_usd
        if self._shared and not self._shared.book(cell, number, worst_case_nano_usd, room):
            return False
        self.counted_nano_usd += worst_case_nano_usd
        return True

    def settle(self, reserved_nano_usd: int, counted_nano_usd: int) -> None:
        """Replace a reservation by what the attempt is now known to count for."""
        self.counted_nano_usd += counted_nano_usd - reserved_nano_usd


class WorstCases:
    """What is reserved for one attempt of each cell, in nano-USD.

    A preset that was seen to cost more than declared is reserved so much more for: a worst case
    that was wrong once is not believed again.
    """

    def __init__(self, cells: Iterable[Cell], budget: Budget, state: BatchState) -> None:
        self._budget = budget
        self._overrun: dict[str, Fraction] = {}
        for cell in cells:
            for attempt in state.attempts.get(cell.cell_id, ()):
                if attempt.overcharged_nano_usd and attempt.reserved_nano_usd:
                    ratio = Fraction(attempt.counted_nano_usd, attempt.reserved_nano_usd)
                    known = self._overrun.get(cell.at.preset, Fraction(1))
                    self._overrun[cell.at.preset] = max(known, ratio)

    def of(self, cell: Cell) -> int:
        """Return the worst case of one attempt."""
        ratio = self._overrun.get(cell.at.preset, Fraction(1))
        return ceil(worst_case(cell, self._budget) * ratio)


def worst_case(cell: Cell, budget: Budget) -> int:
    """Return the declared worst case of one attempt of a cell, in nano-USD."""
    if cell.estimate is not None:
        if cell.basis is None or cell.basis.has_worst_case or budget.per_cell_usd is None:
            return cell.estimate.high
        return max(cell.estimate.high, nano_from_usd(budget.per_cell_usd, round_up=True))
    if budget.per_cell_usd is None:
        raise BadInput(f"cell {cell.cell_id} has no price and no per_cell_usd stands in for it")
    return nano_from_usd(budget.per_cell_usd, round_up=True)


def cap_of(plan: Plan) -> int:
    """Return the cap of a batch: `budget.max_usd`, else the plan's own worst case.

    Without a cap in the matrix, what the person confirmed is what may be spent.
    """
    if plan.spec.budget.max_usd is not None:
        return nano_from_usd(plan.spec.budget.max_usd)
    return most_spent(plan)


def most_spent(plan: Plan) -> int:
    """Return what a plan may cost if every cell that is bought costs its worst, within the cap."""
    budget = plan.spec.budget
    worst = sum(worst_case(cell, budget) for cell in within_cell_limit(plan).cells)
    return worst if budget.max_usd is None else min(worst, nano_from_usd(budget.max_usd))


def check_budget(plan: Plan) -> None:
    """Refuse a plan that the budget can not even begin.

    Raises: BadInput for a cell without a price that is not allowed by name, and when not even the
    cheapest cell fits the caps.
    """
    budget = plan.spec.budget
    blind = (*plan.unpriced, *plan.without_worst_case)
    unpriced = {c.at.preset: c.estimate_note for c in blind}
    averaged = {c.at.preset for c in plan.without_worst_case}
    for preset, why in unpriced.items():
        if preset not in budget.allow_unpriced:
            raise BadInput(
                f"the worst case of preset {preset} is unknown: {why}"
                if preset in averaged
                else f"the price of preset {preset} is unknown: {why}",
                fix=f"hold what decides the price, or budget: {{allow_unpriced: [{preset}], "
                "per_cell_usd: …}",
                path=("budget",),
            )
    cheapest = min(plan.cells, key=lambda cell: worst_case(cell, budget))
    least = worst_case(cheapest, budget)
    for field, cap in (("max_usd", budget.max_usd), ("per_cell_usd", budget.per_cell_usd)):
        if cap is not None and least > nano_from_usd(cap):
            raise BadInput(
                f"${cap} is less than the cheapest cell may cost "
                f"({format_usd(least)}, preset {cheapest.at.preset})",
                fix="raise it, or make the cells cheaper (duration, resolution, audio off)",
                path=("budget", field),
            )


class Forecast(NamedTuple):
    """What the caps let through if every cell costs its worst case."""

    fit: int
    too_dear: int
    """Cells that may cost more than `per_cell_usd`."""
    left: int
    """Cells that `max_usd` has no room for."""


def forecast(plan: Plan, elsewhere_nano_usd: int = 0) -> Forecast:
    """Return what fits the caps, cell by cell in plan order; other batches hold so much already.

    Without `max_usd` everything fits that is not too dear. Raises: as `worst_case`.
    """
    budget = plan.spec.budget
    room = None if budget.max_usd is None else nano_from_usd(budget.max_usd) - elsewhere_nano_usd
    fit = too_dear = 0
    for cell in plan.cells:
        worst = worst_case(cell, budget)
        if over_cell_limit(cell, budget):
            too_dear += 1
        elif room is None or worst <= room:
            fit += 1
            room = None if room is None else room - worst
    return Forecast(fit, too_dear, len(plan.cells) - fit - too_dear)


def within_cell_limit(plan: Plan) -> Plan:
    """Return a plan without the cells that `per_cell_usd` leaves unbought: what may be spent on."""
    cells = (cell for cell in plan.cells if not over_cell_limit(cell, plan.spec.budget))
    return plan.model_copy(update={"cells": tuple(cells)})


def over_cell_limit(cell: Cell, budget: Budget) -> bool:
    """Tell whether a cell may cost more than `per_cell_usd` allows."""
    if budget.per_cell_usd is None:
        return False
    return worst_case(cell, budget) > nano_from_usd(budget.per_cell_usd)

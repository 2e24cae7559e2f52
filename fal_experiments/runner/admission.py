"""Which cell may be submitted next: plan order, free slots, the purse, and presets that failed.

Holds no task and sends nothing. Cells of one endpoint leave in plan order; while one endpoint is
full, the next cell of another may go.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from fal_experiments.core.budget import Purse, WorstCases, over_cell_limit
from fal_experiments.core.limits import Breaker, Limiter
from fal_experiments.core.matrix import Budget
from fal_experiments.core.plan import Cell

Queue = tuple[str, str]
"""A provider and one of its endpoints."""


class Rules(NamedTuple):
    """What bounds the submitting."""

    budget: Budget
    limiters: Mapping[str, Limiter]
    per_endpoint: int | None
    breaker: Breaker


class Admission:
    """The cells that are still to be submitted."""

    def __init__(
        self,
        order: Mapping[str, int],
        todo: Iterable[Cell],
        purse: Purse,
        worst: WorstCases,
        rules: Rules,
    ) -> None:
        self._order = order
        self._queues: dict[Queue, deque[Cell]] = {}
        self._purse = purse
        self._worst = worst
        self._rules = rules
        self._at_provider: Counter[str] = Counter()
        self._at_endpoint: Counter[Queue] = Counter()
        self.over_budget: list[str] = []
        self.paused: list[str] = []
        for cell in todo:
            self._queues.setdefault((cell.provider, cell.endpoint), deque()).append(cell)

    def again(self, cell: Cell) -> None:
        """Put a cell back that is to be submitted once more: it goes first."""
        self._queues.setdefault((cell.provider, cell.endpoint), deque()).appendleft(cell)

    def take_seat(self, cell: Cell) -> None:
        """Count a job at its provider."""
        self._at_provider[cell.provider] += 1
        self._at_endpoint[cell.provider, cell.endpoint] += 1

    def leave_seat(self, cell: Cell) -> None:
        """Count it no more."""
        self._at_provider[cell.provider] -= 1
        self._at_endpoint[cell.provider, cell.endpoint] -= 1

    def worst_case(self, cell: Cell) -> int:
        """Return what is reserved for an attempt of a cell, in nano-USD."""
        return self._worst.of(cell)

    def next(self, number_of: Callable[[Cell], int], *, more_may_fit: bool) -> Cell | None:
        """Return the next cell, its worst case reserved and its seat taken; None: not now.

        `more_may_fit`: something is under way that may yet cost less than is reserved for it, so a
        cell that does not fit waits for that. Otherwise it is over the budget.
        """
        while (queue := self._first_with_room()) is not None:
            cell = queue[0]
            if self._purse.try_reserve(cell, number_of(cell), self._worst.of(cell)):
                queue.popleft()
                self.take_seat(cell)
                return cell
            if more_may_fit:
                return None
            self.over_budget.append(queue.popleft().cell_id)
        return None

    def _first_with_room(self) -> deque[Cell] | None:
        """Return the queue whose first cell comes first in the plan, of those that may send."""
        ready = []
        for key, queue in self._queues.items():
            self._drop_what_can_not_go(queue)
            if queue and self._has_room(key):
                ready.append(queue)
        return min(ready, key=lambda queue: self._order[queue[0].cell_id], default=None)

    def _drop_what_can_not_go(self, queue: deque[Cell]) -> None:
        while queue:
            cell = queue[0]
            if cell.at.preset in self._rules.breaker.paused:
                self.paused.append(cell.cell_id)
            elif over_cell_limit(cell, self._rules.budget):
                self.over_budget.append(cell.cell_id)
            else:
                return
            queue.popleft()

    def _has_room(self, key: Queue) -> bool:
        if self._at_provider[key[0]] >= self._rules.limiters[key[0]].allowed:
            return False
        per_endpoint = self._rules.per_endpoint
        return per_endpoint is None or self._at_endpoint[key] < per_endpoint

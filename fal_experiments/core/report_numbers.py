"""The numbers of a report's cells: money, times, mismatches, measurements and scores.

An estimate is not among them: a number that is compared and summed must have happened.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.derived import Derived
from fal_experiments.core.labels import plural
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.money import format_usd, usd_from_nano
from fal_experiments.core.plan import Cell
from fal_experiments.core.report_model import NumberView
from fal_experiments.core.summary import total_s

FIRST = (
    NumberView(key="cost_usd", label="cost", unit="USD", better="lower", places=4),
    NumberView(key="total_s", label="submit to file", unit="s", better="lower", places=1),
    NumberView(key="queue_s", label="in the queue", unit="s", better="lower", places=1),
    NumberView(key="run_s", label="on the runner", unit="s", better="lower", places=1),
    NumberView(key="mismatches", label="mismatches", unit="", better="lower", places=0),
    NumberView(key="duration_s", label="length", unit="s", better="neither", places=2),
)
MEASURED = tuple(
    NumberView(key=m.name, label=m.title, unit=m.unit, better=m.direction, places=m.places)
    for m in CLIP_METRICS
)


class Scores(NamedTuple):
    """Numbers that come from elsewhere: plug-in metrics, a judge."""

    views: tuple[NumberView, ...] = ()
    of_cells: Mapping[str, Mapping[str, float]] = {}
    """By cell id, then by the key of a view."""


class Numbers:
    """Which numbers occur in a report, and those of each of its cells."""

    def __init__(self, of_cells: Mapping[str, Mapping[str, float]], scores: Scores) -> None:
        self._of_cells = {
            key: {**found, **scores.of_cells.get(key, {})} for key, found in of_cells.items()
        }
        occurring = {name for found in self._of_cells.values() for name in found}
        every = (*FIRST, *MEASURED, *scores.views)
        self.views = tuple(view for view in every if view.key in occurring)

    def of(self, key: str) -> tuple[float | None, ...]:
        """Return a cell's numbers, parallel to `views` but for missing ones at the end."""
        found = self._of_cells.get(key, {})
        row = [found.get(view.key) for view in self.views]
        while row and row[-1] is None:
            row.pop()
        return tuple(row)


def numbers_of(
    cell: Cell, attempts: Sequence[Attempt], derived: Derived | None
) -> dict[str, float]:
    """Return what is known of a cell, by the key of its view."""
    probe = derived.probe if derived else None
    found: dict[str, float | None] = {"mismatches": len(known_deviations(cell, probe))}
    cost = Spent.of(attempts)
    if attempts:
        last = attempts[-1]
        found["cost_usd"] = None if cost.unknown else float(usd_from_nano(cost.known_nano_usd))
        found["total_s"] = total_s(last)
        found["queue_s"] = _between(last.accepted_at, last.running_at)
        found["run_s"] = None if last.inference_s is None else float(last.inference_s)
    if probe is not None:
        found["duration_s"] = float(probe.duration_s)
    if derived is not None and derived.measures is not None:
        found |= {name: float(value) for name, value in derived.measures.values.items()}
    return {name: round(value, 9) for name, value in found.items() if value is not None}


class Spent(NamedTuple):
    """What all attempts of a cell are known to have cost, and how many are not known."""

    known_nano_usd: int
    known: int
    unknown: int

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> "Spent":
        """Return the sum of attempts."""
        costs = [known_nano_usd(attempt) for attempt in attempts]
        known = [cost for cost in costs if cost is not None]
        return cls(sum(known), len(known), len(costs) - len(known))


def known_nano_usd(attempt: Attempt) -> int | None:
    """Return what an attempt was billed or metered at, 0 where no job was paid; None: unknown."""
    for amount in ("billed", "metered"):
        cost = attempt.cost(amount)
        if cost is not None and cost.nano_usd is not None:
            return cost.nano_usd
    return 0 if attempt.counted_nano_usd == 0 else None


def cost_label(cell: Cell, attempts: Sequence[Attempt]) -> str:
    """Return what a cell cost, or the estimate marked `≈`, or `unknown`."""
    spent = Spent.of(attempts)
    if attempts and not spent.unknown:
        return format_usd(spent.known_nano_usd)
    if spent.known_nano_usd:
        return f"{format_usd(spent.known_nano_usd)} and {plural(spent.unknown, 'unknown')}"
    return f"≈ {cell.estimate.label()}" if cell.estimate is not None else "unknown"


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None

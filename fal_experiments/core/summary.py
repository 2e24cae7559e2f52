"""A batch in numbers: counts with denominators, money known and unknown, times. Exit codes too."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from statistics import median

from fal_experiments.core.attempt import ENDED, IN_FLIGHT, Attempt
from fal_experiments.core.batch_money import Money, money_of
from fal_experiments.core.budget import over_cell_limit
from fal_experiments.core.fold import BatchState
from fal_experiments.core.matrix import BudgetScope
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell, LeftOutCell, Plan

STATE_ORDER = (
    "done",
    "failed",
    "rejected",
    "submission_unknown",
    "download_lost",
    "timed_out",
    "cancelled",
    "abandoned",
    "over_budget",
    "paused",
    "downloading",
    "running",
    "queued",
    "submitting",
    "pending",
    "unsupported",
    "excluded",
    "duplicate",
)
"""Every state a combination can be in, in the order in which people want to hear of them."""


class Times(Record):
    """Median and largest of a duration in seconds, over `n` attempts that have it."""

    n: int
    median_s: float
    max_s: float


class PresetSummary(Record):
    """One preset of a batch."""

    preset: str
    combinations: int
    counts: dict[str, int]
    money: Money
    inference: Times | None
    total: Times | None


class BatchSummary(Record):
    """batch.json: derived from plan and events, safe to delete."""

    batch: str
    name: str
    sandbox: bool
    strict: bool
    started_at: datetime | None
    last_at: datetime | None
    sessions: int
    finished: str | None
    """Why the last process stopped; None while one is at work, or after a crash."""
    combinations: int
    """Cells and everything left out: the denominator of every count."""
    counts: dict[str, int]
    strict_breaches: int
    over_cell_limit: int = 0
    """Cells over budget that no higher cap would buy: they may cost more than `per_cell_usd`."""
    cap_scope: BudgetScope = "batch"
    """Which batches spend from the same cap."""
    money: Money
    presets: tuple[PresetSummary, ...]


def summarise(plan: Plan, state: BatchState, batch: str) -> BatchSummary:
    """Return the numbers of a batch."""
    started = state.started
    return BatchSummary(
        batch=batch,
        name=plan.spec.name,
        sandbox=started.sandbox if started else False,
        strict=plan.spec.strict,
        started_at=state.first_started_at,
        last_at=state.last_at,
        sessions=state.sessions,
        finished=state.finished.reason if state.finished else None,
        combinations=len(plan.cells) + len(plan.left_out),
        counts=_counts(plan.cells, plan.left_out, state),
        strict_breaches=sum(a.strict_breach is not None for a in _attempts(plan.cells, state)),
        over_cell_limit=sum(
            over_cell_limit(cell, plan.spec.budget)
            for cell in plan.cells
            if state.cell_state(cell.cell_id) == "over_budget"
        ),
        cap_scope=plan.spec.budget.scope,
        money=money_of(plan.cells, _attempts(plan.cells, state), state.cap_nano_usd),
        presets=tuple(_preset(plan, state, preset) for preset in plan.presets),
    )


def exit_code(plan: Plan, state: BatchState, *, interrupted: bool) -> int:
    """Return what the process tells the shell (PRODUCT.md, CLI habits).

    0 all cells done; 1 some not, or a strict one served by another endpoint; 3 some did not fit the
    budget; 4 some need a person; 130 interrupted with work left. Cells that the plan leaves out do
    not count. A run that was detached has done its part when every job is at the provider.
    """
    states = {state.cell_state(cell.cell_id) for cell in plan.cells}
    detached = state.finished is not None and state.finished.reason == "detached"
    if states <= ({"done"} | IN_FLIGHT if detached else {"done"}):
        return 1 if plan.spec.strict and _breached(plan, state) else 0
    if interrupted and states - ENDED:
        return 130
    if "submission_unknown" in states:
        return 4
    return 3 if "over_budget" in states else 1


def _breached(plan: Plan, state: BatchState) -> bool:
    return any(a.strict_breach is not None for a in _attempts(plan.cells, state))


def _preset(plan: Plan, state: BatchState, preset: str) -> PresetSummary:
    cells = [cell for cell in plan.cells if cell.at.preset == preset]
    left_out = [cell for cell in plan.left_out if cell.at.preset == preset]
    done = [a for a in _attempts(cells, state) if a.state == "done"]
    return PresetSummary(
        preset=preset,
        combinations=len(cells) + len(left_out),
        counts=_counts(cells, left_out, state),
        money=money_of(cells, _attempts(cells, state), state.cap_nano_usd),
        inference=_times(done, lambda a: float(a.inference_s) if a.inference_s else None),
        total=_times(done, total_s),
    )


def _counts(
    cells: Iterable[Cell], left_out: Iterable[LeftOutCell], state: BatchState
) -> dict[str, int]:
    seen: Counter[str] = Counter(state.cell_state(cell.cell_id) for cell in cells)
    seen.update(cell.state for cell in left_out)
    return {name: seen[name] for name in STATE_ORDER if seen[name]}


def total_s(attempt: Attempt) -> float | None:
    """Return the seconds from the intent to submit until the attempt ended."""
    if attempt.ended_at is None:
        return None
    return (attempt.ended_at - attempt.intended_at).total_seconds()


def _attempts(cells: Iterable[Cell], state: BatchState) -> list[Attempt]:
    return [attempt for cell in cells for attempt in state.attempts.get(cell.cell_id, ())]


def _times(attempts: Iterable[Attempt], of: Callable[[Attempt], float | None]) -> Times | None:
    seen = [seconds for attempt in attempts if (seconds := of(attempt)) is not None]
    if not seen:
        return None
    return Times(n=len(seen), median_s=round(median(seen), 3), max_s=round(max(seen), 3))

"""A batch told event by event, for tests of its overview: two presets, each cell as wished."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from fal_experiments.core.attempt import Attempt, AttemptState, Cost
from fal_experiments.core.derived import Derived
from fal_experiments.core.events import BatchFinished
from fal_experiments.core.fold import BatchState
from fal_experiments.core.measures import Measures
from fal_experiments.core.overview_facts import OverviewParts
from fal_experiments.core.plan import Plan
from fal_experiments.core.ratings import Rating, Ratings, Verdict, fold_ratings
from fal_experiments.core.request import Failure
from fal_experiments.core.summary import summarise
from fal_experiments.errors import Billed
from tests.unit.core.histories import BEGAN_AT
from tests.unit.core.materials import plan_of, spec
from tests.unit.core.test_report import DERIVED

EXPECTED = 500_000_000
"""Of every cell, in nano-USD: 5 s at $0.10."""


def a_plan(seeds: str = "1-2", presets: Sequence[str] = ("seeded", "seedless")) -> Plan:
    """Return cells `a1`, `a2`, … of the first preset and `b1`, … of the second."""
    plan = plan_of(spec(presets=list(presets), seeds=seeds))
    counts: dict[str, int] = {}
    cells = []
    for one in plan.cells:
        letter = "ab"[list(plan.presets).index(one.at.preset)]
        counts[letter] = counts.get(letter, 0) + 1
        cells.append(one.model_copy(update={"cell_id": cell(f"{letter}{counts[letter]}")}))
    return plan.model_copy(update={"cells": tuple(cells)})


def cell(name: str) -> str:
    """Return the id of `a1`: 16 hexadecimal digits, as ratings want them."""
    return name[0] + name[1:].zfill(15)


def after(seconds: float) -> datetime:
    """Return a moment after the first submission."""
    return BEGAN_AT + timedelta(seconds=seconds)


def attempt(
    name: str,
    state: AttemptState = "done",
    *,
    metered: int | None = EXPECTED,
    billed: int | None = None,
    at_s: float = 0,
    wait_s: float = 4,
    run_s: float = 10,
    number: int = 1,
) -> Attempt:
    """Return an attempt that waits, runs and is downloaded for a second.

    `metered` None: nobody has told; a failure is then not billed.
    """
    is_free = state in {"failed", "rejected", "cancelled"} and metered is None
    one = Attempt(
        cell=cell(name),
        number=number,
        endpoint="vendor/x",
        request_sha256="y",
        reserved_nano_usd=EXPECTED * 6 // 5,
        intended_at=after(at_s),
        state=state,
    )
    one.accepted_at, one.running_at = after(at_s), after(at_s + wait_s)
    if state in {"done", "failed"}:
        one.completed_at = after(at_s + wait_s + run_s)
        one.ended_at = after(at_s + wait_s + run_s + 1)
        one.inference_s = Decimal(str(run_s))
    if state in {"failed", "rejected"}:
        billed_words: Billed = "no" if is_free else "yes"
        one.failure = Failure(kind="boom", message="it broke", billed=billed_words)
    for amount, nano_usd in (("metered", metered), ("billed", billed)):
        if nano_usd is not None:
            one.costs[amount] = [Cost(nano_usd, None, None, None, "a test", after(at_s))]
    return one


def derived(length_s: str = "5", **values: str) -> Derived:
    """Return what was measured of a clip."""
    assert DERIVED.probe is not None
    probe = DERIVED.probe.model_copy(update={"duration_s": Decimal(length_s)})
    measures = Measures(values={name: Decimal(value) for name, value in values.items()})
    return DERIVED.model_copy(update={"probe": probe, "measures": measures})


def state_of(attempts: Sequence[Attempt], *, left: BatchFinished | None = None) -> BatchState:
    """Return the state of a batch with these attempts, the log an hour long."""
    state = BatchState(last_at=after(3600), first_started_at=BEGAN_AT)
    for one in attempts:
        state.attempts.setdefault(one.cell, []).append(one)
    if left is not None:
        state.left = dict.fromkeys(left.over_budget, "over_budget")
    return state


def parts(
    plan: Plan,
    attempts: Sequence[Attempt],
    clips: Mapping[str, Derived] | None = None,
    ratings: Ratings | None = None,
) -> OverviewParts:
    """Return what an overview is made of; each done cell has a clip of five seconds."""
    state = state_of(attempts)
    made = {a.cell: derived() for a in attempts if a.state == "done"}
    named = {cell(name): one for name, one in (clips or {}).items()}
    return OverviewParts(
        plan, state, summarise(plan, state, "b"), made | named, ratings=ratings or {}
    )


def rated(**verdicts: Verdict) -> Ratings:
    """Return one rater's verdicts, by the short names of cells."""
    return fold_ratings(
        Rating(at=BEGAN_AT, rater="anna", cell=cell(name), verdict=verdict, stars=3)
        for name, verdict in verdicts.items()
    )

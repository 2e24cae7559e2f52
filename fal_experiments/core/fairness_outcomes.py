"""What a run adds to the fairness sheet: measured clips, rewritten prompts, breaches, latency."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.derived import Probe
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import hold_name, plural, seconds_label
from fal_experiments.core.matrix import HOLD_KEYS, HoldKey
from fal_experiments.core.measured import Measurement, measure
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.preset import Preset

MOST_VALUES = 4


class Outcomes(NamedTuple):
    """What is known after a run."""

    state: BatchState
    probes: Mapping[str, Probe]
    """Measured facts of clips, by cell id."""
    seed_findings: Mapping[str, str] = {}
    """What the seed probes showed, by preset id."""


class MeasuredLine(Record):
    """One property over all clips of a preset that could be measured."""

    what: str
    asked: str
    got: tuple[str, ...]
    """The different values that came, most frequent first."""
    right: int
    """Clips that have what was asked."""
    clips: int
    is_promised: bool
    """False: the model has no knob for it, and `asked` is what the task holds."""


class PresetOutcome(Record):
    """What came of the requests of one preset."""

    measured: tuple[MeasuredLine, ...] = ()
    settled: frozenset[str] = frozenset()
    """Held values that the request could not ask for, and that every clip has all the same."""
    mismatches: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """Cells that are not done, and clips that are not measured."""
    nothing_done: str = ""
    """Why there is nothing to compare; empty where there is something."""
    rewritten: str = ""
    breaches: tuple[str, ...] = ()
    latency: tuple[str, ...] = ()


def outcome_of(plan: Plan, preset: Preset, outcomes: Outcomes) -> PresetOutcome:
    """Return what came of the requests of a preset."""
    cells = [cell for cell in plan.cells if cell.at.preset == preset.id]
    attempts = [a for cell in cells if (a := outcomes.state.latest(cell.cell_id)) is not None]
    found: dict[HoldKey, list[Measurement]] = {}
    for cell in cells:
        probe = outcomes.probes.get(cell.cell_id)
        varied = {key: cell.at.axes[key] for key in HOLD_KEYS if key in cell.at.axes}
        hold = plan.spec.hold.stated() | varied
        for one in measure(cell, preset, hold, probe) if probe is not None else ():
            found.setdefault(one.what, []).append(one)
    done = sum(outcomes.state.cell_state(cell.cell_id) == "done" for cell in cells)
    unmeasured = done - sum(cell.cell_id in outcomes.probes for cell in cells)
    lines = tuple(line for key, seen in found.items() for line in _lines(key, seen))
    return PresetOutcome(
        measured=lines,
        settled=frozenset(
            key
            for key, seen in found.items()
            if len(seen) == len(cells) and all(m.promised is None and m.meets_hold for m in seen)
        ),
        mismatches=tuple(_mismatch(line) for line in lines if line.right < line.clips),
        gaps=_gaps(done, unmeasured, len(cells)),
        nothing_done="" if done else f"none of its {plural(len(cells), 'cell')} is done",
        rewritten=_rewritten(cells, outcomes.state),
        breaches=_breaches(attempts),
        latency=_latency(attempts),
    )


def _lines(key: HoldKey, seen: Sequence[Measurement]) -> Iterable[MeasuredLine]:
    """Yield a line for each different thing that was asked of a property."""
    asked: dict[tuple[str, bool], list[Measurement]] = {}
    for one in seen:
        if one.promised is not None:
            asked.setdefault((one.promised, True), []).append(one)
        elif one.held is not None:
            asked.setdefault((one.held, False), []).append(one)
    for (words, is_promised), group in asked.items():
        values = Counter(one.got for one in group)
        yield MeasuredLine(
            what=hold_name(key),
            asked=words,
            got=tuple(value for value, _ in values.most_common(MOST_VALUES)),
            right=sum(bool(one.kept if is_promised else one.meets_hold) for one in group),
            clips=len(group),
            is_promised=is_promised,
        )


def _gaps(done: int, unmeasured: int, cells: int) -> tuple[str, ...]:
    found = (f"{done} of {cells} cells done",) if done < cells else ()
    return (*found, f"{plural(unmeasured, 'clip')} not measured") if unmeasured else found


def _mismatch(line: MeasuredLine) -> str:
    wrong = line.clips - line.right
    verb = "asked for" if line.is_promised else "held"
    return (
        f"{line.what} {line.asked} {verb}, {', '.join(line.got)} measured ({wrong} of {line.clips})"
    )


def _rewritten(cells: Sequence[Cell], state: BatchState) -> str:
    """Return how many prompts came back in other words than they were sent in."""
    returned = [
        (cell.prompt_text, attempt.prompt_returned)
        for cell in cells
        if (attempt := state.latest(cell.cell_id)) and attempt.prompt_returned is not None
    ]
    changed = sum(" ".join(sent.split()) != " ".join(back.split()) for sent, back in returned)
    return f"{changed} of {plural(len(returned), 'prompt')} came back reworded" if changed else ""


def _breaches(attempts: Iterable[Attempt]) -> tuple[str, ...]:
    seen = Counter(a.strict_breach for a in attempts if a.strict_breach is not None)
    return tuple(f"{plural(count, 'result')} {words}" for words, count in seen.items())


def _latency(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """Return the medians of waiting and of working, told apart."""
    done = [a for a in attempts if a.state == "done"]
    queued = [s for a in done if (s := _between(a.accepted_at, a.running_at)) is not None]
    worked = [float(a.inference_s) for a in done if a.inference_s is not None]
    return tuple(
        f"{seconds_label(median(times))} {words} (median of {len(times)})"
        for times, words in ((queued, "in the queue"), (worked, "on the runner"))
        if times
    )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None

"""The attempts of a batch over time: each waits, runs and is downloaded; lanes hold what overlaps.

Time in which nothing happened is cut out, so that a batch resumed next day can still be read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS, STATE_TONES, plural, seconds_label
from fal_experiments.core.overview_facts import PresetFacts, cell_href, queue_s
from fal_experiments.core.overview_model import (
    Figure,
    Heading,
    LaneGroup,
    Phase,
    PhaseBar,
    SignView,
    TableRow,
    TableView,
    TimelineView,
)
from fal_experiments.core.overview_time import Clock, pack, ticks
from fal_experiments.core.plan import Cell
from fal_experiments.core.summary import total_s

MOST_DRAWN = 400
LEAST_DRAWN = 2


class Try(NamedTuple):
    """An attempt with its stretches on the real time axis, in seconds from the first submission."""

    facts: PresetFacts
    cell: Cell
    attempt: Attempt
    stretches: tuple[tuple[Phase, float, float], ...]

    @property
    def start(self) -> float:
        """When it began."""
        return self.stretches[0][1]

    @property
    def end(self) -> float:
        """When it ended, or the log did."""
        return self.stretches[-1][2]

    @property
    def is_odd(self) -> bool:
        """True where it did not end well, or was not the first."""
        return self.attempt.number > 1 or self.attempt.state != "done"

    @property
    def label(self) -> str:
        """Return `Kling 3.0 Pro · walk, seed 1, attempt 2: failed`."""
        at = self.cell.at
        where = " · ".join(filter(None, (self.facts.title, at.prompt, at.input)))
        again = f", attempt {self.attempt.number}" if self.attempt.number > 1 else ""
        return f"{where}, {self.cell.run_label}{again}: {STATE_LABELS[self.attempt.state]}"


def timeline(facts: Sequence[PresetFacts], state: BatchState) -> TimelineView:
    """Return the attempts over time, of many the ones that tell most."""
    tries = _tries(facts, state)
    drawn = chosen(tries, MOST_DRAWN)
    clock = Clock.over([(one.start, one.end) for one in drawn])
    groups, bars, signs, lane = [], [], [], 0
    for each in facts:
        own = [one for one in drawn if one.facts.preset == each.preset]
        lanes = pack([(one.start, one.end) for one in own])
        if not own:
            continue
        height = max(lanes) + 1
        groups.append(LaneGroup(mark=each.mark, title=each.title, first=lane, lanes=height))
        for one, place in zip(own, lanes, strict=True):
            bars += _bars(one, lane + place, clock)
            signs += _signs(one, lane + place, clock)
        lane += height
    why_not = "" if len(drawn) >= LEAST_DRAWN else f"{plural(len(drawn), 'attempt')} so far"
    return TimelineView(
        groups=tuple(groups),
        bars=tuple(bars),
        signs=tuple(signs),
        ticks=tuple(ticks(clock)),
        length=clock.length,
        lanes=lane,
        said=_said(len(drawn), len(tries)),
        summary=tuple(_sentence(each, tries) for each in facts if each.cells),
        table=_table(drawn),
        why_not=why_not,
    )


def chosen(tries: Sequence[Try], most: int) -> list[Try]:
    """Return at most so many: those that failed or were repeated, then the slowest of each preset
    in turn. The order stays.
    """
    if len(tries) <= most:
        return list(tries)
    ranked: list[tuple[int, int, int]] = []
    by_preset: dict[str, int] = {}
    for index in sorted(range(len(tries)), key=lambda i: (tries[i].start - tries[i].end, i)):
        one = tries[index]
        turn = by_preset.get(one.facts.preset, 0)
        if not one.is_odd:
            by_preset[one.facts.preset] = turn + 1
        ranked.append((0 if one.is_odd else 1, 0 if one.is_odd else turn, index))
    keep = {index for _, _, index in sorted(ranked)[:most]}
    return [one for index, one in enumerate(tries) if index in keep]


def _tries(facts: Sequence[PresetFacts], state: BatchState) -> list[Try]:
    all_of = [
        (each, cell, attempt)
        for each in facts
        for cell in each.cells
        for attempt in state.attempts.get(cell.cell_id, ())
    ]
    if not all_of or state.last_at is None:
        return []
    zero = min(attempt.intended_at for _, _, attempt in all_of)
    last = state.last_at
    return [
        Try(each, cell, attempt, tuple(_stretches(attempt, zero, last)))
        for each, cell, attempt in all_of
    ]


def _stretches(
    attempt: Attempt, zero: datetime, last: datetime
) -> Iterable[tuple[Phase, float, float]]:
    """Yield queue, run and download as far as they happened; each begins where the last ended."""
    end = attempt.ended_at or max(last, attempt.intended_at)
    finished = attempt.completed_at or attempt.received_at
    marks: tuple[tuple[Phase, datetime | None], ...] = (
        ("queue", attempt.running_at or finished),
        ("run", finished),
        ("download", end),
    )
    phase_of_end: Phase = "queue"
    if attempt.running_at is not None:
        phase_of_end = "run"
    if finished is not None:
        phase_of_end = "download"
    at = attempt.intended_at
    for phase, until in marks:
        stop = end if phase == phase_of_end or until is None else min(until, end)
        if stop > at or phase == phase_of_end:
            yield phase, (at - zero).total_seconds(), (stop - zero).total_seconds()
            at = stop
        if phase == phase_of_end:
            return


def _bars(one: Try, lane: int, clock: Clock) -> list[PhaseBar]:
    href = cell_href(one.cell.cell_id)
    tone = STATE_TONES[one.attempt.state]
    return [
        PhaseBar(
            lane=lane,
            phase=phase,
            start=clock.drawn(start),
            end=clock.drawn(end),
            tone=tone,
            label=f"{one.label} · {phase} {seconds_label(end - start)}",
            href=href,
        )
        for phase, start, end in one.stretches
    ]


def _signs(one: Try, lane: int, clock: Clock) -> list[SignView]:
    tone = STATE_TONES[one.attempt.state]
    found = []
    if one.attempt.number > 1:
        at = clock.drawn(one.start)
        found.append(SignView(lane=lane, at=at, sign=str(one.attempt.number), tone="warn"))
    if one.attempt.ended_at is not None and one.attempt.state != "done":
        found.append(SignView(lane=lane, at=clock.drawn(one.end), sign="×", tone=tone))
    elif tone == "person":
        found.append(SignView(lane=lane, at=clock.drawn(one.end), sign="?", tone=tone))
    return found


def _said(drawn: int, of: int) -> str:
    if drawn == of:
        return f"All {plural(of, 'attempt')}."
    return (
        f"{drawn} of {of} attempts: every one that failed or was repeated, as far as they fit, "
        "then the slowest of each preset."
    )


def _sentence(facts: PresetFacts, tries: Sequence[Try]) -> str:
    own = [one for one in tries if one.facts.preset == facts.preset]
    name = f"{facts.mark} {facts.title}"
    if not own:
        return f"{name}: no attempt."
    bad = sum(one.attempt.state != "done" for one in own)
    again = sum(one.attempt.number > 1 for one in own)
    parts = [plural(len(own), "attempt")]
    parts += [f"{bad} not done"] if bad else []
    parts += [f"{again} repeated"] if again else []
    first, last = min(one.start for one in own), max(one.end for one in own)
    return (
        f"{name}: {', '.join(parts)}; from {seconds_label(first)} to {seconds_label(last)} after "
        "the first submission."
    )


def _table(drawn: Sequence[Try]) -> TableView:
    labels = ("Attempt", "State", "Began", "Queue", "On the runner", "Submit to file")
    return TableView(
        key="attempts",
        title="Attempts",
        headings=tuple(Heading(label=label) for label in labels),
        rows=tuple(_row(one) for one in drawn),
    )


def _row(one: Try) -> TableRow:
    attempt = one.attempt
    ran = float(attempt.inference_s) if attempt.inference_s is not None else None
    return TableRow(
        mark=one.facts.mark,
        title=one.label.rpartition(":")[0],
        href=cell_href(one.cell.cell_id),
        figures=(
            Figure(value=STATE_LABELS[attempt.state], tone=STATE_TONES[attempt.state]),
            _seconds(one.start),
            _seconds(queue_s(attempt)),
            _seconds(ran),
            _seconds(total_s(attempt)),
        ),
    )


def _seconds(seconds: float | None) -> Figure:
    return Figure(value=seconds_label(seconds), number=seconds)

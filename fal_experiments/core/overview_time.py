"""A time axis without the hours in which nothing happened, and lanes for what overlaps on it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fal_experiments.core.labels import seconds_label
from fal_experiments.core.overview_model import Tick

LEAST_IDLE_S = 60.0
IDLE_SHARE = 0.25
"""Idle time is cut out where it is longer than a minute and than this share of the busy time."""
GAP_SHARE = 0.03
"""What is drawn in its place, as a share of the busy time."""
MOST_TICKS = 7
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


class Stretch(NamedTuple):
    """Busy time: from, to, and where its beginning is drawn."""

    start: float
    end: float
    at: float


class Clock(NamedTuple):
    """Real seconds → drawn seconds."""

    stretches: tuple[Stretch, ...]
    length: float

    @classmethod
    def over(cls, spans: Sequence[tuple[float, float]]) -> "Clock":
        """Return an axis on which all spans have a place."""
        busy: list[list[float]] = []
        for start, end in sorted(spans):
            if busy and start <= busy[-1][1]:
                busy[-1][1] = max(busy[-1][1], end)
            else:
                busy.append([start, end])
        worked = sum(end - start for start, end in busy)
        longest = max(LEAST_IDLE_S, IDLE_SHARE * worked)
        joined: list[list[float]] = []
        for start, end in busy:
            if joined and start - joined[-1][1] <= longest:
                joined[-1][1] = end
            else:
                joined.append([start, end])
        found, at = [], 0.0
        gap = GAP_SHARE * max(worked, 1.0)
        for start, end in joined:
            found.append(Stretch(start, end, at))
            at += end - start + gap
        return cls(tuple(found), max(at - gap, 1.0) if found else 1.0)

    def drawn(self, second: float) -> float:
        """Return where a moment is drawn; one of idle time is where the next stretch begins."""
        index = max(0, bisect_right([s.start for s in self.stretches], second) - 1)
        stretch = self.stretches[index]
        return stretch.at + min(max(second - stretch.start, 0.0), stretch.end - stretch.start)


def ticks(clock: Clock) -> Iterator[Tick]:
    """Yield round moments, and each cut with how much is left out there."""
    step = next((s for s in STEPS_S if clock.length / s <= MOST_TICKS), STEPS_S[-1])
    while clock.length / step > MOST_TICKS:
        step *= 2
    for index, stretch in enumerate(clock.stretches):
        if index:
            before = clock.stretches[index - 1]
            idle = stretch.start - before.end
            yield Tick(at=stretch.at, label=f"{_idle_label(idle)} later", is_break=True)
        first = int(-(-stretch.start // step)) * step
        second = float(first)
        while second <= stretch.end:
            yield Tick(at=clock.drawn(second), label=_moment_label(second))
            second += step


def pack(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Return the lane of each span: the lowest that is free, so that none overlap in one lane."""
    ends: list[float] = []
    lanes = [0] * len(spans)
    for index in sorted(range(len(spans)), key=lambda i: (spans[i], i)):
        start, end = spans[index]
        free = next((lane for lane, last in enumerate(ends) if last <= start), len(ends))
        if free == len(ends):
            ends.append(end)
        ends[free] = end
        lanes[index] = free
    return lanes


def _moment_label(second: float) -> str:
    if second < 60:
        return f"{second:.0f} s"
    minutes, rest = divmod(int(second), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} min"
    return f"{minutes // 60}:{minutes % 60:02d} h"


def _idle_label(seconds: float) -> str:
    if seconds < 3600:
        return seconds_label(seconds)
    hours = seconds / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"

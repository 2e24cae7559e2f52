"""What a gauge found, and how its numbers become the compact text of a record."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from fal_experiments.core.measures import Course, Span, longest_spans
from fal_experiments.core.metrics import METRICS
from fal_experiments.media.sampling import short_decimal

MOST_POINTS = 64
"""Of a course; those of all gauges together stay below 2 KB a clip."""

POINTS_PER_S = 12


@dataclass
class Findings:
    """Collects values, reasons, spans and courses by the names of `core.metrics`."""

    values: dict[str, Decimal] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    spans: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)

    def put(self, name: str, value: float | None, why_not: str = "it cannot be computed") -> None:
        """Note a value, rounded as its metric says, or why there is none."""
        if value is None or not math.isfinite(value):
            self.missing[name] = why_not
        else:
            self.values[name] = short_decimal(Decimal(repr(float(value))), METRICS[name].places)

    def lack(self, names: Sequence[str], why: str) -> None:
        """Note that some measurements make no sense here."""
        self.missing.update(dict.fromkeys(names, why))

    def add(self, other: "Findings") -> None:
        """Take over what another gauge found."""
        self.values |= other.values
        self.missing |= other.missing
        self.spans |= other.spans
        self.courses |= other.courses

    def put_spans(self, name: str, spans: Sequence[tuple[float, float]]) -> None:
        """Note where something was, longest first when there are too many."""
        if spans:
            told = (Span(start_s=_ms(start), end_s=_ms(end)) for start, end in spans)
            self.spans[name] = longest_spans(told)

    def put_course(
        self, name: str, times_s: Sequence[float], values: Sequence[float], digits: int = 3
    ) -> None:
        """Note how a value went: averages of equal stretches of time, few enough to keep.

        `digits` are those that count, as of a number written by hand: 0.0123 and 123 have three.
        """
        if len(values) < 2:
            return
        length_s = times_s[-1] - times_s[0]
        bins = min(len(values), MOST_POINTS, max(2, math.ceil(length_s * POINTS_PER_S)))
        step_s = length_s / (bins - 1) if length_s > 0 else 0.0
        sums, counts = [0.0] * bins, [0] * bins
        for at_s, value in zip(times_s, values, strict=True):
            place = round((at_s - times_s[0]) / step_s) if step_s else 0
            sums[min(place, bins - 1)] += value
            counts[min(place, bins - 1)] += 1
        points, last = [], "0"
        for total, count in zip(sums, counts, strict=True):
            last = _short(total / count, digits) if count else last
            points.append(last)
        self.courses[name] = Course(
            first_s=_ms(times_s[0]), step_s=_ms(step_s), points=" ".join(points)
        )


def runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Return where flags are set without a break: the first index and the one after the last."""
    edges = [i for i, (one, next_) in enumerate(pairwise([False, *flags, False])) if one != next_]
    return list(zip(edges[::2], edges[1::2], strict=True))


def last_quarter(values: Sequence[float]) -> Sequence[float]:
    """Return the last quarter of some samples, at least one."""
    return values[-max(1, len(values) // 4) :]


def first_quarter(values: Sequence[float]) -> Sequence[float]:
    """Return the first quarter of some samples, at least one."""
    return values[: max(1, len(values) // 4)]


def _short(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    return text if "e" not in text else f"{value:.0f}" if abs(value) >= 1 else "0"


def _ms(seconds: float) -> Decimal:
    return short_decimal(Decimal(repr(float(seconds))), 3)

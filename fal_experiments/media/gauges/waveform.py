"""How loud each stretch of a clip is, as the few bars that a person sees below it."""

from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fal_experiments.core.derived import MOST_BARS

FLOOR_DBFS = -60
"""Shown as 0; full scale is 100. In decibels: linear, quiet speech would be a flat line."""


class Peaks(NamedTuple):
    """The highest sample of the loudest channel in each of many short, equal stretches."""

    levels: NDArray[np.float32]
    """1 is full scale."""
    step_s: float
    first_s: float
    """When the first stretch begins, on the clock of the file."""


def waveform(peaks: Peaks | None, first_s: Fraction, length_s: Fraction) -> tuple[int, ...] | None:
    """Return equal bars over a clip from its first frame to its end, 0 to 100 each.

    A bar is the highest of its stretch. Where the sound has not begun yet, or is over, it is 0.
    None: there is no sound, or nothing that lasts.
    """
    if peaks is None or not len(peaks.levels) or length_s <= 0:
        return None
    count = max(1, min(MOST_BARS, int(float(length_s) / peaks.step_s)))
    edges_s = float(first_s) - peaks.first_s + np.arange(count + 1) * (float(length_s) / count)
    edges = np.clip(np.round(edges_s / peaks.step_s), 0, len(peaks.levels)).astype(int)
    highest = [
        peaks.levels[start:end].max() if end > start else 0.0 for start, end in pairwise(edges)
    ]
    return tuple(_bar(float(level)) for level in highest)


def _bar(level: float) -> int:
    if level <= 0:
        return 0
    dbfs = 20 * float(np.log10(level))
    return round(100 * min(1.0, max(0.0, 1 - dbfs / FLOOR_DBFS)))

"""Whether feet that stand on the ground keep to it: their motion while they should be planted."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fal_experiments.media.sprite.ground import Ground, Masks, away_from
from fal_experiments.media.sprite.kept import Pixels
from fal_experiments.media.sprite.places import Places, path

Floats = NDArray[np.float32]

BAND_SHARE = 0.05
"""Of the figure's height: the soles, which touch the ground."""
OFF_GROUND_SHARE = 0.012
"""Of the height: so far above the ground a foot still counts as standing."""
REACH_SHARE = 0.12
"""Of the height: a foot that is further away in the next frame is the other foot."""
LEAST_PAIRS = 8
WALKS_THROUGH = 0.05
"""Heights a second: who moves faster walks through the picture, and planted feet stand still."""


class _Sole(NamedTuple):
    """A foot on the ground."""

    middle: float
    """Across, to a fraction of a pixel."""
    width: int


def foot_slide(small: Pixels, ground: Ground, masks: Masks, places: Places) -> float | str:
    """Return how far a planted foot usually is from moving steadily, in pixels a frame.

    Or why that cannot be told.
    """
    height = float(np.median(places.height))
    line = path(places.bottom, 1)
    if float(np.median(places.bottom)) >= masks.shape[1]:
        return "the feet are cut off by the lower border"
    soles = [
        _soles(away_from(picture, ground.keys[i]) / (2 * ground.tolerance), mask, line[i], height)
        for i, (picture, mask) in enumerate(zip(small, masks, strict=True))
    ]
    speeds = [
        v for before, after in pairwise(soles) for v in _speeds(before, after, REACH_SHARE * height)
    ]
    if len(speeds) < LEAST_PAIRS:
        return "the feet cannot be told apart while they stand"
    off = np.abs(np.array(speeds) - _belt(speeds, places, height))
    return _usual(off, 0.0)


def _belt(speeds: list[float], places: Places, height: float) -> float:
    """Return how fast the ground moves: not at all under a figure that walks through the picture.

    Walking in place, it is a belt that runs at the usual speed of the planted feet.
    """
    way = path(places.middle, 1)
    travel = abs(float(way[-1] - way[0]))
    walks_through = travel > max(WALKS_THROUGH * height, 0.5 * float(np.median(np.abs(speeds))))
    usual = _usual(np.array(speeds), 0.1)
    per_frame = travel / max(1, len(way) - 1)
    return 0.0 if walks_through and abs(usual) < per_frame else usual


def _usual(values: NDArray[np.float64], low: float) -> float:
    """Return the mean without the tenth at the upper end, and without `low` at the lower one.

    A median would see one half only of feet that slip to and fro.
    """
    ends = np.quantile(values, (low, 0.9))
    return float(values[(values >= ends[0]) & (values <= ends[1])].mean())


def _soles(weight: Floats, mask: NDArray[np.bool_], line: float, height: float) -> list[_Sole]:
    """Return the feet that stand on the ground line of a frame, from left to right."""
    band = max(2, round(BAND_SHARE * height))
    bottom = min(mask.shape[0], round(line) + 1)
    rows = slice(max(0, bottom - band), bottom)
    sole = mask[rows, :]
    covered = np.where(sole, np.clip(weight[rows], 0, 1), 0)
    profile = covered.sum(axis=0)
    edges = np.diff(np.pad((profile > 0.4).astype(np.int8), 1))
    found = []
    for first, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        lowest = bottom - int(np.flip(sole[:, first:end].any(axis=1)).argmax())
        if end - first >= 2 and lowest >= line - max(1.0, OFF_GROUND_SHARE * height):
            weights = profile[first:end]
            middle = float((weights * np.arange(first, end)).sum() / weights.sum())
            found.append(_Sole(middle, int(end - first)))
    return found


def _speeds(before: list[_Sole], after: list[_Sole], reach: float) -> list[float]:
    """Return how far each foot moved that stands in both frames."""
    found = []
    for sole in before:
        near = [s for s in after if abs(s.middle - sole.middle) <= reach]
        # Feet that come together or part change their middle without moving.
        if len(near) == 1 and 0.75 <= near[0].width / sole.width <= 1.33:
            found.append(near[0].middle - sole.middle)
    return found

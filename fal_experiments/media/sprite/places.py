"""Where the figure of each frame stands: box, middle, lowest row; and how these wander."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fal_experiments.media.sprite.ground import Masks

Floats = NDArray[np.float32]
Series = NDArray[np.float64]
"""One value a frame."""


class Places(NamedTuple):
    """In pixels of the picture that was looked at; right and bottom lie behind the figure."""

    left: Series
    top: Series
    right: Series
    bottom: Series
    middle: Series
    """Of the figure's area, across: a sword that is swung out moves it less than the box."""

    @property
    def height(self) -> Series:
        """Of the figure, frame by frame."""
        return self.bottom - self.top


def places_of(masks: Masks) -> Places:
    """Return the places of figures, each of which has pixels. Single pixels at an end are noise."""
    across, down = masks.sum(axis=1), masks.sum(axis=2)
    columns = np.arange(masks.shape[2])
    middle = (across * columns).sum(axis=1) / across.sum(axis=1) + 0.5
    left, right = _ends(across)
    top, bottom = _ends(down)
    return Places(left, top, right, bottom, middle)


def _ends(counts: NDArray[np.int64]) -> tuple[Series, Series]:
    """Return first and behind-the-last place where more than one pixel is, else any."""
    filled = counts > 1
    filled[~filled.any(axis=1)] = counts[~filled.any(axis=1)] > 0
    length = counts.shape[1]
    first = filled.argmax(axis=1)
    last = length - filled[:, ::-1].argmax(axis=1)
    return first.astype(np.float64), last.astype(np.float64)


def speed(series: Series, period: float | None) -> float:
    """Return how much a series changes per frame, swings left out.

    Frames that are whole periods apart are compared, so that each phase is with its like; without
    a period, frames half the clip apart. The median of all pairs is not moved by a few odd frames.
    Source: Theil, “A rank-invariant method of linear and polynomial regression analysis”, 1950.
    """
    count = len(series)
    if count < 2:
        return 0.0
    lag = max(1, count // 2)
    if period is not None:
        periods = max(1, int(0.6 * count / period))
        lag = min(count - 1, max(1, round(periods * period)))
    return float(np.median(series[lag:] - series[:-lag]) / lag)


def wandered(luma: Floats, ways: tuple[float, float]) -> Floats:
    """Return frames with the figure put back to where it would be, had it not wandered.

    Args:
        ways: how far it goes to the right and down, in pixels a frame.
    """
    right, down = ways
    return np.stack([_moved(picture, -down * i, -right * i) for i, picture in enumerate(luma)])


def _moved(picture: Floats, down: float, right: float) -> Floats:
    """Return a picture moved, between pixels too; what comes in repeats the border."""
    for axis, distance in ((0, down), (1, right)):
        whole = int(np.floor(distance))
        part = np.float32(distance - whole)
        at = np.arange(picture.shape[axis]) - whole
        last = picture.shape[axis] - 1
        near = np.take(picture, np.clip(at, 0, last), axis)
        far = np.take(picture, np.clip(at - 1, 0, last), axis)
        picture = (near * (1 - part) + far * part).astype(np.float32)
    return picture


def path(series: Series, degree: int) -> Series:
    """Return the smooth way on which a series wanders."""
    if len(series) <= degree + 1:
        return np.full_like(series, float(np.median(series)))
    at = np.linspace(-1, 1, len(series))
    terms = np.vander(at, degree + 1)
    weights, *_ = np.linalg.lstsq(terms, series, rcond=None)
    way: Series = (terms @ weights).astype(np.float64)
    return way

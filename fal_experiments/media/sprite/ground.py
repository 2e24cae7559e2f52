"""The ground behind a figure: its colour at the border, how even it is, and what stands out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fal_experiments.media.sprite.kept import Pixels
from fal_experiments.media.sprite.regions import Mask, figure_of

Floats = NDArray[np.float32]
Masks = NDArray[np.bool_]
"""Frame, row, column."""

RING_SHARE = 0.04
"""How deep the border is, of the shorter side."""
LEAST_TOLERANCE = 22.0
MOST_TOLERANCE = 40.0
FLAT_SHARE = 0.85
"""So much of the border must have the colour of the ground; feet or a label may cover the rest."""
LEAST_FIGURE, MOST_FIGURE = 0.004, 0.8
"""Of the picture's area."""


class Ground(NamedTuple):
    """The ground of each frame."""

    keys: Floats
    """Frame, channel: the colour that counts as ground."""
    borders: Floats
    """Frame, channel: the colour that most of the border has; the keys, if none was chosen."""
    tolerance: float
    """Levels by which ground may differ from the key."""
    even_share: Floats
    """How much of the border is within the tolerance, frame by frame."""
    spread: Floats
    """Levels within which 95 % of the border lie around the key, figure left out."""


def ring_of(shape: tuple[int, int]) -> Mask:
    """Return the border of a picture of so many rows and columns."""
    depth = max(2, round(RING_SHARE * min(shape)))
    ring = np.ones(shape, np.bool_)
    ring[depth:-depth, depth:-depth] = False
    return ring


def away_from(pixels: Pixels, key: Floats) -> Floats:
    """Return how far each pixel is from a colour: the largest difference of a channel."""
    furthest = np.zeros(pixels.shape[:-1], np.float32)
    for channel in range(3):  # a maximum over an axis of three takes ten times as long
        off = np.abs(pixels[..., channel].astype(np.float32) - key[channel])
        np.maximum(furthest, off, out=furthest)
    return furthest


def ground_of(small: Pixels, key: tuple[int, int, int] | None, tolerance: int | None) -> Ground:
    """Return the ground of small frames.

    Args:
        key: the colour to take for the ground in all frames; None: the median of each border.
        tolerance: levels; None: from the noise of the border.
    """
    ring = ring_of((small.shape[1], small.shape[2]))
    borders = small[:, ring].astype(np.float32)
    keys = medians = np.median(borders, axis=1).astype(np.float32)
    off = np.abs(borders - keys[:, None]).max(axis=2)
    # Half of the border is surely ground, so the usual distance is noise, not figure.
    usual = float(np.median(off))
    chosen = float(tolerance or min(MOST_TOLERANCE, max(LEAST_TOLERANCE, 5 * usual)))
    if key is not None:
        keys = np.broadcast_to(np.array(key, np.float32), keys.shape)
        off = np.abs(borders - keys[:, None]).max(axis=2)
    even = (off <= chosen).mean(axis=1).astype(np.float32)
    return Ground(keys, medians, chosen, even, _spread(off, chosen))


def _spread(off: Floats, tolerance: float) -> Floats:
    """Return the 95 % quantile, of what is not plainly something else than ground."""
    ends = [
        float(np.quantile(ground, 0.95))
        if len(ground := row[row <= 2 * tolerance])
        else 2 * tolerance
        for row in off
    ]
    return np.array(ends, np.float32)


def figures(small: Pixels, ground: Ground) -> Masks | str:
    """Return where the figure is in each frame, or why that cannot be known."""
    if float(np.median(ground.even_share)) < FLAT_SHARE:
        share = float(np.median(ground.even_share))
        return f"the background is not flat: only {share:.0%} of its border has one colour"
    found = np.zeros(small.shape[:3], np.bool_)
    for index, picture in enumerate(small):
        figure = figure_of(away_from(picture, ground.keys[index]) > ground.tolerance)
        if figure is not None:
            found[index] = figure
    area = float(np.median(found.mean(axis=(1, 2))))
    if area < LEAST_FIGURE:
        return "there is no figure that stands out from the background"
    if area > MOST_FIGURE:
        return "the figure fills the picture, no background is left"
    if bool((found.sum(axis=(1, 2)) == 0).any()):
        return "the figure is not there in every frame"
    return found

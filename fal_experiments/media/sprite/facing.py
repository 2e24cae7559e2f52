"""Which way a figure faces in each frame, compared with how it faced at the start."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.media.sprite.ground import Masks
from fal_experiments.media.sprite.kept import Pixels
from fal_experiments.media.sprite.places import Places

Floats = NDArray[np.float32]

UPPER_SHARE = 0.62
"""Of the figure: head and body. Legs that walk look nearly the same mirrored."""
ROWS, COLUMNS = 40, 48
START_S = 0.4
LEAST_ASYMMETRY = 0.08
"""1 - likeness to its own mirror image; below, a figure has no facing."""
SURE_SHARE = 0.35
"""Of that asymmetry: a turn is told only when a frame is so much nearer to one than the other."""
LEAST_FRAMES = 2


class Facing(NamedTuple):
    """At which frames the figure turns round; `why_not` when that cannot be told."""

    flips: tuple[int, ...]
    why_not: str = ""


def facing(small: Pixels, masks: Masks, places: Places, fps: float) -> Facing:
    """Return where a figure turns into its mirror image and back."""
    crops = np.stack(
        [_upper(picture, masks[i], places, i) for i, picture in enumerate(small)],
    )
    start = crops[: max(1, round(START_S * fps))].mean(axis=0)
    mirrored = start[:, ::-1]
    asymmetry = 1 - _likeness(start, mirrored)
    if asymmetry < LEAST_ASYMMETRY:
        return Facing((), "the figure looks the same mirrored")
    scores = [_best(start, crop) - _best(mirrored, crop) for crop in crops]
    return Facing(_turns(scores, SURE_SHARE * asymmetry))


def _upper(picture: Pixels, mask: NDArray[np.bool_], places: Places, index: int) -> Floats:
    """Return head and body at one size, their middle in the middle, ground 0."""
    top, height = places.top[index], places.height[index]
    bottom = top + UPPER_SHARE * height
    rows = slice(int(top), max(int(top) + 1, round(bottom)))
    weight = mask[rows].sum(axis=0)
    at = np.arange(mask.shape[1])
    middle = float((weight * at).sum() / max(1, weight.sum())) + 0.5
    half = (bottom - top) * COLUMNS / ROWS / 2
    box = (middle - half, float(top), middle + half, float(bottom))
    shown = np.where(mask[..., None], picture, np.uint8(128)).astype(np.uint8)
    small = Image.fromarray(shown).transform(
        (COLUMNS, ROWS),
        Image.Transform.EXTENT,
        box,
        Image.Resampling.BILINEAR,
        fillcolor=(128, 128, 128),
    )
    return np.asarray(small, np.float32) - 128


def _best(template: Floats, crop: Floats) -> float:
    """Return the likeness where a crop fits best, moved by up to two columns."""
    return max(_likeness(template, np.roll(crop, move, axis=1)) for move in range(-2, 3))


def _likeness(first: Floats, second: Floats) -> float:
    energy = float(np.sqrt((first * first).sum() * (second * second).sum()))
    return float((first * second).sum()) / energy if energy > 0 else 0.0


def _turns(scores: list[float], sure: float) -> tuple[int, ...]:
    """Return the frames from which on the figure faces the other way for a while."""
    signs = [1 if s > sure else -1 if s < -sure else 0 for s in scores]
    told = [(index, sign) for index, sign in enumerate(signs) if sign]
    kept: list[tuple[int, int]] = [(0, 1)]
    for position, (index, sign) in enumerate(told):
        ahead = told[position : position + LEAST_FRAMES]
        stays = len(ahead) == LEAST_FRAMES and all(s == sign for _, s in ahead)
        if sign != kept[-1][1] and stays:
            kept.append((index, sign))
    return tuple(after for (_, was), (after, now) in pairwise(kept) if was != now)

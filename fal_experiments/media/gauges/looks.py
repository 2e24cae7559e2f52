"""What a picture looks like in four cheap ways, and how far two looks are apart."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.media.gauges.luma import Luma
from fal_experiments.media.ssim import similarity

Floats = NDArray[np.float32]

HASH_SIDE_PX = 32
HASH_KEPT = 8
HUE_PX = 160
BINS = (12, 4, 4)
"""Of hue, saturation and value."""

GREY_SATURATION = 16
"""Of 255. The hue of what is greyer is chance, and is not looked at."""

GRID = 8


class Look(NamedTuple):
    """One picture, in four ways."""

    luma: Luma
    phash: NDArray[np.bool_]
    hues: Floats
    """Shares that add up to 1."""
    colours: Floats
    """Mean RGB of an 8 × 8 grid."""


class Distance(NamedTuple):
    """How far two looks are apart; the names are those of `core.metrics`, without what they are
    compared with.
    """

    ssim: float
    phash: float
    hues: float
    colour: float


def look_of(picture: Image.Image) -> Look:
    """Return what an RGB picture looks like."""
    luma = picture.convert("L")
    grid = picture.resize((GRID, GRID), Image.Resampling.BOX)
    return Look(np.asarray(luma), _phash(luma), _hues(picture), np.asarray(grid, np.float32))


def distance(first: Look, second: Look) -> Distance:
    """Return how far two pictures of the same size are apart."""
    return Distance(
        ssim=similarity(first.luma, second.luma).mean,
        phash=float((first.phash != second.phash).sum()),
        hues=float(np.minimum(first.hues, second.hues).sum()),
        colour=float(np.abs(first.colours - second.colours).mean()),
    )


def _phash(luma: Image.Image) -> NDArray[np.bool_]:
    """Return for the 64 lowest cosines whether each is above their median (Zauner 2010)."""
    small = luma.resize((HASH_SIDE_PX, HASH_SIDE_PX), Image.Resampling.BOX)
    low = _COSINES @ np.asarray(small, np.float32) @ _COSINES.T
    bits: NDArray[np.bool_] = low > np.median(low)
    return bits


def _cosines() -> Floats:
    places = (np.arange(HASH_SIDE_PX, dtype=np.float32) + 0.5) / HASH_SIDE_PX
    waves: Floats = np.cos(np.pi * np.arange(HASH_KEPT, dtype=np.float32)[:, None] * places)
    return waves


_COSINES = _cosines()


def _hues(picture: Image.Image) -> Floats:
    factor = max(1, max(picture.size) // HUE_PX)
    small = np.asarray((picture.reduce(factor) if factor > 1 else picture).convert("HSV"))
    hue, saturation, value = (small[..., channel].ravel().astype(np.int32) for channel in range(3))
    hue[saturation < GREY_SATURATION] = 0
    parts = [each * bins // 256 for each, bins in zip((hue, saturation, value), BINS, strict=True)]
    places = (parts[0] * BINS[1] + parts[1]) * BINS[2] + parts[2]
    counts = np.bincount(places, minlength=BINS[0] * BINS[1] * BINS[2])
    shares: Floats = (counts / counts.sum()).astype(np.float32)
    return shares

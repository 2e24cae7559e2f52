"""What changes that should not: the ground's colour, the number of colours, the camera."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fal_experiments.media.sprite.ground import Ground, Masks
from fal_experiments.media.sprite.kept import Pixels, luma_of

Floats = NDArray[np.float32]

LEVELS_BITS = 4
LEAST_PIXELS = 3
"""A colour counts when so many pixels have it: single ones are edges and noise."""
LAST_SHARE = 0.1
LEAST_DETAIL = 4.0
"""Levels, RMS: a ground with less has nothing to follow."""
STRIDES = 12
LEAST_PEAK = 4.0
"""How far the peak of the correlation stands above the rest of it, in standard deviations."""


def plate_drift(ground: Ground) -> float:
    """Return the largest change of the ground's colour since the first frame, in levels."""
    return float(np.abs(ground.borders - ground.borders[0]).max())


def palette_growth(small: Pixels, masks: Masks) -> float:
    """Return colours of the figure at the end ÷ at the start."""
    counts = [_colours(picture[mask]) for picture, mask in zip(small, masks, strict=True)]
    last = counts[-max(1, round(LAST_SHARE * len(counts))) :]
    return float(np.median(last)) / max(1, counts[0])


def _colours(pixels: NDArray[np.uint8]) -> int:
    parts = (pixels >> (8 - LEVELS_BITS)).astype(np.int64)
    codes = (parts[:, 0] << 2 * LEVELS_BITS) | (parts[:, 1] << LEVELS_BITS) | parts[:, 2]
    return int((np.bincount(codes, minlength=1) >= LEAST_PIXELS).sum())


def camera_drift(small: Pixels, masks: Masks | None) -> float | str:
    """Return how far the ground moves from the first to the last frame, in small pixels.

    By phase correlation of frames some way apart, the steps added up. Source: Kuglin, Hines, “The
    phase correlation image alignment method”, 1975.
    """
    if masks is not None:
        return "a flat background shows no trace of the camera"
    luma = luma_of(small)
    # What moves in the middle is the figure: the sides and the top tell of the camera.
    window = _sides(luma.shape[1], luma.shape[2])
    pictures = (luma - luma.mean(axis=(1, 2), keepdims=True)) * window
    weight = float((window**2).mean())  # 0 for a picture of two rows
    if weight == 0 or float(np.sqrt((pictures[0] ** 2).mean() / weight)) < LEAST_DETAIL:
        return "the background has nothing on it to follow"
    stride = max(1, len(small) // STRIDES)
    at = [*range(0, len(small), stride), len(small) - 1]
    total = np.zeros(2)
    for before, after in pairwise(at):
        step = _shift(pictures[before], pictures[after])
        if step is None:
            return "the background changes too much to be followed"
        total += step
    return float(np.hypot(*total))


def _sides(rows: int, columns: int) -> Floats:
    down = np.hanning(rows)[:, None]
    across = np.hanning(columns)[None]
    x = np.abs(np.linspace(-1, 1, columns))[None]
    sides: Floats = (down * across * np.where(x > 0.35, 1.0, 0.15)).astype(np.float32)
    return sides


def _shift(first: Floats, second: Floats) -> NDArray[np.float64] | None:
    """Return how far the second picture has moved down and right; None where that is not sure."""
    cross = np.fft.rfft2(second) * np.conj(np.fft.rfft2(first))
    surface = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), first.shape)
    peak = int(surface.argmax())
    if surface.flat[peak] < surface.mean() + LEAST_PEAK * surface.std():
        return None
    place = np.array(divmod(peak, first.shape[1]), np.float64)
    size = np.array(first.shape)
    return np.where(place > size / 2, place - size, place)

"""SSIM of the luma of two frames: how much of the structure of one is in the other. Pure.

Source: Wang, Bovik, Sheikh, Simoncelli, “Image quality assessment: from error visibility to
structural similarity”, IEEE Transactions on Image Processing 13(4), 2004, equation 13 with their
K1 and K2. Windows are those of ffmpeg's `ssim` filter, 8 × 8 pixels every 4 without weights, so
that anybody can check the numbers with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
"""Rows and columns of one frame, 0 to 255."""

WINDOW_PX = 8
STEP_PX = 4
PIXELS = WINDOW_PX * WINDOW_PX
C1 = (0.01 * 255) ** 2
C2 = (0.03 * 255) ** 2

DETAIL_VARIANCE = 25.0
"""A window has detail from a standard deviation of 5 levels on, above the noise of a codec."""


class Similarity(NamedTuple):
    """Mean SSIM of all windows of two frames, and of those where either of them has detail."""

    mean: float
    detail: float | None
    """None when both frames are plain everywhere."""


def similarity(first: Luma, second: Luma) -> Similarity:
    """Return how similar two frames of the same size are; 1 is equal.

    Most of a sprite's frame is its plain ground, which is the same whatever the figure does, and
    holds the mean near 1. Only windows with detail tell whether the figures are the same.
    Raises: ValueError when the sizes differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"frames of {first.shape} and {second.shape} cannot be compared")
    a, b = _at_least_a_window(first), _at_least_a_window(second)
    mean_a, mean_b = _window_means(a), _window_means(b)
    unbiased = PIXELS / (PIXELS - 1)
    variance_a = (_window_means(a * a) - mean_a * mean_a) * unbiased
    variance_b = (_window_means(b * b) - mean_b * mean_b) * unbiased
    covariance = (_window_means(a * b) - mean_a * mean_b) * unbiased
    squares = mean_a * mean_a + mean_b * mean_b
    index = (2 * mean_a * mean_b + C1) * (2 * covariance + C2)
    index /= (squares + C1) * (variance_a + variance_b + C2)
    detailed = index[np.maximum(variance_a, variance_b) >= DETAIL_VARIANCE]
    return Similarity(float(index.mean()), float(detailed.mean()) if detailed.size else None)


def _at_least_a_window(luma: Luma) -> NDArray[np.float32]:
    rows, columns = (max(0, WINDOW_PX - length) for length in luma.shape)
    padded = np.pad(luma, ((0, rows), (0, columns)), mode="edge") if rows or columns else luma
    return padded.astype(np.float32)


def _window_means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of every window; four blocks of 4 × 4 make one.

    32 bits are enough: sums of 64 squares stay below 2^22, and a float holds 2^24 exactly.
    """
    rows, columns = (length // STEP_PX for length in values.shape)
    cut = values[: rows * STEP_PX, : columns * STEP_PX]
    bands = cut.reshape(rows, STEP_PX, -1)
    down = bands[:, 0] + bands[:, 1] + bands[:, 2] + bands[:, 3]
    blocks = down[:, 0::4] + down[:, 1::4] + down[:, 2::4] + down[:, 3::4]
    sums = blocks[:-1, :-1] + blocks[:-1, 1:] + blocks[1:, :-1] + blocks[1:, 1:]
    means: NDArray[np.float32] = sums / np.float32(PIXELS)
    return means

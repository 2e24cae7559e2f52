"""How a frame is drawn, at native size: sharpness, the grid of the encoder, bands in gradients.

Of a large frame not every line is looked at. The step must be odd: every fourth or eighth line lies
at the same place of the blocks of 8 × 8 that it was coded in, which was off by up to 29 %.
"""

import numpy as np
from numpy.typing import NDArray

from fal_experiments.media.gauges.findings import Findings, first_quarter, last_quarter
from fal_experiments.media.gauges.luma import Luma

Ints = NDArray[np.int16]

SHARP_EVERY = 5
"""Lines for sharpness: off by 4 % at most on 10 clips of 480 lines and more."""

COARSE_EVERY = 7
"""Lines for the grid and for bands, which are longer than that."""

MANY_LINES = 480
"""A frame that has fewer is looked at whole."""

GRID_PX = 8
PLATEAU_PX = 8
BAND_STEP = 4
"""Levels. Higher steps are outlines and letters; CAMBI looks at 1 to 4 too."""

LEAST_PX = 32
"""A frame that is smaller on a side shows neither grid nor bands."""

LEAST_SMALL_PX = 3
"""A picture 30 times as high as it is wide is less than that at 640 px: nothing is left of it."""

NAMES = ("sharpness", "sharpness_640", "sharpness_kept", "blockiness", "banding")


class DetailGauge:
    """Collects the detail of some frames."""

    def __init__(self) -> None:
        self._times_s: list[float] = []
        self._sharp: list[float] = []
        self._sharp_640: list[float] = []
        self._blocky: list[float] = []
        self._banded: list[float] = []
        self._why_not = ""

    def offer(self, at_s: float, native: Luma, small: Luma, contrast: float = 1) -> None:
        """Look at a frame at native size and at 640 px.

        `contrast` is by how much levels of the native one must be multiplied to be those of 16–235.
        """
        if min(native.shape) < LEAST_PX:
            self._why_not = f"the picture is smaller than {LEAST_PX} px"
            return
        if min(small.shape) < LEAST_SMALL_PX:
            self._why_not = "the picture is hardly more than a line"
            return
        self._times_s.append(at_s)
        every = SHARP_EVERY if len(native) >= MANY_LINES else 1
        self._sharp.append(sharpness(native, every) * contrast**2)
        self._sharp_640.append(sharpness(small, 1))
        if len(self._times_s) % 2:
            self._blocky.append(blockiness(native))
            self._banded.append(banding(native))

    def findings(self) -> Findings:
        """Return what was found."""
        found = Findings()
        if not self._times_s:
            found.lack(NAMES, self._why_not)
            return found
        found.put("sharpness", float(np.median(self._sharp)))
        found.put("sharpness_640", float(np.median(self._sharp_640)))
        start = float(np.median(first_quarter(self._sharp_640)))
        end = float(np.median(last_quarter(self._sharp_640)))
        if len(self._times_s) < 4:
            found.lack(("sharpness_kept",), "it has fewer than four frames")
        else:
            found.put("sharpness_kept", end / start if start > 1 else None, "the start is plain")
        blocky = [value for value in self._blocky if np.isfinite(value)]
        found.put("blockiness", float(np.median(blocky)) if blocky else None, "it is plain")
        found.put("banding", float(np.median(self._banded)))
        found.put_course("sharpness", self._times_s, self._sharp)
        found.put_course("sharpness_640", self._times_s, self._sharp_640)
        return found


def sharpness(luma: Luma, every: int) -> float:
    """Return the variance of the Laplacian (4 neighbours) of every nth line."""
    middle = luma[1:-1:every].astype(np.int16)
    above, below = luma[0:-2:every], luma[2::every]
    curve = middle[:, 1:-1] * np.int16(4)
    curve -= middle[:, 2:]
    curve -= middle[:, :-2]
    curve -= above[: len(middle), 1:-1]
    curve -= below[: len(middle), 1:-1]
    flat = curve.ravel().astype(np.float32)
    mean = float(flat.mean())
    return float(np.dot(flat, flat)) / flat.size - mean * mean


def blockiness(luma: Luma) -> float:
    """Return how much larger steps across the 8 × 8 grid are than others; NaN for a plain frame."""
    across, down = (_steps_by_phase(lines) for lines in _both_ways(luma))
    both = across + down
    others = float(both[:-1].mean())
    return float(both[-1]) / others - 1 if others > 0 else float("nan")


def _both_ways(luma: Luma) -> tuple[Luma, Luma]:
    """Return some rows, and some columns laid down."""
    every = COARSE_EVERY if min(luma.shape) >= MANY_LINES else 1
    return luma[::every], np.ascontiguousarray(luma[:, ::every].T)


def _steps_by_phase(lines: Luma) -> NDArray[np.float64]:
    """Return the mean step after the 1st, 2nd, … 8th pixel of the blocks."""
    width = (lines.shape[1] - 1) // GRID_PX * GRID_PX
    right, left = lines[:, 1 : width + 1], lines[:, :width]
    steps = np.maximum(right, left) - np.minimum(right, left)
    by_column = np.add.reduce(steps, axis=0, dtype=np.int64)
    means: NDArray[np.float64] = by_column.reshape(-1, GRID_PX).mean(axis=0) / len(lines)
    return means


def banding(luma: Luma) -> float:
    """Return the share of a frame that lies on plateaus beside small steps, both ways summed."""
    return min(1.0, sum(_banded(lines) for lines in _both_ways(luma)))


def _banded(lines: Luma) -> float:
    right, left = lines[:, 1:], lines[:, :-1]
    level = right == left
    run = level[:, 1:] & level[:, :-1]
    run = run[:, 2:] & run[:, :-2]
    run = run[:, 3:] & run[:, :-3]  # starts of 7 equal steps: 8 equal pixels
    edges = run[:, :-PLATEAU_PX] & run[:, PLATEAU_PX:]
    rows, columns = np.nonzero(edges & ~level[:, PLATEAU_PX - 1 : PLATEAU_PX - 1 + edges.shape[1]])
    last, first = lines[rows, columns + PLATEAU_PX - 1], lines[rows, columns + PLATEAU_PX]
    steps = np.abs(last.astype(np.int16) - first)
    return float((steps <= BAND_STEP).sum()) * 2 * PLATEAU_PX / lines.size

"""How far one picture is moved against another: phase correlation, to a fiftieth of a pixel.

Source: Kuglin and Hines, “The phase correlation image alignment method”, 1975; the refinement by a
small matrix transform around the peak is that of Guizar-Sicairos, Thurman and Fienup, Optics
Letters 33(2), 2008.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy import fft
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Spectrum = NDArray[np.complex64]

COARSEST = 0.01
FINEST = 0.42
"""Cycles a pixel. Below, shading and the window count; above, it is the noise of the codec."""

FINE_STEP_PX = 0.15
FINE_STEPS = 5
"""To either side of the whole pixel; a parabola through the best three does the rest."""


class Shift(NamedTuple):
    """How far the second picture is moved to the right and down, and how sure that is."""

    x_px: float
    y_px: float
    sureness: float
    """Height of the peak: 1 for a picture moved as a whole, about 0.02 for unlike ones."""

    @property
    def length_px(self) -> float:
        """How far in all."""
        return float(np.hypot(self.x_px, self.y_px))


class Correlator:
    """Correlates pictures of one size."""

    def __init__(self, shape: tuple[int, int], window: Floats) -> None:
        self._shape = shape
        self._window = window
        y = fft.fftfreq(shape[0]).astype(np.float32)[:, None]
        x = fft.rfftfreq(shape[1]).astype(np.float32)[None, :]
        pitch = np.hypot(x, y)
        self._kept = (pitch >= COARSEST) & (pitch <= FINEST)
        twice = np.where((x == 0) | (2 * x == 1), np.float32(1), np.float32(2))
        self._weights = (self._kept * twice).astype(np.float32)
        self._total = max(1.0, float(self._weights.sum()))
        self._x, self._y = x[0], y[:, 0]
        self._near_x, self._near_y = _waves(self._x), _waves(self._y)

    def spectrum(self, picture: NDArray[Any]) -> Spectrum:
        """Return what `shift` compares."""
        levels = picture.astype(np.float32)
        levels -= levels.mean()
        levels *= self._window
        found: Spectrum = fft.rfft2(levels).astype(np.complex64)
        return found

    def shift(self, first: Spectrum, second: Spectrum) -> Shift:
        """Return how the second picture is moved against the first."""
        cross = second * np.conj(first)
        cross /= np.abs(cross) + np.float32(1e-9)
        cross *= self._kept
        surface = fft.irfft2(cross, s=self._shape)
        row, column = np.unravel_index(int(surface.argmax()), self._shape)
        height, width = self._shape
        y = int(row) - height if row > height // 2 else int(row)
        x = int(column) - width if column > width // 2 else int(column)
        return self._refined(cross * self._weights, x, y)

    def _refined(self, cross: Spectrum, x: int, y: int) -> Shift:
        rows = self._near_y * np.exp(2j * np.pi * y * self._y).astype(np.complex64)
        columns = self._near_x * np.exp(2j * np.pi * x * self._x).astype(np.complex64)
        surface = (rows @ cross @ columns.T).real
        top, left = (int(i) for i in np.unravel_index(int(surface.argmax()), surface.shape))
        sureness = float(surface[top, left]) / self._total
        return Shift(
            x + (_summit(surface[top], left) - FINE_STEPS) * FINE_STEP_PX,
            y + (_summit(surface[:, left], top) - FINE_STEPS) * FINE_STEP_PX,
            sureness,
        )


def _waves(frequencies: Floats) -> Spectrum:
    reach = np.arange(-FINE_STEPS, FINE_STEPS + 1) * FINE_STEP_PX
    waves: Spectrum = np.exp(2j * np.pi * np.outer(reach, frequencies)).astype(np.complex64)
    return waves


def _summit(heights: Floats, place: int) -> float:
    """Return where a parabola through the highest point and its neighbours is highest."""
    if not 0 < place < len(heights) - 1:
        return place
    before, at, after = (float(each) for each in heights[place - 1 : place + 2])
    bend = before - 2 * at + after
    return place + 0.5 * (before - after) / bend if bend < 0 else place


def soft_window(shape: tuple[int, int], edge: float) -> Floats:
    """Return a window that falls to 0 over the share `edge` of the picture at each border."""
    return (_taper(shape[0], edge)[:, None] * _taper(shape[1], edge)[None, :]).astype(np.float32)


def border_window(shape: tuple[int, int]) -> Floats:
    """Return a soft window that also plays the middle down, where the subject moves."""
    middle = soft_window(shape, 0.5)
    window: Floats = soft_window(shape, 0.12) * (1 - np.float32(0.85) * middle)
    return window


def _taper(length: int, edge: float) -> Floats:
    depth = (np.arange(length, dtype=np.float32) + 0.5) / length
    near = np.minimum(np.minimum(depth, 1 - depth) / np.float32(edge), 1)
    taper: Floats = (0.5 - 0.5 * np.cos(np.pi * near)).astype(np.float32)
    return taper

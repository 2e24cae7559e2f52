"""How the whole picture moves: the drift of a camera that was to be locked."""

from collections.abc import Sequence

import numpy as np

from fal_experiments.media.gauges.findings import Findings
from fal_experiments.media.gauges.luma import Luma
from fal_experiments.media.gauges.shift import Correlator, Floats, Spectrum, border_window

SAMPLES_PER_S = 4

SURE = 0.08
"""Height of the peak from which a shift is believed. Unlike pictures give 0.01 to 0.04."""

FAR = 0.1
"""From this share of the width on, the picture is compared with a later one: too little overlap."""

REST_PX = 0.25
"""Of 160. Steps are counted once they add up to that: noise of the codec gives up to 0.05, water
and crowds before a locked camera up to 0.3."""

SETTLED_PX = 0.08
"""What the last step must be to count though it is smaller."""

PLAIN_BORDER = 0.7
"""Levels a pixel; below, a border says nothing about the camera."""

LEAST_PX = 64
NAMES = ("drift_px_s", "drift_end")


class DriftGauge:
    """Follows the picture from one of its frames as long as that can still be recognised.

    Shifts are measured against that frame, not from sample to sample, so that errors do not add up.
    """

    def __init__(self, scale: float) -> None:
        """Get ready; `scale`: how many pixels of 320 one of these stands for."""
        self._scale = 2 * scale
        self._next_s = float("-inf")
        self._times_s: list[float] = []
        self._places: list[tuple[float, float]] = []
        self._lost = 0
        self._skipped: tuple[float, Luma] | None = None
        self._borders: list[float] = []
        self._correlator: Correlator | None = None
        self._reference: Spectrum | None = None
        self._reference_place = (0.0, 0.0)
        self._width_px = 0

    def offer(self, at_s: float, luma: Luma) -> None:
        """Look at the next frame; four a second are used, and the last one."""
        if min(luma.shape) < LEAST_PX:
            return
        if at_s < self._next_s:
            self._skipped = (at_s, luma)
            return
        self._next_s = at_s + 1 / SAMPLES_PER_S - 1e-3
        self._skipped = None
        self._look(at_s, luma)

    def _look(self, at_s: float, luma: Luma) -> None:
        small = _halved(luma)
        if self._correlator is None:
            self._correlator = Correlator(small.shape, border_window(small.shape))
            self._width_px = small.shape[1]
        spectrum = self._correlator.spectrum(small)
        self._times_s.append(at_s)
        self._borders.append(_border_gradient(small))
        if self._reference is None:
            self._reference = spectrum
            self._places.append((0.0, 0.0))
            return
        self._follow(self._correlator, self._reference, spectrum)

    def _follow(self, correlator: Correlator, reference: Spectrum, spectrum: Spectrum) -> None:
        shift = correlator.shift(reference, spectrum)
        if shift.sureness < SURE:
            self._lost += 1
            place = self._places[-1]
        else:
            place = (
                self._reference_place[0] + shift.x_px,
                self._reference_place[1] + shift.y_px,
            )
        self._places.append(place)
        fading = shift.sureness < 3 * SURE
        if fading or shift.length_px > FAR * self._width_px:
            self._reference, self._reference_place = spectrum, place

    def findings(self) -> Findings:
        """Return what was found."""
        found = Findings()
        if self._skipped is not None:
            self._look(*self._skipped)
        why = self._why_not()
        if why:
            found.lack(NAMES, why)
            return found
        length_s = self._times_s[-1] - self._times_s[0]
        end_px = float(np.hypot(*self._places[-1]))
        end_px = end_px if end_px >= SETTLED_PX else 0.0
        found.put("drift_px_s", _path_px(self._places) * self._scale / length_s)
        found.put("drift_end", end_px / self._width_px * 100)
        away = [float(np.hypot(*place)) / self._width_px * 100 for place in self._places]
        found.put_course("drift_end", self._times_s, away)
        return found

    def _why_not(self) -> str:
        if self._correlator is None:
            return f"the picture is smaller than {LEAST_PX} px"
        if len(self._times_s) < 2:
            return "it is too short"
        if float(np.median(self._borders)) < PLAIN_BORDER:
            return "the border of the picture is plain: nothing shows whether the camera moves"
        if self._lost > (len(self._times_s) - 1) / 4:
            return "the picture changes too much to tell a shift"
        return ""


def _path_px(places: Sequence[tuple[float, float]]) -> float:
    """Return the length of a path without its trembling."""
    path, rest = 0.0, places[0]
    for index, place in enumerate(places[1:], start=1):
        step = float(np.hypot(place[0] - rest[0], place[1] - rest[1]))
        is_last = index == len(places) - 1
        if step >= (SETTLED_PX if is_last else REST_PX):
            path, rest = path + step, place
    return path


def _halved(luma: Luma) -> Floats:
    """Return a picture of half the size, which has all that the correlation looks at."""
    height, width = (length // 2 * 2 for length in luma.shape)
    rows = luma[:height:2, :width].astype(np.float32) + luma[1:height:2, :width]
    halved: Floats = (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)
    return halved


def _border_gradient(levels: Floats) -> float:
    """Return the mean step between neighbours in the outer sixth of a picture."""
    deep = max(2, min(levels.shape) // 6)
    parts = [levels[:deep], levels[-deep:], levels[:, :deep].T, levels[:, -deep:].T]
    steps = [float(np.abs(np.diff(part, axis=axis)).mean()) for part in parts for axis in (0, 1)]
    return float(np.mean(steps))

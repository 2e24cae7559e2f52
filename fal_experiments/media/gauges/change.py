"""What changes from frame to frame: motion, freezes, duplicates, flicker, black, the loop seam.

All of it from luma of 320 px, 0.2 ms a frame together.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fal_experiments.media.gauges.findings import Findings, runs
from fal_experiments.media.gauges.luma import Luma

STILL_LEVELS = 0.05
"""Mean change below which a frame repeats the one before. Measured: no false alarm on 23 clips
for 0.5 s and more; below 0.3 three near-still clips would be frozen."""

DUPLICATE_LEVELS = 0.02
DUPLICATE_SPOT_LEVELS = 12
"""A duplicate changes by less on the whole, and no spot of 320 px by more. Measured: frames written
twice change by 0.015 and 11 at most at crf 16 to 23; what moves in real clips by 0.02 at least."""

FREEZE_S = 0.5

BLACK_LEVELS = 20
DARK_LEVELS = 38
DARK_SHARE = 0.98
"""The pixels that `blackdetect` counts by default: 0.10 of the range above 16, 98 % of them."""

CUT_LEVELS = 15
CUT_TIMES = 4
"""A change that is so large, and so many times the usual one, is a cut; flicker of 4 % is 5 levels
at most."""

GRADIENT_EVERY = 4
"""The gradient of a picture changes slowly: that of every fourth frame is enough."""

PLAIN_GRADIENT = 0.5
"""Levels a pixel; below, there is nothing in the picture that could be seen to move."""

OSCILLATION_LINES = 2
"""Every second line is looked at for oscillation."""

ONE_FRAME = "it has one frame only"

Steps = NDArray[np.int16]


class ChangeGauge:
    """Collects numbers frame by frame; only the last frame and the first are held."""

    def __init__(self, scale: float) -> None:
        """Get ready; `scale`: how many pixels of 320 one of these stands for."""
        self._scale = scale
        self._times_s: list[float] = []
        self._means: list[float] = []
        self._black: list[bool] = []
        self._changes: list[float] = []
        self._duplicate: list[bool] = []
        self._gradients: list[float] = []
        self._returned = self._returnable = 0.0
        self._first: Luma | None = None
        self._before: Luma | None = None
        self._step: Steps | None = None

    def offer(self, at_s: float, luma: Luma) -> None:
        """Look at the next frame; the array is kept until the one after."""
        mean = _mean(luma)
        if len(self._times_s) % GRADIENT_EVERY == 0:
            self._gradients.append(_gradient(luma))
        self._times_s.append(at_s)
        self._means.append(mean)
        dark = mean < BLACK_LEVELS and float((luma < DARK_LEVELS).mean()) >= DARK_SHARE
        self._black.append(dark)
        if self._before is None:
            self._first = luma
        else:
            self._compare(luma, self._before)
        self._before = luma

    def _compare(self, luma: Luma, before: Luma) -> None:
        size = np.maximum(luma, before) - np.minimum(luma, before)
        change = _mean(size)
        self._changes.append(change)
        self._duplicate.append(
            change < DUPLICATE_LEVELS and int(size.max()) <= DUPLICATE_SPOT_LEVELS
        )
        step = luma[::OSCILLATION_LINES].astype(np.int16) - before[::OSCILLATION_LINES]
        if self._step is not None:
            back = np.minimum(np.abs(step), np.abs(self._step)) * ((step ^ self._step) < 0)
            self._returned += _mean(back)
            self._returnable += _mean(size[::OSCILLATION_LINES])
        self._step = step

    def findings(self, frame_s: float) -> Findings:
        """Return what was found; `frame_s` is how long the last frame stays."""
        found = Findings()
        ends_s = [*self._times_s[1:], self._times_s[-1] + frame_s]
        black = [(self._times_s[a], ends_s[b - 1]) for a, b in runs(self._black)]
        found.put("brightness", float(np.mean(self._means)))
        lasts = len(self._times_s) > 1
        found.put("black_s", sum(b - a for a, b in black) if lasts else None, ONE_FRAME)
        found.put_spans("black", black if lasts else [])
        found.put_course("brightness", self._times_s, self._means)
        self._put_flicker(found)
        if not self._changes:
            names = ("motion", "freeze_s", "duplicate_share", "loop_seam")
            found.lack(names, ONE_FRAME)
            return found
        freezes = self._freezes(ends_s)
        found.put("freeze_s", sum(end - start for start, end in freezes))
        found.put_spans("freeze", freezes)
        found.put("duplicate_share", sum(self._duplicate) / len(self._times_s))
        self._put_motion(found)
        self._put_seam(found)
        return found

    def _freezes(self, ends_s: list[float]) -> list[tuple[float, float]]:
        """Return the frozen stretches: from when a frame appears until another one does."""
        still = [change < STILL_LEVELS for change in self._changes]
        spans = [(self._times_s[a], ends_s[b]) for a, b in runs(still)]
        return [(start, end) for start, end in spans if end - start >= FREEZE_S]

    def _put_flicker(self, found: Findings) -> None:
        if len(self._means) < 3:
            found.lack(("flicker", "oscillation"), "it has fewer than three frames")
            return
        bends = np.diff(self._means, 2)[self._between_cuts()]
        why = "it is cut again and again"
        found.put("flicker", float(np.sqrt(np.mean(bends**2))) if bends.size else None, why)
        moved = self._returnable
        why = "nothing changes from frame to frame"
        is_still = moved < STILL_LEVELS * (len(self._changes) - 1)
        found.put("oscillation", None if is_still else self._returned / moved, why)

    def _between_cuts(self) -> NDArray[np.bool_]:
        """Tell of every three frames in a row whether no cut lies between them."""
        changes = np.array(self._changes)
        cuts = changes > max(CUT_LEVELS, CUT_TIMES * float(np.median(changes)))
        whole: NDArray[np.bool_] = ~(cuts[1:] | cuts[:-1])
        return whole

    def _put_motion(self, found: Findings) -> None:
        gradient = float(np.mean(self._gradients))
        if gradient < PLAIN_GRADIENT:
            found.lack(("motion",), "the picture is plain: nothing in it can be seen to move")
            return
        px = [change / gradient * self._scale for change in self._changes]
        gaps_s = [max(after - before, 1e-3) for before, after in pairwise(self._times_s)]
        found.put("motion", sum(px) / sum(gaps_s))
        speeds = [each / gap for each, gap in zip(px, gaps_s, strict=True)]
        found.put_course("motion", self._times_s[1:], speeds)

    def _put_seam(self, found: Findings) -> None:
        first, last = self._first, self._before
        usual = float(np.median(self._changes))
        if first is None or last is None or len(self._changes) < 2 or usual < STILL_LEVELS:
            found.lack(("loop_seam",), "nothing moves in it")
            return
        found.put("loop_seam", float(np.abs(last.astype(np.int16) - first).mean()) / usual)


def _mean(values: NDArray[Any]) -> float:
    """Return the mean; summed in whole numbers, which takes half of numpy's own time."""
    return int(values.sum(dtype=np.int64)) / values.size


def _gradient(luma: Luma) -> float:
    """Return the mean change from a pixel to its neighbours, both ways added as lengths are."""
    levels = luma.astype(np.int16)
    across = float(np.abs(levels[:, 1:] - levels[:, :-1]).mean()) if luma.shape[1] > 1 else 0.0
    down = float(np.abs(levels[1:] - levels[:-1]).mean()) if luma.shape[0] > 1 else 0.0
    return float(np.hypot(across, down)) / 2**0.5

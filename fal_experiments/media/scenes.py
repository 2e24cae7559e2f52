"""Where a clip cuts from one scene to another, and the frames that stand for each. One pass."""

from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.core.sheet import scene_moments
from fal_experiments.media.limits import MIB
from fal_experiments.media.sampling import Nearest, Taken, sheet_moments_s

Small = NDArray[np.int16]

GRID_PX = (64, 36)
"""Cuts are looked for on so few pixels: noise and small movements vanish on them."""

CUT_LEVELS = 14.0
"""Mean change of luma, of 255, below which nothing is a cut."""

CUT_RATIO = 3.0
"""A cut changes so many times more than the frames around it do: fast movement is no cut."""

AROUND = 8
FLASH_FRAMES = 2
"""A flash is so long at most; then all is as it was before. Neither end of it is a cut."""

SAME_PART = 0.25
"""Frames differ by less than this part of a change: they show the same."""

MOST_CANDIDATE_BYTES = 96 * MIB
CANDIDATES_PER_TILE = 4


class SceneSampler:
    """Takes frames for a contact sheet so that every scene is on it, the first and last frame too.

    Only when all frames are seen is it known where the scenes are. So frames are taken four times
    as densely as the sheet needs them, and the frame after each jump of luma in any case; in the
    end the sheet's moments are chosen among those.
    """

    def __init__(
        self,
        times_s: Sequence[Fraction],
        tiles: int,
        size_px: tuple[int, int],
        make: Callable[[VideoFrame], Image.Image],
    ) -> None:
        self._tiles = tiles
        self._make = make
        affordable = MOST_CANDIDATE_BYTES // (size_px[0] * size_px[1] * 3)
        count = max(tiles, min(tiles * CANDIDATES_PER_TILE, affordable))
        self._steady = Nearest(sheet_moments_s(times_s, count), make)
        self._jumps: list[Taken[Image.Image]] = []
        self._most_jumps = max(tiles, affordable - count)
        self._scaler = VideoReformatter()
        self._times_s: list[Fraction] = []
        self._small: list[Small] = []
        self._recent: deque[float] = deque(maxlen=AROUND)
        self.cuts_s: tuple[Fraction, ...] = ()

    def offer(self, at_s: Fraction, frame: VideoFrame) -> None:
        """Look at the next frame."""
        small = self._shrunk(frame)
        change = _change(self._small[-1], small) if self._small else 0.0
        usual = float(np.median(self._recent)) if self._recent else 0.0
        if change >= max(CUT_LEVELS, CUT_RATIO * usual) and len(self._jumps) < self._most_jumps:
            self._jumps.append(Taken(at_s, self._make(frame)))
        self._recent.append(change)
        self._times_s.append(at_s)
        self._small.append(small)
        self._steady.offer(at_s, frame)

    def finish(self) -> list[Taken[Image.Image]]:
        """Return the frames of the sheet, in order, each once."""
        taken = {shot.at_s: shot for shot in (*self._steady.finish(), *self._jumps)}
        self.cuts_s = tuple(self._times_s[index] for index in cuts(self._small))
        times_s = sorted(taken)
        if len(times_s) <= self._tiles:
            return [taken[at_s] for at_s in times_s]
        return [taken[at_s] for at_s in scene_moments(times_s, self.cuts_s, self._tiles)]

    def _shrunk(self, frame: VideoFrame) -> Small:
        small = self._scaler.reformat(
            frame, *GRID_PX, format="gray", interpolation=Interpolation.AREA, threads=1
        )
        return small.to_ndarray().astype(np.int16)


def cuts(frames: Sequence[Small]) -> list[int]:
    """Return the indices of the frames that begin a new scene, from small luma pictures.

    A frame does when it differs from the one before by CUT_LEVELS and by CUT_RATIO times the
    median of the changes around it, unless it is the beginning or the end of a flash. Slow
    dissolves are not found. Checked against planted cuts, flashes and fades in tests.
    """
    changes = [0.0, *(_change(a, b) for a, b in pairwise(frames))]
    found: list[int] = []
    for index in range(1, len(frames)):
        change = changes[index]
        around = [
            *changes[max(1, index - AROUND) : index],
            *changes[index + 1 : index + 1 + AROUND],
        ]
        usual = float(np.median(around)) if around else 0.0
        if change < max(CUT_LEVELS, CUT_RATIO * usual):
            continue
        if not _is_flash(frames, index, SAME_PART * change):
            found.append(index)
    return found


def _is_flash(frames: Sequence[Small], index: int, same: float) -> bool:
    """Tell whether the scene before comes back soon, or the one from before a flash is back."""
    before, here = frames[index - 1], frames[index]
    later = frames[index + 1 : index + 1 + FLASH_FRAMES]
    earlier = frames[max(0, index - 1 - FLASH_FRAMES) : index - 1]
    back = (_change(before, frame) for frame in later)
    was_here = (_change(here, frame) for frame in earlier)
    return min((*back, *was_here), default=255.0) < same


def _change(one: Small, other: Small) -> float:
    return float(np.abs(one - other).mean())

"""Measures one clip against another: SSIM, PSNR, VMAF of frames that show at the same moment."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame

from fal_experiments.core.measures import PairMeasures
from fal_experiments.media.clip import Clip, Frame, open_clip
from fal_experiments.media.gauges.findings import Findings
from fal_experiments.media.gauges.luma import Luma, SmallLuma
from fal_experiments.media.limits import Limits
from fal_experiments.media.shape import Shape, shape_of
from fal_experiments.media.sniff import BadMedia, sniff
from fal_experiments.media.ssim import similarity
from fal_experiments.media.vmaf import VmafMissing, VmafTask, vmaf

MOST_COMPARED = 150
"""Of a longer clip every nth frame is taken."""

SAME_SHAPE = 0.02
"""Ratios closer than that are one shape cut to other multiples of 16 px."""

NAMES = ("pair_ssim", "pair_psnr_db", "pair_vmaf")
SIDES = ("the first", "the second")


class _Side:
    """One of the clips, decoded as far as the other needs it."""

    def __init__(self, clip: Clip) -> None:
        frames = clip.frames()
        first = next(frames, None)
        if first is None:
            raise clip.damage() or AssertionError("a clip without frames is always damaged")
        self.clip = clip
        self.shape = shape_of(first.picture, clip.pixel_aspect)
        self.start_s = first.at_s
        self._frames: Iterator[Frame] = chain([first], frames)
        self._before: Frame = first
        self._after: Frame | None = first

    @property
    def length_s(self) -> Fraction:
        """From the first frame to the end of the last, as the packets tell."""
        times_s = self.clip.times_s
        return times_s[-1] - times_s[0] + self.clip.frame_s

    def frames(self) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Yield every frame with its time since the first."""
        for at_s, picture in self._frames:
            yield at_s - self.start_s, picture

    def at(self, since_s: Fraction) -> VideoFrame:
        """Return the frame nearest to a moment; moments must rise."""
        wanted_s = since_s + self.start_s
        while self._after is not None and self._after.at_s < wanted_s:
            self._before, self._after = self._after, next(self._frames, None)
        after = self._after
        if after is not None and after.at_s - wanted_s < wanted_s - self._before.at_s:
            return after.picture
        is_exact = after is not None and after.at_s == wanted_s
        return after.picture if after is not None and is_exact else self._before.picture


class _Scores(NamedTuple):
    times_s: list[float]
    ssim: list[float]
    squares: list[float]


def measure_pair(first: Path, second: Path, limits: Limits) -> PairMeasures:
    """Return how far the second clip is from the first, frame by frame of the same moment.

    Larger frames are shrunk to the smaller clip's. Damaged clips, pictures and clips of different
    shape give a record that says so. Raises: OSError, MemoryError.
    """
    try:
        return _measured(first, second, limits)
    except BadMedia as exc:
        return PairMeasures(failed=exc.reason)


def _measured(first: Path, second: Path, limits: Limits) -> PairMeasures:
    found = Findings()
    with ExitStack() as stack:
        sides = [
            _opened(stack, path, limits, name)
            for path, name in zip((first, second), SIDES, strict=True)
        ]
        one, other = sides
        size_px, notes = _common(one, other)
        scores = _scores(one, other, size_px)
        for side, name in zip(sides, SIDES, strict=True):
            damage = side.clip.damage_so_far()
            if damage is not None:
                raise BadMedia(damage.kind, f"{name}: {damage.reason}")
        task = VmafTask(first, second, size_px, _fps(one), _every(one))
    found.put("pair_ssim", float(np.mean(scores.ssim)))
    error = float(np.mean(scores.squares))
    psnr = 10 * math.log10(255 * 255 / error) if error else None
    found.put("pair_psnr_db", psnr, "the frames are equal: it would be infinite")
    found.put_course("pair_ssim", scores.times_s, scores.ssim)
    try:
        found.put("pair_vmaf", vmaf(task, limits))
    except VmafMissing as exc:
        found.lack(("pair_vmaf",), str(exc))
    return PairMeasures(
        values=found.values,
        missing=found.missing,
        courses=found.courses,
        width_px=size_px[0],
        height_px=size_px[1],
        notes=tuple(notes),
    )


def _opened(stack: ExitStack, path: Path, limits: Limits, name: str) -> _Side:
    try:
        _refuse_picture(path, limits)
        clip = stack.enter_context(open_clip(path, limits))
        _refuse_long(clip, limits)
        return _Side(clip)
    except BadMedia as exc:
        raise BadMedia(exc.kind, f"{name}: {exc.reason}") from exc


def _refuse_picture(path: Path, limits: Limits) -> None:
    if sniff(path, limits).kind == "still":
        raise BadMedia("not_media", "it is a picture; a pair is of two clips")


def _refuse_long(clip: Clip, limits: Limits) -> None:
    if not clip.is_whole:
        raise BadMedia("too_large", f"it has more than {limits.max_frames:,} frames")


def _common(one: _Side, other: _Side) -> tuple[tuple[int, int], list[str]]:
    """Return the size at which two clips are compared, and what a reader must know."""
    small, large = sorted((one.shape, other.shape), key=lambda s: s.width_px * s.height_px)
    ratios = [shape.width_px / shape.height_px for shape in (small, large)]
    if abs(ratios[1] / ratios[0] - 1) > SAME_SHAPE:
        raise BadMedia(
            "not_media",
            f"their shapes differ: {_size(one.shape)} and {_size(other.shape)} pixels",
        )
    notes = []
    if (small.width_px, small.height_px) != (large.width_px, large.height_px):
        notes.append(f"compared at {_size(small)}: {_size(large)} was shrunk")
    lengths_s = [float(side.length_s) for side in (one, other)]
    if abs(lengths_s[0] - lengths_s[1]) > 1.5 * float(max(one.clip.frame_s, other.clip.frame_s)):
        notes.append(
            f"compared as long as both last: {lengths_s[0]:.2f} s and {lengths_s[1]:.2f} s"
        )
    return (small.width_px, small.height_px), notes


def _scores(one: _Side, other: _Side, size_px: tuple[int, int]) -> _Scores:
    scores = _Scores([], [], [])
    shrink, shrink_other = SmallLuma(one.shape, size_px), SmallLuma(other.shape, size_px)
    every, ends_s = _every(one), other.length_s
    for index, (since_s, picture) in enumerate(one.frames()):
        if index % every or since_s >= ends_s:
            continue
        first, second = shrink(picture), shrink_other(other.at(since_s))
        scores.times_s.append(float(since_s))
        scores.ssim.append(similarity(first, second).mean)
        scores.squares.append(_mean_square(first, second))
    for _ in other.frames():  # to the end, so that damage there is found
        pass
    return scores


def _mean_square(first: Luma, second: Luma) -> float:
    apart = first.astype(np.int32) - second
    return float((apart * apart).mean())


def _every(side: _Side) -> int:
    return max(1, ceil(len(side.clip.times_s) / MOST_COMPARED))


def _fps(side: _Side) -> Fraction:
    times_s = side.clip.times_s
    if len(times_s) < 2 or times_s[-1] <= times_s[0]:
        return Fraction(25)
    return Fraction((len(times_s) - 1) / (times_s[-1] - times_s[0])).limit_denominator(1001)


def _size(shape: Shape) -> str:
    return f"{shape.width_px} × {shape.height_px}"

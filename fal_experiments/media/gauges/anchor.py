"""The input picture of a clip, laid over its first frame as well as it fits."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from fal_experiments.media.gauges.luma import Luma
from fal_experiments.media.gauges.shift import Correlator, soft_window
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia, sniff
from fal_experiments.media.ssim import similarity
from fal_experiments.media.still import plain_rgb, read_still

SAME_RATIO = 0.01
"""Shapes closer than that need no fit."""

FITS = 0.97
"""SSIM from which on no other scale is tried."""

SCALES = (0.96, 0.98, 1.02, 1.04)
"""Models cut their input to multiples of 16 or 32 px, which is up to 4 % of 720."""

FARTHEST = 0.12
"""Share of a side that the picture may be moved by."""

LARGEST_KEPT_PX = 1280
"""On the longer side; the input is shrunk to it once, then to the size of each trial."""


class Aligned(NamedTuple):
    """The input picture at the size of a frame, where it lies best on it."""

    picture: Image.Image
    box: tuple[int, int, int, int]
    """The part that both show: left, top, right, lower."""
    fidelity: float
    """SSIM inside the box."""
    shift: float
    """How far it was moved, in % of the width."""


class _Trial(NamedTuple):
    picture: Image.Image
    box: tuple[int, int, int, int]
    """What of it is picture, not border."""


def read_anchor(path: Path, limits: Limits) -> Image.Image:
    """Return the input picture as RGB, not larger than needed.

    Raises: BadMedia when it is no picture, or a damaged one; OSError.
    """
    if sniff(path, limits).kind != "still":
        raise BadMedia("not_media", "it is no still picture")
    picture = plain_rgb(read_still(path, limits))
    picture.thumbnail((LARGEST_KEPT_PX, LARGEST_KEPT_PX), Image.Resampling.BOX, reducing_gap=2.0)
    return picture


def align(anchor: Image.Image, frame: Image.Image) -> Aligned:
    """Return the anchor where it lies best on a frame: of crop, stretch and pad, of scales and
    small shifts, the one with the highest SSIM.
    """
    luma = np.asarray(frame.convert("L"))
    tries = [_laid(trial, luma) for trial in _fits(anchor, frame.size)]
    best = max(tries, key=lambda tried: tried.fidelity)
    if best.fidelity < FITS:
        plain = list(_fits(anchor, frame.size))[tries.index(best)]
        scaled = [_laid(_scaled(plain, scale), luma) for scale in SCALES]
        best = max([best, *scaled], key=lambda tried: tried.fidelity)
    return best


def _fits(anchor: Image.Image, size_px: tuple[int, int]) -> Iterator[_Trial]:
    """Yield the ways in which a picture is brought to another shape."""
    width, height = size_px
    whole = (0, 0, width, height)
    yield _Trial(ImageOps.fit(anchor, size_px, Image.Resampling.BOX), whole)
    ratio = anchor.width / anchor.height / (width / height)
    if abs(ratio - 1) <= SAME_RATIO:
        return
    yield _Trial(anchor.resize(size_px, Image.Resampling.BOX), whole)
    inner = (width, max(1, round(height / ratio))) if ratio > 1 else (round(width * ratio), height)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    padded = Image.new("RGB", size_px)
    padded.paste(anchor.resize(inner, Image.Resampling.BOX), (left, top))
    yield _Trial(padded, (left, top, left + inner[0], top + inner[1]))


def _scaled(trial: _Trial, scale: float) -> _Trial:
    """Return a trial larger or smaller about its middle."""
    width, height = trial.picture.size
    span = (width / scale, height / scale)
    left, top = (width - span[0]) / 2, (height - span[1]) / 2
    edges = (left, top, left + span[0], top + span[1])
    coefficients = (1 / scale, 0, left, 0, 1 / scale, top)
    picture = trial.picture.transform(
        trial.picture.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    box = tuple(round((value - edges[index % 2]) * scale) for index, value in enumerate(trial.box))
    inside = _overlap((box[0], box[1], box[2], box[3]), (0, 0, width, height))
    return _Trial(picture, inside)


def _laid(trial: _Trial, luma: Luma) -> Aligned:
    """Move a trial to where it correlates best, and see how like it is there."""
    other = np.asarray(trial.picture.convert("L"))
    x, y = _whole_shift(other, luma)
    tries = [_moved(trial, luma, x, y)]
    if (x, y) != (0, 0):
        tries.append(_moved(trial, luma, 0, 0))
    return max(tries, key=lambda tried: tried.fidelity)


def _whole_shift(first: Luma, second: Luma) -> tuple[int, int]:
    correlator = Correlator(second.shape, soft_window(second.shape, 0.12))
    found = correlator.shift(correlator.spectrum(first), correlator.spectrum(second))
    height, width = second.shape
    near = abs(found.x_px) <= FARTHEST * width and abs(found.y_px) <= FARTHEST * height
    return (round(found.x_px), round(found.y_px)) if near else (0, 0)


def _moved(trial: _Trial, luma: Luma, x: int, y: int) -> Aligned:
    height, width = luma.shape
    picture = Image.new("RGB", (width, height))
    picture.paste(trial.picture, (x, y))
    left, top, right, lower = trial.box
    box = _overlap((left + x, top + y, right + x, lower + y), (0, 0, width, height))
    window = np.s_[box[1] : box[3], box[0] : box[2]]
    fidelity = similarity(np.asarray(picture.convert("L"))[window], luma[window]).mean
    return Aligned(picture, box, fidelity, float(np.hypot(x, y)) / width * 100)


def _overlap(
    box: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    return (
        max(box[0], other[0]),
        max(box[1], other[1]),
        min(box[2], other[2]),
        min(box[3], other[3]),
    )

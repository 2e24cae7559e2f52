"""Small pictures of every frame of a clip, kept while it is decoded once, and a few large ones."""

from fractions import Fraction
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.media.clip import Clip
from fal_experiments.media.shape import SHARP, SMOOTH, Shape, Shrinker, shape_of

SMALL_WIDTH_PX = 320
MOST_LOOKED_AT = 480
"""20 s at 24 fps; what comes later is not looked at. 260 MB of 320 × 568 px at worst."""

Pixels = NDArray[np.uint8]
"""Frame, row, column, channel."""


class Kept(NamedTuple):
    """What the analysis works on."""

    small: Pixels
    starts_s: tuple[Fraction, ...]
    """Since the first frame; one more than there are frames: the last entry is the end."""
    shape: Shape
    large: dict[int, Image.Image]
    """The first frame, the middle one and the last, at full size."""
    is_all: bool
    """False when the clip goes on."""

    @property
    def scale(self) -> float:
        """How many pixels of the clip one of the small picture stands for."""
        return self.shape.width_px / int(self.small.shape[2])

    @property
    def fps(self) -> float:
        """Frames a second, on average; 1 for a single frame."""
        span_s = float(self.starts_s[-1])
        return len(self.small) / span_s if span_s > 0 else 1.0


def luma_of(pixels: Pixels) -> NDArray[np.float32]:
    """Return the brightness of pixels, 0 to 255. Source: ITU-R BT.601."""
    luma = pixels[..., 0] * np.float32(0.299)
    luma += pixels[..., 1] * np.float32(0.587)
    luma += pixels[..., 2] * np.float32(0.114)
    return luma


def keep_frames(clip: Clip) -> Kept:
    """Decode a clip. Raises: BadMedia when not one frame can be decoded; MemoryError."""
    frames = clip.frames()
    first = next(frames, None)
    if first is None:
        raise clip.damage() or AssertionError("a clip without frames is always damaged")
    shape = shape_of(first.picture, clip.stream.sample_aspect_ratio)
    small = Shrinker(shape, shape.fit_px(SMALL_WIDTH_PX), clip.video_codec, SMOOTH)
    large = full_size(clip, shape)
    told = min(len(clip.times_s), MOST_LOOKED_AT)
    wanted = {0, told // 2, told - 1}
    pictures: list[Pixels] = []
    starts: list[Fraction] = []
    sampled: dict[int, Image.Image] = {}
    is_all = True
    for index, frame in enumerate(chain([first], frames)):
        if index == MOST_LOOKED_AT:
            is_all = False
            starts.append(frame.at_s - first.at_s)
            break
        pictures.append(np.asarray(small(frame.picture)))
        starts.append(frame.at_s - first.at_s)
        if index in wanted:
            sampled[index] = large(frame.picture)
    if is_all:
        starts.append(starts[-1] + clip.frame_s)
    return Kept(np.stack(pictures), tuple(starts), shape, sampled, is_all)


def full_size(clip: Clip, shape: Shape) -> Shrinker:
    """Return what makes a picture of a frame as a viewer sees it, none of its pixels lost."""
    return Shrinker(shape, (shape.width_px, shape.height_px), clip.video_codec, SHARP)

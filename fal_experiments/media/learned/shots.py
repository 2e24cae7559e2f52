"""Takes frames of a result for metrics; runs in a worker process, with the decoder and no model."""

from fractions import Fraction
from pathlib import Path

from PIL import Image

from fal_experiments.core.metric_plugins import Shot
from fal_experiments.media.clip import Clip, open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sampling import Nearest, decimal_s, sheet_moments_s
from fal_experiments.media.shape import SHARP, Shrinker, shape_of
from fal_experiments.media.sniff import BadMedia, sniff
from fal_experiments.media.still import opaque_rgb, plain_rgb, read_still


def take_shots(path: Path, count: int, longest_px: int, limits: Limits) -> tuple[Shot, ...]:
    """Return `count` frames of a clip, evenly from the first to the last, or the one of a picture.

    A clip with fewer frames gives each once. Raises: ValueError, in words, for a damaged file, of
    which no score would mean anything; OSError; MemoryError.
    """
    try:
        if sniff(path, limits).kind == "still":
            return (_shot(plain_rgb(read_still(path, limits)), Fraction(0), longest_px),)
        with open_clip(path, limits) as clip:
            return _of_clip(clip, count, longest_px)
    except BadMedia as exc:
        raise ValueError(exc.reason) from exc


def _of_clip(clip: Clip, count: int, longest_px: int) -> tuple[Shot, ...]:
    frames = clip.frames()
    first = next(frames, None)
    if first is None:
        raise clip.damage() or AssertionError("a clip without frames is always damaged")
    shape = shape_of(first.picture, clip.stream.sample_aspect_ratio)
    width_px = longest_px
    if shape.height_px > shape.width_px:
        width_px = max(1, round(longest_px * shape.width_px / shape.height_px))
    shrink = Shrinker(shape, shape.fit_px(width_px), clip.video_codec, SHARP)
    moments_s = sheet_moments_s(clip.times_s or (first.at_s,), count)
    nearest = Nearest(moments_s, shrink)
    nearest.offer(*first)
    for frame in frames:
        nearest.offer(*frame)
    damage = clip.damage()
    if damage is not None:
        raise damage
    return tuple(
        _shot(opaque_rgb(taken.picture), taken.at_s - first.at_s, longest_px)
        for taken in nearest.finish()
    )


def _shot(picture: Image.Image, since_start_s: Fraction, longest_px: int) -> Shot:
    if max(picture.size) > longest_px:
        picture = picture.copy()
        picture.thumbnail((longest_px, longest_px), Image.Resampling.BICUBIC)
    return Shot(picture.width, picture.height, picture.tobytes(), decimal_s(since_start_s))

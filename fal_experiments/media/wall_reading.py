"""Reads one clip for a wall, in a worker process: its facts, then the frames that its pane shows.

Frames go to a file as raw planes, so that no process ever holds more than one of them.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fal_experiments.media.animated import is_animated
from fal_experiments.media.check import flaw_of_picture
from fal_experiments.media.clip import Clip, open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.shape import (
    HDR,
    SHARP,
    SMOOTH,
    UNSPECIFIED,
    guessed_matrix,
    shape_of,
)
from fal_experiments.media.sniff import BadMedia, Sniffed, sniff
from fal_experiments.media.still import opaque_rgb, plain_rgb, read_still

Plane = NDArray[np.uint8]
"""(height, width)"""

SHRINK = Interpolation.AREA | Interpolation.ACCURATE_RND
ENLARGE = Interpolation.BICUBIC | Interpolation.ACCURATE_RND


class ClipFacts(NamedTuple):
    """What a wall must know of a file before it is laid out; or what is wrong with it."""

    width_px: int = 0
    height_px: int = 0
    duration_s: Fraction = Fraction(0)
    """0 for a still picture."""
    fps: Fraction = Fraction(0)
    has_audio: bool = False
    bad: str = ""


class Spooled(NamedTuple):
    """The frames of a pane on disk."""

    at_s: tuple[Fraction, ...]
    """When each of them begins in its clip."""
    shown: tuple[int, ...]
    """Which of them each wanted moment shows."""
    damage: str = ""
    """What is wrong with the clip, though some of it can be shown."""


class SpoolOrder(NamedTuple):
    """What is to be written."""

    target: Path
    size_px: tuple[int, int]
    """Even."""
    moments_s: tuple[Fraction, ...]
    """From the first frame, rising."""


def read_facts(path: Path, limits: Limits) -> ClipFacts:
    """Return what a clip or picture is; its first frame is decoded, its packets are counted.

    Raises: OSError, MemoryError.
    """
    try:
        if sniff(path, limits).kind == "still":
            picture = plain_rgb(read_still(path, limits))
            return ClipFacts(picture.width, picture.height)
        with open_clip(path, limits, deblock=False) as clip:
            return _facts(clip)
    except BadMedia as exc:
        return ClipFacts(bad=exc.reason)


def _facts(clip: Clip) -> ClipFacts:
    if not clip.is_whole:
        raise BadMedia("too_large", "it has more frames than a wall can take")
    first = next(clip.frames(), None)
    if first is None:
        raise clip.damage() or BadMedia("not_playable", "there is not one frame in it")
    shape = shape_of(first.picture, clip.stream.sample_aspect_ratio)
    last_s = clip.times_s[-1] if clip.times_s else first.at_s
    between_s = last_s - first.at_s
    duration_s = between_s + clip.frame_s
    if between_s > 0:
        fps = (len(clip.times_s) - 1) / between_s
    else:
        fps = 1 / clip.frame_s if clip.frame_s > 0 else Fraction(0)
    return ClipFacts(
        shape.width_px,
        shape.height_px,
        duration_s,
        Fraction(round(Decimal(fps.numerator) / fps.denominator, 3)),
        bool(clip.container.streams.audio),
    )


def spool_frames(path: Path, order: SpoolOrder, limits: Limits) -> Spooled:
    """Write the frames that the moments show, each once, as I420 in BT.709; tell which is which.

    Decoding ends after the last moment. Where frames are damaged the one before stays.
    Of a clip without one frame that can be decoded `shown` is empty. Raises: OSError, MemoryError.
    """
    try:
        return _spooled(path, order, limits)
    except BadMedia as exc:
        return Spooled((), (), exc.reason)


def _spooled(path: Path, order: SpoolOrder, limits: Limits) -> Spooled:
    with order.target.open("wb") as file:
        sniffed = sniff(path, limits)
        if sniffed.kind == "still":
            picture = read_still(path, limits)
            pixels = np.asarray(opaque_rgb(ImageOps.exif_transpose(picture)))
            frame = VideoFrame.from_ndarray(pixels, format="rgb24")
            _write(file, PlaneScaler("", order.size_px, 0)(frame))
            damage = _not_shown(path, picture, sniffed, limits)
            return Spooled((Fraction(0),), (0,) * len(order.moments_s), damage)
        with open_clip(path, limits) as clip:
            return _spool(clip, order, file)


def _not_shown(path: Path, picture: Image.Image, sniffed: Sniffed, limits: Limits) -> str:
    """Return what a pane does not show of a picture."""
    flaw = flaw_of_picture(path, picture, sniffed, limits)
    if flaw is not None:
        return flaw.reason
    return "of a picture that moves, only the first frame is shown" if is_animated(picture) else ""


def _spool(clip: Clip, order: SpoolOrder, file: BinaryIO) -> Spooled:
    frames = clip.frames()
    first = next(frames, None)
    if first is None:
        raise clip.damage() or BadMedia("not_playable", "there is not one frame in it")
    shape = shape_of(first.picture, clip.stream.sample_aspect_ratio)
    scale = PlaneScaler(clip.video_codec, order.size_px, shape.quarter_turns)
    at_s: list[Fraction] = []
    shown: list[int] = []
    ends_s: Fraction | None = None
    for begins_s, ends_s, picture in _spans(chain([first], frames), first.at_s):
        wanted = _until(order.moments_s, len(shown), ends_s)
        if wanted:
            shown += [len(at_s)] * wanted
            at_s.append(begins_s)
            _write(file, scale(picture))
        if len(shown) == len(order.moments_s):
            break
    damage = clip.damage() if ends_s is None else clip.damage_so_far()
    return Spooled(tuple(at_s), tuple(shown), damage.reason if damage else "")


def _spans(
    frames: "Iterator[tuple[Fraction, VideoFrame]]", first_s: Fraction
) -> Iterator[tuple[Fraction, Fraction | None, VideoFrame]]:
    """Yield each frame with when it begins and when the next one does; the last one never ends."""
    begins_s, picture = next(frames)
    for next_s, after in frames:
        if next_s > begins_s:
            yield begins_s - first_s, next_s - first_s, picture
            begins_s, picture = next_s, after
    yield begins_s - first_s, None, picture


def _until(moments_s: Sequence[Fraction], start: int, ends_s: Fraction | None) -> int:
    """Return how many moments from `start` on lie before an end."""
    stop = start
    while stop < len(moments_s) and (ends_s is None or moments_s[stop] < ends_s):
        stop += 1
    return stop - start


def _write(file: BinaryIO, planes: Sequence[Plane]) -> None:
    file.writelines(np.ascontiguousarray(plane).tobytes() for plane in planes)


class PlaneScaler:
    """Makes the planes of a pane of frames: upright, BT.709, limited range, 8 bits."""

    def __init__(self, codec: str, size_px: tuple[int, int], quarter_turns: int) -> None:
        self._codec = codec
        self._turns = quarter_turns
        self._stored_px = size_px[::-1] if quarter_turns % 2 else size_px
        self._scaler, self._from_hdr = VideoReformatter(), VideoReformatter()

    def __call__(self, frame: VideoFrame) -> list[Plane]:
        """Return Y, U and V as a viewer would see them."""
        width, height = self._stored_px
        how = SHRINK if width <= frame.width else ENLARGE
        if (frame.color_primaries, frame.color_trc) in HDR:
            # Tone mapped on the way to RGB as in all other pictures; on the way to YUV it is not.
            frame = self._from_hdr.reformat(
                frame,
                width,
                height,
                format="rgb24",
                interpolation=SMOOTH if how == SHRINK else SHARP,
                dst_color_trc=ColorTrc.BT709,
                dst_color_primaries=ColorPrimaries.BT709,
                threads=1,
            )
        untold = frame.colorspace == UNSPECIFIED and not frame.format.is_rgb
        small = self._scaler.reformat(
            frame,
            width,
            height,
            format="yuv420p",
            src_colorspace=guessed_matrix(self._codec, frame.height) if untold else None,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=how,
            threads=1,
        )
        packed = small.to_ndarray()
        luma = packed[:height]
        chroma = packed[height:].reshape(2, height // 2, width // 2)
        return [np.rot90(plane, self._turns) for plane in (luma, *chroma)]

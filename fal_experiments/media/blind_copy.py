"""Copies of clips that tell nothing of where they are from; each is made in a worker process.

Only picture and sound go into a copy: no tag, no name, no time, no track of data, and no message
inside the video stream, where encoders write who they are and how they were set.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from fal_experiments.core.blind_alike import ClipFacts, Target
from fal_experiments.media.blind_mux import write_bare_mp4
from fal_experiments.media.clip import Clip, Frame, open_clip
from fal_experiments.media.gauges.sound import hear
from fal_experiments.media.limits import Limits
from fal_experiments.media.shape import SHARP, Shape, Shrinker, has_alpha, shape_of
from fal_experiments.media.sniff import BadMedia, Tracks
from fal_experiments.media.still import opaque_rgb
from fal_experiments.media.tracks import clip_tracks
from fal_experiments.media.wall_sound import SoundOrder, spool_sound

LIMITS = Limits(wall_s=900, cpu_s=600)
"""A copy is encoded with care, which takes longer than a look at a clip."""
OPTIONS = {"preset": "fast", "crf": "14", "threads": "1"}
"""No difference from the clip that an eye finds; a key frame twice a second, for scrubbing."""


class Look(NamedTuple):
    """A clip that is to be measured; one of the sandbox is marked."""

    clip: Path
    is_marked: bool = False


class Read(NamedTuple):
    """What a clip is, and why it cannot be shown where it cannot."""

    facts: ClipFacts | None = None
    """With the height that is left after cropping."""
    crop_px: int = 0
    bad: str = ""


class Copied(NamedTuple):
    """What a copy is, and why there is none where there is none."""

    tracks: Tracks | None = None
    size_bytes: int = 0
    bad: str = ""


class Order(NamedTuple):
    """A copy that is wanted."""

    clip: Path
    target: Path
    to: Target
    crop_px: int = 0
    """Taken off at the top and at the bottom of the picture first."""
    keeps_pixels: bool = False
    """The picture's own stream is kept where every browser plays it."""


def read_clip(look: Look, limits: Limits) -> Read:
    """Return the facts of a clip. Raises: OSError, MemoryError."""
    tracks = clip_tracks(look.clip, limits)
    if tracks.bad or not tracks.width_px or not tracks.height_px or not tracks.fps:
        return Read(bad=tracks.bad or "it has neither size nor rate")
    crop_px = sandbox_crop_px(tracks.width_px, tracks.height_px) if look.is_marked else 0
    values = hear(look.clip).findings.values if tracks.has_audio else {}
    loud, peak = values.get("loudness_lufs"), values.get("true_peak_dbtp")
    facts = ClipFacts(
        width_px=tracks.width_px,
        height_px=tracks.height_px - 2 * crop_px,
        fps=Fraction(tracks.fps),
        duration_s=Fraction(tracks.duration_s),
        has_sound=tracks.has_audio,
        loudness_lufs=None if loud is None else float(loud),
        peak_dbtp=None if peak is None else float(peak),
    )
    return Read(facts, crop_px)


def copy_clip(order: Order, limits: Limits) -> Copied:
    """Write a copy, or return why there is none. Raises: OSError, MemoryError."""
    film, pcm = order.target.with_suffix(".film"), order.target.with_suffix(".pcm")
    try:
        source = order.clip
        kept = order.keeps_pixels and not order.crop_px and _plays_everywhere(order.clip, limits)
        if not kept:
            source = film
            _encode(order, film, limits)
        if order.to.has_sound:
            length_s = order.to.duration_s
            sound = SoundOrder(pcm, Fraction(0), length_s, Fraction(1), length_s, repeats=False)
            bad = spool_sound(order.clip, sound, limits)
            if bad:
                return Copied(bad=bad)
        pcm_file = pcm if order.to.has_sound else None
        write_bare_mp4(source, order.target, pcm_file, order.to.gain_db)
        tracks = clip_tracks(order.target, limits)
        return Copied(tracks, order.target.stat().st_size, tracks.bad)
    except (BadMedia, av.FFmpegError) as exc:
        why = exc.reason if isinstance(exc, BadMedia) else f"it cannot be copied: {exc.strerror}"
        return Copied(bad=why)
    finally:
        film.unlink(missing_ok=True)
        pcm.unlink(missing_ok=True)


def sandbox_crop_px(width_px: int, height_px: int) -> int:
    """Return how much of the top and of the bottom the sandbox's mark can cover.

    It stands in one of the corners and names the endpoint (sandbox/clips/watermark.py).
    """
    side_px = min(width_px, height_px)
    letter_px = max(9, round(side_px / 32))
    return 2 * max(2, round(side_px / 60)) + 2 * round(letter_px * 1.75 / 2) + 2


def _plays_everywhere(path: Path, limits: Limits) -> bool:
    """Tell whether a clip's own video stream can be kept: H.264, 8 bit, 4:2:0, not turned."""
    with open_clip(path, limits, deblock=False) as clip:
        first = next(clip.frames(), None)
        is_usual = clip.video_codec == "h264" and first is not None
        return (
            is_usual
            and first is not None
            and first.picture.format.name == "yuv420p"
            and shape_of(first.picture, clip.pixel_aspect).quarter_turns == 0
        )


def _encode(order: Order, target: Path, limits: Limits) -> None:
    """Write the picture alone, at its new size and rate. Raises: BadMedia, av.FFmpegError."""
    to = order.to
    count = max(1, round(to.duration_s * to.fps))
    with open_clip(order.clip, limits) as clip, av.open(str(target), "w", format="mp4") as film:
        stream = _add_stream(film, to)
        canvas: _Canvas | None = None
        last: VideoFrame | None = None
        done = 0
        zero_s: Fraction | None = None
        for frame in clip.frames():
            if zero_s is None:
                zero_s = frame.at_s
                canvas = _Canvas(clip, frame, order)
            # what was shown until now fills the moments before this frame
            while last is not None and done < count and _moment_s(done, to) < frame.at_s - zero_s:
                done = _put(film, stream, last, done)
            if canvas is not None and done < count:
                last = canvas.painted(frame.picture)
        damage = clip.damage()
        if damage is not None or last is None:
            raise damage or BadMedia("not_playable", "there is not one frame in it")
        while done < count:
            done = _put(film, stream, last, done)
        film.mux(stream.encode(None))


def _moment_s(index: int, to: Target) -> Fraction:
    """Return the middle of a frame of the copy."""
    return (index + Fraction(1, 2)) / to.fps


def _put(film: Any, stream: Any, picture: VideoFrame, index: int) -> int:
    picture.pts, picture.time_base = index, stream.codec_context.time_base
    picture.pict_type = 0  # where the clip's encoder put key frames says something of it
    film.mux(stream.encode(picture))
    return index + 1


def _add_stream(film: Any, to: Target) -> Any:
    every = str(max(1, round(to.fps / 2)))
    stream = film.add_stream("libx264", rate=to.fps, options=OPTIONS | {"g": every})
    stream.width, stream.height = to.canvas_px
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / to.fps
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return stream


class _Canvas:
    """Brings each frame to its size, takes off what is cropped, and lays it on the canvas."""

    def __init__(self, clip: Clip, first: Frame, order: Order) -> None:
        shape = shape_of(first.picture, clip.pixel_aspect)
        width_px, height_px = order.to.picture_px
        cropped_px = shape.height_px - 2 * order.crop_px
        self._off_px = 2 * round(order.crop_px * height_px / cropped_px / 2)
        self._size_px = (width_px, height_px + 2 * self._off_px)
        self._to = order.to
        self._shape = Shape(*shape)
        self._shrink = Shrinker(shape, self._size_px, clip.video_codec, SHARP)
        self._scaler = VideoReformatter()

    def painted(self, picture: VideoFrame) -> VideoFrame:
        """Return a frame of the copy."""
        small = self._in_yuv(picture)
        if (small.width, small.height) == self._to.canvas_px:
            return small
        return self._laid(small)

    def _in_yuv(self, frame: VideoFrame) -> VideoFrame:
        if self._shape.quarter_turns == 0 and not has_alpha(frame):
            return self._shrink.in_yuv(frame)
        return self._scaler.reformat(
            VideoFrame.from_ndarray(np.asarray(opaque_rgb(self._shrink(frame))), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )

    def _laid(self, small: VideoFrame) -> VideoFrame:
        """Crop lines off and put black beside the picture, plane by plane."""
        width_px, height_px = self._to.canvas_px
        packed = small.to_ndarray().ravel()
        planes, start = [], 0
        for shrunk, black in ((1, 16), (2, 128), (2, 128)):
            high, wide = small.height // shrunk, small.width // shrunk
            plane = packed[start : start + high * wide].reshape(high, wide)
            start += high * wide
            canvas = np.full((height_px // shrunk, width_px // shrunk), black, np.uint8)
            top, left = self._off_px // shrunk, (canvas.shape[1] - wide) // 2
            canvas[:, left : left + wide] = plane[top : top + canvas.shape[0]]
            planes.append(canvas.ravel())
        whole = np.concatenate(planes).reshape(-1, width_px)
        return VideoFrame.from_ndarray(whole, format="yuv420p")

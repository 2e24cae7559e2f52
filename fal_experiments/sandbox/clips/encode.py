"""Frames and sound into an MP4 that players can begin before it is whole; bytes never vary.

One encoder thread, no dates and no library versions in the container: equal frames, equal file.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from PIL import Image

from fal_experiments.sandbox.clips.tone import RATE_HZ
from fal_experiments.sandbox.clips.yuv import Floats, Planes

_X264 = {"preset": "superfast", "crf": "21", "threads": "1"}
_AAC_FRAME = 1024


def write_mp4(path: Path, frames: Iterator[Planes], fps: float, sound: Floats | None) -> None:
    """Write an H.264 file, with an AAC track when there is sound. Raises: OSError."""
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    first = next(frames)
    with av.open(path, "w", format="mp4", options=options) as container:
        video = container.add_stream("libx264", rate=_rate(fps), options=_X264)
        video.height, video.width = first.y.shape
        video.pix_fmt = "yuv420p"
        _tag_colours(video)
        audio = (
            container.add_stream("aac", rate=RATE_HZ, layout="mono") if sound is not None else None
        )
        for index, planes in enumerate(chain([first], frames)):
            container.mux(video.encode(_frame(planes, index)))
        container.mux(video.encode(None))
        if audio is not None and sound is not None:
            _write_sound(container, audio, sound)


def write_png(path: Path, frame: Planes) -> None:
    """Write one frame as a picture. Raises: OSError."""
    rgb = _frame(frame, 0).to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709)
    Image.fromarray(rgb).save(path, format="PNG")


def _rate(fps: float) -> Fraction:
    """Return frames per second as containers state them: 23.976 is 24000/1001."""
    return Fraction(fps).limit_denominator(1001)


def _tag_colours(video: VideoStream) -> None:
    context = video.codec_context
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709


def _frame(planes: Planes, index: int) -> av.VideoFrame:
    height, width = planes.y.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for target, source in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(memoryview(target), np.uint8).reshape(-1, target.line_size)
        rows[: source.shape[0], : source.shape[1]] = source
    frame.pts = index
    return frame


def _write_sound(container: OutputContainer, audio: AudioStream, sound: Floats) -> None:
    for start in range(0, len(sound), _AAC_FRAME):
        block = sound[start : start + _AAC_FRAME].reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", "mono")
        frame.sample_rate = RATE_HZ
        frame.time_base = Fraction(1, RATE_HZ)
        frame.pts = start
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))

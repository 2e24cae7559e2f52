"""Writes the frames of a wall as MP4, GIF or animated WebP, one by one."""

from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from fal_experiments.errors import BadInput
from fal_experiments.media.gif import SHORTEST_CS, Cue, encode_gif, most_frames
from fal_experiments.media.wall_planes import Planes
from fal_experiments.media.wall_sound import CHANNELS, SAMPLE_HZ, sound_frame

MP4_OPTIONS = {"crf": "19", "preset": "veryfast"}
WEBP_OPTIONS = {"quality": "78", "compression_level": "2"}
SOUND_BITS_PER_S = 192_000


class Writer(Protocol):
    """Takes frames in order; `close` finishes the file."""

    def write(self, planes: Planes) -> None:
        """Add a frame."""
        ...

    def close(self) -> None:
        """Write what is left."""
        ...


class Footage(NamedTuple):
    """What every kind of file is told of a wall."""

    size_px: tuple[int, int]
    fps: int
    frames: int


def open_writer(kind: str, target: Path, footage: Footage, sound: Path | None) -> Writer:
    """Return what writes a kind of file: `mp4`, `gif` or `webp`. Raises: BadInput."""
    if kind == "gif":
        return _Gif(target, footage)
    return _Mp4(target, footage, sound) if kind == "mp4" else _WebP(target, footage)


class _Film:
    """A container with one video stream."""

    def __init__(self, target: Path, footage: Footage, kind: str, options: dict[str, str]) -> None:
        self.footage = footage
        self.count = 0
        self.container = av.open(str(target), "w", format=kind, options=options)

    def add_stream(self, codec: str, options: dict[str, str]) -> VideoStream:
        stream: Any = self.container.add_stream(codec, rate=self.footage.fps)
        stream.width, stream.height = self.footage.size_px
        stream.pix_fmt, stream.options = "yuv420p", options
        stream.codec_context.time_base = Fraction(1, self.footage.fps)
        video: VideoStream = stream
        return video

    def add(self, stream: VideoStream, frame: av.VideoFrame) -> None:
        frame.pts, frame.time_base = self.count, Fraction(1, self.footage.fps)
        self.container.mux(stream.encode(frame))
        self.count += 1


class _Mp4(_Film):
    """H.264 that every browser plays, its index first; a key frame each second, for scrubbing."""

    def __init__(self, target: Path, footage: Footage, sound: Path | None) -> None:
        super().__init__(target, footage, "mp4", {"movflags": "+faststart"})
        self._video = self.add_stream("libx264", MP4_OPTIONS | {"g": str(footage.fps)})
        context = self._video.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = 1  # BT.709
        self._sound: Any = None
        if sound is not None:
            self._samples = np.fromfile(sound, np.float32).reshape(-1, CHANNELS)
            self._sound = self.container.add_stream("aac", rate=SAMPLE_HZ)
            self._sound.layout, self._sound.bit_rate = "stereo", SOUND_BITS_PER_S

    def write(self, planes: Planes) -> None:
        self.add(self._video, planes.frame())
        if self._sound is not None:
            start, stop = ((self.count - back) * SAMPLE_HZ // self.footage.fps for back in (1, 0))
            part = self._samples[start:stop]
            if len(part):
                self.container.mux(self._sound.encode(sound_frame(part, start)))

    def close(self) -> None:
        self.container.mux(self._video.encode(None))
        if self._sound is not None:
            self.container.mux(self._sound.encode(None))
        self.container.close()


class _WebP(_Film):
    """An animated WebP that loops for ever. Its planes are BT.601 by definition."""

    def __init__(self, target: Path, footage: Footage) -> None:
        super().__init__(target, footage, "webp", {"loop": "0"})
        self._video = self.add_stream("libwebp_anim", WEBP_OPTIONS)
        self._scaler = VideoReformatter()

    def write(self, planes: Planes) -> None:
        frame = self._scaler.reformat(
            planes.frame(),
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU601,
            threads=1,
        )
        self.add(self._video, frame)

    def close(self) -> None:
        self.container.mux(self._video.encode(None))
        self.container.close()


class _Gif:
    """A GIF that loops for ever; one palette for all, so its frames are held until the end."""

    def __init__(self, target: Path, footage: Footage) -> None:
        most = most_frames(footage.size_px)
        if footage.frames > most:
            width, height = footage.size_px
            raise BadInput(
                f"a GIF of {footage.frames} frames of {width} × {height} px is too much to be held "
                f"in memory; at that size it may have {most}",
                fix="lower --fps, --width or --duration, or write .mp4 or .webp",
            )
        self._target, self._footage = target, footage
        self._cues: list[Cue] = []

    def write(self, planes: Planes) -> None:
        start_cs = round(Fraction(100 * len(self._cues), self._footage.fps))
        self._cues.append(Cue(start_cs, planes.picture()))

    def close(self) -> None:
        length_s = Fraction(self._footage.frames, self._footage.fps)
        self._target.write_bytes(encode_gif(self._cues, length_s))


MOST_GIF_FPS = 100 // SHORTEST_CS
"""Faster ones are shown slower by browsers."""

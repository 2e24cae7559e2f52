"""A small MP4 with many key frames, so that a page can jump to any moment of it at once.

Nearly every clip of a video model has one key frame, its first (17 of 18 measured), and a browser
decodes everything from there for each jump. No sound: who listens plays the clip itself.
"""

import io
from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from av.video.stream import VideoStream

from fal_experiments.media.shape import SMOOTH, Shape, Shrinker, has_alpha
from fal_experiments.media.still import opaque_rgb

KEY_FRAME_EVERY = 6
CRF = 27
TIME_BASE = Fraction(1, 90_000)
"""Every usual rate falls on whole units of it."""

OPTIONS = {
    "preset": "veryfast",
    "crf": str(CRF),
    "g": str(KEY_FRAME_EVERY),
    "sc_threshold": "0",
    "bf": "0",
    "threads": "1",
}
INDEX_BYTES = 2048
INDEX_BYTES_A_FRAME = 32
"""At most: 8 for its time, 4 for its size, 4 as a key frame, 16 for its place (ISO 14496-12)."""


def proxy_size_px(shape: Shape, height_px: int) -> tuple[int, int]:
    """Return width and height, even as 4:2:0 needs them, and not above the clip's."""
    height_px = min(height_px, shape.height_px)
    width_px = round(shape.width_px * height_px / shape.height_px / 2) * 2
    return max(2, width_px), max(2, height_px // 2 * 2)


class ProxyWriter:
    """Encodes each frame as it comes, so that memory does not grow with the clip."""

    def __init__(
        self, shape: Shape, size_px: tuple[int, int], codec: str, most_frames: int
    ) -> None:
        self.size_px = size_px
        self._is_turned = shape.quarter_turns != 0
        self._shrink = Shrinker(shape, size_px, codec, SMOOTH)
        self._scaler = VideoReformatter()
        self._file = io.BytesIO()
        # Room for the index before the frames: a page can play what it has not loaded whole.
        room = {"moov_size": str(INDEX_BYTES + INDEX_BYTES_A_FRAME * most_frames)}
        self._container = av.open(self._file, "w", format="mp4", options=room)
        self._stream = self._add_stream()
        self._first_s: Fraction | None = None
        self._last_units = -1

    def _add_stream(self) -> VideoStream:
        stream: VideoStream = self._container.add_stream("libx264", rate=24)
        stream.width, stream.height = self.size_px
        stream.pix_fmt = "yuv420p"
        stream.options = dict(OPTIONS)
        stream.time_base = stream.codec_context.time_base = TIME_BASE
        # Players guess the matrix of a small clip that does not tell it, and guess BT.601.
        stream.codec_context.colorspace = Colorspace.ITU709
        stream.codec_context.color_primaries = ColorPrimaries.BT709
        stream.codec_context.color_trc = ColorTrc.BT709
        stream.codec_context.color_range = ColorRange.MPEG
        return stream

    def offer(self, at_s: Fraction, frame: VideoFrame) -> None:
        """Encode the next frame at its own time; one at the time of the last is left out."""
        if self._first_s is None:
            self._first_s = at_s
        units = round((at_s - self._first_s) / TIME_BASE)
        if units <= self._last_units:
            return
        self._last_units = units
        small = self._in_yuv(frame)
        small.pts, small.time_base = units, TIME_BASE
        self._container.mux(self._stream.encode(small))

    def finish(self, frame_s: Fraction) -> bytes:
        """Return the file; its last frame stays for `frame_s`."""
        packets = self._stream.encode(None)
        if packets:
            packets[-1].duration = max(1, round(frame_s / TIME_BASE))
        self._container.mux(packets)
        self._container.close()
        return self._file.getvalue()

    def _in_yuv(self, frame: VideoFrame) -> VideoFrame:
        if not self._is_turned and not has_alpha(frame):
            return self._shrink.in_yuv(frame)
        picture = opaque_rgb(self._shrink(frame))
        return self._scaler.reformat(
            VideoFrame.from_ndarray(np.asarray(picture), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )

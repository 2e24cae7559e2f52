"""The luma of a frame, at native size without a copy, and small; black is 16, white 235."""

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from fal_experiments.media.shape import Shape

Luma = NDArray[np.uint8]

PLANAR_8_BITS = {
    "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray",
    "yuva420p",
}  # fmt: skip
"""Formats whose first plane is luma with 8 bits; others are turned into yuv420p."""

_AS_IS: dict[str, Any] = {
    "src_color_range": ColorRange.JPEG,
    "dst_color_range": ColorRange.JPEG,
}
"""Both ends alike: swscale would stretch luma to 0–255 and clip what is outside of 16–235."""

BLACK = 16
SPAN = 219


def is_full_range(frame: VideoFrame) -> bool:
    """Tell whether the luma of a frame goes from 0 to 255; grey does if it says nothing."""
    if frame.color_range == ColorRange.UNSPECIFIED:
        return frame.format.name == "gray" or frame.format.name.startswith("yuvj")
    return frame.color_range == ColorRange.JPEG


def native_luma(frame: VideoFrame) -> Luma:
    """Return the luma of a frame as it is stored; valid as long as the frame."""
    if frame.format.name not in PLANAR_8_BITS:
        frame = frame.reformat(format="yuv420p", threads=1)
    return _first_plane(frame)


def fit_longest_px(shape: Shape, longest_px: int) -> tuple[int, int]:
    """Return the size of a picture with at most `longest_px` on its longer side."""
    widest_px = max(1, longest_px * shape.width_px // max(shape.width_px, shape.height_px))
    return shape.fit_px(min(widest_px, longest_px))


class SmallLuma:
    """Brings luma to one size, turned as a viewer sees it, and to 16–235 where it was full."""

    def __init__(self, shape: Shape, size_px: tuple[int, int]) -> None:
        """Get ready; `size_px` is width and height as a viewer sees them."""
        self._turns = shape.quarter_turns
        self._stored_px = size_px[::-1] if self._turns % 2 else size_px
        self._scaler = VideoReformatter()

    def __call__(self, frame: VideoFrame) -> Luma:
        """Return the frame small; areas are averaged."""
        ranges = {} if frame.format.is_rgb else _AS_IS
        small = self._scaler.reformat(
            frame,
            *self._stored_px,
            format="gray",
            interpolation=Interpolation.AREA,
            threads=1,
            **ranges,
        )
        luma = _first_plane(small)
        if is_full_range(frame) or frame.format.is_rgb:
            luma = (luma * np.float32(SPAN / 255) + np.float32(BLACK + 0.5)).astype(np.uint8)
        return np.rot90(luma, self._turns) if self._turns else luma


def _first_plane(frame: VideoFrame) -> Luma:
    plane = frame.planes[0]
    stored = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return stored[: plane.height, : plane.width]

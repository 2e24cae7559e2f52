"""Video to video: an input clip's frames at the order's pace and size, in other colours."""

from collections.abc import Iterator

import av
import numpy as np
from av.video.frame import VideoFrame

from fal_experiments.sandbox.clips.media import CannotUse, open_clip
from fal_experiments.sandbox.clips.order import ClipOrder, Medium, generator
from fal_experiments.sandbox.clips.yuv import Bytes2D, Planes

_DEEPEST_TINT = 14


def frames_over(order: ClipOrder, video: Medium, size_px: tuple[int, int]) -> Iterator[Planes]:
    """Yield the order's frames, each free to be written to; a clip that ends early begins again.

    Raises: CannotUse when nothing of the input can be decoded.
    """
    tint = _tint(order)
    made = 0
    while made < order.frame_count:
        before = made
        for shown in _paced(order.fps, video):
            if made == order.frame_count:
                return
            yield _tinted(shown, size_px, tint)
            made += 1
        if made == before:
            raise CannotUse(video, "unsupported_video_format", "Not one frame can be decoded")


def _paced(fps: float, video: Medium) -> Iterator[VideoFrame]:
    """Yield the input's frame at each moment of a steady pace, once through."""
    due = 0
    first_s: float | None = None
    last: VideoFrame | None = None
    with open_clip(video) as (container, stream):
        for frame in container.decode(stream):
            at_s = frame.time or 0.0
            first_s = at_s if first_s is None else first_s
            while last is not None and due / fps < at_s - first_s - 1e-6:
                yield last
                due += 1
            last = frame
    if last is not None:
        yield last


def _tinted(frame: VideoFrame, size_px: tuple[int, int], tint: tuple[int, int]) -> Planes:
    width, height = size_px
    scaled = frame.reformat(width, height, "yuv420p")
    y, u, v = (_rows(plane, *plane_size) for plane, plane_size in _planes(scaled))
    return Planes(y, _shifted(u, tint[0]), _shifted(v, tint[1]))


def _planes(frame: VideoFrame) -> list[tuple[av.video.plane.VideoPlane, tuple[int, int]]]:
    halves = (frame.height // 2, frame.width // 2)
    return list(zip(frame.planes, ((frame.height, frame.width), halves, halves), strict=True))


def _rows(plane: av.video.plane.VideoPlane, height: int, width: int) -> Bytes2D:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return np.array(rows[:height, :width])


def _shifted(plane: Bytes2D, by: int) -> Bytes2D:
    return np.clip(plane.astype(np.int16) + by, 16, 240).astype(np.uint8)


def _tint(order: ClipOrder) -> tuple[int, int]:
    chance = generator("tint", order.endpoint, order.prompt, order.seed, order.flavour)
    u, v = chance.integers(-_DEEPEST_TINT, _DEEPEST_TINT + 1, 2)
    return int(u), int(v)

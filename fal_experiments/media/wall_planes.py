"""A picture as the planes of I420, in BT.709: what a wall is put together from, frame by frame."""

from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.core.wall_grid import Box

Bytes = NDArray[np.uint8]
NEUTRAL = 128


class Planes:
    """Y, U and V of a picture with even sides, in one piece of memory."""

    def __init__(self, width_px: int, height_px: int, flat: Bytes | None = None) -> None:
        self.width_px, self.height_px = width_px, height_px
        size = width_px * height_px
        self.flat = np.empty(size * 3 // 2, np.uint8) if flat is None else flat
        half = (height_px // 2, width_px // 2)
        self.luma = self.flat[:size].reshape(height_px, width_px)
        self.blue = self.flat[size : size * 5 // 4].reshape(half)
        self.red = self.flat[size * 5 // 4 :].reshape(half)

    def fill(self, luma: int, box: Box) -> None:
        """Make a rectangle grey."""
        left, top, width, height = box
        self.luma[top : top + height, left : left + width] = luma
        half = slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)
        self.blue[half] = self.red[half] = NEUTRAL

    def paste(self, other: "Planes", box: Box, from_px: int = 0) -> None:
        """Put another picture in place; only its columns from `from_px`, which is even, on."""
        left, top = box.left_px + from_px, box.top_px
        right, bottom = box.left_px + box.width_px, box.top_px + box.height_px
        if from_px >= box.width_px:
            return
        self.luma[top:bottom, left:right] = other.luma[:, from_px:]
        half = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        self.blue[half] = other.blue[:, from_px // 2 :]
        self.red[half] = other.red[:, from_px // 2 :]

    def stamp(self, mark: "Mark", left_px: int, top_px: int) -> None:
        """Lay a mark over the picture; its place is even."""
        height, width = mark.alpha.shape
        area = self.luma[top_px : top_px + height, left_px : left_px + width]
        area[:] = _mixed(area, mark.luma, mark.alpha)
        rows = slice(top_px // 2, (top_px + height) // 2)
        columns = slice(left_px // 2, (left_px + width) // 2)
        for plane in (self.blue, self.red):
            area = plane[rows, columns]
            area[:] = _mixed(area, np.uint8(NEUTRAL), mark.half_alpha)

    def frame(self) -> VideoFrame:
        """Return a copy as a frame that tells its colours."""
        packed = self.flat.reshape(self.height_px * 3 // 2, self.width_px)
        frame = VideoFrame.from_ndarray(packed, format="yuv420p")
        frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        return frame

    def picture(self) -> Image.Image:
        """Return it in RGB."""
        frame = VideoReformatter().reformat(
            self.frame(), format="rgb24", src_colorspace=Colorspace.ITU709, threads=1
        )
        picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
        return picture


def planes_of(picture: Image.Image) -> Planes:
    """Return the planes of an RGB picture with even sides."""
    frame = VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24")
    made = VideoReformatter().reformat(
        frame,
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        threads=1,
    )
    flat = np.ascontiguousarray(made.to_ndarray(), np.uint8).reshape(-1)
    return Planes(*picture.size, flat)


class Mark:
    """A grey picture with transparency, ready to be laid over frames."""

    def __init__(self, picture: Image.Image) -> None:
        grey, alpha = np.asarray(picture.convert("LA")).transpose(2, 0, 1)
        self.luma = limited(grey)
        self.alpha = alpha.astype(np.uint16)
        rows, columns = (side // 2 for side in alpha.shape)
        self.half_alpha = (
            self.alpha.reshape(rows, 2, columns, 2).mean(axis=(1, 3)).astype(np.uint16)
        )


def limited(grey: Bytes) -> Bytes:
    """Return greys from 0 to 255 as luma from 16 to 235."""
    return (16 + grey.astype(np.uint16) * 219 // 255).astype(np.uint8)


def grey_luma(colour: tuple[int, int, int]) -> int:
    """Return the luma of a colour that is nearly grey."""
    return 16 + sum(colour) * 219 // (3 * 255)


def _mixed(under: Bytes, over: "Bytes | np.uint8", alpha: "NDArray[np.uint16]") -> Bytes:
    mixed = under.astype(np.uint16) * (255 - alpha) + over * alpha
    return (mixed // 255).astype(np.uint8)


class Film:
    """The frames of a pane, read from their file as they are shown."""

    def __init__(self, path: Path, size_px: tuple[int, int]) -> None:
        self._size_px = size_px
        self._file = path.open("rb")

    def __getitem__(self, index: int) -> Planes:
        """Return a frame."""
        size = self._size_px[0] * self._size_px[1] * 3 // 2
        self._file.seek(index * size)
        data = self._file.read(size)
        return Planes(*self._size_px, np.frombuffer(data, np.uint8))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

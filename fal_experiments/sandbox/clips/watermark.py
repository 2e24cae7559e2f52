"""The mark on every frame: a pill that says SANDBOX, which endpoint, and which seed or take."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fal_experiments.sandbox.clips.lettering import typeface
from fal_experiments.sandbox.clips.order import ClipOrder
from fal_experiments.sandbox.clips.yuv import Floats, Planes, halved, yuv_from_rgb

_SMOOTH = 3
"""The pill is drawn this much larger and shrunk, for smooth edges."""
_WIDEST_SHARE = 0.62
_INK, _GROUND = (255, 255, 255, 255), (16, 18, 24, 168)


class _Layer(NamedTuple):
    """One plane of the pill: what is added, and how much of the frame stays."""

    added: NDArray[np.uint16]
    stays: NDArray[np.uint16]
    x_px: int
    y_px: int


class Watermark:
    """A pill in the corner where the least happens, ready to be stamped on frames."""

    def __init__(self, order: ClipOrder, size_px: tuple[int, int], detail: Floats | None) -> None:
        pill = _pill(order, size_px)
        x, y = _corner(size_px, pill.size, detail)
        rgba = np.asarray(pill, dtype=np.float32) / 255
        alpha = rgba[..., 3]
        y_plane, u_plane, v_plane = yuv_from_rgb(rgba[..., :3])
        half = halved(alpha)
        self._layers = (
            _layer(y_plane, alpha, x, y),
            _layer(halved(u_plane), half, x // 2, y // 2),
            _layer(halved(v_plane), half, x // 2, y // 2),
        )

    def stamp(self, planes: Planes) -> None:
        """Lay the pill over a frame, in place."""
        for plane, layer in zip(planes, self._layers, strict=True):
            height, width = layer.stays.shape
            patch = plane[layer.y_px : layer.y_px + height, layer.x_px : layer.x_px + width]
            patch[:] = (patch * layer.stays + layer.added) >> 8


def _pill(order: ClipOrder, size_px: tuple[int, int]) -> Image.Image:
    width_px, height_px = size_px
    letter_px = max(9, round(min(height_px, width_px) / 32))
    for text in (f"SANDBOX · {order.name} · {order.mark}", f"SANDBOX · {order.mark}", "SANDBOX"):
        font = typeface(letter_px * _SMOOTH)
        wide = font.getlength(text) / _SMOOTH + 1.5 * letter_px
        if wide <= width_px * _WIDEST_SHARE:
            break
    width, height = 2 * round(wide / 2), 2 * round(letter_px * 1.75 / 2)
    large = Image.new("RGBA", (width * _SMOOTH, height * _SMOOTH), (*_GROUND[:3], 0))
    draw = ImageDraw.Draw(large)
    draw.rounded_rectangle((0, 0, large.width - 1, large.height - 1), large.height / 2, _GROUND)
    ink = Image.new("L", large.size, 0)
    ImageDraw.Draw(ink).text((large.width / 2, large.height / 2), text, 255, font, anchor="mm")
    large.paste(_INK, mask=ink)
    return large.resize((width, height), Image.Resampling.BOX)


def _corner(
    size_px: tuple[int, int], pill_px: tuple[int, int], detail: Floats | None
) -> tuple[int, int]:
    """Return the pill's place: bottom left, or the corner with the least of the subject in it."""
    margin = 2 * max(2, round(min(size_px) / 60))
    right, bottom = (size - pill - margin for size, pill in zip(size_px, pill_px, strict=True))
    corners = [(margin, bottom), (right, bottom), (margin, margin), (right, margin)]
    if detail is not None:
        busy = [_busy(detail, corner, pill_px, size_px) for corner in corners]
        if min(busy) < busy[0] - 0.02:
            return corners[busy.index(min(busy))]
    return corners[0]


def _busy(
    detail: Floats, corner: tuple[int, int], pill_px: tuple[int, int], size_px: tuple[int, int]
) -> float:
    rows, columns = detail.shape
    x0, y0 = corner[0] * columns // size_px[0], corner[1] * rows // size_px[1]
    x1 = (corner[0] + pill_px[0]) * columns // size_px[0] + 1
    y1 = (corner[1] + pill_px[1]) * rows // size_px[1] + 1
    return float(detail[y0:y1, x0:x1].mean())


def _layer(plane: Floats, alpha: Floats, x_px: int, y_px: int) -> _Layer:
    added = np.rint(plane * alpha * 256).astype(np.uint16)
    return _Layer(added, np.rint((1 - alpha) * 256).astype(np.uint16), x_px, y_px)

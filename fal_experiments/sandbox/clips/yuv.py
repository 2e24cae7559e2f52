"""Pictures as YUV 4:2:0 planes, BT.709 in limited range: what the encoder takes without a copy."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes2D = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722  # ITU-R BT.709-6, item 3.2


class Planes(NamedTuple):
    """Luma at full size, both chroma planes at half."""

    y: Bytes2D
    u: Bytes2D
    v: Bytes2D


def yuv_from_rgb(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """Return Y, U, V (16 to 235, 16 to 240) of red, green, blue from 0 to 1 in the last axis."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = _RED * red + _GREEN * green + _BLUE * blue
    return (
        (16 + 219 * luma).astype(np.float32),
        (128 + 112 * (blue - luma) / (1 - _BLUE)).astype(np.float32),
        (128 + 112 * (red - luma) / (1 - _RED)).astype(np.float32),
    )


def planes_from_image(image: Image.Image) -> Planes:
    """Return an RGB picture of even width and height as planes."""
    y, u, v = yuv_from_rgb(np.asarray(image, dtype=np.float32) / 255)
    return Planes(whole_bytes(y), whole_bytes(halved(u)), whole_bytes(halved(v)))


def halved(plane: Floats) -> Floats:
    """Return a plane at half the size: the mean of each two by two."""
    height, width = plane.shape
    return np.asarray(plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)))


def whole_bytes(plane: Floats) -> Bytes2D:
    """Return a plane rounded to bytes."""
    return np.asarray(np.clip(plane + 0.5, 0, 255), dtype=np.uint8)

"""Whether the figure of a clip is still that of the picture it began from: outline and colours."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.media.sprite.ground import Masks, figures, ground_of
from fal_experiments.media.sprite.kept import SMALL_WIDTH_PX, Pixels

ROWS, COLUMNS = 72, 72
LEVELS_BITS = 3
WORST_SHARE = 0.1


class Anchor(NamedTuple):
    """What is known of the picture that the clip began from."""

    outline: NDArray[np.bool_]
    colours: NDArray[np.float64]


def anchor_of(picture: Image.Image) -> Anchor | str:
    """Return the figure of a picture, or why there is none to compare with."""
    width = min(SMALL_WIDTH_PX, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    if min(width, height) < 8:
        return "the anchor is too small"
    pixels = np.asarray(picture.resize((width, height), Image.Resampling.BOX))[None]
    masks = figures(pixels, ground_of(pixels, None, None))
    if isinstance(masks, str):
        return f"in the anchor, {masks}"
    return Anchor(_outline(masks[0]), _colours(pixels[0][masks[0]]))


def likeness(small: Pixels, masks: Masks, anchor: Anchor) -> tuple[float, float]:
    """Return how far outline (usual frame) and colours (worst tenth) are those of the anchor."""
    shapes, colours = [], []
    for picture, mask in zip(small, masks, strict=True):
        outline = _outline(mask)
        shapes.append((outline & anchor.outline).sum() / (outline | anchor.outline).sum())
        colours.append(float(np.minimum(_colours(picture[mask]), anchor.colours).sum()))
    return float(np.median(shapes)), float(np.quantile(colours, WORST_SHARE))


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the figure at one height, standing in the middle: size and place do not count."""
    rows = np.flatnonzero(mask.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    middle = float((mask.sum(axis=0) * np.arange(mask.shape[1])).sum() / mask.sum()) + 0.5
    half = (bottom - top) * COLUMNS / ROWS / 2
    scaled = Image.fromarray(mask.astype(np.uint8) * 255).transform(
        (COLUMNS, ROWS),
        Image.Transform.EXTENT,
        (middle - half, top, middle + half, bottom),
        Image.Resampling.BILINEAR,
    )
    outline: NDArray[np.bool_] = np.asarray(scaled) > 127
    return outline


def _colours(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the shares of colours; each pixel is spread over the cells next to it.

    Else a colour at the edge of a cell would be another one after the least change.
    """
    cells = 1 << LEVELS_BITS
    at = pixels.astype(np.float64) / 256 * cells - 0.5
    low = np.floor(at).astype(np.int64)
    part = at - low
    shares = np.zeros(cells**3)
    for corner in range(8):
        up = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1])
        weight = np.where(up, part, 1 - part).prod(axis=1)
        place = np.clip(low + up, 0, cells - 1) @ np.array([cells**2, cells, 1])
        shares += np.bincount(place, weight, minlength=cells**3)
    return shares / max(1, len(pixels))

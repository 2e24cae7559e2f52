"""Cuts a figure out of a flat ground: real alpha at its edge, and none of the ground's colour."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fal_experiments.media.sprite.ground import Floats, away_from
from fal_experiments.media.sprite.kept import Pixels
from fal_experiments.media.sprite.regions import Mask, figure_of, painted, regions_of

EDGE_PX = 2
"""How far on either side of the outline a pixel may be partly ground: chroma is coarse."""
REACH_PX = 2
"""How far from a pixel at its edge the figure's own colour is looked for."""
HOLE_SHARE = 0.0004
"""Of the figure's area: what is smaller, and ground all round closed in, is a highlight."""
HOLE_LEVELS, HOLE_PART = 6.0, 0.25
"""A gap through which the ground shows has so much of its area so near to the key."""
CLEAR = 10
"""Of 255: less is not seen, and would only make the frame larger."""
COLOURFUL = 60.0
"""Levels between the channels of a key that spills: green and blue plates, not grey ones."""
SPILL_PX = 6


class Cutout(NamedTuple):
    """A figure with alpha, trimmed, and where its corner lies in the frame."""

    pixels: Pixels
    """Row, column, red green blue alpha."""
    left_px: int
    top_px: int


def cut_out(picture: Image.Image, key: Floats, tolerance: float, near: Mask) -> Cutout | None:
    """Return the figure of a frame; None when nothing is left.

    Args:
        near: where the figure was found in the small picture of the frame.
    """
    rgb = np.asarray(picture)
    solid = _solid(rgb, key, tolerance, _widened(near, picture.size))
    if solid is None:
        return None
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    margin = EDGE_PX + 2
    top, left = max(0, int(rows[0]) - margin), max(0, int(columns[0]) - margin)
    box = np.s_[top : int(rows[-1]) + 1 + margin, left : int(columns[-1]) + 1 + margin]
    pixels = _keyed(rgb[box].astype(np.float32), solid[box], key, tolerance)
    return _trimmed(pixels, left, top)


def whole(picture: Image.Image) -> Cutout:
    """Return a frame as it is, opaque."""
    return Cutout(np.asarray(picture.convert("RGBA")), 0, 0)


def _widened(near: Mask, size_px: tuple[int, int]) -> Mask:
    small = Image.fromarray(near.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(7))
    widened: Mask = np.asarray(small.resize(size_px, Image.Resampling.NEAREST)) > 0
    return widened


def _solid(rgb: Pixels, key: Floats, tolerance: float, near: Mask) -> Mask | None:
    """Return what is figure for sure: not ground, or closed in and no real gap."""
    off = away_from(rgb, key)
    unlike = (off > tolerance) & near
    figure = figure_of(unlike)
    if figure is None:
        return None
    inside = regions_of(~figure)
    near_key = off <= max(HOLE_LEVELS, tolerance / 2)
    sums = np.pad(np.cumsum(near_key, axis=1, dtype=np.int64), ((0, 0), (1, 0)))
    runs = sums[inside.rows, inside.ends] - sums[inside.rows, inside.starts]
    parts = np.bincount(inside.of, runs, minlength=len(inside.areas)) / inside.areas
    rows, columns = figure.shape
    boxes = inside.boxes
    outer = (boxes[:, 0] == 0) | (boxes[:, 1] == 0)
    outer |= (boxes[:, 2] == columns) | (boxes[:, 3] == rows)
    gaps = (parts >= HOLE_PART) & (inside.areas >= HOLE_SHARE * float(figure.sum()))
    return figure | painted(inside, ~(outer | gaps), (rows, columns))


def _keyed(rgb: Floats, solid: Mask, key: Floats, tolerance: float) -> Pixels:
    """Return red, green, blue and alpha.

    A pixel at the edge is a mixture of ground and figure. The figure's colour is that of the pixel
    nearby which is least like the ground; how far the pixel is on the way to that colour is its
    alpha, and the ground's share is taken out of its own.
    """
    core, inner, outer = (_grown(solid, px) for px in (-EDGE_PX, 1 - EDGE_PX, EDGE_PX))
    away = np.sqrt(((rgb - key) ** 2).sum(axis=2))
    # On the inner side of an outline its dark line is no part of what lies within.
    deep, own_deep = _furthest(rgb, np.where(core, away, 0))
    near, own_near = _furthest(rgb, away)
    is_deep = inner & (deep > away)
    most = np.where(inner, np.where(is_deep, deep, away), near)
    own = np.where(inner[..., None], np.where(is_deep[..., None], own_deep, rgb), own_near)
    # Only the way towards the figure's colour counts: codecs overshoot the other way at edges.
    along = ((rgb - key) * (own - key)).sum(axis=2) / np.maximum(most, 1)
    # What is no further away than noise is ground; what is as far as can be is figure.
    alpha = np.clip((along - tolerance / 4) / np.maximum(most - tolerance / 4, 1), 0, 1)
    alpha = np.where(core, 1, np.where(outer & (most > tolerance), alpha, 0))
    share = alpha[..., None]
    unmixed = np.clip((rgb - (1 - share) * key) / np.maximum(share, 0.1), 0, 255)
    colour = np.where(core[..., None], rgb, share * unmixed + (1 - share) * own)
    rim = _grown(solid, SPILL_PX) & ~_grown(solid, -SPILL_PX)
    colour = _without_spill(colour.astype(np.float32), key, rim)
    colour = np.where(outer[..., None], colour, 0)
    return np.dstack([np.rint(colour), np.rint(alpha * 255)]).astype(np.uint8)


def _furthest(rgb: Floats, away: Floats) -> tuple[Floats, Floats]:
    """Return, of the pixels around each pixel, how far the furthest is, and its colour."""
    rows, columns = away.shape
    wide = np.pad(away, REACH_PX)
    colours = np.pad(rgb, ((REACH_PX, REACH_PX), (REACH_PX, REACH_PX), (0, 0)))
    most, own = away.copy(), rgb.copy()
    for down in range(2 * REACH_PX + 1):
        for right in range(2 * REACH_PX + 1):
            there = wide[down : down + rows, right : right + columns]
            further = there > most
            most[further] = there[further]
            own[further] = colours[down : down + rows, right : right + columns][further]
    return most, own


def _grown(mask: Mask, px: int) -> Mask:
    """Return a mask grown by so many pixels, or shrunk by as many below 0."""
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    size = 2 * abs(px) + 1
    how = ImageFilter.MaxFilter(size) if px > 0 else ImageFilter.MinFilter(size)
    grown: Mask = np.asarray(image.filter(how)) > 0
    return grown


def _without_spill(colour: Floats, key: Floats, rim: Mask) -> Floats:
    """Take the glow of a colourful ground off the rim; a grey one leaves none."""
    if float(key.max() - key.min()) < COLOURFUL:
        return colour
    strong = int(key.argmax())
    others = [channel for channel in range(3) if channel != strong]
    limit = colour[..., others].max(axis=2)
    spilt = colour.copy()
    spilt[..., strong] = np.where(rim, np.minimum(colour[..., strong], limit), colour[..., strong])
    return spilt


def _trimmed(pixels: Pixels, left: int, top: int) -> Cutout | None:
    shown = pixels[..., 3] >= CLEAR
    if not shown.any():
        return None
    pixels[~shown, 3] = 0
    rows: NDArray[np.int64] = np.flatnonzero(shown.any(axis=1))
    columns: NDArray[np.int64] = np.flatnonzero(shown.any(axis=0))
    cut = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Cutout(cut, left + int(columns[0]), top + int(rows[0]))

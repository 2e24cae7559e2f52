"""What stands behind the subject of a picture, judged by its border: flat, gradient, or worse.

Video models take a checkerboard behind a sprite for a floor or a room, and a busy plate drifts
with the camera; a flat one stays. The border is where such a plate shows its ground, so only
square patches along the four sides are looked at, at full resolution: a picture made smaller
would average the very patterns away that are looked for.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.core.inputs import Background
from fal_experiments.media.still import opaque_rgb

Floats = NDArray[np.float32]

PATCH_PX = 128
"""Room for two tiles of 64 px each way, the largest that drawing programs show."""

MOST_ALONG = 7
"""Patches along one side; those of a 1280 × 720 plate cover 70 % of its border."""

PATTERN_SHARE = 0.5
"""So many patches must show the pattern; a figure may hide it in the others."""

OPPOSITE = 0.55
"""How far a patch must agree with itself moved by two tiles, or disagree moved by one; 1 is a
perfect pattern, noise gives 0. Photographs of pavement stay below 0.4 on one of the axes."""

LEAST_CONTRAST = 4.0
"""Levels of 255 between light and dark tiles. The faintest guides in use differ by 8, the dither
of a flat area by 1."""

STRIPES_PX = 4
"""Lines that alternate every 1 to 4 px are a guide of pixels; wider ones are a picture of stripes,
and `busy`."""

CALM = 10.0
"""Standard deviation within a block, in levels: JPEG at quality 30 and film grain give 3 to 8."""

OFF = 8.0
"""How many levels a block may be away from the smooth surface that fits the border best."""

SMOOTH_SHARE = 0.8
"""So many blocks must be calm and on the surface; feet or a sword may touch the border."""

FLAT_RANGE = 16.0
"""Levels between the darkest and the lightest place of that surface: 6 % are not seen as shading,
and are what a vignette of a flat studio plate has."""


class _Border(NamedTuple):
    """Patches along the border, outer edge first, and where each lies, from -1 to 1."""

    pixels: Floats
    """Patch, row, column, channel."""
    corners: Floats
    """Patch, then x and y of its first pixel."""
    step: tuple[float, float]
    """How far a pixel is from the next one in x and in y."""
    depth_px: int
    """How deep the border is where a subject must not be mistaken for ground."""


def backdrop_of(picture: Image.Image) -> Background:
    """Return what the border of a picture shows; what is clear counts as one grey.

    `checkerboard`: two tones that alternate, in tiles of 1 to 64 px or in lines of 1 to 4.
    `flat`: one colour, noise and a faint vignette included. `gradient`: colours that change as a
    smooth surface does, of second order or a cone. `busy`: anything else.
    """
    border = _border(picture)
    if _alternates(border.pixels):
        return "checkerboard"
    share, span = _smoothness(border)
    if share < SMOOTH_SHARE:
        return "busy"
    return "flat" if span <= FLAT_RANGE else "gradient"


def _border(picture: Image.Image) -> _Border:
    width, height = picture.size
    side = max(1, min(PATCH_PX, width, height))
    across, down = _places(width, side), _places(height, side)
    ring = [(x, y) for y in (0, height - side) for x in across]
    ring += [(x, y) for x in (0, width - side) for y in down[1:-1]]
    places = list(dict.fromkeys(ring))
    patches = [opaque_rgb(picture.crop((x, y, x + side, y + side))) for x, y in places]
    pixels = np.stack([np.asarray(patch, np.float32) for patch in patches])
    step = (2 / max(1, width - 1), 2 / max(1, height - 1))
    corners = np.array(places, np.float32) * np.array(step, np.float32) - 1
    depth_px = max(side // 8, 1, min(side // 2, min(width, height) // 8))
    return _Border(pixels, corners, step, depth_px)


def _places(length: int, side: int) -> list[int]:
    count = min(MOST_ALONG, max(2, -(-length // side)))
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


def _alternates(pixels: Floats) -> bool:
    """Tell whether most patches are the same pattern of two tones."""
    luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    means = luma.mean(axis=(1, 2), keepdims=True)
    light = luma > means
    signs = np.where(light, np.float32(1), np.float32(-1))
    lit = light.sum(axis=(1, 2))
    total, lit_total = luma.sum(axis=(1, 2)), (luma * light).sum(axis=(1, 2))
    dark = light[0].size - lit
    contrast = lit_total / np.maximum(lit, 1) - (total - lit_total) / np.maximum(dark, 1)
    rows = _self_likeness(signs)
    columns = _self_likeness(signs.transpose(0, 2, 1))
    found = [
        tile
        for patch in np.flatnonzero(contrast >= LEAST_CONTRAST)
        if (tile := _tile(signs[patch], rows[patch], columns[patch]))
    ]
    if not found:
        return False
    usual = float(np.median(found))
    alike = sum(abs(tile - usual) <= max(1.0, usual / 6) for tile in found)
    return alike >= PATTERN_SHARE * len(pixels)


def _self_likeness(signs: Floats) -> Floats:
    """Return how far each patch is like itself moved by 0, 1, 2, … columns, from -1 to 1.

    Every fourth row is enough, and says the same as all.
    """
    some = signs[:, ::4]
    length = some.shape[2]
    spectrum = np.fft.rfft(some, 2 * length, axis=2)
    energy = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    moved = np.fft.irfft(energy, axis=1)[:, : length // 2 + 1]
    likeness: Floats = (moved / (length - np.arange(length // 2 + 1))).astype(np.float32)
    return likeness


def _tile(signs: Floats, rows: Floats, columns: Floats) -> int:
    """Return the size of the tiles of a patch, or the width of its lines; 0 for no pattern."""
    across, down = _opposite(rows), _opposite(columns)
    if across and down:
        both = float((signs[down:, across:] * signs[:-down, :-across]).mean())
        is_square = abs(across - down) <= max(1, max(across, down) / 4)
        return round((across + down) / 2) if is_square and both >= OPPOSITE else 0
    lines, along = (across, columns) if across else (down, rows)
    return lines if 0 < lines <= STRIPES_PX and along.min() >= OPPOSITE else 0


def _opposite(likeness: Floats) -> int:
    """Return the least move after which a patch is its own opposite, and after twice that itself.

    0 when there is none. Of a patch too small for twice the move, half the proof must do.
    """
    ends = np.flatnonzero(likeness <= -OPPOSITE)
    if not len(ends):
        return 0
    first = int(ends[0])
    while first + 1 < len(likeness) and likeness[first + 1] < likeness[first]:
        first += 1
    if 2 * first < len(likeness) and likeness[2 * first] < OPPOSITE:
        return 0
    return first


def _smoothness(border: _Border) -> tuple[float, float]:
    """Return the share of blocks on the smooth surface that fits best, and its span in levels."""
    means, spreads, x, y = _blocks(border)
    terms = [np.ones_like(x), x, y, x * x, x * y, y * y, np.hypot(x, y)]
    surface = np.stack(terms, axis=1)
    kept = spreads <= max(CALM, float(np.quantile(spreads, 0.5)))
    for _ in range(6):
        weights, *_ = np.linalg.lstsq(surface[kept], means[kept], rcond=None)
        off = np.abs(surface @ weights - means).max(axis=1)
        kept = off <= max(OFF, float(np.quantile(off, SMOOTH_SHARE)))
    good = (off <= OFF) & (spreads <= CALM)
    if not good.any():
        return 0.0, 0.0
    low, high = np.quantile((surface @ weights)[good], (0.01, 0.99), axis=0)
    return float(good.mean()), float((high - low).max())


def _blocks(border: _Border) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean colour, spread, x and y of the blocks of the border, eight along a patch."""
    count, side = border.pixels.shape[:2]
    block = max(1, side // 8)
    n = side // block
    cut = border.pixels[:, : n * block, : n * block]
    means = _means(cut, n, block)
    spreads = np.sqrt(np.maximum(_means(cut * cut, n, block) - means * means, 0)).max(axis=-1)
    middles = (np.arange(n, dtype=np.float32) + 0.5) * block
    x, y = (
        np.broadcast_to(
            border.corners[:, axis, None, None] + along * border.step[axis], (count, n, n)
        )
        for axis, along in enumerate((middles[None, None, :], middles[None, :, None]))
    )
    depth_px = np.minimum((1 - abs(x)) / border.step[0], (1 - abs(y)) / border.step[1])
    outer = depth_px <= border.depth_px
    return means[outer], spreads[outer], x[outer], y[outer]


def _means(pixels: Floats, n: int, block: int) -> Floats:
    count = len(pixels)
    rows = pixels.reshape(count, n, block, n * block * 3).sum(axis=2)
    sums: Floats = rows.reshape(count, n, n, block, 3).sum(axis=3)
    sums /= block**2
    return sums

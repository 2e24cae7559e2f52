"""Makes the picture that a walk cycle starts from: one figure on a flat, neutral ground, 16:9."""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from fal_experiments.core.inputs import Background
from fal_experiments.errors import BadInput
from fal_experiments.media.backdrop import backdrop_of
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia
from fal_experiments.media.sprite.cutout import cut_out
from fal_experiments.media.sprite.ground import away_from, figures, ground_of
from fal_experiments.media.sprite.kept import SMALL_WIDTH_PX, Pixels
from fal_experiments.media.still import read_still

PLATE_PX = (1280, 720)
NEUTRAL = (217, 214, 206)
"""A warm light grey: few figures have it, and no hue of it can spill on them."""

FEET_Y_PX = 645
TALLEST_PX, WIDEST_PX = 568, 1024
"""Room for a stride, a raised blade and a bob, so that nothing leaves the picture."""
ENLARGED = 1.5
CLEAR_SHARE = 0.2
"""So much of a picture must be clear for its alpha to tell where the figure is."""
ALIKE_LEVELS, ALIKE_SHARE = 14.0, 0.02


class Plate(NamedTuple):
    """The plate as PNG, what stood behind the figure before, and what a person should know."""

    png: bytes
    was: Background | None
    """None when the figure came with alpha."""
    warnings: tuple[str, ...]


def make_plate(path: Path, colour: tuple[int, int, int] | None, shown: str) -> Plate:
    """Return a 1280 × 720 plate with the figure of a picture, standing on a flat ground.

    Args:
        colour: of the ground; None: a neutral light grey.
        shown: what the file is called in errors.

    Raises: BadInput when it is no picture, or its figure cannot be told from what is behind it.
    """
    try:
        picture = read_still(path, Limits())
    except BadMedia as exc:
        raise BadInput(f"{shown}: {exc.reason}", fix="give a PNG, JPEG, WebP or AVIF file") from exc
    ImageOps.exif_transpose(picture, in_place=True)
    ground = colour or NEUTRAL
    figure, was = _figure(picture, shown)
    height, width = figure.shape[:2]
    scale = min(TALLEST_PX / height, WIDEST_PX / width)
    plate = _placed(figure, scale, ground)
    if backdrop_of(plate) != "flat":
        raise BadInput(
            f"{shown}: the figure reaches the border on the plate too",
            fix="cut it out by hand, with a clear ground, and try again",
        )
    output = io.BytesIO()
    plate.save(output, "PNG", optimize=True)
    return Plate(output.getvalue(), was, tuple(_warnings(figure, scale, ground, was)))


def _figure(picture: Image.Image, shown: str) -> tuple[Pixels, Background | None]:
    """Return the figure with alpha, trimmed, and what was behind it."""
    if picture.has_transparency_data:
        pixels = np.asarray(picture.convert("RGBA"))
        seen = pixels[..., 3] > 127
        if float(np.mean(~seen)) >= CLEAR_SHARE and seen.any():
            rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
            cut = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            return cut, None
    was = backdrop_of(picture)
    if was in {"checkerboard", "busy"}:
        raise BadInput(f"{shown}: {_WHY_NOT[was][0]}", fix=_WHY_NOT[was][1])
    rgb = picture.convert("RGB")
    width = min(SMALL_WIDTH_PX, rgb.width)
    size = (width, max(8, round(rgb.height * width / rgb.width)))
    small = np.asarray(rgb.resize(size, Image.Resampling.BOX))[None]
    ground = ground_of(small, None, None)
    masks = figures(small, ground)
    if isinstance(masks, str):
        raise BadInput(f"{shown}: {masks}", fix=_PLAIN)
    cut_figure = cut_out(rgb, ground.keys[0], ground.tolerance, masks[0])
    if cut_figure is None:
        raise BadInput(f"{shown}: the figure cannot be told from its ground", fix=_PLAIN)
    return cut_figure.pixels, was


_PLAIN = "give the figure on one colour, or with a clear ground"
_WHY_NOT: dict[str, tuple[str, str]] = {
    "checkerboard": (
        "a checkerboard stands behind the figure; video models take it for a floor or a room",
        "export the figure with real transparency: the checkerboard only stands for it",
    ),
    "busy": (
        "what stands behind the figure is a scene, and no plate can be made of it",
        "cut the figure out, and give it with a clear ground or on one colour",
    ),
}


def _placed(figure: Pixels, scale: float, colour: tuple[int, int, int]) -> Image.Image:
    """Return the figure on its ground, its feet on one line, its middle in the middle."""
    size = (max(1, round(figure.shape[1] * scale)), max(1, round(figure.shape[0] * scale)))
    layer = Image.fromarray(figure).resize(size, Image.Resampling.LANCZOS)
    plate = Image.new("RGBA", PLATE_PX, (*colour, 255))
    plate.alpha_composite(layer, ((PLATE_PX[0] - size[0]) // 2, FEET_Y_PX - size[1]))
    return plate.convert("RGB")


def _warnings(
    figure: Pixels, scale: float, colour: tuple[int, int, int], was: Background | None
) -> list[str]:
    found = []
    if was == "gradient":
        found.append("a gradient stood behind the figure: look at its edges before you use it")
    if scale > ENLARGED:
        found.append(
            f"the figure is only {figure.shape[0]} px tall and was enlarged {scale:.1f} times"
        )
    solid = figure[figure[..., 3] > 200][:, :3]
    alike = float((away_from(solid, np.array(colour, np.float32)) < ALIKE_LEVELS).mean())
    if len(solid) and alike > ALIKE_SHARE:
        found.append(
            f"{alike:.0%} of the figure has nearly the colour of the ground: choose another"
        )
    return found

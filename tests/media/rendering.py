"""Renders clips in the process of the test, and measures what came out."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageSequence

from fal_experiments.core.derived import Derived, Moving, Recipe
from fal_experiments.media.derive import derive_file
from fal_experiments.media.limits import Limits

SHA = "ab" * 32
LIMITS = Limits()
SMALL = Recipe(sheet_columns=4, sheet_rows=2, tile_width_px=64, gif=Moving(width_px=64))


def derive(clip: Path, folder: Path, recipe: Recipe = SMALL, limits: Limits = LIMITS) -> Derived:
    """Render a clip in this process."""
    return derive_file(clip, folder, SHA, recipe, limits)


def gif_delays_cs(path: Path) -> list[int]:
    """Return how long each frame of a GIF stays, in 1/100 s, as Pillow reads it."""
    with Image.open(path) as gif:
        return [round(frame.info["duration"] / 10) for frame in ImageSequence.Iterator(gif)]


def middle_grey(pixels: Any) -> float:
    """Return the mean grey of the middle of a picture, where no label stands."""
    height, width = pixels.shape[:2]
    return float(pixels[height // 4 : height // 2, width // 3 : width * 2 // 3].mean())

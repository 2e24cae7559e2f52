"""What is made from one clip: measured facts, poster, contact sheet, GIF. Recipes are data."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from fal_experiments.core.model import Record, Whole

RECIPE_VERSION = 1
"""Raised whenever the same recipe would give other pictures."""


class Recipe(Record):
    """How a clip becomes pictures. Widths are pixels; heights follow the clip's shape."""

    sheet_columns: Annotated[Whole, Field(ge=1, le=12)] = 4
    sheet_rows: Annotated[Whole, Field(ge=1, le=12)] = 4
    tile_width_px: Annotated[Whole, Field(ge=64, le=1280)] = 320
    gif_width_px: Annotated[Whole, Field(ge=64, le=1280)] = 320
    gif_fps: Annotated[Whole, Field(ge=1, le=50)] = 12
    poster_width_px: Annotated[Whole, Field(ge=64, le=3840)] = 960

    @property
    def tiles(self) -> int:
        """Number of frames on the sheet."""
        return self.sheet_columns * self.sheet_rows


class Probe(Record):
    """What a clip is, measured by decoding it, whatever its header or the provider says."""

    width_px: int
    height_px: int
    fps: Decimal
    """Frames per second: (frames - 1) ÷ (time of last frame - time of first)."""
    frames: int
    duration_s: Decimal
    has_audio: bool
    video_codec: str
    audio_codec: str | None = None
    pixel_format: str
    size_bytes: int


class Picture(Record):
    """An image file beside the clip."""

    file: str
    width_px: int
    height_px: int
    size_bytes: int


class Sheet(Record):
    """A contact sheet and the time of each of its tiles, left to right, top to bottom."""

    picture: Picture
    columns: int
    rows: int
    tile_width_px: int
    tile_height_px: int
    times_s: tuple[Decimal, ...]


class Derived(Record):
    """Everything made from one asset with one recipe, or why nothing could be made."""

    v: Literal[1] = 1
    asset_sha256: str
    recipe: Recipe
    recipe_version: int = RECIPE_VERSION
    failed: str | None = None
    """Why the clip could not be rendered; the other fields are then None."""
    probe: Probe | None = None
    poster: Picture | None = None
    sheet: Sheet | None = None
    gif: Picture | None = None

    def is_of(self, asset_sha256: str, recipe: Recipe) -> bool:
        """Tell whether this can stand for rendering that asset with that recipe again."""
        wanted = (asset_sha256, recipe, RECIPE_VERSION)
        return self.failed is None and wanted == (
            self.asset_sha256,
            self.recipe,
            self.recipe_version,
        )

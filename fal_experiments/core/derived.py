"""What is made from one clip: facts, poster, contact sheet, previews. Recipes are data."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from fal_experiments.core.measures import Measures
from fal_experiments.core.model import Record, Whole

RECIPE_VERSION = 2
"""Raised whenever the same recipe would give other pictures."""

Sampling = Literal["uniform", "scenes"]
"""`scenes`: each scene has a share of the tiles, and its first frame is one of them."""
SheetFormat = Literal["jpeg", "webp", "png"]
MOST_BARS = 200
"""Of a waveform: more than that is finer than a person sees below a clip."""
Part = Literal["poster", "sheet", "gif", "webp", "proxy"]
PARTS: tuple[Part, ...] = ("poster", "sheet", "gif", "webp", "proxy")


class Moving(Record):
    """A moving preview: its width, and how many frames it shows in a second at most."""

    width_px: Annotated[Whole, Field(ge=64, le=1280)] = 320
    fps: Annotated[Whole, Field(ge=1, le=50)] = 12


class Recipe(Record):
    """How a clip becomes pictures. Widths are pixels; heights follow the clip's shape.

    What is None is not made. No picture is ever larger than its clip.
    """

    sheet_columns: Annotated[Whole, Field(ge=1, le=12)] = 4
    sheet_rows: Annotated[Whole, Field(ge=1, le=12)] = 4
    tile_width_px: Annotated[Whole, Field(ge=64, le=1280)] = 320
    sampling: Sampling = "uniform"
    sheet_format: SheetFormat = "jpeg"
    sheet_quality: Annotated[Whole, Field(ge=1, le=100)] = 85
    """Of JPEG and WebP; PNG keeps every pixel."""
    poster_width_px: Annotated[Whole, Field(ge=64, le=3840)] = 960
    gif: Moving | None = Moving()
    webp: Moving | None = None
    proxy_height_px: Annotated[Whole, Field(ge=64, le=1080)] | None = None
    """Of a small MP4 with many key frames, for scrubbing."""
    loop_s: tuple[Decimal, Decimal] | None = None
    """GIF and WebP show this part of the clip only: from, and up to but without."""

    @property
    def tiles(self) -> int:
        """Number of frames on the sheet."""
        return self.sheet_columns * self.sheet_rows

    def of(self, part: Part) -> tuple[object, ...]:
        """Return all that decides how a part looks; equal values give equal pictures."""
        match part:
            case "poster":
                return (self.poster_width_px,)
            case "sheet":
                grid = (self.sheet_columns, self.sheet_rows, self.tile_width_px, self.sampling)
                return (*grid, self.sheet_format, self.sheet_quality)
            case "proxy":
                return (self.proxy_height_px,)
            case moving:
                return (getattr(self, moving), self.loop_s)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that are made."""
        off = {
            "gif": self.gif is None,
            "webp": self.webp is None,
            "proxy": self.proxy_height_px is None,
        }
        return tuple(part for part in PARTS if not off.get(part))


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
    """An image file beside the clip, or a small film."""

    file: str
    width_px: int
    height_px: int
    size_bytes: int


class Sheet(Record):
    """A contact sheet and the time of each of its tiles, left to right, top to bottom.

    The left of the tile in column c is c × (tile_width_px + gap_px); tops go the same way.
    """

    picture: Picture
    columns: int
    rows: int
    tile_width_px: int
    tile_height_px: int
    gap_px: int = 4
    times_s: tuple[Decimal, ...]
    cuts_s: tuple[Decimal, ...] = ()
    """When scenes begin, without the first; looked for only when sampling by scenes."""


Bars = Annotated[
    tuple[int, ...],
    BeforeValidator(lambda value: value.split() if isinstance(value, str) else value),
    PlainSerializer(lambda bars: " ".join(map(str, bars)), when_used="json"),
]
"""Numbers that are written as text: one to a line they would take most of a record."""


class Derived(Record):
    """Everything made from one asset with one recipe, or why nothing could be made."""

    v: Literal[1] = 1
    asset_sha256: str
    recipe: Recipe
    recipe_version: int = RECIPE_VERSION
    failed: str | None = None
    """Why the clip could not be rendered; the other fields are then None."""
    damage: str | None = None
    """What is wrong with the clip, though its sound frames gave pictures and numbers."""
    probe: Probe | None = None
    measures: Measures | None = None
    waveform: Bars | None = None
    """Peaks of the loudest channel over the clip, 0 (−60 dBFS and below) to 100 (full scale).

    None without sound, and in records made before there were waveforms. Such a record still
    stands: a strip below a clip is not worth decoding a thousand clips again without being asked.
    It is filled in when the clip is opened again for another reason.
    """
    poster: Picture | None = None
    sheet: Sheet | None = None
    gif: Picture | None = None
    webp: Picture | None = None
    proxy: Picture | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_version_1(cls, value: Any) -> Any:
        """Read records of the first recipes, which had a GIF always and said so in two fields."""
        recipe = value.get("recipe") if isinstance(value, dict) else None
        if not isinstance(recipe, dict) or "gif_width_px" not in recipe:
            return value
        kept = {k: v for k, v in recipe.items() if k not in {"gif_width_px", "gif_fps"}}
        gif = {"width_px": recipe["gif_width_px"], "fps": recipe.get("gif_fps", 12)}
        return {**value, "recipe": {**kept, "gif": gif}}

    def is_of(self, asset_sha256: str, recipe: Recipe, anchor_sha256: str | None = None) -> bool:
        """Tell whether this can stand for rendering that asset with that recipe again.

        `anchor_sha256` is that of the picture which the clip started from.
        """
        wanted = (asset_sha256, recipe, RECIPE_VERSION)
        is_same = wanted == (self.asset_sha256, self.recipe, self.recipe_version)
        return is_same and self.measures_of(asset_sha256, anchor_sha256) is not None

    def measures_of(self, asset_sha256: str, anchor_sha256: str | None) -> Measures | None:
        """Return what was measured of that asset against that picture, if it still holds."""
        if self.failed is not None or self.asset_sha256 != asset_sha256 or self.measures is None:
            return None
        return self.measures if self.measures.is_of(anchor_sha256) else None

    def reusable(self, asset_sha256: str, recipe: Recipe) -> set[Part]:
        """Return the parts that rendering that asset with that recipe would make just so again."""
        if self.failed is not None or self.recipe_version != RECIPE_VERSION:
            return set()
        if self.asset_sha256 != asset_sha256:
            return set()
        return {part for part in recipe.parts if self.recipe.of(part) == recipe.of(part)}

    def picture_of(self, part: Part) -> Picture | None:
        """Return the file of a part, None where there is none."""
        if part == "sheet":
            return self.sheet.picture if self.sheet else None
        picture: Picture | None = getattr(self, part)
        return picture

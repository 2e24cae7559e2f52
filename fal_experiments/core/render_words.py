"""How a person writes a recipe, in a matrix and on the command line: `6x4`, `320px@12`, `360p`."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic import ValidationError as ModelError

from fal_experiments.core.derived import Moving, Recipe, Sampling, SheetFormat
from fal_experiments.core.model import Record
from fal_experiments.errors import BadInput

OFF, ON = "off", "on"
PROXY_HEIGHT_PX = 360
FORMATS: tuple[SheetFormat, ...] = get_args(SheetFormat)

_GRID = re.compile(r"(\d{1,2})[x×](\d{1,2})")
_WIDTH = re.compile(r"(\d{1,5})px")
_MOVING = re.compile(r"(\d{1,5})px(?:@(\d{1,3}))?")
_LINES = re.compile(r"(\d{1,5})p")
_FORMAT = re.compile(r"(jpeg|webp|png)(?:@(\d{1,3}))?")


def grid_of(words: str) -> tuple[int, int]:
    """Return columns and rows of `6x4`. Raises: ValueError."""
    found = _GRID.fullmatch(words)
    if found is None or not all(1 <= int(part) <= 12 for part in found.groups()):
        raise ValueError(f"{words!r} is not a grid such as 6x4: columns × rows, each from 1 to 12")
    return int(found[1]), int(found[2])


def width_of(words: str, most_px: int) -> int:
    """Return the pixels of `320px`, 64 to `most_px`. Raises: ValueError."""
    found = _WIDTH.fullmatch(words)
    if found is None or not 64 <= int(found[1]) <= most_px:
        raise ValueError(f"{words!r} is not a width such as 320px: from 64px to {most_px}px")
    return int(found[1])


def moving_of(words: str) -> Moving | None:
    """Return width and rate of `320px@12` or `320px`; None for `off`. Raises: ValueError."""
    if words in {OFF, ON}:
        return Moving() if words == ON else None
    found = _MOVING.fullmatch(words)
    fps = int(found[2] or Moving().fps) if found else 0
    if found is None or not (64 <= int(found[1]) <= 1280 and 1 <= fps <= 50):
        raise ValueError(
            f"{words!r} is not a preview such as 320px@12: width from 64px to 1280px @ 1 to 50 "
            f"frames a second; or {OFF}"
        )
    return Moving(width_px=int(found[1]), fps=fps)


def proxy_of(words: str) -> int | None:
    """Return the lines of `360p`; None for `off`. Raises: ValueError."""
    if words in {OFF, ON}:
        return PROXY_HEIGHT_PX if words == ON else None
    found = _LINES.fullmatch(words)
    if found is None or not 64 <= int(found[1]) <= 1080:
        raise ValueError(f"{words!r} is not a height such as 360p: from 64p to 1080p; or {OFF}")
    return int(found[1])


def format_of(words: str) -> tuple[SheetFormat, int]:
    """Return format and quality of `webp@80` or `png`. Raises: ValueError."""
    found = _FORMAT.fullmatch(words)
    quality = int(found[2] or Recipe().sheet_quality) if found else 0
    if found is None or not 1 <= quality <= 100:
        raise ValueError(
            f"{words!r} is not a format such as webp@80: {', '.join(FORMATS)}, and @ a quality "
            "from 1 to 100"
        )
    return next(name for name in FORMATS if name == found[1]), quality


def _truth_as_word(value: Any) -> Any:
    """Take `gif: false` for `gif: "off"`: YAML readers do not agree on a bare off."""
    return {True: ON, False: OFF}[value] if isinstance(value, bool) else value


def _read_by(read: Callable[[str], object]) -> AfterValidator:
    def check(words: str) -> str:
        read(words)
        return words

    return AfterValidator(check)


_Switchable = WithJsonSchema({"type": ["string", "boolean"]})
Grid = Annotated[str, _read_by(grid_of), Field(json_schema_extra={"pattern": _GRID.pattern})]
Preview = Annotated[str, BeforeValidator(_truth_as_word), _read_by(moving_of), _Switchable]
Proxy = Annotated[str, BeforeValidator(_truth_as_word), _read_by(proxy_of), _Switchable]
Format = Annotated[str, _read_by(format_of)]
TileWidth = Annotated[str, _read_by(lambda words: width_of(words, 1280))]
PosterWidth = Annotated[str, _read_by(lambda words: width_of(words, 3840))]


class RenderWords(Record):
    """What a person wants of the pictures; what is not said stays as it is."""

    sheet: Grid | None = None
    """Columns × rows of the contact sheet: `6x4`."""
    tile: TileWidth | None = None
    """Width of a tile of it: `320px`."""
    sampling: Sampling | None = None
    format: Format | None = None
    """Of the contact sheet: `jpeg@85`, `webp@80`, `png`."""
    poster: PosterWidth | None = None
    gif: Preview | None = None
    """`320px@12`, or false."""
    webp: Preview | None = None
    proxy: Proxy | None = None
    """Height of a small MP4 for scrubbing: `360p`, or false."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing at all is said."""
        return not self.model_dump(exclude_none=True)

    def over(self, recipe: Recipe) -> Recipe:
        """Return a recipe with what is said here in the place of what it has."""
        changed: dict[str, object] = {}
        if self.sheet is not None:
            changed["sheet_columns"], changed["sheet_rows"] = grid_of(self.sheet)
        if self.tile is not None:
            changed["tile_width_px"] = width_of(self.tile, 1280)
        if self.sampling is not None:
            changed["sampling"] = self.sampling
        if self.format is not None:
            changed["sheet_format"], changed["sheet_quality"] = format_of(self.format)
        if self.poster is not None:
            changed["poster_width_px"] = width_of(self.poster, 3840)
        if self.gif is not None:
            changed["gif"] = moving_of(self.gif)
        if self.webp is not None:
            changed["webp"] = moving_of(self.webp)
        if self.proxy is not None:
            changed["proxy_height_px"] = proxy_of(self.proxy)
        return recipe.model_copy(update=changed)


def read_options(options: Mapping[str, str | None]) -> RenderWords:
    """Return what the options of a command say. Raises: BadInput that names the option."""
    try:
        return RenderWords.model_validate(dict(options))
    except ModelError as exc:
        lines = [_explained(error) for error in exc.errors()]
        raise BadInput("\n".join(lines), fix="see `fal-exp render --help`") from exc


def _explained(error: Any) -> str:
    option = f"--{error['loc'][0]}"
    if error["type"] == "literal_error":
        return f"{option}: expected {error['ctx']['expected']}, found {error['input']!r}"
    return f"{option}: {error['msg'].removeprefix('Value error, ')}"

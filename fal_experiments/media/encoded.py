"""The parts of a rendered clip as bytes: poster, contact sheet, GIF, WebP, scrubbing copy."""

import io
from typing import NamedTuple

from PIL import Image

from fal_experiments.core.derived import Moving, Part, Picture, Recipe, Sheet
from fal_experiments.media.contact_sheet import Tile, draw_sheet, gap_of_px
from fal_experiments.media.gif import cues, encode_gif
from fal_experiments.media.one_pass import OnePass
from fal_experiments.media.rendered import GIF, POSTER, PROXY, SHEETS, WEBP
from fal_experiments.media.webp import encode_webp

POSTER_QUALITY = 88
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


class File(NamedTuple):
    """A picture, encoded."""

    data: bytes
    record: Picture


def encode_part(part: Part, seen: OnePass, recipe: Recipe) -> tuple[File, Picture | Sheet]:
    """Return the file of a part, and what a record says of it."""
    if part == "sheet":
        return _sheet(seen, recipe)
    file = _single(part, seen, recipe)
    return file, file.record


def _single(part: Part, seen: OnePass, recipe: Recipe) -> File:
    if part == "proxy":
        data, size_px = seen.proxy()
        return _file(PROXY, data, size_px)
    if part == "gif":
        frames = cues(seen.moving(recipe.gif or Moving()))
        data = encode_gif(frames, seen.loop_duration_s)
        return _file(GIF, data, frames[0].picture.size)
    if part == "webp":
        taken = seen.moving(recipe.webp or Moving())
        return _file(WEBP, encode_webp(taken, seen.loop_duration_s), taken[0].picture.size)
    return picture_file(POSTER, seen.poster, POSTER_QUALITY)


def _sheet(seen: OnePass, recipe: Recipe) -> tuple[File, Sheet]:
    tiles = [Tile(shot.picture, seen.since_start_s(shot)) for shot in seen.sheet]
    drawn = draw_sheet(tiles, recipe.sheet_columns)
    file = picture_file(SHEETS[recipe.sheet_format], drawn.picture, recipe.sheet_quality)
    width_px, height_px = tiles[0].picture.size
    sheet = Sheet(
        picture=file.record,
        columns=drawn.columns,
        rows=drawn.rows,
        tile_width_px=width_px,
        tile_height_px=height_px,
        gap_px=gap_of_px(width_px),
        times_s=tuple(tile.at_s for tile in tiles),
        cuts_s=seen.cuts_s,
    )
    return file, sheet


def picture_file(name: str, picture: Image.Image, quality: int) -> File:
    """Encode a picture in the format that its name's suffix tells."""
    output = io.BytesIO()
    picture.save(output, FORMATS[name[name.rindex(".") :]], quality=quality)
    return _file(name, output.getvalue(), picture.size)


def _file(name: str, data: bytes, size_px: tuple[int, int]) -> File:
    record = Picture(file=name, width_px=size_px[0], height_px=size_px[1], size_bytes=len(data))
    return File(data, record)

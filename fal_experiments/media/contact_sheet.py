"""Draws a contact sheet: tiles in a grid, each with its time in a corner."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from PIL import Image, ImageDraw

from fal_experiments.core.sheet import tile_origin_px, time_label
from fal_experiments.media.typeface import font

BACKGROUND = (39, 39, 42)
PILL = (0, 0, 0, 150)
INK = (255, 255, 255, 255)
OVERSAMPLING = 4
"""Pillow draws round corners without smoothing them; drawn larger and shrunk they are smooth."""


class Tile(NamedTuple):
    """One picture of a sheet and its time from the start of the clip."""

    picture: Image.Image
    at_s: Decimal


class DrawnSheet(NamedTuple):
    """A contact sheet and its grid; without empty rows or columns."""

    picture: Image.Image
    columns: int
    rows: int


def draw_sheet(tiles: Sequence[Tile], most_columns: int) -> DrawnSheet:
    """Return the sheet of at least one tile; all tiles have the size of the first."""
    width_px, height_px = tiles[0].picture.size
    columns = min(most_columns, len(tiles))
    rows = -(-len(tiles) // columns)
    gap_px = gap_of_px(width_px)
    size_px = (
        columns * (width_px + gap_px) - gap_px,
        rows * (height_px + gap_px) - gap_px,
    )
    sheet = Image.new("RGB", size_px, BACKGROUND)
    for index, tile in enumerate(tiles):
        origin_px = tile_origin_px(
            index,
            columns=columns,
            tile_width_px=width_px,
            tile_height_px=height_px,
            gap_px=gap_px,
        )
        sheet.paste(tile.picture, origin_px)
        label = _label(time_label(tile.at_s), width_px)
        inset_px = max(3, width_px // 53)
        # Watermarks, the sandbox's too, mostly stand on the left.
        corner_px = (
            origin_px[0] + width_px - label.width - inset_px,
            origin_px[1] + height_px - label.height - inset_px,
        )
        sheet.paste(label, corner_px, label)
    return DrawnSheet(sheet, columns, rows)


def gap_of_px(tile_width_px: int) -> int:
    """Return the space between tiles."""
    return max(2, round(tile_width_px / 80))


def _label(text: str, tile_width_px: int) -> Image.Image:
    """Return a time as white letters on a dark pill that lets the picture shine through."""
    font_px = max(11, round(tile_width_px / 20))
    face = font(font_px, "Semibold")
    left_px, _, right_px, _ = face.getbbox(text)
    width_px = round(right_px - left_px + font_px * 0.9)
    height_px = round(font_px * 1.3)
    large = Image.new("RGBA", (width_px * OVERSAMPLING, height_px * OVERSAMPLING))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1), radius=large.height * 0.32, fill=PILL
    )
    label = large.resize((width_px, height_px), Image.Resampling.BOX)
    # Digits have no descenders: centred on the height of a digit they look centred.
    _, top_px, _, bottom_px = face.getbbox("0", anchor="ls")
    baseline_px = round((height_px + bottom_px - top_px) / 2)
    ImageDraw.Draw(label).text((width_px / 2, baseline_px), text, font=face, fill=INK, anchor="ms")
    return label

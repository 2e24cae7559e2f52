"""A contact sheet has its tiles in their places, each with a label that can be read."""

from decimal import Decimal

import numpy as np
import pytest
from PIL import Image

from fal_experiments.media.contact_sheet import Tile, draw_sheet, gap_of_px
from tests.media.clips import pixels_of


def tiles(count: int, width_px: int, height_px: int, grey: int = 128) -> list[Tile]:
    """Return even tiles at 0, 1, 2 … seconds."""
    picture = Image.new("RGB", (width_px, height_px), (grey, grey, grey))
    return [Tile(picture, Decimal(index)) for index in range(count)]


def test_the_grid_has_gaps_between_tiles_and_none_around() -> None:
    drawn = draw_sheet(tiles(16, 320, 180), 4)

    gap_px = gap_of_px(320)
    assert drawn.picture.size == (4 * 320 + 3 * gap_px, 4 * 180 + 3 * gap_px)
    assert (drawn.columns, drawn.rows) == (4, 4)


def test_empty_rows_and_columns_are_left_away() -> None:
    assert draw_sheet(tiles(3, 80, 60), 4)[1:] == (3, 1)
    assert draw_sheet(tiles(6, 80, 60), 4)[1:] == (4, 2)


@pytest.mark.parametrize("width_px", [64, 160, 320, 640])
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_label_is_light_on_dark_and_inside_its_tile(width_px: int, grey: int) -> None:
    height_px = width_px * 9 // 16
    pixels = pixels_of(draw_sheet(tiles(1, width_px, height_px, grey), 4).picture).mean(axis=2)
    plain = np.full((height_px, width_px), float(grey))

    assert pixels.shape == plain.shape
    rows, columns = np.nonzero(np.abs(pixels - plain) > 1)
    corner = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert corner.max() > 225
    assert np.median(corner) < 128
    assert columns.min() > width_px * 0.3
    assert rows.min() >= height_px * 0.5


def test_each_label_tells_the_time_of_its_tile() -> None:
    one, other = (
        draw_sheet([Tile(Image.new("RGB", (160, 90)), Decimal(at_s))], 1).picture
        for at_s in ("1.25", "1.75")
    )

    assert one.tobytes() != other.tobytes()

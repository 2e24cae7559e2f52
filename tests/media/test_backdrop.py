"""The ground of a plate is told by its border, whatever stands before it."""

import pytest
from PIL import Image

from fal_experiments.media.backdrop import FLAT_RANGE, backdrop_of
from tests.media.drawn import (
    as_jpeg,
    bricks,
    checkerboard,
    clouds,
    flat,
    shaded,
    stripes,
    with_figure,
    with_grain,
)

COLOURS = [(255, 255, 255), (0, 0, 0), (200, 200, 200), (0, 177, 64), (255, 0, 255)]
GREYS = [(255, 204), (153, 102), (255, 240), (42, 30), (250, 242)]


@pytest.mark.parametrize("tall", [False, True], ids=["free", "on the border"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_plate_of_one_colour_is_flat_even_as_a_poor_jpeg(
    colour: tuple[int, int, int], tall: bool
) -> None:
    plate = with_figure(flat(colour), tall=tall)

    assert backdrop_of(plate) == "flat"
    assert backdrop_of(as_jpeg(plate, 30)) == "flat"


@pytest.mark.parametrize(("grain", "expected"), [(3, "flat"), (7, "flat"), (15, "busy")])
def test_the_grain_of_a_film_is_flat_and_that_of_a_wall_is_not(grain: int, expected: str) -> None:
    assert backdrop_of(with_grain(with_figure(flat((128, 128, 128))), grain)) == expected


@pytest.mark.parametrize("levels", GREYS)
@pytest.mark.parametrize("tile_px", [1, 2, 3, 8, 10, 16, 24, 32, 48, 64])
def test_a_pattern_that_means_clear_is_seen_at_any_size_and_contrast(
    tile_px: int, levels: tuple[int, int]
) -> None:
    assert backdrop_of(with_figure(checkerboard(tile_px, levels))) == "checkerboard"


@pytest.mark.parametrize("tile_px", [8, 16, 32, 48])
def test_a_pattern_survives_resizing_and_jpeg(tile_px: int) -> None:
    plate = with_figure(checkerboard(tile_px), tall=True).resize((512, 288))

    assert backdrop_of(as_jpeg(plate, 60)) == "checkerboard"


@pytest.mark.parametrize("tile_px", [8, 16, 32])
def test_a_pattern_under_uneven_light_is_a_pattern(tile_px: int) -> None:
    light = shaded((255, 255, 255), (60, 60, 60), how="down")

    assert backdrop_of(Image.blend(checkerboard(tile_px), light, 0.4)) == "checkerboard"


def test_small_tiles_are_not_averaged_away_in_a_large_picture() -> None:
    assert backdrop_of(checkerboard(2, size_px=(4000, 2200))) == "checkerboard"


@pytest.mark.parametrize("size_px", [(64, 64), (96, 64), (33, 150)])
def test_a_pattern_is_seen_behind_a_small_sprite(size_px: tuple[int, int]) -> None:
    assert backdrop_of(checkerboard(8, size_px=size_px)) == "checkerboard"


@pytest.mark.parametrize("across", [True, False])
def test_lines_of_single_pixels_are_a_guide_and_wide_ones_are_a_picture(across: bool) -> None:
    assert backdrop_of(with_figure(stripes(1, across=across))) == "checkerboard"
    assert backdrop_of(with_figure(stripes(2, across=across))) == "checkerboard"
    assert backdrop_of(with_figure(stripes(32, across=across))) == "busy"


def test_a_dither_of_one_level_is_flat() -> None:
    assert backdrop_of(checkerboard(1, (201, 200))) == "flat"


@pytest.mark.parametrize("how", ["down", "across", "around"])
@pytest.mark.parametrize(
    ("first", "last"), [((255, 255, 255), (120, 120, 120)), ((20, 30, 80), (200, 120, 60))]
)
def test_a_smooth_change_of_colour_is_a_gradient(
    first: tuple[int, int, int], last: tuple[int, int, int], how: str
) -> None:
    plate = with_figure(shaded(first, last, how=how))

    assert backdrop_of(plate) == "gradient"
    assert backdrop_of(as_jpeg(plate, 60)) == "gradient"
    assert backdrop_of(with_grain(plate, 4)) == "gradient"


def test_a_change_too_small_to_be_seen_is_flat() -> None:
    below, above = int(FLAT_RANGE) - 2, int(FLAT_RANGE) + 6

    assert backdrop_of(shaded((200,) * 3, (200 - below,) * 3, how="down")) == "flat"
    assert backdrop_of(shaded((200,) * 3, (200 - above,) * 3, how="down")) == "gradient"


def halves() -> Image.Image:
    """Return a wall above a floor."""
    plate = flat((220, 220, 220))
    plate.paste((90, 90, 90), (0, 180, 640, 360))
    return plate


@pytest.mark.parametrize(
    "plate",
    [clouds(1), clouds(1.5), bricks(), halves(), with_grain(flat(), 40)],
    ids=["rough", "soft", "bricks", "horizon", "noise"],
)
def test_what_is_no_plain_ground_is_busy(plate: Image.Image) -> None:
    assert backdrop_of(plate) == "busy"
    assert backdrop_of(with_figure(plate)) == "busy"


@pytest.mark.parametrize(
    "plain",
    [
        flat().convert("RGBA"),
        flat().quantize(4),
        flat().convert("L"),
        flat().convert("CMYK"),
        Image.new("1", (64, 64), 1),
        Image.new("I;16", (64, 64), 40_000),
    ],
    ids=lambda picture: picture.mode,
)
def test_any_kind_of_picture_is_looked_at(plain: Image.Image) -> None:
    assert backdrop_of(plain) == "flat"


def test_a_sprite_without_a_ground_is_flat() -> None:
    assert backdrop_of(with_figure(Image.new("RGBA", (256, 256), (0, 0, 0, 0)))) == "flat"


@pytest.mark.parametrize("size_px", [(1, 1), (2, 2), (5, 3), (8, 200)])
def test_a_picture_of_a_few_pixels_is_looked_at_too(size_px: tuple[int, int]) -> None:
    assert backdrop_of(flat(size_px=size_px)) == "flat"

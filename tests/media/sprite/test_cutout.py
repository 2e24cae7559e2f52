"""A figure comes off its ground with real alpha, its gaps open, its highlights closed, no spill."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fal_experiments.media.sprite.cutout import Cutout, cut_out
from fal_experiments.media.sprite.regions import figure_of, painted, regions_of
from tests.media.sprite.walker import Walker, walk

GREY, GREEN = (217, 214, 206), (40, 200, 60)
BLUE = (42, 84, 168)


def disc(ground: tuple[int, int, int], *, ring: bool = False, glint: bool = False) -> Image.Image:
    """Return a blue disc with a soft edge; a `ring` shows the ground in its middle."""
    large = Image.new("RGB", (800, 800), ground)
    draw = ImageDraw.Draw(large)
    draw.ellipse((160, 160, 640, 640), BLUE)
    if ring:
        draw.ellipse((340, 340, 460, 460), ground)
    if glint:  # nearly the colour of the ground, but not quite
        draw.ellipse((380, 380, 420, 420), tuple(c - 14 for c in ground))
    return large.resize((200, 200), Image.Resampling.BOX)


def cut(picture: Image.Image, ground: tuple[int, int, int]) -> Cutout:
    near = np.ones((50, 50), np.bool_)
    found = cut_out(picture, np.array(ground, np.float32), 22.0, near)
    assert found is not None
    return found


def on(found: Cutout, ground: tuple[int, int, int]) -> NDArray[np.float64]:
    """Return what the cutout looks like on a ground."""
    pixels = found.pixels.astype(np.float64)
    alpha = pixels[..., 3:] / 255
    return pixels[..., :3] * alpha + np.array(ground) * (1 - alpha)


@pytest.mark.parametrize("ground", [GREY, GREEN], ids=["grey", "green"])
def test_put_back_on_its_ground_it_is_the_picture_again(ground: tuple[int, int, int]) -> None:
    picture = disc(ground)
    found = cut(picture, ground)

    rows, columns = found.pixels.shape[:2]
    box = (found.left_px, found.top_px, found.left_px + columns, found.top_px + rows)
    wanted = np.asarray(picture.crop(box), np.float64)
    # a green plate's glow is taken off on purpose
    limit = 6 if ground == GREY else 30
    assert np.abs(on(found, ground) - wanted).max() <= limit


def test_its_edge_is_soft_and_has_no_colour_of_the_ground() -> None:
    found = cut(disc(GREY), GREY)
    alpha = found.pixels[..., 3]

    soft = (alpha > 20) & (alpha < 235)
    assert 100 < soft.sum() < 1500
    off = np.abs(found.pixels[soft][:, :3].astype(int) - np.array(BLUE)).max(axis=1)
    assert np.median(off) <= 6
    area = float(alpha.sum()) / 255
    assert area == pytest.approx(np.pi * 60**2, rel=0.01)


def test_a_green_glow_is_taken_off_the_rim() -> None:
    found = cut(disc(GREEN), GREEN)

    seen = found.pixels[found.pixels[..., 3] > 20].astype(int)
    assert (seen[:, 1] <= np.maximum(seen[:, 0], seen[:, 2])).all()


def test_a_gap_shows_the_ground_and_a_glint_does_not() -> None:
    gap, glint = cut(disc(GREY, ring=True), GREY), cut(disc(GREY, glint=True), GREY)

    assert gap.pixels[gap.pixels.shape[0] // 2, gap.pixels.shape[1] // 2, 3] == 0
    assert glint.pixels[..., 3][50:70, 50:70].min() == 255


def test_what_lies_away_from_the_figure_is_left_out() -> None:
    (pixels,) = walk(Walker(label=True), 1)
    near = np.zeros((180, 320), np.bool_)
    near[40:172, 110:210] = True

    found = cut_out(Image.fromarray(pixels), np.array(GREY, np.float32), 22.0, near)

    assert found is not None
    assert found.left_px > 200


def test_nothing_but_ground_gives_nothing() -> None:
    plate = Image.new("RGB", (64, 64), GREY)

    assert cut_out(plate, np.array(GREY, np.float32), 22.0, np.ones((64, 64), np.bool_)) is None


def test_regions_are_those_that_touch_corners_included() -> None:
    mask = np.array(
        [
            [1, 0, 0, 1, 1],
            [0, 1, 0, 0, 1],
            [0, 0, 0, 0, 0],
            [1, 1, 0, 1, 0],
            [1, 0, 1, 1, 0],
        ],
        np.bool_,
    )
    found = regions_of(mask)

    assert sorted(found.areas.tolist()) == [2, 3, 6]
    whole = painted(found, np.ones(3, np.bool_), (5, 5))
    assert (whole == mask).all()
    largest = painted(found, found.areas == 6, (5, 5))
    assert largest.sum() == 6
    assert largest[3:, :4].sum() == 6


def test_a_mask_without_anything_has_no_figure() -> None:
    assert figure_of(np.zeros((8, 8), np.bool_)) is None

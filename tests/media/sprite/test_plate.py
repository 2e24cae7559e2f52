"""Anchor plates: a figure on a flat ground; checkerboards, shades and scenes are told."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.errors import BadInput
from fal_experiments.media.backdrop import backdrop_of
from fal_experiments.media.sprite.plate import NEUTRAL, PLATE_PX, Plate, make_plate
from tests.media.drawn import checkerboard, clouds, flat, shaded, with_figure

KNIGHT = Path(__file__).parents[3] / "experiments" / "assets" / "knight-east-1280x720.png"


def plate_of(
    picture: Image.Image, folder: Path, colour: tuple[int, int, int] | None = None
) -> Plate:
    picture.save(folder / "figure.png")
    return make_plate(folder / "figure.png", colour, "figure.png")


def opened(plate: Plate) -> Image.Image:
    return Image.open(io.BytesIO(plate.png))


def clear_figure() -> Image.Image:
    figure = with_figure(flat((1, 2, 3))).convert("RGBA")
    pixels = np.array(figure)
    pixels[(pixels[..., :3] == (1, 2, 3)).all(axis=2)] = 0
    return Image.fromarray(pixels)


def feet_and_top(picture: Image.Image) -> tuple[int, int]:
    off = np.abs(np.asarray(picture, int) - np.asarray(picture, int)[0, 0]).max(axis=2) > 30
    rows = np.flatnonzero(off.any(axis=1))
    return int(rows[-1]) + 1, int(rows[0])


@pytest.mark.parametrize(
    "picture", [clear_figure(), with_figure(flat())], ids=["clear ground", "flat ground"]
)
def test_a_figure_stands_in_the_middle_of_a_flat_plate(
    picture: Image.Image, tmp_path: Path
) -> None:
    plate = opened(plate_of(picture, tmp_path))

    assert plate.size == PLATE_PX
    assert plate.getpixel((0, 0)) == NEUTRAL
    assert backdrop_of(plate) == "flat"
    feet, top = feet_and_top(plate)
    assert feet == pytest.approx(645, abs=2)
    assert feet - top == pytest.approx(568, abs=3)


def test_the_plate_that_the_quickstart_has_stays_as_it_is() -> None:
    plate = make_plate(KNIGHT, None, "knight")

    assert plate.was == "flat"
    assert plate.warnings == ()
    off = np.abs(
        np.asarray(opened(plate), int) - np.asarray(Image.open(KNIGHT).convert("RGB"), int)
    )
    assert off.mean() < 3


def test_another_ground_may_be_chosen(tmp_path: Path) -> None:
    assert opened(plate_of(clear_figure(), tmp_path, (10, 200, 30))).getpixel((3, 3)) == (
        10,
        200,
        30,
    )


def test_a_shade_is_warned_of(tmp_path: Path) -> None:
    plate = plate_of(with_figure(shaded((222, 222, 222), (200, 200, 200), how="down")), tmp_path)

    assert plate.was == "gradient"
    assert "gradient" in plate.warnings[0]


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (with_figure(checkerboard(16)), "checkerboard"),
        (with_figure(clouds(1.2)), "scene"),
        (flat(), "no figure"),
    ],
    ids=["checkerboard", "scene", "nothing"],
)
def test_what_no_plate_can_be_made_of_is_refused(
    picture: Image.Image, words: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        plate_of(picture, tmp_path)
    assert caught.value.fix


def test_a_small_figure_and_one_in_the_colour_of_the_ground_are_warned_of(tmp_path: Path) -> None:
    small = clear_figure().resize((160, 90), Image.Resampling.LANCZOS)
    plate = plate_of(small, tmp_path, (60, 70, 160))

    assert len(plate.warnings) == 2
    assert "enlarged" in plate.warnings[0]
    assert "colour of the ground" in plate.warnings[1]


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "figure.png").write_bytes(b"no picture")

    with pytest.raises(BadInput, match=r"figure\.png"):
        make_plate(tmp_path / "figure.png", None, "figure.png")

"""A matrix sheet shows frames of each clip, or its state, in its place, on pages that fit."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.derived import Recipe
from fal_experiments.core.labels import Tone
from fal_experiments.core.matrix_lanes import Lane, Words
from fal_experiments.core.matrix_sheet import MatrixSheet, SheetCell
from fal_experiments.errors import BadInput
from fal_experiments.media import matrix_sheet
from fal_experiments.media.matrix_cells import CAPTION_PX, TONES, Shown, draw_cell, frame_box_px
from fal_experiments.media.matrix_sheet import (
    MOST_PIXELS,
    MOST_SIDE_PX,
    Grid,
    pages_of,
    write_matrix_sheet,
)
from fal_experiments.media.page_text import printable
from fal_experiments.media.typeface import covers
from tests.media.clips import grey_frames, pixels_of, size_of, write_clip
from tests.media.rendering import derive, middle_grey

LEVELS = list(range(20, 212, 4))


def cell(
    cell_id: str | None = "c1", *, tone: Tone = "good", why: str = "", row: int = 0
) -> SheetCell:
    """Return one place of a sheet."""
    return SheetCell("seed 1 · 2.00 s", "failed", tone, why, cell_id, row)


def sheet_of(*cells: SheetCell, rows: int = 1, name: str = "walk") -> MatrixSheet:
    """Return a sheet of one column."""
    lanes = tuple(
        Lane(Words(name, f"instead-{n}"), Words("He walks."), Words(f"seed {n}"))
        for n in range(rows)
    )
    column = Lane(Words("Model", "model"), Words("model"), Words(""))
    return MatrixSheet(Words("A test", "a-test"), "1 of 1 done", lanes, (column,), cells)


@pytest.fixture
def clip(tmp_path: Path) -> Shown:
    """A rendered clip that gets lighter from frame to frame."""
    path = write_clip(tmp_path / "grey.mp4", grey_frames(LEVELS))
    recipe = Recipe(gif=None, tile_width_px=128)
    return Shown(derive(path, tmp_path / "made", recipe), tmp_path / "made")


@pytest.mark.parametrize(("frames", "wanted"), [(3, [20, 124, 208]), (2, [20, 208]), (1, [116])])
def test_a_place_shows_the_first_the_middle_and_the_last_frame(
    clip: Shown, frames: int, wanted: list[int]
) -> None:
    box_px = (128, 96)

    pixels = pixels_of(draw_cell(cell(), clip, box_px, frames))

    for index, level in enumerate(wanted):
        left = index * (128 + 4)
        assert middle_grey(pixels[:96, left : left + 128]) == pytest.approx(level, abs=5)


def test_a_clip_of_another_shape_is_whole_and_not_stretched(clip: Shown) -> None:
    pixels = pixels_of(draw_cell(cell(), clip, (256, 96), 1))[:96]

    dark = np.flatnonzero(np.abs(pixels.mean(axis=(0, 2)) - 244) > 8)
    assert (dark.min(), dark.max()) == (64, 191)


def test_the_place_of_a_frame_has_the_shape_of_the_clips(clip: Shown) -> None:
    width_px, height_px = frame_box_px([clip])

    assert width_px / height_px == pytest.approx(4 / 3, rel=0.02)
    assert frame_box_px([]) == (288, 162)


@pytest.mark.parametrize("tone", ["bad", "warn", "idle", "person"])
def test_a_place_without_a_clip_has_its_state_in_the_colour_of_the_state(tone: Tone) -> None:
    pixels = pixels_of(draw_cell(cell(None, tone=tone, why="cut off"), None, (288, 162), 3))

    colours = {tuple(colour) for colour in pixels.reshape(-1, 3).tolist()}
    assert TONES[tone] in colours
    said = pixels_of(draw_cell(cell(None, tone=tone, why="too dear"), None, (288, 162), 3))
    assert (said != pixels).any()


def test_a_long_reason_stays_inside_its_place() -> None:
    pixels = pixels_of(draw_cell(cell(None, why="no such model " * 200), None, (288, 162), 1))

    assert pixels.shape[:2] == (162 + CAPTION_PX, 288)
    assert (pixels[150:162, 10:].min(axis=(0, 1)) > 200).all()


def test_pictures_that_were_removed_leave_the_state(clip: Shown) -> None:
    (clip.folder / "sheet.jpg").unlink()

    pixels = pixels_of(draw_cell(cell(tone="warn"), clip, (128, 96), 3))

    assert tuple(pixels[40, 2].tolist()) == TONES["warn"]


@pytest.mark.parametrize(("suffix", "form"), [(".png", "PNG"), (".jpg", "JPEG"), (".webp", "WEBP")])
def test_the_suffix_tells_the_format(clip: Shown, tmp_path: Path, suffix: str, form: str) -> None:
    target = tmp_path / f"new/sheet{suffix}"

    assert write_matrix_sheet(sheet_of(cell()), {"c1": clip}, target) == [target]
    with Image.open(target) as picture:
        assert picture.format == form
        assert np.asarray(picture)[5, 5].tolist() == pytest.approx([255] * 3, abs=1)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"sheet\.pdf"):
        write_matrix_sheet(sheet_of(cell(None)), {}, tmp_path / "sheet.pdf")


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (40, 4), (400, 12), (1, 200), (3, 60)])
def test_every_place_is_on_one_page_and_every_page_is_below_the_limit(
    rows: int, columns: int
) -> None:
    grid = Grid((872, 198), 120, 100)

    pages = pages_of(rows, columns, grid)

    places = [(row, column) for page in pages for row in page.rows for column in page.columns]
    assert sorted(places) == [(row, column) for row in range(rows) for column in range(columns)]
    for page in pages:
        width_px, height_px = grid.size_px(page)
        assert width_px * height_px < MOST_PIXELS
        assert max(width_px, height_px) <= MOST_SIDE_PX


def test_a_large_sheet_is_written_as_numbered_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix_sheet, "MOST_PIXELS", 1_000_000)
    cells = [cell(None, row=row) for row in range(4)]

    pages = write_matrix_sheet(sheet_of(*cells, rows=4), {}, tmp_path / "sheet.png")

    assert [page.name for page in pages] == ["sheet-1.png", "sheet-2.png"]
    assert all(size[0] * size[1] < 1_000_000 for size in map(size_of, pages))


def test_letters_that_the_typeface_lacks_are_never_drawn() -> None:
    assert covers("Ein Ritter läuft → Рыцарь ιππότης 720p × 24 “fps” …")
    assert not covers("骑士 walks")
    assert not covers("فارس")
    assert printable("骑士原地行走", "walk") == "walk"
    assert printable("He walks.", "walk") == "He walks."


def test_a_prompt_in_another_script_is_named_by_its_id(tmp_path: Path) -> None:
    named, plain = tmp_path / "named.png", tmp_path / "plain.png"

    write_matrix_sheet(sheet_of(cell(None), name="骑士"), {}, named)
    write_matrix_sheet(sheet_of(cell(None), name="instead-0"), {}, plain)

    assert named.read_bytes() == plain.read_bytes()

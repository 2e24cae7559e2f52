"""A part that is there already is not made again, and one that is not wanted any more goes."""

import os
from pathlib import Path

import pytest

from fal_experiments.core.derived import Moving, Recipe
from fal_experiments.media.derive import derive_file
from fal_experiments.media.workers import MediaPool
from tests.media.clips import size_of
from tests.media.rendering import LIMITS, SHA, SMALL, derive

LONG_AGO = 1_000_000_000


def age(folder: Path) -> None:
    """Make every file look old, so that one that is written again is seen."""
    for path in folder.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO))


def fresh(folder: Path) -> set[str]:
    """Return the files that were written since."""
    return {path.name for path in folder.iterdir() if path.stat().st_mtime != LONG_AGO}


def test_only_what_a_changed_recipe_changes_is_made_again(plain: Path, tmp_path: Path) -> None:
    first = derive(plain, tmp_path)
    age(tmp_path)

    second = derive(plain, tmp_path, SMALL.model_copy(update={"sheet_columns": 3}))

    assert fresh(tmp_path) == {"sheet.jpg", "derived.json"}
    assert (second.poster, second.gif, second.probe) == (first.poster, first.gif, first.probe)
    assert second.sheet is not None
    assert second.sheet.columns == 3


def test_a_new_preview_leaves_the_others_alone(plain: Path, tmp_path: Path) -> None:
    derive(plain, tmp_path)
    age(tmp_path)

    derived = derive(plain, tmp_path, SMALL.model_copy(update={"webp": Moving(width_px=64)}))

    assert fresh(tmp_path) == {"preview.webp", "derived.json"}
    assert derived.webp is not None
    assert derived.webp.size_bytes == (tmp_path / "preview.webp").stat().st_size


def test_what_is_not_wanted_any_more_is_removed(plain: Path, tmp_path: Path) -> None:
    derive(plain, tmp_path)

    derived = derive(plain, tmp_path, SMALL.model_copy(update={"gif": None, "sheet_format": "png"}))

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"poster.jpg", "sheet.png", "derived.json"}
    assert derived.gif is None


def test_a_part_that_was_spoilt_is_made_again(plain: Path, tmp_path: Path) -> None:
    derive(plain, tmp_path)
    os.truncate(tmp_path / "preview.gif", 10)
    age(tmp_path)

    derive(plain, tmp_path)

    assert fresh(tmp_path) == {"preview.gif", "derived.json"}


def test_other_pictures_of_another_clip_are_all_made_again(
    plain: Path, index_first: Path, tmp_path: Path
) -> None:
    derive(plain, tmp_path)
    age(tmp_path)

    derive_file(index_first, tmp_path, "cd" * 32, SMALL, LIMITS)

    assert fresh(tmp_path) == {"poster.jpg", "sheet.jpg", "preview.gif", "derived.json"}


@pytest.mark.parametrize(("form", "name"), [("webp", "sheet.webp"), ("png", "sheet.png")])
def test_a_sheet_has_the_format_of_the_recipe(
    plain: Path, tmp_path: Path, form: str, name: str
) -> None:
    sheet = derive(plain, tmp_path, SMALL.model_copy(update={"sheet_format": form})).sheet

    assert sheet is not None
    assert sheet.picture.file == name
    assert size_of(tmp_path / name) == (sheet.picture.width_px, sheet.picture.height_px)


def test_tiles_stand_where_the_record_says(plain: Path, tmp_path: Path) -> None:
    sheet = derive(plain, tmp_path, Recipe(tile_width_px=96, sheet_columns=3, gif=None)).sheet

    assert sheet is not None
    width_px = sheet.columns * (sheet.tile_width_px + sheet.gap_px) - sheet.gap_px
    height_px = sheet.rows * (sheet.tile_height_px + sheet.gap_px) - sheet.gap_px
    assert (sheet.picture.width_px, sheet.picture.height_px) == (width_px, height_px)


def test_a_second_rendering_starts_no_worker_and_touches_no_file(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = derive(plain, tmp_path)
    age(tmp_path)

    def no_process(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("fal_experiments.media.workers.Child", no_process)
    with MediaPool(workers=1) as pool:
        again = pool.derive(plain, tmp_path, SHA, SMALL).result(0)

    assert again == first
    assert fresh(tmp_path) == set()

"""What has been rendered is found again, and a record never stands beside other pictures."""

import os
from pathlib import Path

import pytest

from fal_experiments.core.derived import Derived, Moving, Recipe
from fal_experiments.media.derive import derive_file
from fal_experiments.media.limits import Limits
from fal_experiments.media.rendered import read_rendered, write_rendered

SHA = "ab" * 32
RECIPE = Recipe(tile_width_px=64, gif=Moving(width_px=64))
FILES = {"poster.jpg", "sheet.jpg", "preview.gif", "derived.json"}


@pytest.fixture
def folder(plain: Path, tmp_path: Path) -> Path:
    """A folder with a rendered clip."""
    derive_file(plain, tmp_path, SHA, RECIPE, Limits())
    return tmp_path


def test_what_was_written_is_read_back_equal(plain: Path, tmp_path: Path) -> None:
    written = derive_file(plain, tmp_path, SHA, RECIPE, Limits())

    assert read_rendered(tmp_path, SHA, RECIPE) == written
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_another_asset_or_recipe_is_not_found(folder: Path) -> None:
    assert read_rendered(folder, "cd" * 32, RECIPE) is None
    assert read_rendered(folder, SHA, Recipe(gif=Moving(fps=10))) is None


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_means_that_nothing_is_found(folder: Path, name: str) -> None:
    (folder / name).unlink()

    assert read_rendered(folder, SHA, RECIPE) is None


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_cut_file_means_that_nothing_is_found(folder: Path, name: str) -> None:
    os.truncate(folder / name, 20)

    assert read_rendered(folder, SHA, RECIPE) is None


def test_a_failure_is_written_and_does_not_count_as_rendered(tmp_path: Path) -> None:
    write_rendered(tmp_path, Derived(asset_sha256=SHA, recipe=RECIPE, failed="no reason"), {})

    assert (tmp_path / "derived.json").exists()
    assert read_rendered(tmp_path, SHA, RECIPE) is None


def test_writing_that_is_cut_short_leaves_no_record(folder: Path) -> None:
    derived = Derived(asset_sha256=SHA, recipe=RECIPE)
    (folder / "preview.gif").unlink()
    (folder / "preview.gif").mkdir()

    with pytest.raises(OSError, match=r"preview\.gif"):
        write_rendered(folder, derived, {"poster.jpg": b"new", "preview.gif": b"new"})

    assert not (folder / "derived.json").exists()

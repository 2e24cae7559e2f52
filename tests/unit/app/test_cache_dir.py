"""Copies are kept where the user's system keeps such things."""

from pathlib import Path

import pytest

from fal_experiments.app.settings import read_settings
from fal_experiments.storage.layout import Project


@pytest.mark.parametrize(
    ("variable", "folder"),
    [(None, "home/.cache"), ("", "home/.cache"), ("relative", "home/.cache"), ("/x/y", "/x/y")],
)
def test_the_cache_folder_is_the_users(tmp_path: Path, variable: str | None, folder: str) -> None:
    environ = {} if variable is None else {"XDG_CACHE_HOME": variable}

    settings = read_settings(Project(tmp_path), environ=environ, home=tmp_path / "home")

    assert settings.cache_dir == tmp_path / folder / "fal-exp"

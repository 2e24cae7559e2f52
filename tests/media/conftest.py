"""Clips that many tests read; made once."""

from pathlib import Path

import pytest

from tests.media.clips import INDEX_FIRST, moving_frames, write_clip


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for clips that no test changes."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def plain(shelf: Path) -> Path:
    """48 frames at 24 fps, 128 × 96, H.264, its index at the end."""
    return write_clip(shelf / "plain.mp4", moving_frames(48))


@pytest.fixture(scope="session")
def index_first(shelf: Path) -> Path:
    """A clip that begins with its index, as files made for the web do."""
    return write_clip(shelf / "index-first.mp4", moving_frames(48), INDEX_FIRST)

"""Pictures of a report by the browser alone."""

import os
import select
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.errors import BadInput, FalExpError, StorageFailed
from fal_experiments.reporting import screenshot
from fal_experiments.reporting.screenshot import find_browser, take_screenshot


def test_a_picture_has_the_size_of_the_window_and_shows_the_page(
    sites: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / "shots" / "report.png"
    take_screenshot(sites["pair"], target, width_px=1200, height_px=800)
    picture = Image.open(target).convert("RGB")
    assert picture.size == (1200, 800)
    assert len(picture.getcolors(maxcolors=2**24) or []) > 100
    assert list(tmp_path.iterdir()) == [tmp_path / "shots"]


def test_a_dark_picture_is_dark(sites: dict[str, Path], tmp_path: Path) -> None:
    brightness = {}
    for dark in (False, True):
        target = tmp_path / f"{dark}.png"
        take_screenshot(sites["pair"], target, width_px=420, height_px=700, dark=dark)
        brightness[dark] = float(np.asarray(Image.open(target).convert("L")).mean())
    assert brightness[True] < 100 < brightness[False]


def test_a_picture_shows_the_view_that_the_address_names(
    sites: dict[str, Path], tmp_path: Path
) -> None:
    pictures = []
    for fragment in ("", "q=no-cell-has-this-word"):
        target = tmp_path / f"view-{len(fragment)}.png"
        take_screenshot(sites["pair"], target, width_px=900, height_px=700, fragment=fragment)
        pictures.append(np.asarray(Image.open(target).convert("L")).astype(int))
    clips, nothing = pictures
    assert (abs(clips - nothing) > 20).mean() > 0.1


def test_without_a_browser_the_error_says_how_to_get_one(
    sites: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() is None
    with pytest.raises(BadInput, match="apt install chromium"):
        take_screenshot(sites["pair"], tmp_path / "report.png")


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.html"):
        take_screenshot(tmp_path / "nowhere.html", tmp_path / "report.png")


def _stand_in(folder: Path, body: str) -> Path:
    program = folder / "bin" / "chromium"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program.parent


def test_a_browser_that_fails_is_quoted(
    sites: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _stand_in(tmp_path, "echo 'cannot open display' >&2; exit 7")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(FalExpError, match=r"exit code 7: cannot open display"):
        take_screenshot(sites["pair"], tmp_path / "report.png")
    assert not (tmp_path / "report.png").exists()


def test_a_browser_that_hangs_is_ended_with_its_children(
    sites: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    folder = _stand_in(tmp_path, f"exec 9> {held}; sleep 600 & wait")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(screenshot, "TIME_LIMIT_S", 1)
    with pytest.raises(FalExpError, match="no picture after 1 s"):
        take_screenshot(sites["pair"], tmp_path / "report.png")
    assert select.select([reader], [], [], 10)[0], "a child still holds the pipe"
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_picture_that_cannot_be_kept_is_named(sites: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "shots").write_text("a file, not a folder")
    with pytest.raises(StorageFailed, match=r"report\.png: cannot be written"):
        take_screenshot(sites["pair"], tmp_path / "shots" / "report.png")

"""Pictures of a batch: other ones on demand, nothing twice, and one sheet of all of it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.integration.kit import CELLS, Bench, bench

LONG_AGO = 1_000_000_000
RENDER = {"sheet": "3x2", "gif": "64px@4", "webp": "64px@4"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("render"), render=RENDER) as ran:
        assert ran.call("run", "m.yaml", "--json").code == 0
        yield ran


def _folders(made: Bench) -> list[Path]:
    return sorted(made.batch().glob("cells/*/1"))


def _age(made: Bench) -> None:
    for path in made.batch().rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


def _fresh(made: Bench) -> set[str]:
    files = (path for path in made.batch().rglob("*") if path.is_file())
    return {path.name for path in files if path.stat().st_mtime != LONG_AGO}


def test_the_matrix_says_which_pictures_a_run_makes(made: Bench) -> None:
    for folder in _folders(made):
        derived = json.loads((folder / "derived.json").read_text())
        assert derived["recipe"]["sheet_columns"] == 3
        with Image.open(folder / "preview.webp") as webp:
            assert webp.width == 64


def test_rendering_again_touches_nothing(made: Bench) -> None:
    _age(made)

    again = made.call("render", "--json")

    assert again.code == 0
    assert (again.json["clips"], again.json["not_rendered"]) == (CELLS, 0)
    assert _fresh(made) == set()


def test_other_wishes_change_only_what_they_name_and_stay(made: Bench) -> None:
    _age(made)

    called = made.call("render", "--sheet", "2x2", "--proxy", "64p", "--json")

    assert called.code == 0, called.err
    fresh = _fresh(made)
    assert {"sheet.jpg", "proxy.mp4", "derived.json", "render.json"} <= fresh
    assert not {"poster.jpg", "preview.gif", "preview.webp", "clip.mp4"} & fresh
    assert called.json["recipe"]["webp"] == {"width_px": 64, "fps": 4}
    _age(made)
    assert made.call("resume", "latest", "--yes").code == 0
    assert not {"sheet.jpg", "proxy.mp4"} & _fresh(made)

    back = made.call("render", "--reset", "--json")
    assert back.json["recipe"]["sheet_columns"] == 3
    assert not (_folders(made)[0] / "proxy.mp4").exists()


def test_a_report_that_is_there_follows_the_pictures(made: Bench) -> None:
    made.call("render", "--format", "webp@70")

    data = "".join(path.read_text() for path in (made.batch() / "report").rglob("*.js"))
    assert "sheet.webp" in data
    assert "sheet.jpg" not in data


def test_a_report_as_one_file_and_as_markdown(made: Bench) -> None:
    one = made.root / "alone" / "report.html"
    called = made.call("report", "--single-file", str(one), "--without-clips", "--json")
    assert called.code == 0, called.err
    assert called.json["single_file"] == str(one)
    assert b"data:image/" in one.read_bytes()
    assert b"data:video/" not in one.read_bytes()

    text = made.call("report", "--format", "md")
    assert text.code == 0, text.err
    assert text.out == Path(called.json["markdown"]).read_text()
    assert f"- done: {len(_folders(made))} of " in text.out

    both = made.call("report", "--format", "md", "--json")
    assert (both.code, "--json and --format md" in both.out + both.err) == (2, True)
    idle = made.call("report", "--without-clips")
    assert (idle.code, "--single-file, which is missing" in idle.err) == (2, True)


def test_a_wish_that_cannot_be_met_changes_nothing(made: Bench) -> None:
    _age(made)

    called = made.call("render", "--sheet", "6by4")

    assert called.code == 2
    assert "--sheet: '6by4' is not a grid such as 6x4" in called.err
    assert _fresh(made) == set()


def test_a_clip_that_cannot_be_rendered_is_told_with_its_reason(made: Bench) -> None:
    clip = _folders(made)[0] / "clip.mp4"
    sound = clip.read_bytes()
    (clip.parent / "derived.json").unlink()
    clip.write_bytes(sound[: len(sound) // 4])
    try:
        called = made.call("render", "--json")
    finally:
        clip.write_bytes(sound)

    assert called.code == 1
    (failed,) = called.json["failed"]
    assert failed["cell"] == clip.parent.parent.name
    assert failed["reason"] in called.err
    assert "cut off" in failed["reason"]
    assert made.call("render").code == 0


def test_the_whole_batch_is_one_picture(made: Bench, tmp_path: Path) -> None:
    target = tmp_path / "all.png"

    called = made.call("matrix-sheet", "--out", str(target), "--json")

    assert called.code == 0, called.err
    assert called.json == {"pages": [str(target)], "clips": CELLS, "places": CELLS}
    with Image.open(target) as picture:
        assert picture.width > 900


def test_a_dimension_that_does_not_exist_is_refused(made: Bench) -> None:
    called = made.call("matrix-sheet", "--rows", "prompt")

    assert called.code == 2
    assert "did you mean prompts?" in called.err

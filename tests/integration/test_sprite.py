"""`fal-exp sprite` as a person meets it: a clip, a batch, a plate; docs/sprites.md, checked."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from fal_experiments.core.sprite_readings import READINGS
from tests.integration.kit import MATRIX, Bench, bench
from tests.media.clips import moving_frames, write_clip
from tests.media.sprite.walker import Walker, walk

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "sprites.md"
SMALL = Walker(size_px=(426, 240), height_px=150)


def call(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "fal_experiments", "sprite", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walks")
    return write_clip(folder / "walk.mp4", walk(SMALL, 56))


def test_a_clip_leaves_as_frames_sheet_atlas_and_loops(clip: Path) -> None:
    done = call(clip.parent, "walk.mp4", "--frames", "8", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    (sprite,) = json.loads(done.stdout)["sprites"]
    folder = clip.parent / "walk-sprite"
    assert clip.parent / sprite["folder"] == folder
    assert sprite["verdict"] == "ready"
    assert {path.name for path in folder.iterdir()} == {
        *("frames", "raw", "sheet.png", "sheet.json", "loop.gif", "loop.webp", "sprite.json"),
    }
    assert len(list((folder / "frames").iterdir())) == 8


def test_a_second_call_finds_the_work_done_and_another_order_overwrites_nothing(
    clip: Path,
) -> None:
    first = call(clip.parent, "walk.mp4", "--frames", "5", "--out", "five", "--json")
    before = {p: p.stat().st_mtime_ns for p in (clip.parent / "five").rglob("*")}

    again = call(clip.parent, "walk.mp4", "--frames", "5", "--out", "five", "--json")
    other = call(clip.parent, "walk.mp4", "--frames", "6", "--out", "five")

    assert again.stdout == first.stdout
    assert other.returncode == 2
    assert "--out" in other.stderr
    assert before == {p: p.stat().st_mtime_ns for p in (clip.parent / "five").rglob("*")}


def test_a_clip_without_a_cycle_says_so_and_ends_with_one(tmp_path: Path) -> None:
    write_clip(tmp_path / "square.mp4", moving_frames(48))

    done = call(tmp_path, "square.mp4")

    assert done.returncode == 1
    assert done.stdout.startswith("square.mp4: no loop\nno pose comes back")
    assert "the background is not flat" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("walk.mp4", "--key", "grey"), "a colour such as #d9d6ce"),
        (("walk.mp4", "--anchor", "none.png"), "none.png"),
        (("no-such-batch",), "no-such-batch"),
        (("plate", "none.png"), "there is no such file"),
    ],
    ids=["key", "anchor", "batch", "plate"],
)
def test_what_is_wrong_is_named(arguments: tuple[str, ...], words: str, clip: Path) -> None:
    done = call(clip.parent, *arguments)

    assert done.returncode == 2
    assert words in done.stderr


def test_a_plate_is_made_beside_its_picture_and_never_over_another_file(tmp_path: Path) -> None:
    knight = ROOT / "experiments" / "assets" / "knight-east-1280x720.png"
    (tmp_path / "knight.png").write_bytes(knight.read_bytes())

    done = call(tmp_path, "plate", "knight.png")
    again = call(tmp_path, "plate", "knight.png")
    other = call(tmp_path, "plate", "knight.png", "--colour", "#102030")

    assert (done.returncode, again.returncode, other.returncode) == (0, 0, 2)
    with Image.open(tmp_path / "knight-plate-1280x720.png") as plate:
        assert plate.size == (1280, 720)
        assert plate.getpixel((0, 0)) == (217, 214, 206)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A finished batch of two clips; the first prompt is tagged."""
    tagged = [{**MATRIX["prompts"][0], "tags": ["sprite"]}, *MATRIX["prompts"][1:]]
    with bench(tmp_path_factory.mktemp("bench"), prompts=tagged, seeds="1") as made:
        assert made.call("run", "m.yaml", "--yes", "--no-render").code == 0
        yield made


def test_a_batch_is_ranked_and_the_report_shows_its_sprites(batch: Bench) -> None:
    done = batch.call("sprite", "latest", "--json")
    sprites = done.json["sprites"]

    assert len(sprites) == 1
    assert done.code == (0 if sprites[0]["record"]["loop"] else 1)
    assert sprites[0]["label"].startswith(MATRIX["prompts"][0]["id"])
    everything = batch.call("sprite", "latest", "--all", "--json").json["sprites"]
    assert len(everything) == len(batch.cells())

    assert batch.call("report", "latest").code == 0
    page = (batch.batch() / "report" / "overview.html").read_text()
    assert 'id="sprites"' in page
    assert sprites[0]["label"] in page
    cells = (batch.batch() / "report" / "data-1.js").read_text()
    assert cells.count('"period":[') == sum(
        each["record"]["loop"] is not None for each in everything
    )


def test_cells_are_chosen_by_the_beginning_of_their_id(batch: Bench) -> None:
    cell = next(iter(batch.cells()))

    chosen = batch.call("sprite", "latest", "--cell", cell[:6], "--json").json["sprites"]
    unknown = batch.call("sprite", "latest", "--cell", "zzz")

    assert [sprite["key"] for sprite in chosen] == [cell]
    assert unknown.code == 2
    assert "zzz" in unknown.err


def test_the_page_explains_every_reading() -> None:
    page = PAGE.read_text()

    for kind in READINGS.values():
        unit = kind.unit or "–"
        row = f"| {kind.title} | {unit} | {kind.better} | {kind.meaning} | {kind.limits} |"
        assert row in page, row
    shown = set(re.findall(r"`(--[a-z0-9]+)", page))
    assert shown >= {"--cell", "--all", "--frames", "--key", "--tolerance", "--pow2", "--steady"}

"""`fal-exp wall`: a batch or loose clips as one film, made by the program as a person calls it."""

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kit import MATRIX, QUIET, Bench, Called, troubled
from tests.media.clips import ffmpeg_tells, grey_frames, write_clip

SMALL = ("--pane", "160", "--fps", "8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A batch of two prompts and two seeds, of which the model refuses one cell."""
    refused = {"do": "result_422", "times": 1}
    folder = tmp_path_factory.mktemp("wall")
    with troubled(folder, refused, slots=1, prompts=MATRIX["prompts"]) as made:
        assert made.call("run", "m.yaml", "--concurrency", "1", *QUIET).code == 1
        yield made


@pytest.fixture(scope="module")
def whole(ran: Bench) -> Called:
    """The wall of that batch as it comes."""
    return ran.call("wall", "latest", *SMALL, "--json")


def names(called: Called) -> list[str]:
    """The cells that a wall shows."""
    assert called.code == 0, called.err
    return [pane["name"] for pane in called.json["panes"]]


def done_cells(made: Bench) -> list[str]:
    """The cells of the batch that have a clip."""
    return [cell for cell, state in made.cells().items() if state == "done"]


def test_the_newest_batch_becomes_a_film_in_its_own_folder(ran: Bench, whole: Called) -> None:
    file = Path(whole.json["file"])

    assert file == ran.batch() / "walls" / "wall-absolute.mp4"
    assert names(whole) == done_cells(ran)
    told = ffmpeg_tells(file)
    assert (told.width_px, told.height_px) == (whole.json["width_px"], whole.json["height_px"])
    assert told.frames == whole.json["frames"] == 8


def test_a_cell_without_a_clip_is_named_with_its_reason(ran: Bench, whole: Called) -> None:
    (left_out,) = whole.json["left_out"]

    assert "failed" in left_out["why"]
    assert f"not on the wall: {left_out['name']}: {left_out['why']}" in whole.err
    shown = ran.call("wall", *SMALL, "--with-gaps", "--json", "-o", "gaps.mp4")
    assert names(shown) == list(ran.cells())


def test_filters_choose_and_the_order_of_cells_is_theirs(ran: Bench) -> None:
    one, two, *_ = done_cells(ran)

    assert names(ran.call("wall", *SMALL, "--cell", two, "--cell", one[:8], "--json")) == [two, one]
    walks = names(ran.call("wall", *SMALL, "--prompt", "idle", "--seed", "1", "--json"))
    assert len(walks) == 1


def test_rows_and_columns_are_those_of_the_matrix(ran: Bench) -> None:
    shown = ran.call(
        "wall", *SMALL, "--rows", "prompts", "--columns", "seeds", "--with-gaps", "--json"
    )

    assert shown.json["layout"] == "2x2"
    assert len(names(shown)) == 4


def test_the_command_that_is_told_makes_the_same_film_again(ran: Bench) -> None:
    one, two, *_ = done_cells(ran)
    asked = ("--cell", one, "--cell", two, "--sync", "percent", "--speed", "0.5", "-o", "again.mp4")
    first = ran.call("wall", "latest", *SMALL, *asked, "--json")
    before = (ran.root / "again.mp4").read_bytes()

    words = shlex.split(first.json["command"])[1:]
    again = ran.call(*words, "--force", "--json")

    assert again.json["command"] == first.json["command"]
    assert (ran.root / "again.mp4").read_bytes() == before


def test_two_cells_stand_side_by_side_or_under_one_line(ran: Bench) -> None:
    one, two, *_ = done_cells(ran)

    beside = ran.call("wall", *SMALL, "--side-by-side", one, two, "--json")
    wiped = ran.call("wall", *SMALL, "--wipe", one, two, "--json")

    assert names(beside) == names(wiped) == [one, two]
    assert beside.json["layout"] == "2x1"
    assert wiped.json["width_px"] < beside.json["width_px"]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two clips and a page that is called one, and no project."""
    folder = tmp_path_factory.mktemp("clips")
    for name, level in (("a", 80), ("b", 160)):
        write_clip(folder / f"{name}.mp4", grey_frames([level] * 24, 160, 90))
    (folder / "page.mp4").write_text("<html>504</html>")
    return folder


@pytest.fixture
def loose(ran: Bench, clips: Path, tmp_path: Path) -> Bench:
    """The program, started in a folder with those clips."""
    shutil.copytree(clips, tmp_path / "clips")
    return Bench(tmp_path / "clips", ran.sandbox, ran.gate, ran.url)


def test_clips_need_no_batch(loose: Bench) -> None:
    shown = loose.call("wall", "a.mp4", "b.mp4", *SMALL, "-o", "out/wall.gif", "--json")

    assert names(shown) == ["a.mp4", "b.mp4"]
    assert (loose.root / "out" / "wall.gif").read_bytes().startswith(b"GIF89a")


def test_two_files_can_be_wiped_without_being_named_twice(loose: Bench) -> None:
    assert names(loose.call("wall", "--wipe", "a.mp4", "b.mp4", *SMALL, "--json")) == [
        "a.mp4",
        "b.mp4",
    ]
    assert (loose.root / "wipe.mp4").exists()


def test_files_of_other_folders_are_called_as_they_were_written(loose: Bench) -> None:
    other = str(loose.root / "b.mp4")
    shown = loose.call("wall", "--wipe", "./a.mp4", other, *SMALL, "--json", "-o", "o.mp4")

    assert names(shown) == ["a.mp4", "b.mp4"]


def test_a_file_that_is_no_clip_costs_its_pane_and_the_exit_code_says_so(loose: Bench) -> None:
    shown = loose.call("wall", "a.mp4", "page.mp4", *SMALL, "--json")

    assert shown.code == 1
    assert [bool(pane["problem"]) for pane in shown.json["panes"]] == [False, True]
    assert "page.mp4" in shown.err


def test_a_person_reads_what_was_made(loose: Bench) -> None:
    shown = loose.call("wall", "a.mp4", "b.mp4", *SMALL)

    assert shown.code == 0
    assert "One clock for all" in shown.out
    assert shown.out.splitlines()[-1] == str(loose.root / "wall.mp4")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.mp4", "nowhere.mp4"], "nowhere.mp4"),
        (["a.mp4", "--layout", "3"], "--layout"),
        (["a.mp4", "b.mp4", "--layout", "1x1"], "1x1"),
        (["a.mp4", "--preset", "x"], "--preset"),
        (["a.mp4", "-o", "wall.avi"], ".mp4"),
        (["a.mp4", "-o", "a.mp4"], "one of the clips"),
        (["a.mp4", "-o", "b.mp4"], "--force"),
        (["a.mp4", "--audio", "1"], "sound"),
        (["a.mp4", "--window", "1=2-1"], "--window"),
        (["a.mp4", "--pane", "20"], "20"),
        (["a.mp4", "--speed", "0"], "0.01"),
        (["a.mp4", "--pane", "160", "--width", "640"], "--pane and --width"),
        (["page.mp4"], "nothing to play"),
        ([], "no batch"),
    ],
)
def test_bad_input_says_what_and_writes_nothing(
    loose: Bench, arguments: list[str], words: str
) -> None:
    before = {path: path.read_bytes() for path in loose.root.iterdir()}

    called = loose.call("wall", *arguments)

    assert called.code == 2
    assert words in called.err
    assert {path: path.read_bytes() for path in loose.root.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--preset", "tiny"], "tiny-i2v"),
        (["--prompt", "run"], "it has: idle, walk"),
        (["--seed", "9"], "--seed 9"),
        (["--input", "sheet"], "--input sheet"),
        (["--cell", "zzz"], "no cell zzz"),
        (["--wipe", "1", "99"], "no pane"),
        (["--rows", "prompts", "--layout", "2x2"], "--layout"),
    ],
)
def test_a_filter_that_names_what_is_not_there_says_what_is(
    ran: Bench, arguments: list[Any], words: str
) -> None:
    called = ran.call("wall", "latest", *arguments)

    assert called.code == 2
    assert words in called.err


def test_a_wall_changes_nothing_in_the_log_and_sends_nothing(ran: Bench, whole: Called) -> None:
    before = (ran.batch() / "events.jsonl").read_bytes()
    posts = ran.posts()

    assert ran.call("wall", *SMALL, "--json").code == whole.code == 0

    assert (ran.batch() / "events.jsonl").read_bytes() == before
    assert ran.posts() == posts

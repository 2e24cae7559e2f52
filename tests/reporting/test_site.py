"""A report as a folder of files."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from fal_experiments.core.hrefs import is_local_href
from fal_experiments.core.report_model import ReportModel
from fal_experiments.errors import StorageFailed
from fal_experiments.reporting.chunks import script_call
from fal_experiments.reporting.environment import report_environment
from fal_experiments.reporting.site import write_site
from tests.browser.batches import AWAY
from tests.reporting import models


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def argument(script: bytes) -> Any:
    """Return the data that a data script hands over."""
    call = re.fullmatch(r"falExp\.\w+\((.*)\);\n", script.decode(), re.DOTALL)
    assert call is not None
    return json.loads(call[1])


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    write_site(models.quickstart(), tmp_path / "one")
    write_site(models.quickstart(), tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_report_is_an_index_with_style_script_and_data(tmp_path: Path) -> None:
    index = write_site(models.quickstart(), tmp_path / "report")
    assert index == tmp_path / "report" / "index.html"
    names = sorted(re.sub(r"[0-9a-f]{12}", "HASH", path.name) for path in index.parent.iterdir())
    assert names == [
        "data-0.js",
        "data-1.js",
        "data-ratings.js",
        "detail-1.js",
        "index.html",
        "overview-HASH.js",
        "overview.html",
        "report-HASH.css",
        "report-HASH.js",
        "report.md",
        "table.html",
    ]


def test_what_an_earlier_rendering_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    write_site(models.large(70), tmp_path)
    old = ("report-0123456789ab.css", "report-0123456789ab.js", "data-9.js", "detail-99.js")
    others = ("notes.txt", "data-x.js", "report-final.css", "my-table.html")
    for name in (*old, *others):
        (tmp_path / name).write_text("x")
    write_site(models.quickstart(), tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert not left & {*old, "data-2.js", "detail-2.js"}
    assert left >= set(others)


def test_cells_come_in_chunks_of_less_than_a_kilobyte_each(tmp_path: Path) -> None:
    model = models.large(160)
    write_site(model, tmp_path)
    data = [tmp_path / f"data-{number}.js" for number in (1, 2, 3)]
    assert [len(argument(path.read_bytes())) for path in data] == [500, 500, 280]
    assert sum(path.stat().st_size for path in data) / len(model.cells) < 1000
    assert (tmp_path / "index.html").stat().st_size < 300_000


def test_a_prompt_stands_once_in_the_data_however_many_rows_it_has(tmp_path: Path) -> None:
    write_site(models.quickstart(), tmp_path)
    shape = argument((tmp_path / "data-0.js").read_bytes())
    assert [prompt["id"] for prompt in shape["prompts"]] == ["walk", "idle", "castle"]
    cells = argument((tmp_path / "data-1.js").read_bytes())
    assert [cell["prompt"] for cell in cells] == [0] * 6 + [1] * 6 + [2]


def test_a_cell_names_its_files_by_its_folder_and_its_place_by_axes(tmp_path: Path) -> None:
    write_site(models.matrix(), tmp_path)
    shape = argument((tmp_path / "data-0.js").read_bytes())
    first = argument((tmp_path / "data-1.js").read_bytes())[0]
    assert [axis["key"] for axis in shape["axes"]] == [
        *("prompt", "input", "seed", "repeat", "preset", "axis:cfg_scale"),
    ]
    assert shape["layout"]["fold"] == ["repeat"]
    assert first["at"] == [0, 0, 0, 0, 0, -1]
    assert (first["folder"], first["poster"], first["video"]) == (
        *("../cells/a/1/", ["poster.jpg", 960, 540], "clip.mp4"),
    )
    assert first["sheet"] == {
        "f": ["sheet.jpg", 646, 362], "grid": [2, 2, 320, 180], "t": [0, 1.5, 4],
    }  # fmt: skip
    assert shape["metrics"][5]["key"] == "duration_s"
    assert first["n"][5] == 5


def test_a_file_whose_name_could_pass_for_one_of_the_folder_keeps_its_whole_link(
    tmp_path: Path,
) -> None:
    model = models.quickstart()
    odd = model.cells[0].model_copy(update={"video_href": "javascript:alert(1)"})
    write_site(model.model_copy(update={"cells": (odd, *model.cells[1:])}), tmp_path)
    first = argument((tmp_path / "data-1.js").read_bytes())[0]
    assert "folder" not in first
    assert first["video"] == "javascript:alert(1)"
    assert first["poster"][0] == "../cells/a/1/poster.jpg"


def test_details_follow_the_cells_and_keep_every_digit(tmp_path: Path) -> None:
    model = models.large(20)
    write_site(model, tmp_path)
    number, second, _ = argument((tmp_path / "detail-2.js").read_bytes())
    assert number == 2
    assert [detail["key"] for detail in second] == [cell.key for cell in model.cells[50:100]]
    _, first, _ = argument((tmp_path / "detail-1.js").read_bytes())
    assert json.loads(first[0]["arguments"]) == model.details[0].arguments


def test_text_cannot_break_out_of_a_data_script() -> None:
    text = "</script><!--\u2028\u2029&\ud800\\u003c"
    script = script_call("load", {"text": text})
    assert not re.search(rb"[<>&]|\xe2\x80[\xa8\xa9]", script)
    assert argument(script) == {"text": text}


def test_hostile_texts_are_escaped_in_the_page(tmp_path: Path) -> None:
    index = write_site(models.hostile(), tmp_path).read_text("utf-8")
    assert "<script>window" not in index
    assert "<b>bold" not in index
    assert "&lt;/script&gt;&lt;script&gt;window.pwned" in index
    assert not re.search(r'(href|src)="\s*(java|//|\\|/|https?:)', index)


@pytest.mark.parametrize("href", [*AWAY, "", "\x01javascript:x", "data:text/html,x"])
def test_only_files_beside_the_report_may_be_linked(href: str) -> None:
    assert not is_local_href(href)
    assert is_local_href("../cells/a:b/clip 1.mp4")


def test_a_value_that_is_missing_is_an_error() -> None:
    template = report_environment().from_string("{{ model.nothing }}")
    with pytest.raises(UndefinedError):
        template.render(model={})


@pytest.mark.parametrize(
    "update",
    [
        {"key": "0001c0ffee"},
        {"at": (0, 0, 0, 1)},
        {"at": (0, 0, 0, 99)},
        {"at": (0, 0, -2, 0)},
        {"at": (0, 0, 0)},
        {"prompt": 3},
        {"state": "perhaps"},
    ],
    ids=str,
)
def test_cells_that_would_hide_each_other_are_refused(
    tmp_path: Path, update: dict[str, Any]
) -> None:
    model = models.quickstart()
    first, *rest = model.cells
    broken = model.model_copy(update={"cells": (first.model_copy(update=update), *rest)})
    with pytest.raises(ValueError, match="c0ffee"):
        write_site(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file, not a folder")
    with pytest.raises(StorageFailed, match=r"report: the report cannot be written"):
        write_site(models.quickstart(), tmp_path / "report")


def test_a_batch_without_cells_still_has_a_report(tmp_path: Path) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("axes", "cells", "details", "presets", "columns"), ())
    model: ReportModel = models.quickstart().model_copy(update=nothing)
    assert "quickstart" in write_site(model, tmp_path).read_text("utf-8")
    assert argument((tmp_path / "data-0.js").read_bytes())["cells"] == 0

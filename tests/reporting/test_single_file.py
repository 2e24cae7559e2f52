"""A report of one file: its limit, what it lets through, and what it may carry."""

import re
from pathlib import Path

import pytest

from fal_experiments.core.hrefs import is_embedded_href
from fal_experiments.core.report_model import ReportModel
from fal_experiments.errors import BadInput
from fal_experiments.reporting.single_file import write_single_file
from tests.browser.batches import AWAY
from tests.reporting import models

SIZES = {"clip.mp4": 900_000, "poster.jpg": 60_000, "sheet.jpg": 150_000}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a report whose cells share one clip of 0.9 MB with its pictures."""
    files = tmp_path / "cells" / "a" / "1"
    files.mkdir(parents=True)
    for name, size in SIZES.items():
        (files / name).write_bytes(bytes(size))
    return tmp_path / "report"


def written(model: ReportModel, folder: Path, limit_mb: float = 25, *, clips: bool = True) -> str:
    """Return the page."""
    target = folder.parent / "one.html"
    write_single_file(model, folder, target, limit_mb=limit_mb, with_clips=clips)
    return target.read_text("utf-8")


def test_a_report_above_its_limit_is_refused_with_what_to_leave_out(folder: Path) -> None:
    with pytest.raises(
        BadInput, match=r"in one file, more than 1 MB \(clips 105\.6 MB, cont"
    ) as told:
        written(models.matrix(), folder, limit_mb=1)
    assert not (folder.parent / "one.html").exists()
    assert "--limit-mb" in told.value.fix


def test_leaving_clips_out_is_offered_where_it_helps(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"the report would be 1\d\.\d MB") as told:
        written(models.quickstart(), folder, limit_mb=10)
    assert re.search(r"--without-clips leaves posters and .*: about [34]\.\d MB", told.value.fix)
    assert written(models.quickstart(), folder, limit_mb=10, clips=False)


def test_without_clips_posters_and_sheets_are_left(folder: Path) -> None:
    page = written(models.quickstart(), folder, clips=False)
    assert "data:video" not in page
    assert page.count("data:image/jpeg") >= 20


def test_a_file_that_is_gone_is_told(folder: Path) -> None:
    (folder.parent / "cells" / "a" / "1" / "clip.mp4").unlink()
    target = folder.parent / "one.html"
    made = write_single_file(models.quickstart(), folder, target, limit_mb=25, with_clips=True)
    assert made.missing == ("../cells/a/1/clip.mp4",)


def test_only_what_the_page_carries_is_let_through(folder: Path) -> None:
    page = written(models.quickstart(), folder)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == rules["media-src"] == "data:"
    hashes = f"{rules['script-src']} {rules['style-src']}".split()
    assert all(word.startswith("'sha256-") for word in hashes)
    assert len(hashes) == page.count("<script>") + page.count("<style>")
    assert not re.search(r"<(script|link|img|video)\b[^>]* (src|href)=\"(?!data:)", page)
    assert not re.search(r'<a\b[^>]* href="(?!#)', page)


def test_hostile_links_and_texts_carry_nothing(folder: Path) -> None:
    page = written(models.hostile(), folder)
    for away in AWAY:
        assert f'"{away}' not in page.replace("\\\\", "\\") or f'"label":"{away}' in page
    assert "<script>window" not in page
    assert page.count("<script>") == page.count("</script>")


@pytest.mark.parametrize(
    "href",
    [
        *AWAY,
        "../cells/a/1/clip.mp4",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/png,x",
        " data:image/png;base64,AA==",
        "DATA:image/png;base64,AA==",
        "data:image/png;charset=x;base64,AA==",
    ],
)
def test_only_pictures_and_clips_may_be_carried(href: str) -> None:
    assert not is_embedded_href(href)
    assert is_embedded_href("data:image/webp;base64,AA==")
    assert is_embedded_href("data:video/mp4;base64,AA==")

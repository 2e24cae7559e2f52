"""Bad files reach a batch from network and disk: each costs its own cell, and is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kit import Bench, troubled
from tests.media.clips import flip_bits

CELLS = 4
FAULTS = ({"do": "media_truncated", "first": 1}, {"do": "media_html", "first": 2})
"""Each file arrives cut off, then as a page of HTML, then whole."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    render = {"sheet": "2x2", "gif": "64px@4"}
    root = tmp_path_factory.mktemp("odd-media")
    with troubled(root, *FAULTS, seeds="1-4", render=render) as ran:
        called = ran.call("run", "m.yaml", "--json")
        assert called.code == 0, called.err
        yield ran


def _records(made: Bench) -> dict[str, Any]:
    paths = made.batch().glob("cells/*/1/derived.json")
    return {path.parts[-3]: json.loads(path.read_text()) for path in paths}


def test_what_arrives_broken_is_fetched_until_it_is_whole_and_then_rendered(made: Bench) -> None:
    struck = made.sandbox.stats().faults

    assert struck == {"media_truncated": CELLS, "media_html": CELLS}
    assert set(made.cells().values()) == {"done"}
    records = _records(made)
    assert len(records) == CELLS
    for record in records.values():
        assert (record["failed"], record["damage"]) == (None, None)
        assert record["gif"] is not None
    assert made.posts() == CELLS


def test_what_breaks_on_the_disk_is_named_and_its_neighbours_have_their_pictures(
    made: Bench,
) -> None:
    clips = sorted(made.batch().glob("cells/*/1/clip.mp4"))
    flipped, emptied, script, whole = clips
    kept = {clip: clip.read_bytes() for clip in clips}
    for clip in clips:
        (clip.parent / "derived.json").unlink()
    data = kept[flipped]
    flipped.write_bytes(flip_bits(data, range(len(data) * 3 // 4, len(data) - 8, 7)))
    emptied.write_bytes(b"")
    script.write_text(f"ffconcat version 1.0\nfile '{whole}'\n")
    try:
        called = made.call("render", "--json")
        page = "".join(path.read_text() for path in (made.batch() / "report").rglob("*.js"))
    finally:
        for clip, content in kept.items():
            clip.write_bytes(content)

    assert called.code == 1
    failed = {told["cell"]: told["reason"] for told in called.json["failed"]}
    (damaged,) = called.json["damaged"]
    assert failed == {_cell(emptied): "the file is empty (0 bytes)", _cell(script): _text(whole)}
    assert damaged["cell"] == _cell(flipped)
    assert "damaged" in damaged["reason"]
    for reason in (*failed.values(), damaged["reason"]):
        assert reason in called.err
    assert "its pictures show a part of it only" in page
    assert "its pictures could not be made: the file is empty" in page
    assert _records(made)[_cell(whole)]["damage"] is None
    assert (whole.parent / "preview.gif").exists()


def _cell(clip: Path) -> str:
    return clip.parts[-3]


def _text(whole: Path) -> str:
    words = f"ffconcat version 1.0 file '{whole}'"
    shown = words if len(words) <= 100 else words[:99] + "…"
    return f"text, not media: “{shown}”"

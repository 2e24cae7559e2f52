"""Presets side by side, and the page that is made of them."""

from pathlib import Path
from typing import Any

import pytest

from fal_experiments.core.preset_page import markdown
from fal_experiments.core.preset_table import Row, by_family, input_words, row_of
from fal_experiments.core.price import Price
from fal_experiments.core.price_words import price_words
from fal_experiments.storage.bundled import bundled_root
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

ROOT = Path(__file__).parents[3]
SHELF = PresetShelf(Project(bundled_root()))


def _row(preset_id: str) -> Row:
    return row_of(SHELF.read(preset_id))


def test_the_page_of_presets_is_fresh() -> None:
    """`make docs` writes it again."""
    page = markdown(row_of(SHELF.read(preset_id)) for preset_id in SHELF.ids())

    assert (ROOT / "docs" / "presets.md").read_text("utf-8") == page


def test_every_preset_stands_once_under_its_family() -> None:
    page = (ROOT / "docs" / "presets.md").read_text("utf-8")

    assert [page.count(f"| `{preset_id}`<br>") for preset_id in SHELF.ids()] == [1] * len(
        SHELF.ids()
    )
    assert page.index("## kling") < page.index("`kling-o1-edit`") < page.index("## ltx")


@pytest.mark.parametrize(
    ("preset_id", "cells"),
    [
        (
            "kling-o3-pro-r2v",
            {
                "takes": "first frame, last frame, references, elements, shots",
                "length": "3–15 s",
                "size": "not stated",
                "ratio": "16:9, 9:16, 1:1",
                "sound": "switch (generate_audio)",
                "seeds": "no",
                "typical": "$0.56",
                "status": "current",
            },
        ),
        (
            "hailuo-02-standard-i2v",
            {"length": "6, 10 s", "sound": "never", "typical": "$0.27 (768P, 6 s)"},
        ),
        (
            "wan-2-7-edit",
            {
                "takes": "one reference, video",
                "length": "that of the video, 2–10 s",
                "typical": "$1.00",
            },
        ),
        ("wan-2-2-a14b-t2v", {"length": "17–161 frames at 16 fps", "typical": "$0.40"}),
        ("veo-3-1-t2v", {"seeds": "yes, not returned", "takes": "text"}),
        ("sora-2-t2v", {"status": "retired, use veo-3-1-t2v", "sound": "always"}),
        ("wan-2-2-a14b-i2v", {"status": "current, see note"}),
        ("nano-banana-2-edit", {"takes": "picture, references", "length": "–", "sound": "–"}),
        ("kling-o1-edit", {"typical": "–", "price": "not known"}),
        ("seedance-2-r2v", {"takes": "references, video, sound"}),
    ],
)
def test_a_row_says_what_the_preset_says(preset_id: str, cells: dict[str, str]) -> None:
    row = _row(preset_id)

    assert {name: getattr(row, name) for name in cells} == cells


@pytest.mark.parametrize(
    ("preset_id", "words"),
    [
        ("kling-v3-pro-i2v", "first frame"),
        ("kling-v3-pro-motion", "picture"),
        ("nano-banana-2-edit", "picture"),
    ],
)
def test_a_picture_is_called_a_first_frame_only_where_it_is_one(preset_id: str, words: str) -> None:
    assert input_words(SHELF.read(preset_id))["image"] == words


def test_a_note_about_the_status_stands_on_the_page() -> None:
    page = markdown([_row("wan-2-2-a14b-i2v"), _row("sora-2-t2v")])

    assert "current: not in the type definitions of 2026-08-02" in page
    assert "retired, use veo-3-1-t2v: OpenAI closed the Sora API on 2026-09-24" in page


def test_families_and_their_presets_are_in_order() -> None:
    groups = by_family([_row("veo-3-1-t2v"), _row("kling-v3-pro-t2v"), _row("kling-o1-i2v")])

    assert {family: [row.preset for row in rows] for family, rows in groups.items()} == {
        "kling": ["kling-o1-i2v", "kling-v3-pro-t2v"],
        "veo": ["veo-3-1-t2v"],
    }


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (
            {
                "unit": "second",
                "rules": [
                    {"when": {"generate_audio": True}, "usd": "0.14", "high_usd": "0.168"},
                    {"when": {"generate_audio": False}, "usd": "0.07"},
                ],
            },
            "USD a second: 0.14 (up to 0.168) with sound; 0.07 silent",
        ),
        (
            {
                "unit": "second",
                "seconds": "input",
                "rules": [{"when": {"resolution": "720p", "fast": False}, "usd": "0.10"}],
                "request_usd": "0.002",
            },
            "USD a second of the input: 0.1 at 720p, without fast; 0.002 a request on top",
        ),
        (
            {
                "unit": "token",
                "tokens": {"fps": 24, "pixels": {"720p": 921600}},
                "rules": [
                    {"when": {"video_urls": "$given"}, "usd": "0.0000084", "seconds": "both"},
                    {"usd": "0.000014"},
                ],
            },
            "USD a million tokens: 8.4 with video_urls, for the seconds of input and output; 14",
        ),
        (
            {"unit": "image", "rules": [{"when": {"quality": "low", "turbo": True}, "usd": "1"}]},
            "USD an image: 1 with quality low, with turbo",
        ),
    ],
)
def test_a_price_rule_is_told_in_words(price: dict[str, Any], words: str) -> None:
    dated = {"source": "https://fal.ai/x", "as_of": "2026-10-04"}

    assert price_words(Price.model_validate(price | dated)) == words

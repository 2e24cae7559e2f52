"""Frames lie on a sheet without touching, and the atlas says where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.sprite import Packing
from fal_experiments.core.sprite_atlas import (
    Canvas,
    Cut,
    Margins,
    Sheet,
    atlas_json,
    durations_ms,
    pack,
)
from fal_experiments.errors import BadInput

sizes = st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=24)


@given(sizes, st.integers(0, 5), st.integers(0, 3), st.sampled_from(["tight", "pow2"]))
def test_no_two_frames_come_nearer_than_their_margins(
    boxes: list[tuple[int, int]], padding: int, extrude: int, packing: Packing
) -> None:
    sheet = pack(boxes, Margins(padding, extrude), packing)

    wide = [
        (x - extrude, y - extrude, x + w + extrude, y + h + extrude)
        for (x, y), (w, h) in zip(sheet.corners, boxes, strict=True)
    ]
    for index, (left, top, right, bottom) in enumerate(wide):
        assert left >= padding
        assert top >= padding
        assert right + padding <= sheet.width_px
        assert bottom + padding <= sheet.height_px
        for other in wide[:index]:
            apart = max(left - other[2], other[0] - right, top - other[3], other[1] - bottom)
            assert apart >= padding


@given(sizes)
def test_sides_of_a_pow2_sheet_are_powers_of_two(boxes: list[tuple[int, int]]) -> None:
    sheet = pack(boxes, Margins(2, 0), "pow2")

    for side in (sheet.width_px, sheet.height_px):
        assert side & (side - 1) == 0


def test_equal_frames_make_a_sheet_that_can_be_looked_at() -> None:
    sheet = pack([(100, 200)] * 12, Margins(0, 0), "tight")

    assert (sheet.width_px, sheet.height_px) in {(600, 400), (400, 600)}
    assert list(sheet.corners) == sorted(sheet.corners, key=lambda corner: corner[::-1])


def test_frames_that_no_texture_holds_are_refused() -> None:
    with pytest.raises(BadInput, match="--frames"):
        pack([(1920, 1080)] * 200, Margins(2, 0), "tight")


def test_the_atlas_has_what_engines_read() -> None:
    cuts = [Cut("0001.png", 0, 0, 40, 80, 42), Cut("0002.png", 5, 1, 30, 79, 41)]
    sheet = Sheet(80, 90, ((2, 2), (46, 2)))

    atlas = atlas_json(sheet, cuts, Canvas(40, 80, 20.0, 78.0), "sheet.png", "walk")

    assert atlas["frames"]["0002.png"] == {
        "frame": {"x": 46, "y": 2, "w": 30, "h": 79},
        "rotated": False,
        "trimmed": True,
        "spriteSourceSize": {"x": 5, "y": 1, "w": 30, "h": 79},
        "sourceSize": {"w": 40, "h": 80},
        "duration": 41,
        "pivot": {"x": 0.5, "y": 0.975},
    }
    assert atlas["frames"]["0001.png"]["trimmed"] is False
    assert atlas["meta"]["image"] == "sheet.png"
    assert atlas["meta"]["format"] == "RGBA8888"
    assert atlas["meta"]["size"] == {"w": 80, "h": 90}
    assert atlas["meta"]["scale"] == "1"
    assert atlas["meta"]["frameTags"] == [
        {"name": "walk", "from": 0, "to": 1, "direction": "forward"}
    ]


def test_rounded_lengths_do_not_add_up_to_an_error() -> None:
    starts_s = [0.5 + index / 24 for index in range(25)]

    assert sum(durations_ms(starts_s)) == 1000
    assert set(durations_ms(starts_s)) == {41, 42}

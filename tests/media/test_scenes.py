"""Scenes of a clip are found where they were planted, and each is on the sheet."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from fal_experiments.core.derived import Recipe
from fal_experiments.media.scenes import cuts
from tests.media.clips import Pixels, grey_frames, moving_frames, tiles_of, write_clip
from tests.media.rendering import derive, middle_grey

SCENES = Recipe(sheet_columns=3, sheet_rows=2, tile_width_px=128, sampling="scenes")


def small(frames: list[Pixels]) -> list[np.ndarray[tuple[int, ...], np.dtype[np.int16]]]:
    """Return frames as the finder of cuts sees them."""
    return [frame[::4, ::4].mean(axis=2).astype(np.int16) for frame in frames]


def test_a_cut_is_found_at_its_frame() -> None:
    frames = [*grey_frames([60] * 10), *grey_frames([120] * 10), *grey_frames([90] * 10)]

    assert cuts(small(frames)) == [10, 20]


def test_a_flash_is_no_cut() -> None:
    frames = [*grey_frames([60] * 10), *grey_frames([220]), *grey_frames([60] * 10)]

    assert cuts(small(frames)) == []


def test_a_fade_and_a_fast_movement_are_no_cuts() -> None:
    assert cuts(small(grey_frames(range(20, 240, 8)))) == []
    assert cuts(small(moving_frames(8))) == []


def test_a_cut_into_fast_movement_is_found() -> None:
    frames = [*grey_frames([10] * 12), *moving_frames(12)]

    assert cuts(small(frames)) == [12]


def test_a_clip_of_one_frame_has_no_cuts() -> None:
    assert cuts(small(moving_frames(1))) == []
    assert cuts([]) == []


def test_a_short_scene_is_on_the_sheet_and_the_cuts_are_told(tmp_path: Path) -> None:
    levels = [50] * 60 + [200] * 3 + [110] * 57
    clip = write_clip(tmp_path / "cuts.mp4", grey_frames(levels))

    sheet = derive(clip, tmp_path / "out", SCENES).sheet

    assert sheet is not None
    assert sheet.cuts_s == (Decimal("2.5"), Decimal("2.625"))
    assert len(sheet.times_s) == 6
    assert {Decimal(0), *sheet.cuts_s} <= set(sheet.times_s)
    assert sheet.times_s[-1] * 24 == pytest.approx(119, abs=0.001)
    for tile, at_s in zip(
        tiles_of(tmp_path / "out/sheet.jpg", 3, (128, 96), 6), sheet.times_s, strict=True
    ):
        assert middle_grey(tile) == pytest.approx(levels[round(at_s * 24)], abs=1.6)


def test_uniform_sampling_would_have_missed_it(tmp_path: Path) -> None:
    levels = [50] * 60 + [200] * 3 + [110] * 57
    clip = write_clip(tmp_path / "cuts.mp4", grey_frames(levels))

    even = SCENES.model_copy(update={"sampling": "uniform"})
    sheet = derive(clip, tmp_path / "out", even).sheet

    assert sheet is not None
    assert sheet.cuts_s == ()
    assert not any(60 <= round(at_s * 24) < 63 for at_s in sheet.times_s)


def test_a_clip_with_fewer_frames_than_tiles_shows_each_once(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "four.mp4", moving_frames(4))

    sheet = derive(clip, tmp_path / "out", SCENES).sheet

    assert sheet is not None
    assert [round(at_s * 24) for at_s in sheet.times_s] == [0, 1, 2, 3]

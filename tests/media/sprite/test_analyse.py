"""What was planted in a walk comes out: period, seam, slide, drift, turns, ground, colours."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.sprite import SpriteOrder, SpriteRecord
from fal_experiments.media.sprite.analyse import analyse
from tests.media.clips import grey_frames, moving_frames, write_clip
from tests.media.sprite.analysed import kept_of, measured, value
from tests.media.sprite.walker import Walker, walk

FPS = 24


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> SpriteRecord:
    """A walk without any fault, 24 frames a period."""
    return measured(tmp_path_factory.mktemp("plain"), Walker())


@pytest.mark.parametrize(
    ("walker", "steps"),
    [
        (Walker(period=24), 2),
        (Walker(period=26.4, phase=0.3), 2),
        (Walker(period=17.3), 2),
        (Walker(period=24, same_legs=True), 2),
    ],
    ids=["whole frames", "a fraction", "short", "legs alike"],
)
def test_the_period_is_that_of_two_steps_within_a_hundredth(
    walker: Walker, steps: int, tmp_path: Path
) -> None:
    found = measured(tmp_path, walker)

    assert value(found, "period_s") * FPS == pytest.approx(walker.period, rel=0.01)
    assert found.loop is not None
    assert found.loop.steps == steps
    assert abs(found.loop.end_frame - found.loop.first_frame - walker.period) <= 1


def test_a_true_loop_has_the_seam_of_any_other_step(plain: SpriteRecord) -> None:
    assert value(plain, "seam") == pytest.approx(1, abs=0.1)
    assert value(plain, "confidence") > 0.9


def test_a_walk_without_fault_shows_none(plain: SpriteRecord) -> None:
    assert value(plain, "foot_slide_px") < 0.6
    assert abs(value(plain, "baseline_drift_px_s")) < 0.2
    assert abs(value(plain, "travel_px_s")) < 0.5
    assert abs(value(plain, "growth_percent_s")) < 0.2
    assert value(plain, "facing_flips") == 0
    assert value(plain, "plate_drift") <= 2
    assert value(plain, "palette_growth") == pytest.approx(1, abs=0.1)
    assert value(plain, "cut_off_percent") == 0
    assert plain.key_colour == "#d9d6ce"
    assert (plain.plate_first, plain.plate_last) == ("flat", "flat")


def test_a_sinking_baseline_is_told_in_pixels_a_second(tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(sinks_px=0.3))

    assert value(found, "baseline_drift_px_s") == pytest.approx(0.3 * FPS, abs=1)


def test_travel_and_growth_are_told_apart(tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(travels_px=0.8))

    assert value(found, "travel_px_s") == pytest.approx(0.8 * FPS, abs=0.5)
    assert abs(value(found, "growth_percent_s")) < 0.2


def test_a_figure_that_grows_is_told(tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(grows=0.001))

    assert value(found, "growth_percent_s") == pytest.approx(0.1 * FPS, abs=0.5)


def test_slipping_feet_are_told_in_pixels_a_frame(tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(slips_px=5))

    assert value(found, "foot_slide_px") == pytest.approx(5, abs=1)


def test_feet_that_stand_while_the_figure_walks_on_do_not_slide(tmp_path: Path) -> None:
    # 72 px of stride in 0.55 periods of 24 frames: the planted foot stands still in the picture
    walker = Walker(travels_px=72 / 13.2, starts_at_px=110)
    found = measured(tmp_path, walker, 60)

    assert value(found, "foot_slide_px") < 0.6
    assert value(found, "travel_px_s") == pytest.approx(72 / 13.2 * FPS, rel=0.03)
    assert value(found, "period_s") == pytest.approx(1, rel=0.01)


def test_turns_are_found_at_their_frames(tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(flips_at=(30, 48)))

    assert value(found, "facing_flips") == 2
    assert found.facing_frames == (30, 48)


def test_a_ground_that_changes_its_colour_is_told_and_followed(tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(ground_later=(187, 214, 226)))

    assert value(found, "plate_drift") == pytest.approx(30, abs=2)
    assert found.loop is not None


def test_new_colours_are_told(tmp_path: Path) -> None:
    assert value(measured(tmp_path, Walker(noise_at_end=16)), "palette_growth") > 1.3


def test_a_label_in_a_corner_is_no_part_of_the_figure(plain: SpriteRecord, tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(label=True))

    for name in ("baseline_drift_px_s", "travel_px_s", "foot_slide_px"):
        assert value(found, name) == pytest.approx(value(plain, name), abs=0.2)


def test_a_clip_of_another_thing_has_no_cycle_and_says_so(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(48))
    blank = SpriteRecord(asset_sha256="a")

    found = analyse(kept_of(clip), SpriteOrder(), blank, None).record

    assert found.loop is None
    assert found.no_loop.startswith("no pose comes back")
    assert found.value("period_s") is None
    assert "the background is not flat" in found.readings["foot_slide_px"].why_not
    assert found.plate_first != "flat"


@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_clip_in_which_nothing_moves_has_no_cycle(count: int, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", grey_frames([120] * count))
    blank = SpriteRecord(asset_sha256="a")

    found = analyse(kept_of(clip), SpriteOrder(), blank, None).record

    assert found.loop is None
    assert found.no_loop
    assert "no figure" in found.readings["travel_px_s"].why_not


def test_one_period_alone_is_a_loop_as_a_whole(tmp_path: Path) -> None:
    found = measured(tmp_path, Walker(), 24)

    assert found.loop is not None
    assert found.loop.found_by == "whole clip"
    assert value(found, "seam") == pytest.approx(1, abs=0.15)
    assert found.value("period_s") is None


def test_the_figure_is_compared_with_the_anchor(tmp_path: Path) -> None:
    frames = walk(Walker(), 48)
    clip = write_clip(tmp_path / "clip.mp4", frames)
    kept, blank = kept_of(clip), SpriteRecord(asset_sha256="a")
    other = walk(Walker(near_leg=(40, 160, 60), far_leg=(40, 120, 60), height_px=200), 1)[0]

    same = analyse(kept, SpriteOrder(), blank, _picture(frames[0])).record
    strange = analyse(kept, SpriteOrder(), blank, _picture(255 - other)).record

    assert value(same, "identity_shape") > 0.7
    assert value(same, "identity_colour") > 0.85
    assert value(strange, "identity_colour") < 0.4


def _picture(pixels: object) -> Image.Image:
    return Image.fromarray(np.asarray(pixels, np.uint8))

"""Orders, readings and verdicts of the walk-cycle lab."""

import pytest
from pydantic import ValidationError

from fal_experiments.core.sprite import (
    Loop,
    SpriteOrder,
    SpriteRecord,
    colour_name,
    colour_of,
    read,
    spread_evenly,
)
from fal_experiments.core.sprite_rank import rank, verdict_of
from fal_experiments.core.sprite_readings import READINGS, label, level

LOOP = Loop(first_frame=10, end_frame=34, start_s="0.4", length_s=1, found_by="period", steps=2)


def record(**readings: float | str) -> SpriteRecord:
    good: dict[str, float | str] = {"seam": 1.0, "foot_slide_px": 0.3, "baseline_drift_px_s": 0.0}
    return SpriteRecord(
        asset_sha256="a", loop=LOOP, key_colour="#d9d6ce", readings=read({**good, **readings})
    )


@pytest.mark.parametrize("key", ["red", "#12345", "#1234567", "Auto", ""])
def test_a_key_that_is_no_colour_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="a colour such as #d9d6ce"):
        SpriteOrder(key=key)


def test_a_colour_is_read_and_written() -> None:
    assert colour_of("#d9d6ce") == (217, 214, 206)
    assert colour_name((217, 214, 206)) == "#d9d6ce"
    assert colour_of("auto") is None
    with pytest.raises(ValueError, match="no colour"):
        colour_of("red")


@pytest.mark.parametrize(
    ("count", "frames"),
    [(None, (4, 5, 6, 7, 8, 9)), (6, (4, 5, 6, 7, 8, 9)), (9, (4, 5, 6, 7, 8, 9)), (3, (4, 6, 8))],
)
def test_frames_are_spread_over_the_loop_from_its_start(
    count: int | None, frames: tuple[int, ...]
) -> None:
    assert spread_evenly(4, 10, count) == frames


def test_a_reading_is_a_number_or_the_reason_why_there_is_none() -> None:
    readings = read({"seam": 1.23456, "period_s": "hardly anything moves"})

    assert str(readings["seam"].value) == "1.235"
    assert readings["period_s"].value is None
    assert readings["period_s"].why_not == "hardly anything moves"


def test_a_record_stands_for_the_same_files_and_the_same_order_only() -> None:
    made = record()

    assert made.is_of("a", None, SpriteOrder())
    assert not made.is_of("b", None, SpriteOrder())
    assert not made.is_of("a", "anchor", SpriteOrder())
    assert not made.is_of("a", None, SpriteOrder(frames=8))
    assert not made.model_copy(update={"failed": "cut off"}).is_of("a", None, SpriteOrder())
    assert not made.model_copy(update={"version": 0}).is_of("a", None, SpriteOrder())


def test_every_reading_says_what_it_is_and_where_it_ends() -> None:
    for name, kind in READINGS.items():
        assert kind.title, name
        assert kind.meaning, name
        assert kind.limits, name
        assert (kind.fair is None) == (kind.poor is None)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("seam", 1.117, "1.12 ×"),
        ("baseline_drift_px_s", -0.01, "0.0 px/s"),
        ("facing_flips", 2.0, "2"),
        ("confidence", 0.5, "0.50"),
        ("seam", None, "–"),
    ],
)
def test_a_reading_is_told_with_its_unit(name: str, value: float | None, words: str) -> None:
    assert label(name, value) == words


def test_the_size_of_a_drift_counts_not_its_way() -> None:
    assert level("baseline_drift_px_s", -12.5) == level("baseline_drift_px_s", 12.5) == "poor"
    assert level("baseline_drift_px_s", 5) == "fair"
    assert level("identity_shape", 0.1) == "good"


def test_a_clip_without_fault_is_ready() -> None:
    assert verdict_of(record()) == ("ready", "loops cleanly")


def test_faults_are_named_the_worst_ones_first() -> None:
    verdict, words = verdict_of(record(seam=1.7, facing_flips=2.0))

    assert verdict == "spoilt"
    assert words == "it turns round (2); the seam shows (1.70 ×)"


def test_a_clip_on_a_scene_is_spoilt_though_it_loops() -> None:
    scene = record().model_copy(update={"key_colour": None, "plate_first": "busy"})

    verdict, words = verdict_of(scene)
    assert verdict == "spoilt"
    assert "the background is busy" in words


def test_clips_are_ranked_by_verdict_then_by_seam_slide_and_drift() -> None:
    none = record().model_copy(update={"loop": None, "no_loop": "no pose comes back"})
    failed = record().model_copy(update={"failed": "cut off"})
    records = {
        "failed": failed,
        "none": none,
        "turns": record(facing_flips=1.0),
        "slides": record(foot_slide_px=1.5),
        "good": record(),
        "unknown": record(foot_slide_px="the feet cannot be told apart while they stand"),
        "look": record(seam=1.6),
    }

    order = [one.key for one in rank(records)]

    assert order == ["good", "slides", "unknown", "look", "turns", "none", "failed"]

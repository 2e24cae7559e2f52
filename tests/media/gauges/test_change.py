"""Freezes, black, duplicates, flicker, motion and loops come out as they were planted."""

from pathlib import Path

import numpy as np
import pytest

from tests.media.clips import Encoding, grey_frames, write_clip
from tests.media.gauges.planted import (
    measured,
    numbers,
    panned,
    scenery,
    told_by_ffmpeg,
    value,
    with_gain,
)

LOSSLESS = Encoding(codec_options={"crf": "0", "preset": "ultrafast"})
USUAL = Encoding(codec_options={"crf": "20"})


def test_a_freeze_of_three_seconds_is_found_where_ffmpeg_finds_it(tmp_path: Path) -> None:
    moving = panned(72, 2)
    frames = [*moving[:36], *[moving[36]] * 72, *moving[36:]]
    clip = write_clip(tmp_path / "frozen.mp4", frames, USUAL)

    found = measured(clip)
    said = told_by_ffmpeg(clip, "-vf", "freezedetect=n=-60dB:d=0.5")

    (span,) = found.spans["freeze"]
    (start_s,) = numbers(r"freeze_start: ([\d.]+)", said)
    (length_s,) = numbers(r"freeze_duration: ([\d.]+)", said)
    assert value(found, "freeze_s") == pytest.approx(3.04, abs=0.05)
    assert float(span.start_s) == pytest.approx(start_s, abs=0.05)
    assert float(span.length_s) == pytest.approx(length_s, abs=0.05)


def test_what_moves_slowly_is_not_frozen(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "slow.mp4", panned(48, 0.5), USUAL))

    assert value(found, "freeze_s") == 0
    assert "freeze" not in found.spans


def test_every_second_frame_repeated_is_half(tmp_path: Path) -> None:
    frames = [frame for frame in panned(24, 3) for _ in range(2)]
    clip = write_clip(tmp_path / "twice.mp4", frames, USUAL)

    said = told_by_ffmpeg(clip, "-vf", "mpdecimate=hi=200:lo=100:frac=1,showinfo")

    assert value(measured(clip), "duplicate_share") == pytest.approx(0.5, abs=0.03)
    assert len(numbers(r" n: +(\d+) ", said)) == pytest.approx(24, abs=1)


def test_a_small_thing_that_moves_makes_no_duplicate(tmp_path: Path) -> None:
    frames = [scenery().copy() for _ in range(24)]
    for index, frame in enumerate(frames):
        frame[100:104, 100 + 4 * index : 104 + 4 * index] = 255
    found = measured(write_clip(tmp_path / "spot.mp4", frames, LOSSLESS))

    assert value(found, "duplicate_share") == 0


def test_black_is_found_where_ffmpeg_finds_it(tmp_path: Path) -> None:
    frames = [*panned(24, 1), *grey_frames([0] * 24, 640, 360), *panned(24, 1)]
    clip = write_clip(tmp_path / "black.mp4", frames, USUAL)

    found = measured(clip)
    said = told_by_ffmpeg(clip, "-vf", "blackdetect=d=0.1")

    (span,) = found.spans["black"]
    assert value(found, "black_s") == pytest.approx(1.0, abs=0.02)
    assert [float(span.start_s)] == pytest.approx(numbers(r"black_start:([\d.]+)", said), abs=0.05)
    assert [float(span.end_s)] == pytest.approx(numbers(r"black_end:([\d.]+)", said), abs=0.05)


def test_black_in_full_range_is_black_too(tmp_path: Path) -> None:
    full = Encoding("mjpeg", pixel_format="yuvj420p", codec_options={})
    found = measured(write_clip(tmp_path / "full.mkv", grey_frames([0] * 12, 640, 360), full))

    assert value(found, "black_s") == pytest.approx(0.5, abs=0.01)
    assert value(found, "brightness") == pytest.approx(16, abs=0.6)
    assert found.tags.colour_range == "full"


def test_a_dark_scene_with_a_lamp_is_not_black(tmp_path: Path) -> None:
    frames = grey_frames([0] * 12, 640, 360)
    for frame in frames:
        frame[:100, :100] = 120
    found = measured(write_clip(tmp_path / "lamp.mp4", frames, USUAL))

    assert value(found, "black_s") == 0


def test_brightness_is_that_of_signalstats(plain: Path) -> None:
    said = told_by_ffmpeg(plain, "-vf", "signalstats,metadata=print:key=lavfi.signalstats.YAVG")
    theirs = numbers(r"YAVG=([\d.]+)", said)

    assert value(measured(plain), "brightness") == pytest.approx(np.mean(theirs), abs=0.3)


@pytest.mark.parametrize("gain", [0.02, 0.04])
def test_flicker_has_the_size_that_was_planted(tmp_path: Path, gain: float) -> None:
    """A gain that alternates between 1 and 1 + g has second differences of 2 g × luma."""
    still = scenery()
    frames = [with_gain(still, 1 + gain * (index % 2)) for index in range(48)]
    found = measured(write_clip(tmp_path / "flicker.mp4", frames, LOSSLESS))

    luma = value(found, "brightness") - 16
    assert value(found, "flicker") == pytest.approx(2 * gain * luma, rel=0.1)
    assert value(found, "oscillation") > 0.9


def test_flicker_shows_in_a_clip_that_moves(tmp_path: Path) -> None:
    moving = panned(48, 0.5)
    flickering = [with_gain(frame, 1 + 0.02 * (i % 2)) for i, frame in enumerate(moving)]
    calm = measured(write_clip(tmp_path / "calm.mp4", moving, USUAL))
    restless = measured(write_clip(tmp_path / "restless.mp4", flickering, USUAL))

    assert value(restless, "flicker") > 8 * value(calm, "flicker")
    assert value(restless, "oscillation") > 1.5 * value(calm, "oscillation")


def test_a_cut_is_no_flicker(tmp_path: Path) -> None:
    dark = [(frame * 0.3).astype(np.uint8) for frame in panned(24, 0.5)]
    cut = measured(write_clip(tmp_path / "cut.mp4", [*panned(24, 0.5), *dark], USUAL))

    assert value(cut, "flicker") < 0.5


def test_motion_is_that_of_the_pan_as_long_as_it_is_slow(tmp_path: Path) -> None:
    """One pixel of 640 a frame at 24 fps: 12 of 320 a second."""
    slow = measured(write_clip(tmp_path / "slow.mp4", panned(48, 1), USUAL))
    fast = measured(write_clip(tmp_path / "fast.mp4", panned(48, 4), USUAL))

    assert value(slow, "motion") == pytest.approx(12, rel=0.35)
    assert value(fast, "motion") > 2 * value(slow, "motion")


def test_motion_does_not_depend_on_contrast(tmp_path: Path) -> None:
    frames = panned(36, 1)
    faint = [(frame * 0.5 + 64).astype(np.uint8) for frame in frames]
    one = measured(write_clip(tmp_path / "one.mp4", frames, LOSSLESS))
    other = measured(write_clip(tmp_path / "other.mp4", faint, LOSSLESS))

    assert value(other, "motion") == pytest.approx(value(one, "motion"), rel=0.1)


def test_the_seam_of_a_loop_is_like_any_other_change(tmp_path: Path) -> None:
    there = panned(24, 2)
    loop = [*there, *there[-2:0:-1]]
    closed = measured(write_clip(tmp_path / "loop.mp4", loop, USUAL))
    opened = measured(write_clip(tmp_path / "open.mp4", panned(46, 2), USUAL))

    assert value(closed, "loop_seam") == pytest.approx(1, abs=0.25)
    assert value(opened, "loop_seam") > 3


def test_of_a_still_clip_what_makes_no_sense_is_missing(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "still.mp4", [scenery()] * 24, USUAL))

    assert value(found, "freeze_s") == pytest.approx(1.0, abs=0.01)
    assert found.value("loop_seam") is None
    assert found.why("loop_seam") == "nothing moves in it"
    assert found.why("oscillation") == "nothing changes from frame to frame"


def test_a_plain_clip_has_no_motion_to_measure(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "grey.mp4", grey_frames([90] * 24, 320, 180), USUAL))

    assert found.value("motion") is None
    assert "plain" in found.why("motion")
    assert "plain" in found.why("drift_px_s")

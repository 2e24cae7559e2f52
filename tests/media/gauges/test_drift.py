"""A pan comes out as it was planted; a figure that moves before a locked camera is none."""

from pathlib import Path

import numpy as np
import pytest

from fal_experiments.media.gauges.shift import Correlator, soft_window
from tests.media.clips import Encoding, Pixels, write_clip
from tests.media.gauges.planted import measured, panned, scenery, value

USUAL = Encoding(codec_options={"crf": "20"})


@pytest.mark.parametrize(("step_px", "px_s"), [(0.25, 3), (1, 12), (4, 48)])
def test_a_pan_has_its_planted_speed_and_end(tmp_path: Path, step_px: float, px_s: float) -> None:
    """`step_px` of 640 a frame at 24 fps are `px_s` of 320 a second."""
    found = measured(write_clip(tmp_path / "pan.mp4", panned(49, step_px), USUAL))

    assert value(found, "drift_px_s") == pytest.approx(px_s, rel=0.05)
    assert value(found, "drift_end") == pytest.approx(48 * step_px / 640 * 100, rel=0.05)


def test_a_pan_down_counts_as_one_across(tmp_path: Path) -> None:
    tall = scenery(640, 500)
    frames = [np.ascontiguousarray(tall[index : index + 360]) for index in range(48)]
    found = measured(write_clip(tmp_path / "down.mp4", frames, USUAL))

    assert value(found, "drift_px_s") == pytest.approx(12, rel=0.05)


def test_a_portrait_clip_is_measured_along_its_longer_side(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "tall.mp4", panned(48, 1, 360, 640), USUAL))

    assert value(found, "drift_px_s") == pytest.approx(12, rel=0.05)
    assert value(found, "drift_end") == pytest.approx(47 / 360 * 100, rel=0.05)


def test_there_and_back_is_a_path_without_an_offset(tmp_path: Path) -> None:
    there = panned(25, 1)
    found = measured(write_clip(tmp_path / "back.mp4", [*there, *there[-2::-1]], USUAL))

    assert value(found, "drift_px_s") == pytest.approx(12, rel=0.1)
    assert value(found, "drift_end") < 0.2


def test_a_figure_before_a_locked_camera_is_no_drift(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "walk.mp4", _with_walker([scenery()] * 48), USUAL))

    assert value(found, "motion") > 0.3
    assert value(found, "drift_px_s") < 0.3
    assert value(found, "drift_end") < 0.1


def test_a_camera_that_drifts_behind_a_figure_is_found(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "both.mp4", _with_walker(panned(49, 0.5)), USUAL))

    assert value(found, "drift_px_s") == pytest.approx(6, rel=0.1)


def test_noise_is_no_drift(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    frames = [
        np.clip(scenery() + random.normal(0, 6, (360, 640, 3)), 0, 255).astype(np.uint8)
        for _ in range(36)
    ]
    found = measured(write_clip(tmp_path / "grain.mp4", frames, USUAL))

    assert value(found, "drift_px_s") < 0.2


def test_pictures_that_have_nothing_in_common_give_no_drift(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    frames = [
        np.repeat(random.integers(0, 255, (45, 80, 3), np.uint8), 8, axis=0).repeat(8, axis=1)
        for _ in range(24)
    ]
    found = measured(write_clip(tmp_path / "chaos.mp4", frames, USUAL))

    assert found.value("drift_px_s") is None
    assert found.why("drift_px_s") == "the picture changes too much to tell a shift"


@pytest.mark.parametrize("shift_px", [(0.0, 0.0), (3.0, -2.0), (-7.5, 4.25), (0.4, 0.1)])
def test_a_shift_of_parts_of_a_pixel_is_measured(shift_px: tuple[float, float]) -> None:
    """The shift is planted in the spectrum, where it is exact."""
    picture = scenery(320, 180)[:, :, 0].astype(np.float32)
    y, x = np.fft.fftfreq(180)[:, None], np.fft.fftfreq(320)[None]
    turned = np.exp(-2j * np.pi * (x * shift_px[0] + y * shift_px[1]))
    moved = np.fft.ifft2(np.fft.fft2(picture) * turned).real
    correlator = Correlator((180, 320), soft_window((180, 320), 0.2))

    found = correlator.shift(correlator.spectrum(picture), correlator.spectrum(moved))

    assert (found.x_px, found.y_px) == pytest.approx(shift_px, abs=0.04)
    assert found.sureness > 0.4


def _with_walker(frames: list[Pixels]) -> list[Pixels]:
    """Return frames with a striped figure that crosses the middle."""
    walking = []
    for index, frame in enumerate(frames):
        changed = frame.copy()
        left = 200 + 4 * index
        changed[120:260, left : left + 50] = (200, 60, 40)
        changed[120:260:12, left : left + 50] = (20, 20, 90)
        walking.append(changed)
    return walking

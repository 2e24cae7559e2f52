"""Loudness, peaks and silence are those that were planted, and those that ffmpeg finds."""

from pathlib import Path

import numpy as np
import pytest

from tests.media.clips import Encoding, grey_frames, write_clip
from tests.media.gauges.planted import (
    measured,
    numbers,
    sine,
    told_by_ffmpeg,
    value,
    write_sounding,
)


def told_loudness(clip: Path) -> tuple[float, float, float]:
    """Return integrated loudness, range and true peak as ffmpeg prints them."""
    said = told_by_ffmpeg(clip, "-af", "ebur128=peak=true").split("Summary:")[1]
    patterns = (r"I: +(-?[\d.]+) LUFS", r"LRA: +([\d.]+) LU\n", r"Peak: +(-?[\d.]+) dBFS")
    integrated, spread, peak = (numbers(pattern, said)[0] for pattern in patterns)
    return integrated, spread, peak


def test_a_stereo_tone_of_minus_23_has_minus_23(tmp_path: Path) -> None:
    """EBU Tech 3341, case 1: 1 kHz on both channels with peaks of −23 dBFS is −23 LUFS."""
    clip = write_sounding(tmp_path / "tone.mkv", np.stack([sine(6, -23)] * 2))

    found = measured(clip)

    assert value(found, "loudness_lufs") == pytest.approx(-23, abs=0.1)
    assert value(found, "true_peak_dbtp") == pytest.approx(-23, abs=0.2)
    assert value(found, "silence_share") == 0


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_loudness_is_that_of_ffmpeg_on_noise(tmp_path: Path, channels: int) -> None:
    random = np.random.default_rng(channels)
    noise = random.normal(0, 0.05, (channels, 48_000 * 5))
    noise[:, 48_000 * 3 :] *= 0.25
    clip = write_sounding(tmp_path / "noise.mkv", noise)

    found = measured(clip)
    integrated, spread, peak = told_loudness(clip)

    assert value(found, "loudness_lufs") == pytest.approx(integrated, abs=0.1)
    assert value(found, "loudness_range_lu") == pytest.approx(spread, abs=0.2)
    assert value(found, "true_peak_dbtp") == pytest.approx(peak, abs=0.1)


def test_a_peak_between_samples_is_seen(tmp_path: Path) -> None:
    """A quarter of the sample rate, sampled off its crests: 3 dB higher in between."""
    times = np.arange(48_000)
    tone = 0.5 * np.hanning(48_000) * np.sin(np.pi / 2 * times + np.pi / 4)
    found = measured(write_sounding(tmp_path / "between.mkv", np.stack([tone] * 2)))

    assert 20 * np.log10(np.abs(tone).max()) == pytest.approx(-9.03, abs=0.01)
    assert value(found, "true_peak_dbtp") == pytest.approx(-6.02, abs=0.2)


def test_silence_is_found_where_ffmpeg_finds_it(tmp_path: Path) -> None:
    quiet = np.concatenate([sine(1, -20), np.zeros(48_000 * 2), sine(1, -20), sine(0.3, -80)])
    clip = write_sounding(tmp_path / "pause.mkv", quiet[None])

    found = measured(clip)
    said = told_by_ffmpeg(clip, "-af", "silencedetect=n=-60dB:d=0.5")

    (span,) = found.spans["silence"]
    assert value(found, "silence_share") == pytest.approx(2 / 4.3, abs=0.01)
    assert [float(span.start_s)] == pytest.approx(
        numbers(r"silence_start: ([\d.]+)", said), abs=0.02
    )
    assert [float(span.end_s)] == pytest.approx(numbers(r"silence_end: ([\d.]+)", said), abs=0.02)


def test_a_silent_track_is_silent_and_has_no_loudness(tmp_path: Path) -> None:
    found = measured(write_sounding(tmp_path / "silent.mkv", np.zeros((2, 48_000 * 2))))

    assert value(found, "silence_share") == 1
    assert found.value("loudness_lufs") is None
    assert found.why("loudness_lufs") == "it is silent"
    assert found.why("true_peak_dbtp") == "it is silent"


def test_a_clip_without_sound_says_so(plain: Path) -> None:
    found = measured(plain)

    for name in ("loudness_lufs", "loudness_range_lu", "true_peak_dbtp", "silence_share"):
        assert found.value(name) is None
        assert found.why(name) == "it has no sound"


def test_sound_that_is_too_short_has_a_peak_and_no_loudness(tmp_path: Path) -> None:
    found = measured(write_sounding(tmp_path / "short.mkv", sine(0.3, -10)[None]))

    assert found.why("loudness_lufs") == "its sound is shorter than 0.4 s"
    assert value(found, "true_peak_dbtp") == pytest.approx(-10, abs=0.3)


def test_a_coded_track_is_measured_as_ffmpeg_measures_it(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "aac.mp4", grey_frames([90] * 48), Encoding(sound=True))

    assert value(measured(clip), "loudness_lufs") == pytest.approx(told_loudness(clip)[0], abs=0.1)

"""The strip below a clip shows what was planted, on the clip's own time, and asks for no decode."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fal_experiments.core.derived import Derived, Moving
from fal_experiments.media import derive as deriving
from tests.media.clips import FFMPEG, grey_frames, write_clip
from tests.media.gauges.planted import sine, write_sounding
from tests.media.rendering import SHA, SMALL, derive

WIDER = SMALL.model_copy(update={"gif": Moving(width_px=80)})


def planted(path: Path) -> Path:
    """Write a second of silence, one at −30 dBFS and one at −6 dBFS, in the right channel only."""
    right = np.concatenate([np.zeros(48_000), sine(1, -30), sine(1, -6)])
    return write_sounding(path, np.stack([right * 0, right]))


def thirds(bars: tuple[int, ...] | None) -> list[int]:
    """Return the middle bar of each third."""
    assert bars is not None
    assert all(0 <= bar <= 100 for bar in bars)
    return [bars[len(bars) * part // 6] for part in (1, 3, 5)]


def test_bars_are_decibels_of_the_loudest_channel(tmp_path: Path) -> None:
    bars = derive(planted(tmp_path / "steps.mkv"), tmp_path).waveform

    assert bars is not None
    assert len(bars) == 200
    assert thirds(bars) == [0, 50, 90]


def test_sound_that_begins_later_than_the_picture_stands_where_it_is_heard(tmp_path: Path) -> None:
    silent = write_clip(tmp_path / "silent.mp4", grey_frames([90] * 72))
    tone = write_sounding(tmp_path / "tone.mkv", sine(1, -6)[None])
    late = tmp_path / "late.mkv"
    command = [FFMPEG, "-v", "error", "-i", str(silent), "-itsoffset", "1", "-i", str(tone)]
    subprocess.run([*command, "-map", "0:v", "-map", "1:a", "-c", "copy", str(late)], check=True)

    assert thirds(derive(late, tmp_path / "out").waveform) == [0, 90, 0]


def test_a_clip_without_sound_has_no_bars(tmp_path: Path) -> None:
    assert derive(write_clip(tmp_path / "c.mp4", grey_frames([9] * 8)), tmp_path).waveform is None


def test_a_record_of_before_stands_and_is_filled_in_when_the_clip_is_opened_again(
    tmp_path: Path,
) -> None:
    clip = planted(tmp_path / "steps.mkv")
    made = derive(clip, tmp_path / "out")
    record = tmp_path / "out" / "derived.json"
    kept = json.loads(record.read_text())
    assert kept.pop("waveform").split()[-1] == "90"
    record.write_text(json.dumps(kept))

    old = Derived.model_validate_json(record.read_bytes())

    assert old.waveform is None
    assert old.is_of(SHA, SMALL), "it must not be decoded again for a strip"
    assert derive(clip, tmp_path / "out", WIDER).waveform == made.waveform


def test_a_rendering_that_keeps_the_measurements_does_not_hear_the_clip_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = planted(tmp_path / "steps.mkv")
    made = derive(clip, tmp_path / "out")
    monkeypatch.setattr(deriving, "sound_of", None)

    assert derive(clip, tmp_path / "out", WIDER).waveform == made.waveform

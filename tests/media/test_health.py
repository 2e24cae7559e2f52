"""The doctor's report on decoders says what is there and how to mend what is not."""

import sys

import pytest

from fal_experiments.media import health


def bad_lines() -> dict[str, health.Diagnosis]:
    """Return what is not well, by name."""
    return {line.name: line for line in health.decoder_report() if not line.ok}


def test_all_is_well_where_the_tests_run() -> None:
    report = health.decoder_report()

    assert bad_lines() == {}
    assert {"PyAV", "h264 decoder", "worker process", "ffmpeg program"} <= {x.name for x in report}
    assert all(line.detail and not line.fix for line in report)


def test_a_missing_ffmpeg_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")

    bad = bad_lines()

    assert set(bad) == {"ffmpeg program"}
    assert "/nowhere/ffmpeg" in bad["ffmpeg program"].detail
    assert "pip install" in bad["ffmpeg program"].fix


def test_a_missing_decoder_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "NEEDED_DECODERS", ("h264", "no-such-codec"))

    bad = bad_lines()

    assert set(bad) == {"no-such-codec decoder"}
    assert bad["no-such-codec decoder"].detail == "missing"
    assert "pip install" in bad["no-such-codec decoder"].fix


def test_a_broken_pyav_is_told_and_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)

    bad = bad_lines()

    assert set(bad) == {"PyAV"}
    assert "pip install" in bad["PyAV"].fix

"""Two clips side by side: the numbers of ffmpeg's filters, in step, whatever sizes and rates."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from fal_experiments.media.limits import Limits
from fal_experiments.media.pair import measure_pair
from fal_experiments.media.workers import MediaPool
from tests.media.clips import FFMPEG, Encoding, write_clip
from tests.media.gauges.planted import panned, rises, told_by_ffmpeg

LIMITS = Limits()
PROGRAM_WITHOUT_VMAF = f"""#!{sys.executable}
import subprocess, sys
arguments = [argument.replace("libvmaf", "novmaf") for argument in sys.argv[1:]]
done = subprocess.run(["{FFMPEG}", *arguments], capture_output=True, text=True)
sys.stderr.write(done.stderr.replace("novmaf", "libvmaf"))
sys.exit(done.returncode)
"""
GOOD = Encoding(codec_options={"crf": "8"})
FRAMES = panned(24, 2, 320, 192)


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A clip that hardly lost anything."""
    return write_clip(tmp_path / "master.mp4", FRAMES, GOOD)


def copy_at(folder: Path, crf: int) -> Path:
    """Return the same clip, encoded worse."""
    encoding = Encoding(codec_options={"crf": str(crf)})
    return write_clip(folder / f"{crf}.mp4", FRAMES, encoding)


def told(first: Path, second: Path, graph: str, pattern: str) -> float:
    """Return what a filter of ffmpeg says of two clips."""
    said = told_by_ffmpeg(first, "-i", str(second), "-lavfi", graph)
    found = re.search(pattern, said)
    assert found is not None
    return float(found[1])


def test_ssim_psnr_and_vmaf_are_those_of_ffmpeg(master: Path, tmp_path: Path) -> None:
    copy = copy_at(tmp_path, 34)

    found = measure_pair(master, copy, LIMITS)

    ssim = told(master, copy, "ssim", r"SSIM Y:([\d.]+)")
    psnr = told(master, copy, "psnr", r"PSNR y:([\d.]+)")
    vmaf = told(copy, master, "libvmaf", r"VMAF score: ([\d.]+)")
    assert found.failed is None
    assert float(found.values["pair_ssim"]) == pytest.approx(ssim, abs=0.003)
    assert float(found.values["pair_psnr_db"]) == pytest.approx(psnr, abs=0.1)
    assert float(found.values["pair_vmaf"]) == pytest.approx(vmaf, abs=0.5)
    assert (found.width_px, found.height_px) == (320, 192)
    assert found.notes == ()


def test_worse_copies_are_further_away(master: Path, tmp_path: Path) -> None:
    found = [measure_pair(master, copy_at(tmp_path, crf), LIMITS) for crf in (46, 34, 20)]

    for name in ("pair_ssim", "pair_psnr_db", "pair_vmaf"):
        assert rises([float(each.values[name]) for each in found])


def test_equal_clips_have_no_psnr_and_say_why(master: Path) -> None:
    found = measure_pair(master, master, LIMITS)

    assert found.values["pair_ssim"] == 1
    assert "pair_psnr_db" not in found.values
    assert "infinite" in found.missing["pair_psnr_db"]


def test_frames_are_paired_by_their_time_not_their_number(master: Path, tmp_path: Path) -> None:
    half_rate = write_clip(
        tmp_path / "half.mp4", FRAMES[::2], Encoding(fps=12, codec_options={"crf": "8"})
    )

    in_step = measure_pair(half_rate, master, LIMITS)

    assert float(in_step.values["pair_ssim"]) > 0.97
    assert in_step.notes == ()


def test_a_clip_that_begins_later_in_its_file_is_paired_from_its_first_frame(
    master: Path, tmp_path: Path
) -> None:
    late = Encoding(codec_options={"crf": "8"}, starts=range(48, 72))

    found = measure_pair(master, write_clip(tmp_path / "late.mkv", FRAMES, late), LIMITS)

    assert float(found.values["pair_ssim"]) > 0.97


def test_the_larger_is_shrunk_and_that_is_said(master: Path, tmp_path: Path) -> None:
    large = [np.repeat(np.repeat(frame, 2, axis=0), 2, axis=1) for frame in FRAMES]
    found = measure_pair(write_clip(tmp_path / "large.mp4", large, GOOD), master, LIMITS)

    assert float(found.values["pair_ssim"]) > 0.97
    assert (found.width_px, found.height_px) == (320, 192)
    assert found.notes == ("compared at 320 × 192: 640 × 384 was shrunk",)


def test_other_lengths_are_compared_as_long_as_both_last(master: Path, tmp_path: Path) -> None:
    short = write_clip(tmp_path / "short.mp4", FRAMES[:12], GOOD)
    found = measure_pair(master, short, LIMITS)

    assert float(found.values["pair_ssim"]) > 0.97
    assert found.notes == ("compared as long as both last: 1.00 s and 0.50 s",)


def test_what_cannot_be_compared_says_why(master: Path, tmp_path: Path) -> None:
    square = write_clip(tmp_path / "square.mp4", panned(4, 1, 192, 192))
    page = tmp_path / "page.mp4"
    page.write_text("<html>no</html>")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(master.read_bytes()[:-400])

    shapes = measure_pair(master, square, LIMITS).failed
    assert shapes == "their shapes differ: 320 × 192 and 192 × 192 pixels"
    assert str(measure_pair(master, page, LIMITS).failed).startswith("the second: ")
    assert str(measure_pair(cut, master, LIMITS).failed).startswith("the first: ")


def test_a_build_without_libvmaf_says_so(
    master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text(PROGRAM_WITHOUT_VMAF)
    poor.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(poor))

    found = measure_pair(master, copy_at(tmp_path, 30), LIMITS)

    assert "pair_ssim" in found.values
    assert found.missing["pair_vmaf"] == "this build of ffmpeg has no libvmaf"


def test_no_program_is_a_reason(master: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")

    found = measure_pair(master, master, LIMITS)

    assert "ffmpeg program" in found.missing["pair_vmaf"]


def test_the_pool_measures_a_pair_in_a_process_apart(master: Path, tmp_path: Path) -> None:
    with MediaPool(workers=1) as pool:
        found = pool.measure_pair(master, copy_at(tmp_path, 30)).result(60)
        gone = pool.measure_pair(master, tmp_path / "gone.mp4").result(60)

    assert found.values["pair_vmaf"] > 50
    assert gone.failed is not None
    assert "gone.mp4" in gone.failed

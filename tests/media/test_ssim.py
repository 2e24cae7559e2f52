"""Our SSIM is that of ffmpeg, and tells the figure from the plain ground around it."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.likeness import NEAR_DETAIL, NEAR_MEAN
from fal_experiments.media.likeness import compare_clips
from fal_experiments.media.limits import Limits
from fal_experiments.media.ssim import Luma, similarity
from tests.media.clips import FFMPEG, Encoding, moving_frames, write_clip
from tests.media.drawn import clouds, flat, with_figure, with_grain


def luma(picture: Image.Image) -> Luma:
    """Return the luma of a picture."""
    return np.asarray(picture.convert("L"))


def ffmpeg_ssim(first: Path, second: Path) -> float:
    """Return the mean SSIM of luma that ffmpeg's filter finds."""
    command = [FFMPEG, "-nostdin", "-i", str(first), "-i", str(second), "-lavfi", "ssim"]
    said = subprocess.run(
        [*command, "-f", "null", "-"], capture_output=True, check=True, text=True
    ).stderr
    return float(re.findall(r"SSIM Y:([\d.]+)", said)[0])


@pytest.mark.parametrize("crf", ["20", "35", "45"])
@pytest.mark.parametrize("size_px", [(128, 96), (182, 118)])
def test_the_mean_is_that_of_ffmpeg(tmp_path: Path, crf: str, size_px: tuple[int, int]) -> None:
    frames = [np.asarray(with_grain(Image.fromarray(f), 9)) for f in moving_frames(8, *size_px)]
    first = write_clip(tmp_path / "first.mp4", frames)
    second = write_clip(tmp_path / "second.mp4", frames, Encoding(codec_options={"crf": crf}))

    mean = compare_clips(first, second, Limits()).ssim_mean

    assert mean is not None
    assert mean < 1
    assert float(mean) == pytest.approx(ffmpeg_ssim(first, second), abs=0.0005)


def test_a_frame_is_like_itself() -> None:
    assert similarity(luma(clouds(1)), luma(clouds(1))) == pytest.approx((1, 1))


def test_plain_frames_have_no_detail_to_compare() -> None:
    same = similarity(luma(flat()), luma(flat((190, 190, 190))))

    assert same.mean > 0.99
    assert same.detail is None


def test_a_small_figure_that_is_gone_is_seen_in_the_detail_only() -> None:
    plate = flat()
    small = with_figure(plate).resize((160, 90))
    there = plate.copy()
    there.paste(small, (240, 135))

    result = similarity(luma(there), luma(plate))

    assert result.mean > float(NEAR_MEAN)
    assert result.detail is not None
    assert result.detail < float(NEAR_DETAIL)


def test_frames_smaller_than_a_window_are_compared() -> None:
    dark, light = np.zeros((3, 5), np.uint8), np.full((3, 5), 255, np.uint8)

    assert similarity(dark, dark).mean == 1
    assert similarity(dark, light).mean < 0.01


def test_frames_of_two_sizes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        similarity(np.zeros((8, 16), np.uint8), np.zeros((16, 8), np.uint8))

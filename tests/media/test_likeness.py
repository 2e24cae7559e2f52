"""Two results of one request are identical, near or different, and the record says why."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.likeness import Decoded, Likeness, Scores, judge
from fal_experiments.media import likeness
from fal_experiments.media.likeness import compare_clips
from fal_experiments.media.limits import Limits
from tests.media.clips import (
    Encoding,
    Pixels,
    ffmpeg,
    flip_bits,
    grey_frames,
    moving_frames,
    write_clip,
    write_growing_clip,
    write_sound,
)
from tests.media.drawn import flat, with_figure

LIMITS = Limits()


def walking(frames: int, *, leg: int = 0, height_px: int = 96) -> list[Pixels]:
    """Return a small figure on a plain plate; `leg` moves its legs from the second frame on."""
    pictures = []
    for index in range(frames):
        plate = flat((200, 200, 200), (128, height_px))
        plate.paste(with_figure(flat()).resize((64, 48)), (32, 24))
        legs = plate.crop((54, 54, 74, 70))
        plate.paste((200, 200, 200), (54, 54, 74, 70))
        plate.paste(legs, (54 + (leg if index else 0), 54))
        pictures.append(np.asarray(plate))
    return pictures


def test_a_file_beside_its_copy_is_identical(plain: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(plain.read_bytes())

    result = compare_clips(plain, copy, LIMITS)

    assert (result.verdict, result.same_file, result.failed) == ("identical", True, None)
    assert result.frames_compared == 48
    assert result.ssim_mean == result.ssim_least == Decimal(1)
    assert result.first == result.second
    assert result.in_words == "identical: all 48 frames equal in every pixel, the files too"


def test_the_same_frames_in_another_container_are_identical_and_the_files_are_not(
    plain: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.mkv"
    ffmpeg("-i", plain, "-c", "copy", moved)

    result = compare_clips(plain, moved, LIMITS)

    assert (result.verdict, result.same_file) == ("identical", False)
    assert "the files differ around them" in result.in_words


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv420p10le"])
def test_the_same_picture_encoded_again_is_near(tmp_path: Path, pixel_format: str) -> None:
    frames = moving_frames(10)
    first = write_clip(tmp_path / "1.mp4", frames, Encoding(pixel_format=pixel_format))
    again = Encoding(pixel_format=pixel_format, codec_options={"crf": "26"})
    second = write_clip(tmp_path / "2.mp4", frames, again)

    result = compare_clips(first, second, LIMITS)

    assert result.verdict == "near"
    assert result.ssim_mean is not None
    assert result.ssim_least is not None
    assert Decimal("0.95") <= result.ssim_mean < 1
    assert result.ssim_least <= result.ssim_mean
    assert result.in_words.startswith(f"near: SSIM {result.ssim_mean} over 10 frames")


def test_a_change_in_one_plane_of_colour_is_not_identical(tmp_path: Path) -> None:
    """Luma alone would not see it."""
    first = write_clip(tmp_path / "1.mp4", grey_frames([128] * 4))
    ffmpeg("-i", first, "-vf", "lutyuv=u=val+9", "-crf", "4", tmp_path / "2.mp4")

    result = compare_clips(first, tmp_path / "2.mp4", LIMITS)

    assert result.verdict == "near"
    assert result.first != result.second


def test_other_motion_on_a_plain_plate_is_different_although_most_of_the_frame_is_equal(
    tmp_path: Path,
) -> None:
    first = write_clip(tmp_path / "1.mp4", walking(12))
    second = write_clip(tmp_path / "2.mp4", walking(12, leg=14))

    result = compare_clips(first, second, LIMITS)

    assert result.verdict == "different"
    assert result.ssim_mean is not None
    assert result.ssim_detail is not None
    assert result.ssim_mean > Decimal("0.9") > Decimal("0.8") > result.ssim_detail
    assert f"{result.ssim_detail} where there is detail" in result.in_words


def test_sizes_that_differ_are_said_and_not_scored(tmp_path: Path) -> None:
    first = write_clip(tmp_path / "1.mp4", walking(4))
    second = write_clip(tmp_path / "2.mp4", walking(4, height_px=80))

    result = compare_clips(first, second, LIMITS)

    assert (result.verdict, result.ssim_mean, result.frames_compared) == ("different", None, 0)
    assert result.in_words == "different: 128 × 96 and 128 × 80 pixels"


@pytest.mark.parametrize(("frames", "verdict"), [(19, "near"), (10, "different")])
def test_a_shorter_clip_is_compared_over_what_both_have(
    tmp_path: Path, frames: int, verdict: str
) -> None:
    first = write_clip(tmp_path / "1.mp4", walking(20))
    second = write_clip(tmp_path / "2.mp4", walking(frames))

    result = compare_clips(first, second, LIMITS)

    assert (result.verdict, result.frames_compared) == (verdict, frames)
    assert f"20 and {frames} frames" in result.in_words


def test_of_a_long_clip_every_nth_frame_is_scored_and_all_are_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "MOST_COMPARED", 5)
    changed = moving_frames(20)
    changed[19] = changed[19] // 2
    first = write_clip(tmp_path / "1.mp4", moving_frames(20), Encoding(codec_options={"bf": "0"}))
    second = write_clip(tmp_path / "2.mp4", changed, Encoding(codec_options={"bf": "0"}))

    result = compare_clips(first, second, LIMITS)

    assert result.frames_compared == 5
    assert result.verdict != "identical"


def test_a_clip_that_grows_on_the_way_is_not_like_one_that_does_not(tmp_path: Path) -> None:
    small, large = moving_frames(3, 64, 48), moving_frames(3, 128, 96)
    first = write_growing_clip(tmp_path / "1.webm", small, large)
    second = write_growing_clip(tmp_path / "2.webm", small, small)

    result = compare_clips(first, second, LIMITS)

    assert result.verdict == "different"
    assert result.ssim_least == Decimal(0)


@pytest.mark.parametrize(
    ("quality", "verdict"), [(95, "identical"), (70, "near")], ids=["same", "again"]
)
def test_pictures_are_compared_too(tmp_path: Path, quality: int, verdict: str) -> None:
    drawn = with_figure(flat())
    drawn.save(tmp_path / "1.jpg", quality=95)
    drawn.save(tmp_path / "2.jpg", quality=quality)

    result = compare_clips(tmp_path / "1.jpg", tmp_path / "2.jpg", LIMITS)

    assert (result.verdict, result.frames_compared) == (verdict, 1)


def test_a_picture_is_the_same_in_another_format(tmp_path: Path) -> None:
    drawn = with_figure(flat())
    drawn.save(tmp_path / "1.png")
    drawn.save(tmp_path / "2.webp", lossless=True)

    result = compare_clips(tmp_path / "1.png", tmp_path / "2.webp", LIMITS)

    assert (result.verdict, result.same_file) == ("identical", False)


def cut(path: Path) -> None:
    """Write a clip that lacks its end."""
    write_clip(path, moving_frames(24), Encoding(muxer_options={"movflags": "+faststart"}))
    path.write_bytes(path.read_bytes()[:-900])


def broken(path: Path) -> None:
    """Write a clip with damaged frames."""
    write_clip(path, moving_frames(24), Encoding(muxer_options={"movflags": "+faststart"}))
    data = path.read_bytes()
    path.write_bytes(flip_bits(data, range(data.index(b"mdat") + 900, len(data), 97)))


def picture(path: Path) -> None:
    """Write a still."""
    Image.new("RGB", (64, 64)).save(path, "PNG")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (cut, "the second: cut off: 900 bytes are missing"),
        (broken, "the second: damaged: "),
        (write_sound, "the second: there is no video in it"),
        (lambda path: path.write_bytes(b""), "the second: the file is empty"),
        (picture, "the first is a clip, the second a still"),
    ],
    ids=["cut", "damaged", "sound", "empty", "picture"],
)
def test_what_cannot_be_compared_is_a_result_that_says_why(
    plain: Path, tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    second = tmp_path / "clip.mp4"
    make(second)

    result = compare_clips(plain, second, LIMITS)

    assert result.verdict is None
    assert result.failed is not None
    assert result.failed.startswith(reason)
    assert result.in_words == f"not compared: {result.failed}"


def test_a_clip_of_too_many_frames_is_not_compared_in_part(plain: Path) -> None:
    result = compare_clips(plain, plain, Limits(max_frames=10))

    assert result.failed == "the first: it has more than 10 frames"


def decoded(frames: int = 20, sha: str = "a") -> Decoded:
    """Return what a clip of 720p was."""
    return Decoded(frames=frames, width_px=1280, height_px=720, frames_sha256=sha)


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        (Scores(20, 0.95, 0.90, 0.80), "near"),
        (Scores(20, 0.94999, 0.90, 0.99), "different"),
        (Scores(20, 0.99, 0.90, 0.79999), "different"),
        (Scores(20, 0.99, 0.90, None), "near"),
        (None, "different"),
    ],
    ids=["just near", "mean below", "detail below", "plain", "no scores"],
)
def test_the_thresholds_are_not_passed_by_rounding(scores: Scores | None, verdict: str) -> None:
    assert judge(decoded(), decoded(sha="b"), scores, same_file=False).verdict == verdict


def test_a_record_is_read_back_as_it_was_written() -> None:
    record = judge(decoded(), decoded(18, "b"), Scores(18, 0.97, 0.9, 0.9), same_file=False)

    assert Likeness.model_validate_json(record.model_dump_json()) == record
    assert record.in_words == (
        "near: 20 and 18 frames; SSIM 0.9700 over 18 frames, 0.9000 where there is detail, "
        "least 0.9000"
    )

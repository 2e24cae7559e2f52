"""Every measurement is there or has a reason; the record is small; all kinds of files pass."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.derived import Recipe
from fal_experiments.core.measures import UNTOLD, Measures
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.media.anchor_file import Anchor
from fal_experiments.media.derive import derive_file
from fal_experiments.media.limits import Limits
from fal_experiments.media.rendered import read_rendered
from tests.media.clips import AV1, VP9, Encoding, ffmpeg, grey_frames, moving_frames, write_clip
from tests.media.gauges.planted import measured, numbers, panned, told_by_ffmpeg, value
from tests.media.rendering import SHA, SMALL

TEN_BITS = Encoding(
    "libx265",
    pixel_format="yuv420p10le",
    codec_options={"crf": "8", "x265-params": "log-level=none"},
)
NAMES = {metric.name for metric in CLIP_METRICS}


def of_file(path: Path, folder: Path, anchor: Anchor | None = None) -> Measures:
    """Return what rendering measures of a file."""
    derived = derive_file(path, folder, SHA, SMALL, Limits(), anchor)
    assert derived.failed is None
    assert derived.measures is not None
    return derived.measures


@pytest.mark.parametrize("count", [1, 2, 3, 48])
def test_every_measurement_is_there_or_has_a_reason(tmp_path: Path, count: int) -> None:
    found = measured(write_clip(tmp_path / "clip.mp4", moving_frames(count)))

    assert set(found.values) | set(found.missing) == NAMES
    assert not set(found.values) & set(found.missing)
    assert all(found.missing.values())


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("vp9.webm", VP9),
        ("av1.mp4", AV1),
        ("ten.mp4", TEN_BITS),
        ("full.mp4", Encoding(pixel_format="yuvj420p")),
        ("grey.mkv", Encoding("ffv1", pixel_format="gray", codec_options={})),
        ("planar.mp4", Encoding("libx264rgb", pixel_format="rgb24")),
    ],
)  # fmt: skip
def test_levels_and_motion_do_not_depend_on_the_codec(
    tmp_path: Path, name: str, encoding: Encoding
) -> None:
    frames = panned(24, 1, 320, 180)
    usual = measured(write_clip(tmp_path / "usual.mp4", frames))
    other = measured(write_clip(tmp_path / name, frames, encoding))

    assert value(other, "brightness") == pytest.approx(value(usual, "brightness"), abs=1.5)
    assert value(other, "sharpness") == pytest.approx(value(usual, "sharpness"), rel=0.2)
    assert value(other, "motion") == pytest.approx(value(usual, "motion"), rel=0.15)
    assert value(other, "drift_px_s") == pytest.approx(24, rel=0.05)


def test_the_tags_are_those_of_the_file(tmp_path: Path, plain: Path) -> None:
    tagged = tmp_path / "tagged.mp4"
    ffmpeg(
        "-i", plain, "-c", "copy", "-bsf:v",
        "h264_metadata=video_full_range_flag=1:colour_primaries=1:transfer_characteristics=1:"
        "matrix_coefficients=1:sample_aspect_ratio=4/3", tagged,
    )  # fmt: skip

    told, untold = measured(tagged).tags, measured(plain).tags

    assert (told.colour_range, told.colour_matrix) == ("full", "itu709")
    assert (told.colour_primaries, told.colour_transfer) == ("bt709", "bt709")
    assert told.pixel_aspect == "4:3"
    assert (untold.colour_range, untold.colour_matrix) == (UNTOLD, UNTOLD)


def test_a_steady_clip_has_no_spread_and_an_unsteady_one_has(tmp_path: Path) -> None:
    starts = [0, 1, 2, 3, 7, 8, 9, 10, 14, 15]
    steady = write_clip(tmp_path / "steady.mp4", moving_frames(10))
    unsteady = write_clip(tmp_path / "unsteady.mp4", moving_frames(10), Encoding(starts=starts))

    gaps_s = np.diff(starts) / 24
    found = measured(unsteady)
    assert value(measured(steady), "frame_gap_spread") == 0
    assert value(found, "frame_gap_spread") == pytest.approx(gaps_s.std() / gaps_s.mean(), abs=1e-3)
    assert value(found, "longest_gap_s") == pytest.approx(4 / 24, abs=1e-3)
    for clip, is_steady in ((steady, True), (unsteady, False)):
        said = told_by_ffmpeg(clip, "-fps_mode", "passthrough", "-vf", "vfrdet")
        assert (numbers(r"VFR:([\d.]+)", said)[0] == 0) is is_steady


def test_bits_and_key_frames_are_counted_in_the_file(tmp_path: Path) -> None:
    clip = write_clip(
        tmp_path / "keys.mp4", panned(48, 2, 320, 180),
        Encoding(codec_options={"crf": "20", "g": "12", "keyint_min": "12", "sc_threshold": "0"}),
    )  # fmt: skip
    raw = tmp_path / "raw.h264"
    ffmpeg("-i", clip, "-c", "copy", "-f", "h264", raw)

    found = measured(clip)

    assert value(found, "keyframes") == 4
    assert value(found, "video_kbps") == pytest.approx(raw.stat().st_size * 8 / 2 / 1000, rel=0.02)


def test_the_record_is_small_however_long_the_clip(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "long.mp4", panned(480, 0.5, 320, 180), Encoding(fps=24))
    found = measured(clip)

    points = sum(len(course.points) for course in found.courses.values())
    assert points <= 2000
    assert max(len(course.values) for course in found.courses.values()) <= 64
    assert len(found.model_dump_json(indent=1)) <= 4500
    assert Measures.model_validate_json(found.model_dump_json()) == found


def test_a_still_picture_gives_what_a_picture_has(tmp_path: Path) -> None:
    picture = tmp_path / "still.png"
    Image.fromarray(panned(1, 1)[0]).save(picture)

    found = of_file(picture, tmp_path / "out", Anchor(picture, "ee" * 32))

    assert value(found, "first_frame_fidelity") > 0.97
    assert value(found, "sharpness") > 0
    assert found.why("video_kbps") == "a picture is no video stream"
    assert found.why("loudness_lufs") == "a picture has no sound"
    assert found.why("freeze_s") == "it has one frame only"
    assert set(found.values) | set(found.missing) == NAMES


def test_a_picture_that_moves_is_measured_as_it_plays(tmp_path: Path) -> None:
    frames = [Image.fromarray(pixels) for pixels in panned(20, 2, 320, 180)]
    gif = tmp_path / "moves.webp"
    frames[0].save(gif, save_all=True, append_images=frames[1:], duration=100, lossless=True)

    found = of_file(gif, tmp_path / "out")

    assert value(found, "drift_px_s") == pytest.approx(20, rel=0.05)
    assert value(found, "frame_gap_spread") == 0
    assert found.why("keyframes") == "a picture is no video stream"


def test_a_damaged_clip_is_measured_as_far_as_it_goes(tmp_path: Path, index_first: Path) -> None:
    data = index_first.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 2 // 3])

    found = of_file(cut, tmp_path / "out")

    assert value(found, "motion") > 0
    assert set(found.values) | set(found.missing) == NAMES


def test_another_input_picture_means_measuring_anew(tmp_path: Path, plain: Path) -> None:
    picture = tmp_path / "anchor.png"
    Image.fromarray(moving_frames(2)[0]).save(picture)
    anchor, folder = Anchor(picture, "ee" * 32), tmp_path / "out"

    derived = derive_file(plain, folder, SHA, SMALL, Limits(), anchor)

    assert read_rendered(folder, SHA, SMALL, "ee" * 32) == derived
    assert read_rendered(folder, SHA, SMALL, "ff" * 32) is None
    assert read_rendered(folder, SHA, SMALL) is None


def test_a_new_recipe_keeps_the_measurements(tmp_path: Path, plain: Path) -> None:
    first = derive_file(plain, tmp_path, SHA, SMALL, Limits())
    poster = (tmp_path / "poster.jpg").stat().st_mtime_ns

    wider = Recipe(**{**SMALL.model_dump(), "sheet_columns": 3})
    second = derive_file(plain, tmp_path, SHA, wider, Limits())

    assert second.measures == first.measures
    assert (tmp_path / "poster.jpg").stat().st_mtime_ns == poster


def test_a_plain_clip_has_few_measurements_and_many_reasons(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "grey.mp4", grey_frames([90] * 24, 320, 180)))

    assert found.why("blockiness") == "it is plain"
    assert found.why("sharpness_kept") == "the start is plain"
    assert value(found, "banding") == 0

"""Blur lowers sharpness; the grid of an encoder and bands in a sky are found, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from fal_experiments.media.gauges.detail import SHARP_EVERY, banding, blockiness, sharpness
from tests.media.clips import Encoding, Pixels, ffmpeg, write_clip
from tests.media.drawn import clouds, with_grain
from tests.media.gauges.planted import (
    gradient,
    measured,
    numbers,
    panned,
    rises,
    scenery,
    told_by_ffmpeg,
    value,
)

LOSSLESS = Encoding(codec_options={"crf": "0", "preset": "ultrafast"})
KERNEL = ImageFilter.Kernel((3, 3), (0, -1, 0, -1, 4, -1, 0, -1, 0), scale=1, offset=128)


def luma(picture: Image.Image | Pixels) -> Pixels:
    """Return the luma of a picture."""
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    return np.asarray(picture.convert("L"))


def test_sharpness_is_the_variance_of_the_laplacian_that_pillow_computes() -> None:
    grey = Image.fromarray(luma(scenery()))
    theirs = np.asarray(grey.filter(KERNEL))[1:-1, 1:-1].astype(float).var()

    assert sharpness(np.asarray(grey), 1) == pytest.approx(theirs, rel=0.01)
    assert sharpness(np.asarray(grey), SHARP_EVERY) == pytest.approx(theirs, rel=0.05)


def test_sharpness_falls_with_every_blur(tmp_path: Path) -> None:
    sharp = Image.fromarray(scenery())
    native, medium = [], []
    for radius in (3, 1.5, 0.8, 0):
        pixels = np.asarray(sharp.filter(ImageFilter.GaussianBlur(radius)))
        found = measured(write_clip(tmp_path / f"{radius}.mp4", [pixels] * 3, LOSSLESS))
        native.append(value(found, "sharpness"))
        medium.append(value(found, "sharpness_640"))

    assert rises(native)
    assert rises(medium)
    assert native[0] < native[-1] / 5


def test_an_upscaled_clip_is_seen_at_native_size_above_all(tmp_path: Path) -> None:
    large = np.asarray(with_grain(Image.fromarray(scenery(1280, 720)), 8))
    half = Image.fromarray(large).resize((640, 360), Image.Resampling.BOX)
    upscaled = np.asarray(half.resize((1280, 720), Image.Resampling.BICUBIC))
    one = measured(write_clip(tmp_path / "true.mp4", [large] * 2, LOSSLESS))
    other = measured(write_clip(tmp_path / "upscaled.mp4", [upscaled] * 2, LOSSLESS))

    native = value(other, "sharpness") / value(one, "sharpness")
    medium = value(other, "sharpness_640") / value(one, "sharpness_640")
    assert native < 0.2
    assert medium > 3 * native


def test_a_clip_that_melts_keeps_less_of_its_sharpness(tmp_path: Path) -> None:
    sharp = Image.fromarray(scenery())
    melting = [
        np.asarray(sharp.filter(ImageFilter.GaussianBlur(index / 12))) for index in range(24)
    ]
    found = measured(write_clip(tmp_path / "melts.mp4", melting, LOSSLESS))
    steady = measured(write_clip(tmp_path / "steady.mp4", panned(24, 1), LOSSLESS))

    assert value(found, "sharpness_kept") < 0.5
    assert value(steady, "sharpness_kept") == pytest.approx(1, abs=0.05)
    course = found.courses["sharpness"]
    assert len(course.values) == 12
    assert rises(course.values[::-1])


def test_a_coarse_encoding_has_a_grid_as_ffmpeg_finds_it_too(tmp_path: Path) -> None:
    """MPEG-2 has no filter that smooths its blocks; H.264 is tried without its own, and with."""
    frames = panned(8, 2)
    ours, theirs = [], []
    for scale in (2, 8, 31):
        fixed = {"qmin": str(scale), "qmax": str(scale)}
        coded = Encoding("mpeg2video", codec_options=fixed)
        clip = write_clip(tmp_path / f"{scale}.mkv", frames, coded)
        ours.append(value(measured(clip), "blockiness"))
        said = told_by_ffmpeg(clip, "-vf", "blockdetect=period_min=8:period_max=8")
        theirs.append(numbers(r"block mean: ([\d.]+)", said)[-1])

    assert rises(ours)
    assert rises(theirs)
    assert ours[0] < 0.1
    assert ours[-1] > 0.3


def test_h264_at_crf_40_is_blockier_than_at_18(tmp_path: Path) -> None:
    found = []
    for crf in ("18", "40"):
        options = {"crf": crf, "x264-params": "no-deblock=1"}
        clip = write_clip(tmp_path / f"{crf}.mp4", panned(24, 2), Encoding(codec_options=options))
        found.append(value(measured(clip), "blockiness"))

    assert found[0] < 0.1
    assert found[1] > found[0] + 0.1


def test_an_uncoded_picture_has_no_grid() -> None:
    assert abs(blockiness(luma(clouds(1.2)))) < 0.03
    assert abs(blockiness(luma(with_grain(clouds(1.6), 4)))) < 0.03
    assert np.isnan(blockiness(np.full((64, 64), 90, np.uint8)))


def test_a_quantised_gradient_is_banded_and_a_dithered_one_is_not() -> None:
    assert banding(luma(gradient(24, dither=False))) > 0.5
    assert banding(luma(gradient(24, dither=True))) < 0.05


def test_bands_are_seen_along_either_axis() -> None:
    down = luma(gradient(24, dither=False))

    assert banding(np.ascontiguousarray(down.T)) == pytest.approx(banding(down), rel=0.1)


def test_text_and_flat_drawings_are_not_banded() -> None:
    picture = Image.new("RGB", (640, 360), (230, 230, 230))
    draw = ImageDraw.Draw(picture)
    for row in range(12):
        draw.text((20, 20 + 26 * row), "Bands are steps too small for outlines. " * 2, "black")
    draw.rectangle([400, 100, 600, 300], fill=(40, 80, 160))

    assert banding(luma(picture)) < 0.002


def test_noise_and_photographs_are_hardly_banded() -> None:
    assert banding(luma(with_grain(clouds(1.6), 3))) < 0.001
    assert banding(luma(clouds(1.2))) < 0.01


def test_banding_is_ordered_as_cambi_orders_it(tmp_path: Path) -> None:
    """CAMBI comes with libvmaf; a sky of fewer levels over a height has wider bands."""
    skies = [gradient(24, dither=True), gradient(24, dither=False)]
    ours, theirs = [], []
    for index, sky in enumerate(skies):
        clip = write_clip(tmp_path / f"{index}.mp4", [sky] * 4, LOSSLESS)
        ours.append(value(measured(clip), "banding"))
        log = tmp_path / f"{index}.xml"
        ffmpeg(
            "-i", clip, "-i", clip, "-lavfi",
            f"libvmaf=feature=name=cambi:log_path={log}", "-f", "null", "-",
        )  # fmt: skip
        theirs.append(numbers(r'metric name="cambi" .*mean="([\d.]+)"', log.read_text())[0])

    assert rises(ours)
    assert rises(theirs)


def test_a_tiny_clip_shows_no_detail(tmp_path: Path) -> None:
    frames = [np.full((16, 16, 3), level, np.uint8) for level in range(60, 70)]
    found = measured(write_clip(tmp_path / "tiny.mp4", frames))

    assert found.value("sharpness") is None
    assert found.why("blockiness") == "the picture is smaller than 32 px"

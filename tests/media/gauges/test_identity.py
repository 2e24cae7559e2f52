"""How true a clip stays to the picture that it started from, and to its own first frame."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.media.clips import Encoding, write_clip
from tests.media.drawn import clouds, flat, with_figure, with_grain
from tests.media.gauges.planted import measured, panned, scenery, value

USUAL = Encoding(codec_options={"crf": "16"})
KINDS = ("ssim", "phash", "hues", "colour")


def plate() -> Image.Image:
    """Return a picture as an input is: a figure before a scene."""
    return with_figure(Image.fromarray(scenery(1280, 720)))


def clip_of(path: Path, picture: Image.Image, size_px: tuple[int, int] = (640, 360)) -> Path:
    """Write a clip that shows a picture throughout."""
    pixels = np.asarray(picture.convert("RGB").resize(size_px, Image.Resampling.LANCZOS))
    return write_clip(path, [pixels] * 13, USUAL)


def saved(path: Path, picture: Image.Image) -> Path:
    """Write a picture."""
    picture.save(path)
    return path


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    """The input picture."""
    return saved(tmp_path / "anchor.png", plate())


def test_the_same_picture_is_the_same(anchor: Path, tmp_path: Path) -> None:
    found = measured(clip_of(tmp_path / "same.mp4", plate()), anchor)

    assert value(found, "first_frame_fidelity") > 0.97
    assert value(found, "first_frame_shift") == 0
    assert value(found, "anchor_phash") <= 2
    assert value(found, "anchor_hues") > 0.9
    assert value(found, "anchor_colour") < 3
    assert found.anchor_sha256 == "cd" * 32


def test_a_shifted_picture_is_found_where_it_was_shifted_to(anchor: Path, tmp_path: Path) -> None:
    """By 40 of 1280 px to the right: 3.125 %, ten pixels of 320."""
    moved = Image.fromarray(np.roll(np.asarray(plate()), 40, axis=1))
    found = measured(clip_of(tmp_path / "moved.mp4", moved), anchor)

    assert value(found, "first_frame_shift") == pytest.approx(3.125, abs=0.35)
    assert value(found, "first_frame_fidelity") > 0.95


@pytest.mark.parametrize(
    ("how", "size_px"),
    [("crop", (480, 480)), ("stretch", (480, 480)), ("pad", (480, 480)), ("zoom", (640, 360))],
)
def test_what_models_do_to_the_shape_of_their_input_is_no_fault(
    how: str, size_px: tuple[int, int], anchor: Path, tmp_path: Path
) -> None:
    picture = plate()
    if how == "crop":
        picture = picture.crop((280, 0, 1000, 720))
    elif how == "pad":
        padded = Image.new("RGB", (1280, 1280))
        padded.paste(picture, (0, 280))
        picture = padded
    elif how == "zoom":
        picture = picture.crop((26, 14, 1254, 706))  # 4 % larger
    found = measured(clip_of(tmp_path / f"{how}.mp4", picture, size_px), anchor)

    assert value(found, "first_frame_fidelity") > 0.9


def test_another_picture_is_another(anchor: Path, tmp_path: Path) -> None:
    other = with_grain(with_figure(clouds(1.0).transpose(Image.Transpose.ROTATE_180)), 2)
    found = measured(clip_of(tmp_path / "other.mp4", other), anchor)

    assert value(found, "first_frame_fidelity") < 0.5


def test_a_figure_that_is_gone_is_missed_on_a_plain_plate(tmp_path: Path) -> None:
    anchor = saved(tmp_path / "anchor.png", with_figure(flat(size_px=(1280, 720))))
    kept = measured(clip_of(tmp_path / "kept.mp4", with_figure(flat())), anchor)
    gone = measured(clip_of(tmp_path / "gone.mp4", flat()), anchor)

    assert value(kept, "first_frame_fidelity") > value(gone, "first_frame_fidelity") + 0.05
    assert value(gone, "anchor_colour") > 3 * value(kept, "anchor_colour")


def test_a_clip_that_leaves_its_picture_drifts_over_time(anchor: Path, tmp_path: Path) -> None:
    start = np.asarray(plate().resize((640, 360)), np.float64)
    end = np.asarray(clouds(1.0).convert("RGB"), np.float64)[::-1, :, ::-1] * (1, 0.6, 0.3)
    mixed = [start * (1 - part) + end * part for part in np.linspace(0, 1, 24)]
    frames = [frame.astype(np.uint8) for frame in mixed]
    found = measured(write_clip(tmp_path / "leaves.mp4", frames, USUAL), anchor)

    assert value(found, "first_frame_fidelity") > 0.95
    for kind, sign in zip(KINDS, (-1, 1, -1, 1), strict=True):
        course = found.courses[f"anchor_{kind}"].values
        assert sign * (course[-1] - course[0]) > 0
        assert sign * (np.mean(course[-3:]) - np.mean(course[:3])) > 0
        assert value(found, f"start_{kind}") == pytest.approx(
            value(found, f"anchor_{kind}"), rel=0.25, abs=3
        )


def test_without_an_input_there_is_a_reason_and_no_zero(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "free.mp4", panned(13, 2), USUAL))

    assert found.anchor_sha256 is None
    for name in ("first_frame_fidelity", *(f"anchor_{kind}" for kind in KINDS)):
        assert found.value(name) is None
        assert found.why(name) == "it started from no picture"
    assert value(found, "start_ssim") < 1


def test_an_input_that_cannot_be_read_is_a_reason(tmp_path: Path) -> None:
    broken = tmp_path / "anchor.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    clip = write_clip(tmp_path / "clip.mp4", panned(13, 2), USUAL)

    assert "input picture cannot be read" in measured(clip, broken).why("anchor_ssim")
    assert "input picture cannot be read" in measured(clip, tmp_path / "gone.png").why(
        "anchor_ssim"
    )


def test_one_frame_has_no_course(tmp_path: Path) -> None:
    found = measured(write_clip(tmp_path / "one.mp4", panned(1, 1)))

    assert found.why("start_ssim") == "it has one frame only"
    assert found.why("motion") == "it has one frame only"
    assert found.why("black_s") == "it has one frame only"
    assert found.why("frame_gap_spread") == "it has one frame only"
    assert found.courses == {}

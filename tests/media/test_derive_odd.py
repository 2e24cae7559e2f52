"""Damaged clips, odd clips and still pictures give what they can, and say what they cannot."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.derived import Derived, Recipe
from fal_experiments.media.limits import Limits
from tests.media.clips import flip_bits, moving_frames, pixels_of, size_of, write_growing_clip
from tests.media.rendering import derive, gif_delays_cs, middle_grey


def test_frames_that_grow_on_the_way_are_shown_at_the_size_of_the_first(tmp_path: Path) -> None:
    clip = write_growing_clip(
        tmp_path / "clip.webm", moving_frames(3, 64, 48), moving_frames(3, 320, 240)
    )

    derived = derive(clip, tmp_path / "out")

    assert derived.probe is not None
    assert (derived.probe.frames, derived.probe.width_px) == (6, 64)


def test_a_damaged_clip_gives_what_its_sound_frames_give(index_first: Path, tmp_path: Path) -> None:
    data = index_first.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 2 // 3])

    derived = derive(cut, tmp_path / "out")

    assert derived.failed is None
    assert derived.probe is not None
    assert 8 < derived.probe.frames < 48
    assert derived.sheet is not None
    assert derived.sheet.times_s[-1] <= derived.probe.duration_s
    assert sum(gif_delays_cs(tmp_path / "out/preview.gif")) == round(derived.probe.duration_s * 100)


def test_a_clip_without_one_sound_frame_fails_with_the_reason(
    index_first: Path, tmp_path: Path
) -> None:
    data = index_first.read_bytes()
    start = data.index(b"mdat") + 4
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data[:start] + flip_bits(data[start:], range(len(data) - start)))

    derived = derive(broken, tmp_path / "out")

    assert derived.failed is not None
    assert derived.poster is None
    assert "frames" in derived.failed
    written = Derived.model_validate_json((tmp_path / "out/derived.json").read_bytes())
    assert written == derived


def test_a_clip_of_too_many_frames_fails_with_the_limit(plain: Path, tmp_path: Path) -> None:
    derived = derive(plain, tmp_path / "out", limits=Limits(max_frames=47))

    assert derived.failed == "it has more than 47 frames"


def test_a_still_picture_has_a_poster_and_nothing_that_moves(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(moving_frames(1, 200, 100)[0]).save(picture)

    derived = derive(picture, tmp_path / "out", Recipe(poster_width_px=100))

    assert derived.failed is None
    assert (derived.sheet, derived.gif) == (None, None)
    assert derived.probe is not None
    assert (derived.probe.width_px, derived.probe.height_px, derived.probe.frames) == (200, 100, 1)
    assert size_of(tmp_path / "out/poster.jpg") == (100, 50)


def test_the_poster_of_a_transparent_picture_stands_on_grey(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(picture)

    derive(picture, tmp_path / "out")

    assert pixels_of(tmp_path / "out/poster.jpg")[32, 32].tolist() == [200, 200, 200]


def test_sixteen_bits_are_not_cut_off_to_white(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(np.full((64, 64), 0x8000, np.uint16)).save(picture)

    derive(picture, tmp_path / "out")

    assert middle_grey(pixels_of(tmp_path / "out/poster.jpg")) == pytest.approx(128, abs=2)


def test_a_photograph_stands_the_way_its_camera_noted(tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 40)).save(picture, exif=exif)

    derived = derive(picture, tmp_path / "out")

    assert derived.poster is not None
    assert (derived.poster.width_px, derived.poster.height_px) == (40, 80)

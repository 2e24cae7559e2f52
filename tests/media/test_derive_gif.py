"""The GIF of a clip shows its frames at their own times."""

from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from fal_experiments.core.derived import Moving, Recipe
from tests.media.clips import (
    Encoding,
    difference,
    ffmpeg_frames,
    grey_frames,
    moving_frames,
    pixels_of,
    write_clip,
)
from tests.media.rendering import derive, gif_delays_cs, middle_grey


@pytest.mark.parametrize(
    ("fps", "frames", "gif_fps"),
    [(24, 48, 12), (24, 29, 12), (30, 44, 12), (25, 33, 12), (60, 40, 50), (8, 13, 12)],
)
def test_a_gif_lasts_as_long_as_its_clip_and_loops_for_ever(
    tmp_path: Path, fps: int, frames: int, gif_fps: int
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(frames), Encoding(fps=fps))

    derive(clip, tmp_path / "out", Recipe(gif=Moving(width_px=64, fps=gif_fps)))

    delays_cs = gif_delays_cs(tmp_path / "out/preview.gif")
    assert sum(delays_cs) == round(100 * frames / fps)
    assert min(delays_cs) >= 2
    with Image.open(tmp_path / "out/preview.gif") as gif:
        assert gif.info["loop"] == 0


def test_a_gif_shows_each_frame_at_its_own_time(tmp_path: Path) -> None:
    levels = list(range(20, 212, 4))
    clip = write_clip(tmp_path / "grey.mp4", grey_frames(levels))

    derive(clip, tmp_path / "out", Recipe(gif=Moving(width_px=64, fps=12)))

    start_cs = 0
    with Image.open(tmp_path / "out/preview.gif") as gif:
        for frame in ImageSequence.Iterator(gif):
            shown = levels[round(start_cs * 24 / 100)]
            assert middle_grey(pixels_of(frame.copy())) == pytest.approx(shown, abs=2.5)
            start_cs += round(frame.info["duration"] / 10)
    assert start_cs == 200


def test_a_gif_of_a_slow_clip_shows_each_of_its_frames_once(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(9), Encoding(fps=8))

    derive(clip, tmp_path / "out", Recipe(gif=Moving(width_px=64, fps=12)))

    delays_cs = gif_delays_cs(tmp_path / "out/preview.gif")
    assert len(delays_cs) == 9
    assert set(delays_cs) == {12, 13}


def test_a_gif_is_near_to_its_clip(plain: Path, tmp_path: Path) -> None:
    derive(plain, tmp_path, Recipe(gif=Moving(width_px=128, fps=12)))

    with Image.open(tmp_path / "preview.gif") as gif:
        shown = [pixels_of(frame.copy()) for frame in ImageSequence.Iterator(gif)]
    wanted = ffmpeg_frames(plain, 128, 96)[::2]
    assert len(shown) == len(wanted)
    assert max(map(difference, shown, wanted)) < 6

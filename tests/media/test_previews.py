"""Animated WebP and the copy for scrubbing are true to the clip, in time and in colour."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageSequence

from fal_experiments.core.derived import Moving, Recipe
from tests.media.clips import (
    Encoding,
    difference,
    ffmpeg,
    ffmpeg_frames,
    grey_frames,
    moving_frames,
    pixels_of,
    size_of,
    write_clip,
)
from tests.media.rendering import derive, gif_delays_cs, middle_grey

WEBP = Recipe(gif=None, webp=Moving(width_px=64, fps=12))
PROXY = Recipe(gif=None, proxy_height_px=64)


def webp_frames(path: Path) -> list[tuple[int, Image.Image]]:
    """Return each frame of a WebP with how long it stays, in ms."""
    with Image.open(path) as webp:
        frames = [frame.copy() for frame in ImageSequence.Iterator(webp)]
    return [(round(frame.info["duration"]), frame) for frame in frames]


@pytest.mark.parametrize(("fps", "frames"), [(24, 48), (25, 33), (30, 44), (8, 13)])
def test_a_webp_lasts_as_long_as_its_clip_and_loops_for_ever(
    tmp_path: Path, fps: int, frames: int
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(frames), Encoding(fps=fps))

    derived = derive(clip, tmp_path / "out", WEBP)

    path = tmp_path / "out/preview.webp"
    assert derived.webp is not None
    assert (derived.webp.width_px, derived.webp.height_px) == size_of(path) == (64, 48)
    assert sum(stays_ms for stays_ms, _ in webp_frames(path)) == round(1000 * frames / fps)
    with Image.open(path) as webp:
        assert webp.info["loop"] == 0


def test_a_webp_shows_each_frame_at_its_own_time(tmp_path: Path) -> None:
    levels = list(range(20, 212, 4))
    clip = write_clip(tmp_path / "grey.mp4", grey_frames(levels))

    derive(clip, tmp_path / "out", WEBP)

    start_ms = 0
    for stays_ms, frame in webp_frames(tmp_path / "out/preview.webp"):
        wanted = levels[round(start_ms * 24 / 1000)]
        assert middle_grey(pixels_of(frame)) == pytest.approx(wanted, abs=3)
        start_ms += stays_ms
    assert start_ms == 2000


def test_gif_and_webp_of_another_size_and_rate_are_each_as_asked(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(24))
    recipe = Recipe(gif=Moving(width_px=64, fps=6), webp=Moving(width_px=96, fps=12))

    derive(clip, tmp_path / "out", recipe)

    assert size_of(tmp_path / "out/preview.gif") == (64, 48)
    assert size_of(tmp_path / "out/preview.webp") == (96, 72)
    assert len(gif_delays_cs(tmp_path / "out/preview.gif")) == 6
    assert len(webp_frames(tmp_path / "out/preview.webp")) == 12


def test_a_loop_window_is_all_that_previews_show(tmp_path: Path) -> None:
    levels = list(range(20, 212, 4))
    clip = write_clip(tmp_path / "grey.mp4", grey_frames(levels))
    window = (Decimal("0.5"), Decimal("1.25"))

    recipe = WEBP.model_copy(update={"gif": Moving(width_px=64), "loop_s": window})
    derived = derive(clip, tmp_path / "out", recipe)

    frames = webp_frames(tmp_path / "out/preview.webp")
    assert sum(stays_ms for stays_ms, _ in frames) == 750
    assert sum(gif_delays_cs(tmp_path / "out/preview.gif")) == 75
    assert middle_grey(pixels_of(frames[0][1])) == pytest.approx(levels[12], abs=3)
    assert middle_grey(pixels_of(frames[-1][1])) == pytest.approx(levels[28], abs=3)
    assert derived.sheet is not None
    assert derived.sheet.times_s[-1] > Decimal("1.9")


def test_a_loop_window_outside_the_clip_is_the_whole_clip(plain: Path, tmp_path: Path) -> None:
    recipe = WEBP.model_copy(update={"loop_s": (Decimal(9), Decimal(10))})

    derive(plain, tmp_path, recipe)

    assert sum(stays_ms for stays_ms, _ in webp_frames(tmp_path / "preview.webp")) == 2000


def test_the_copy_for_scrubbing_has_a_key_frame_every_quarter_second(
    plain: Path, tmp_path: Path
) -> None:
    derived = derive(plain, tmp_path, PROXY)

    assert derived.proxy is not None
    assert (derived.proxy.width_px, derived.proxy.height_px) == (86, 64)
    with av.open(str(tmp_path / "proxy.mp4")) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.pts is not None and p.time_base]
        times_s = [p.pts * p.time_base for p in packets if p.pts is not None and p.time_base]
        keys = [index for index, packet in enumerate(packets) if packet.is_keyframe]
        assert not container.streams.audio
        assert (stream.width, stream.height) == (86, 64)
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert float(container.duration or 0) / av.time_base == pytest.approx(2, abs=0.02)
    assert keys == list(range(0, 48, 6))
    assert times_s == [Fraction(index, 24) for index in range(48)]


def test_the_copy_for_scrubbing_has_its_index_first(plain: Path, tmp_path: Path) -> None:
    derive(plain, tmp_path, PROXY)

    data = (tmp_path / "proxy.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_the_copy_for_scrubbing_keeps_odd_times(tmp_path: Path) -> None:
    starts = [0, 1, 2, 9, 10, 11, 30, 31]
    encoding = Encoding(starts=starts, codec_options={"crf": "12", "bf": "0"})
    clip = write_clip(tmp_path / "vfr.mp4", moving_frames(8), encoding)

    derive(clip, tmp_path / "out", PROXY)

    with av.open(str(tmp_path / "out/proxy.mp4")) as container:
        times_s = [frame.time for frame in container.decode(video=0)]
    assert times_s == pytest.approx([start / 24 for start in starts], abs=0.0001)


@pytest.mark.parametrize("turn", [0, 90])
def test_the_copy_for_scrubbing_looks_like_its_clip(plain: Path, tmp_path: Path, turn: int) -> None:
    clip = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", str(turn), "-i", plain, "-c", "copy", clip)

    derive(clip, tmp_path / "out", Recipe(gif=None, proxy_height_px=1080))

    size_px = (128, 96) if turn == 0 else (96, 128)
    shown = ffmpeg_frames(tmp_path / "out/proxy.mp4", *size_px)
    wanted = ffmpeg_frames(clip, *size_px)
    assert len(shown) == len(wanted)
    assert max(map(difference, shown, wanted)) < 6


def test_an_odd_size_is_made_even_for_scrubbing(tmp_path: Path) -> None:
    clip = write_clip(
        tmp_path / "odd.mp4", moving_frames(6, 129, 97), Encoding(pixel_format="yuv444p")
    )

    proxy = derive(clip, tmp_path / "out", Recipe(gif=None, proxy_height_px=1080)).proxy

    assert proxy is not None
    assert (proxy.width_px, proxy.height_px) == (128, 96)

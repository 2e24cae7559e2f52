"""Poster, sheet and facts of a clip are its own: compared with ffmpeg and with plants."""

import itertools
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from fal_experiments.core.derived import Recipe
from tests.media.clips import (
    AV1,
    QUIET_X265,
    VP9,
    Encoding,
    difference,
    ffmpeg,
    ffmpeg_frames,
    ffmpeg_tells,
    grey_frames,
    moving_frames,
    pixels_of,
    size_of,
    tiles_of,
    write_clip,
)
from tests.media.rendering import derive, gif_delays_cs, middle_grey

VARIABLE = Encoding(
    starts=[0, 1, 2, 9, 10, 11, 30, 31, 47, 48, 60, 61], codec_options={"crf": "12", "bf": "0"}
)


@pytest.mark.parametrize(
    ("name", "encoding", "size_px"),
    [
        ("plain.mp4", Encoding(), (128, 96)),
        ("sound.mp4", Encoding(sound=True), (128, 96)),
        ("odd.mp4", Encoding(pixel_format="yuv444p"), (129, 97)),
        ("hevc.mp4", QUIET_X265, (128, 96)),
        ("vp9.webm", VP9, (128, 96)),
        ("av1.mp4", AV1, (128, 96)),
        ("ten-bit.mp4", Encoding(pixel_format="yuv420p10le"), (128, 96)),
        ("variable.mp4", VARIABLE, (128, 96)),
    ],
)
def test_facts_and_tiles_agree_with_ffmpeg(
    tmp_path: Path, name: str, encoding: Encoding, size_px: tuple[int, int]
) -> None:
    frames = moving_frames(12, *size_px)
    clip = write_clip(tmp_path / name, frames, encoding)

    derived = derive(clip, tmp_path / "out")

    told = ffmpeg_tells(clip)
    probe, sheet = derived.probe, derived.sheet
    assert probe is not None
    assert sheet is not None
    assert (probe.frames, probe.width_px, probe.height_px) == (
        told.frames,
        told.width_px,
        told.height_px,
    )
    assert float(probe.duration_s) == pytest.approx(told.duration_s, abs=0.05)
    assert probe.has_audio is encoding.sound
    assert probe.size_bytes == clip.stat().st_size

    starts = [Fraction(start, 24) for start in encoding.starts or range(12)]
    tile_px = (sheet.tile_width_px, sheet.tile_height_px)
    shown = tiles_of(tmp_path / "out/sheet.jpg", sheet.columns, tile_px, len(sheet.times_s))
    decoded = ffmpeg_frames(clip, *tile_px)
    for tile, at_s in zip(shown, sheet.times_s, strict=True):
        index = min(range(12), key=lambda i: abs(starts[i] - Fraction(at_s)))
        upper = tile_px[1] * 2 // 3  # the label is below
        assert difference(tile[:upper], decoded[index][:upper]) < 8


def test_each_tile_shows_the_grey_of_its_own_moment(tmp_path: Path) -> None:
    levels = list(range(16, 208, 4))
    clip = write_clip(tmp_path / "grey.mp4", grey_frames(levels))

    derived = derive(clip, tmp_path / "out", Recipe(sheet_columns=4, sheet_rows=4))

    sheet = derived.sheet
    assert sheet is not None
    assert len(sheet.times_s) == 16
    tiles = tiles_of(tmp_path / "out/sheet.jpg", 4, (128, 96), 16)
    for tile, at_s in zip(tiles, sheet.times_s, strict=True):
        assert middle_grey(tile) == pytest.approx(levels[round(at_s * 24)], abs=1.6)
    steps = [after - before for before, after in itertools.pairwise(sheet.times_s)]
    assert [round(sheet.times_s[index] * 24) for index in (0, -1)] == [0, 47]
    assert max(steps) - min(steps) <= Decimal("0.042")


def test_the_poster_is_the_middle_frame_and_never_larger_than_the_clip(tmp_path: Path) -> None:
    levels = list(range(10, 90, 10))
    clip = write_clip(tmp_path / "grey.mp4", [*grey_frames(levels), *grey_frames([90])])

    derived = derive(clip, tmp_path / "out", Recipe(poster_width_px=3840))

    assert derived.poster is not None
    assert (derived.poster.width_px, derived.poster.height_px) == (128, 96)
    assert middle_grey(pixels_of(tmp_path / "out/poster.jpg")) == pytest.approx(50, abs=1.6)


def test_a_poster_is_shrunk_to_the_width_of_the_recipe(plain: Path, tmp_path: Path) -> None:
    derived = derive(plain, tmp_path, Recipe(poster_width_px=80))

    assert derived.poster is not None
    assert size_of(tmp_path / "poster.jpg") == (80, 60)
    assert (derived.poster.width_px, derived.poster.height_px) == (80, 60)


def test_a_clip_of_one_frame_gives_one_tile_and_a_gif_that_stands_still(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "one.mp4", moving_frames(1))

    derived = derive(clip, tmp_path / "out")

    assert derived.failed is None
    assert derived.probe is not None
    assert (derived.probe.frames, derived.probe.fps) == (1, Decimal(24))
    assert derived.sheet is not None
    assert (derived.sheet.columns, derived.sheet.rows) == (1, 1)
    assert derived.sheet.times_s == (Decimal(0),)
    assert len(gif_delays_cs(tmp_path / "out/preview.gif")) == 1


def test_a_clip_with_fewer_frames_than_tiles_shows_each_once(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "five.mp4", moving_frames(5))

    sheet = derive(clip, tmp_path / "out", Recipe(sheet_columns=3, sheet_rows=4)).sheet

    assert sheet is not None
    assert (sheet.columns, sheet.rows, len(sheet.times_s)) == (3, 2, 5)
    assert [round(at_s * 24) for at_s in sheet.times_s] == [0, 1, 2, 3, 4]


def test_fps_is_measured_from_first_to_last_frame(tmp_path: Path) -> None:
    clip = write_clip(
        tmp_path / "gap.mp4", moving_frames(5), Encoding(fps=24, starts=[0, 1, 2, 3, 24])
    )

    probe = derive(clip, tmp_path / "out").probe

    assert probe is not None
    assert probe.fps == 4
    assert probe.frames == 5


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_clip_is_shown_the_way_a_player_turns_it(
    plain: Path, tmp_path: Path, angle: int
) -> None:
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", str(angle), "-i", plain, "-c", "copy", turned)

    derived = derive(turned, tmp_path / "out")

    size_px = (128, 96) if angle == 180 else (96, 128)
    assert derived.probe is not None
    assert (derived.probe.width_px, derived.probe.height_px) == size_px
    wanted = ffmpeg_frames(turned, *size_px)[23]
    assert difference(pixels_of(tmp_path / "out/poster.jpg"), wanted) < 8


@pytest.mark.parametrize(("aspect", "size_px"), [("2/1", (256, 96)), ("1/2", (128, 192))])
def test_pixels_that_are_not_square_are_stretched(
    plain: Path, tmp_path: Path, aspect: str, size_px: tuple[int, int]
) -> None:
    wide = tmp_path / "wide.mp4"
    ffmpeg("-i", plain, "-vf", f"setsar={aspect}", "-c:v", "libx264", wide)

    derived = derive(wide, tmp_path / "out")

    assert derived.probe is not None
    assert (derived.probe.width_px, derived.probe.height_px) == size_px
    assert size_of(tmp_path / "out/poster.jpg") == size_px
    assert derived.sheet is not None
    ratio = derived.sheet.tile_width_px / derived.sheet.tile_height_px
    assert ratio == pytest.approx(size_px[0] / size_px[1], rel=0.05)


def test_an_edit_list_hides_what_it_hides_in_players(plain: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited.mp4"
    ffmpeg("-ss", "0.7", "-i", plain, "-c", "copy", edited)

    derived = derive(edited, tmp_path / "out")

    assert derived.probe is not None
    assert derived.probe.frames == ffmpeg_tells(edited).frames < 48


def test_untagged_hd_has_the_hues_that_browsers_give_it(tmp_path: Path) -> None:
    """ITU-R BT.709 for 720 lines and more, BT.601 below; the same YUV differs by 14 levels."""
    hues = []
    for height_px in (704, 720):
        clip = tmp_path / f"{height_px}.mp4"
        # One colour, given as Y'CbCr, so that the encoder has no say in the matrix.
        colour = "color=c=black:s=64x{}:d=0.1,format=yuv420p,lutyuv=y=120:u=90:v=200"
        ffmpeg("-f", "lavfi", "-i", colour.format(height_px), "-c:v", "libx264", clip)
        derive(clip, tmp_path / str(height_px))
        hues.append(pixels_of(tmp_path / str(height_px) / "poster.jpg")[9, 9].tolist())

    assert hues[0] == pytest.approx([236, 77, 44], abs=4)
    assert hues[1] == pytest.approx([250, 91, 41], abs=4)

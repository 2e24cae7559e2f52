"""A wall shows, in every pane, the frame that its clip has at that moment; a bad file costs a pane.

Each frame of a clip has its number burnt in: the grey of its left half tells the units, that of its
right half the tens, so that which frame a pane shows can be read from the wall.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.core.wall import Window
from fal_experiments.core.wall_grid import Layout
from fal_experiments.core.wall_wish import Wish
from fal_experiments.core.wall_words import Caption, Gap
from fal_experiments.errors import BadInput
from fal_experiments.media.clip import open_clip
from fal_experiments.media.limits import MIB, Limits
from fal_experiments.media.shape import HDR, SMOOTH, Shrinker, shape_of
from fal_experiments.media.wall import make_wall
from fal_experiments.media.wall_made import WallMade
from fal_experiments.media.wall_panes import PaneSource
from fal_experiments.media.wall_planes import Planes
from fal_experiments.media.wall_reading import PlaneScaler
from fal_experiments.media.wall_type import drawable
from tests.media.clips import (
    Encoding,
    difference,
    ffmpeg,
    ffmpeg_tells,
    flip_bits,
    grey_frames,
    moving_frames,
    write_clip,
)

DARKEST, STEP = 40, 20
PANE = (160, 90)
SMALL = Wish(pane_px=PANE[0], captions=False)
"""Panes of 160 × 90 with 8 px around."""
GAP_PX = 8


def counted(folder: Path, fps: int, frames: int, name: str = "") -> Path:
    """Write a clip whose frames tell their numbers, from 0 to 99 and again."""
    pictures = []
    for index in range(frames):
        tens, units = divmod(index % 100, 10)
        picture = np.full((*PANE[::-1], 3), DARKEST + STEP * tens, np.uint8)
        picture[:, : PANE[0] // 2] = DARKEST + STEP * units
        pictures.append(picture)
    return write_clip(folder / f"{name or fps}.mp4", pictures, Encoding(fps=fps))


def number_in(picture: NDArray[Any], left_px: int, top_px: int) -> int | None:
    """Return the number of the frame in a pane of a picture; None when the pane is empty."""
    pane = picture[top_px + 30 : top_px + 60, left_px : left_px + PANE[0]]
    units, tens = (
        round((float(pane[:, middle - 20 : middle + 20].mean()) - DARKEST) / STEP)
        for middle in (PANE[0] // 4, PANE[0] * 3 // 4)
    )
    return 10 * tens + units if units >= 0 else None


def panes_of(*paths: Path) -> list[PaneSource]:
    """Return a pane for each file."""
    return [PaneSource(path.name, Caption(path.stem), path) for path in paths]


def wall_of(
    folder: Path, paths: Sequence[Path], wish: Wish = SMALL, name: str = "wall.mp4"
) -> WallMade:
    """Make a wall of files."""
    return make_wall(panes_of(*paths), wish, folder / name, lambda *_: None)


def numbers(wall: Path, columns: int, places: int) -> list[list[int | None]]:
    """Return which frame each pane shows, for each frame of a wall without captions."""
    with av.open(str(wall)) as container:
        return [
            [
                number_in(
                    frame.to_ndarray(format="rgb24"),
                    GAP_PX + index % columns * (PANE[0] + GAP_PX),
                    GAP_PX + index // columns * (PANE[1] + GAP_PX),
                )
                for index in range(places)
            ]
            for frame in container.decode(video=0)
        ]


def test_on_one_clock_clips_of_unequal_rates_show_the_same_moment(tmp_path: Path) -> None:
    clips = [counted(tmp_path, fps, 2 * fps) for fps in (24, 12, 8, 20)]

    made = wall_of(tmp_path, clips, SMALL._replace(layout=Layout(2, 2)))

    assert (made.fps, made.frames) == (24, 48)
    for index, (fast, half, third, odd) in enumerate(numbers(made.file, 2, 4)):
        assert (fast, half, third) == (index, index // 2, index // 3)
        assert odd is not None
        assert abs(Fraction(odd, 20) - Fraction(index, 24)) <= Fraction(1, 20)


def test_a_shorter_clip_holds_repeats_or_leaves_its_pane_empty(tmp_path: Path) -> None:
    clips = [counted(tmp_path, 24, 48, "long"), counted(tmp_path, 24, 24, "short")]
    seen = {}
    for end in ("hold", "loop", "blank"):
        wish = SMALL._replace(end=end, layout=Layout(2, 1))
        made = wall_of(tmp_path, clips, wish, f"{end}.mp4")
        seen[end] = [short for _, short in numbers(made.file, 2, 2)]

    assert seen["hold"] == [*range(24), *[23] * 24]
    assert seen["loop"] == [*range(24), *range(24)]
    assert seen["blank"][:24] == [*range(24)]
    assert seen["blank"][24:] == [None] * 24


def test_an_offset_moves_picture_and_sound_of_a_clip_against_the_others(tmp_path: Path) -> None:
    loud = write_clip(tmp_path / "loud.mp4", moving_frames(24), Encoding(sound=True))
    clips = [counted(tmp_path, 24, 48, "long"), loud]
    offsets = (("long.mp4", Fraction(1, 2)), ("2", Fraction(-1)))
    wish = SMALL._replace(offsets=offsets, audio="loud.mp4", layout=Layout(2, 1))

    made = wall_of(tmp_path, clips, wish)

    assert [ahead for ahead, _ in numbers(made.file, 2, 2)] == [*range(12, 48), *[47] * 12]
    before, after = sound_levels(made.file, 2)
    assert before < 0.05
    assert after > 0.3


def test_in_percent_clips_of_unequal_length_end_together(tmp_path: Path) -> None:
    clips = [counted(tmp_path, 24, 48, "long"), counted(tmp_path, 24, 30, "short")]

    made = wall_of(tmp_path, clips, SMALL._replace(sync="percent", layout=Layout(2, 1)))

    for index, (long, short) in enumerate(numbers(made.file, 2, 2)):
        assert long == index
        assert short is not None
        assert abs(short / 30 - index / 48) <= 1 / 30
    assert numbers(made.file, 2, 2)[-1] == [47, 29]


def test_in_phase_the_windows_of_all_clips_run_together(tmp_path: Path) -> None:
    clips = [counted(tmp_path, 24, 48, "slow"), counted(tmp_path, 24, 48, "quick")]
    windows = (
        ("1", Window(Fraction(1, 2), Fraction(3, 2))),
        ("2", Window(Fraction(1), Fraction(3, 2))),
    )
    wish = SMALL._replace(sync="phase", windows=windows, layout=Layout(2, 1))

    made = wall_of(tmp_path, clips, wish)

    assert made.frames == 4 * 24, "four rounds of a second"
    for index, (slow, quick) in enumerate(numbers(made.file, 2, 2)):
        assert slow == 12 + index % 24
        assert quick == 24 + index % 24 // 2


def test_speed_and_duration_are_kept(tmp_path: Path) -> None:
    clip = counted(tmp_path, 24, 48)
    wish = SMALL._replace(speed=Fraction(1, 2), duration_s=Fraction(1))

    made = wall_of(tmp_path, [clip], wish)

    assert [row[0] for row in numbers(made.file, 1, 1)] == [index // 2 for index in range(24)]


def test_a_gif_and_a_webp_show_the_same_frames_as_the_film(tmp_path: Path) -> None:
    clips = [counted(tmp_path, 12, 24), counted(tmp_path, 6, 12)]
    wish = SMALL._replace(layout=Layout(2, 1))
    for name in ("wall.gif", "wall.webp"):
        made = wall_of(tmp_path, clips, wish, name)

        with Image.open(made.file) as film:
            assert film.n_frames == 24  # type: ignore[attr-defined]
            assert film.info["loop"] == 0
            for index in range(24):
                film.seek(index)
                pixels = np.asarray(film.convert("RGB"))
                assert number_in(pixels, GAP_PX, GAP_PX) == index
                assert number_in(pixels, 2 * GAP_PX + PANE[0], GAP_PX) == index // 2


def test_the_film_plays_everywhere(tmp_path: Path) -> None:
    made = wall_of(tmp_path, [counted(tmp_path, 24, 24)], Wish(pane_px=161))

    told = ffmpeg_tells(made.file)
    assert (told.width_px, told.height_px) == made.size_px
    assert (told.width_px % 2, told.height_px % 2) == (0, 0)
    assert told.frames == made.frames
    with av.open(str(made.file)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    head = made.file.read_bytes()[:4096]
    assert head.index(b"moov") < head.find(b"mdat") or b"mdat" not in head


def test_colours_are_those_of_the_clip(tmp_path: Path) -> None:
    colour = (180, 60, 40)
    frame = np.full((*PANE[::-1], 3), colour, np.uint8)
    made = wall_of(tmp_path, [write_clip(tmp_path / "red.mp4", [frame] * 12)])

    with av.open(str(made.file)) as film:
        picture = next(film.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(picture[50, 80].astype(int) - colour).max() <= 6


def test_clips_of_any_shape_are_shown_whole(tmp_path: Path) -> None:
    upright = write_clip(tmp_path / "upright.mp4", grey_frames([200] * 6, 90, 160))
    wide = counted(tmp_path, 6, 6, "wide")

    made = wall_of(tmp_path, [wide, upright, wide], SMALL._replace(layout=Layout(3, 1)))

    with av.open(str(made.file)) as film:
        row = next(film.decode(video=0)).to_ndarray(format="gray")[GAP_PX + 45]
    pane = row[2 * GAP_PX + 160 : 2 * GAP_PX + 320].astype(int)
    bright = np.flatnonzero(pane > 150)
    assert len(bright) == pytest.approx(90 * 90 / 160, abs=4)
    assert bright[0] == pytest.approx(160 - 1 - bright[-1], abs=2)


def test_a_clip_on_its_side_stands_upright(tmp_path: Path) -> None:
    half = np.zeros((90, 160, 3), np.uint8)
    half[:, :80] = 220
    flat = write_clip(tmp_path / "flat.mp4", [half] * 6)
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", flat, "-c", "copy", turned)

    made = wall_of(tmp_path, [turned], Wish(pane_px=96, captions=False))

    with av.open(str(made.file)) as film:
        grey = next(film.decode(video=0)).to_ndarray(format="gray").astype(int)
    middle = grey[:, grey.shape[1] // 2]
    assert abs(middle[GAP_PX + 10] - middle[-GAP_PX - 10]) > 150, "bright above, dark below"


def sound_levels(film: Path, parts: int) -> list[float]:
    """Return how loud each of some equal parts of a film is, decoded by ffmpeg."""
    raw = ffmpeg("-i", film, "-f", "f32le", "-ac", "1", "-ar", "48000", "-")
    samples = np.frombuffer(raw, np.float32)
    return [float(np.abs(part).mean()) for part in np.array_split(samples, parts)]


def test_one_pane_is_heard_and_falls_silent_when_its_clip_ends(tmp_path: Path) -> None:
    loud = write_clip(tmp_path / "loud.mp4", moving_frames(24), Encoding(sound=True))
    long = counted(tmp_path, 24, 48, "long")

    made = wall_of(tmp_path, [long, loud], SMALL._replace(audio="loud.mp4"))

    assert made.sound == "loud.mp4"
    first, *_, last = sound_levels(made.file, 8)
    assert first > 0.3
    assert last < 0.01


def test_in_percent_the_sound_is_stretched_with_the_picture(tmp_path: Path) -> None:
    loud = write_clip(tmp_path / "loud.mp4", moving_frames(24), Encoding(sound=True))
    long = counted(tmp_path, 24, 48, "long")

    made = wall_of(tmp_path, [long, loud], SMALL._replace(audio="2", sync="percent"))

    assert min(sound_levels(made.file, 8)[:-1]) > 0.3


def test_a_pane_without_sound_cannot_be_heard(tmp_path: Path) -> None:
    clip = counted(tmp_path, 24, 24)
    for wish, name in ((SMALL._replace(audio="1"), "a.mp4"), (SMALL._replace(audio="1"), "a.gif")):
        with pytest.raises(BadInput, match="sound"):
            wall_of(tmp_path, [clip], wish, name)
    assert not list(tmp_path.glob("*a.mp4*"))


def test_a_wipe_shows_one_clip_left_and_the_other_right_of_a_moving_line(tmp_path: Path) -> None:
    dark = write_clip(tmp_path / "dark.mp4", grey_frames([60] * 120, *PANE))
    light = write_clip(tmp_path / "light.mp4", grey_frames([200] * 120, *PANE))

    made = wall_of(tmp_path, [dark, light], SMALL._replace(wipe=("1", "2")))

    shares = []
    with av.open(str(made.file)) as film:
        for frame in film.decode(video=0):
            row = frame.to_ndarray(format="gray")[GAP_PX + 70, GAP_PX : GAP_PX + 160].astype(int)
            assert abs(row[4] - 60) < 30
            assert abs(row[-5] - 200) < 30
            shares.append(float((row < 130).mean()))
    assert min(shares) < 0.2
    assert max(shares) > 0.8


def broken_files(folder: Path) -> dict[str, Path]:
    """Write files that no wall can show, or only in part."""
    sound = counted(folder, 24, 24, "whole").read_bytes()
    files = {
        "empty.mp4": b"",
        "page.mp4": b"<html><body>504 Gateway Time-out</body></html>",
        "cut.mp4": sound[: len(sound) // 2],
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in files}


def test_files_that_cannot_be_read_cost_their_own_pane(tmp_path: Path) -> None:
    good = counted(tmp_path, 24, 24)
    broken = broken_files(tmp_path)
    missing = tmp_path / "missing.mp4"

    made = wall_of(tmp_path, [*broken.values(), good, missing], SMALL._replace(layout=Layout(5, 1)))

    assert [bool(pane.problem) for pane in made.panes] == [True, True, True, False, True]
    assert [row[3] for row in numbers(made.file, 5, 4)] == [*range(24)]


def test_a_damaged_clip_shows_what_is_there_and_says_so(tmp_path: Path) -> None:
    frames = moving_frames(48, *PANE)
    whole = write_clip(tmp_path / "whole.mp4", frames, Encoding(codec_options={"crf": "8"}))
    data = whole.read_bytes()
    start = data.index(b"mdat")
    hurt = tmp_path / "hurt.mp4"
    hurt.write_bytes(flip_bits(data, range(start + 6000, start + 8000, 97)))

    made = wall_of(tmp_path, [whole, hurt])

    assert not made.panes[0].problem
    assert "damaged" in made.panes[1].problem
    assert made.panes[1].strip is not None


def test_a_clip_beyond_the_limits_costs_its_own_pane(tmp_path: Path) -> None:
    small = counted(tmp_path, 24, 6)
    large = write_clip(tmp_path / "large.mp4", grey_frames([90] * 2, 1280, 960))
    limits = replace(Limits(), max_pixels=640 * 480)

    made = make_wall(
        panes_of(small, large), SMALL, tmp_path / "w.mp4", lambda *_: None, limits=limits
    )

    assert "more than the limit" in made.panes[1].problem
    assert made.frames == 6


def test_a_long_wall_is_read_within_the_memory_of_one_clip(tmp_path: Path) -> None:
    clip = counted(tmp_path, 30, 900)
    limits = Limits(memory_bytes=700 * MIB)

    made = make_wall(
        panes_of(*[clip] * 4), SMALL, tmp_path / "w.mp4", lambda *_: None, limits=limits
    )

    assert made.frames == 900
    assert not any(pane.problem for pane in made.panes)


def test_nothing_is_left_of_a_wall_that_could_not_be_made(tmp_path: Path) -> None:
    page = broken_files(tmp_path)["page.mp4"]
    before = sorted(tmp_path.iterdir())

    with pytest.raises(BadInput, match="nothing to play"):
        wall_of(tmp_path, [page])

    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("wish", "name", "words"),
    [
        (SMALL._replace(layout=Layout(1, 1)), "w.mp4", "1x1"),
        (SMALL._replace(audio="3"), "w.mp4", "no pane"),
        (SMALL._replace(windows=(("x", Window(Fraction(0), Fraction(1))),)), "w.mp4", "no pane"),
        (SMALL._replace(fps=60), "w.gif", "60 fps"),
        (SMALL._replace(pane_px=3000), "w.mp4", "4096"),
        (Wish(pane_px=1280, duration_s=Fraction(50)), "w.gif", "GIF"),
    ],
)
def test_a_wish_that_does_not_fit_is_refused_with_a_way_out(
    tmp_path: Path, wish: Wish, name: str, words: str
) -> None:
    clip = counted(tmp_path, 24, 12)

    with pytest.raises(BadInput, match=words) as refused:
        wall_of(tmp_path, [clip, clip], wish, name)

    assert refused.value.fix
    assert not list(tmp_path.glob("*w.*"))


def test_a_cell_without_a_clip_has_a_pane_that_says_why(tmp_path: Path) -> None:
    sources = panes_of(counted(tmp_path, 24, 12))
    gap = Gap("refused", "the prompt was refused by the content check", "bad")
    sources.append(PaneSource("abc", Caption("Kling"), gap=gap))

    def pane_of(panes: list[PaneSource], name: str) -> NDArray[Any]:
        wish = Wish(pane_px=320, layout=Layout(2, 1), captions=False)
        made = make_wall(panes, wish, tmp_path / name, lambda *_: None)
        with av.open(str(made.file)) as film:
            grey: NDArray[Any] = next(film.decode(video=0)).to_ndarray(format="gray")
        return grey[:, grey.shape[1] // 2 + 10 : -14]

    told, empty = pane_of(sources, "told.mp4"), pane_of(sources[:1], "empty.mp4")
    assert told.max() > 120, "letters"
    assert empty.max() < 60


def test_captions_take_room_and_leave_the_pictures_alone(tmp_path: Path) -> None:
    clip = counted(tmp_path, 24, 12)
    caption = Caption("Kling 3.0 Pro", "The knight walks.", "walk", ("seed 7", "$0.62"))
    source = PaneSource("a", caption, clip)
    bare = make_wall([source], SMALL, tmp_path / "bare.mp4", lambda *_: None)
    full = make_wall(
        [source], SMALL._replace(captions=True), tmp_path / "full.mp4", lambda *_: None
    )

    assert full.size_px[0] == bare.size_px[0]
    assert full.size_px[1] > bare.size_px[1] + 60
    assert numbers(full.file, 1, 1) == numbers(bare.file, 1, 1)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("The knight  walks.", "The knight walks."),
        ("café → plaza", "café → plaza"),
        ("武士が歩く", None),
        ("المشي", None),
        ("a knight 🗡 walks", "a knight walks"),
    ],
)
def test_text_that_cannot_be_drawn_is_not_drawn_as_boxes(text: str, drawn: str | None) -> None:
    assert drawable(text) == drawn


def test_progress_counts_up_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    report: Callable[[int, int], Any] = lambda done, total: told.append((done, total))  # noqa: E731
    made = make_wall(panes_of(counted(tmp_path, 24, 12)), SMALL, tmp_path / "w.mp4", report)

    assert told[-1] == (2 + made.frames, 2 + made.frames)
    assert [done for done, _ in told] == list(range(1, 3 + made.frames))


PQ = "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084"
ODD_KINDS: dict[str, tuple[str, ...]] = {
    "no tags, SD": (),
    "full range": ("-vf", "scale=out_range=pc", "-pix_fmt", "yuvj420p", "-color_range", "pc"),
    "HDR": ("-vf", f"format=yuv420p10le,{PQ}"),
    "4:4:4": ("-pix_fmt", "yuv444p"),
    "pixels twice as wide": ("-vf", "setsar=2"),
}


def in_blocks(picture: Image.Image) -> NDArray[Any]:
    """Return a picture by its means over 8 × 8 pixels: a film has less detail in its colours."""
    means: NDArray[Any] = np.asarray(picture).reshape(8, 8, 12, 8, 3).mean(axis=(1, 3))
    return means


@pytest.mark.parametrize("kind", ODD_KINDS)
def test_a_pane_has_the_colours_that_every_other_picture_of_the_clip_has(
    kind: str, plain: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.mp4"
    ffmpeg("-i", plain, *ODD_KINDS[kind], "-c:v", "libx264", "-crf", "8", odd)
    with open_clip(odd, Limits()) as clip:
        first = next(clip.frames()).picture
        assert ((first.color_primaries, first.color_trc) in HDR) == (kind == "HDR")
        shape = shape_of(first, clip.stream.sample_aspect_ratio)
        usual = Shrinker(shape, (96, 64), clip.video_codec, SMOOTH)(first)
        planes = PlaneScaler(clip.video_codec, (96, 64), shape.quarter_turns)(first)

    flat = np.concatenate([plane.reshape(-1) for plane in planes])
    assert difference(in_blocks(Planes(96, 64, flat).picture()), in_blocks(usual)) < 4
    (pane,) = wall_of(tmp_path, [odd]).panes
    assert pane.size_px == ((256, 96) if "twice" in kind else (128, 96))


def test_a_still_picture_stands_beside_clips_for_the_whole_wall(tmp_path: Path) -> None:
    Image.new("RGB", PANE, (200, 200, 200)).save(tmp_path / "still.png")
    clip = counted(tmp_path, 24, 24)

    wish = SMALL._replace(end="blank", layout=Layout(2, 1))
    made = wall_of(tmp_path, [tmp_path / "still.png", clip], wish)

    assert made.frames == 24
    assert {still for still, _ in numbers(made.file, 2, 2)} == {88}


def test_frames_of_unsteady_times_stay_as_long_as_they_should(tmp_path: Path) -> None:
    starts = [0, 1, 2, 12, 13, 20]
    pictures = []
    for index in range(6):
        picture = np.full((*PANE[::-1], 3), DARKEST, np.uint8)
        picture[:, : PANE[0] // 2] = DARKEST + STEP * index
        pictures.append(picture)
    unsteady = write_clip(tmp_path / "vfr.mp4", pictures, Encoding(fps=24, starts=starts))

    made = wall_of(tmp_path, [unsteady], SMALL._replace(fps=24))

    seen = [row[0] for row in numbers(made.file, 1, 1)]
    assert seen[:21] == [sum(start <= index for start in starts) - 1 for index in range(21)]

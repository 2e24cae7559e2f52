"""A GIF's palette is near to the colours, its times are those of the clip."""

import io
import itertools
from fractions import Fraction

import numpy as np
from PIL import Image, ImageSequence

from fal_experiments.media.gif import Cue, cues, encode_gif, most_frames, shared_palette
from fal_experiments.media.sampling import Taken
from tests.media.clips import difference, pixels_of


def test_a_picture_of_few_colours_is_kept_as_it_is() -> None:
    colours = np.random.default_rng(7).integers(0, 256, (40, 3), np.uint8)
    picture = Image.fromarray(colours[np.arange(64 * 64).reshape(64, 64) % 40])

    data = encode_gif([Cue(0, picture)], Fraction(1))

    assert difference(pixels_of(Image.open(io.BytesIO(data))), pixels_of(picture)) < 1


def test_the_palette_is_nearer_to_the_picture_than_the_octree_it_starts_from() -> None:
    noise = np.random.default_rng(3).normal(0, 9, (120, 160, 3))
    skin, wall = np.array([190, 140, 120]), np.array([60, 70, 80])
    ground = np.where(np.arange(160)[None, :, None] < 80, skin, wall)
    picture = Image.fromarray((ground + noise).clip(0, 255).astype(np.uint8))
    octree = picture.quantize(255, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)

    data = encode_gif([Cue(0, picture)], Fraction(1))

    ours = difference(pixels_of(Image.open(io.BytesIO(data))), pixels_of(picture))
    assert ours < 0.8 * difference(pixels_of(octree), pixels_of(picture))


def test_a_palette_has_255_entries_even_of_one_colour() -> None:
    palette = shared_palette([Image.new("RGB", (8, 8), (12, 34, 56))])

    assert palette.shape == (255, 3)
    assert [12, 34, 56] in palette.tolist()


def test_black_is_never_taken_for_the_transparent_entry() -> None:
    frames = [Cue(0, Image.new("RGB", (16, 16), "white")), Cue(50, Image.new("RGB", (16, 16)))]

    data = encode_gif(frames, Fraction(1))

    last = list(ImageSequence.Iterator(Image.open(io.BytesIO(data))))[-1]
    assert pixels_of(last.copy()).max() == 0


def test_frames_closer_than_a_browser_can_show_are_left_out() -> None:
    taken = [Taken(Fraction(index, 240), Image.new("RGB", (4, 4))) for index in range(10)]

    starts_cs = [cue.start_cs for cue in cues(taken)]

    assert all(after - before >= 2 for before, after in itertools.pairwise(starts_cs))


def test_the_same_frame_twice_is_one_frame() -> None:
    shot = Taken(Fraction(3), Image.new("RGB", (4, 4)))

    assert len(cues([shot, shot, shot])) == 1


def test_large_frames_are_fewer() -> None:
    assert most_frames((320, 180)) == 600
    assert most_frames((1280, 720)) < 100

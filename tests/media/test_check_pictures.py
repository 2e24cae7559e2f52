"""A picture that moves is looked at to its last frame; the checksums of a picture are believed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fal_experiments.media.animated import Animation
from fal_experiments.media.check import check_file
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadKind, Finding
from fal_experiments.media.still import read_still
from tests.media.clips import flip_bits
from tests.media.odd.making import animation, picture

LIMITS = Limits()
FORMS = ["GIF", "WEBP", "PNG", "AVIF"]


@pytest.mark.parametrize("form", FORMS)
def test_a_sound_picture_that_moves_is_accepted(tmp_path: Path, form: str) -> None:
    path = tmp_path / "moving"
    animation(form)(path)

    assert check_file(path, LIMITS) == Finding(f"image/{form.lower()}")


@pytest.mark.parametrize("form", FORMS)
def test_damage_in_a_later_frame_is_found_and_the_first_ones_can_be_seen(
    tmp_path: Path, form: str
) -> None:
    path = tmp_path / "moving"
    animation(form)(path)
    data = path.read_bytes()
    path.write_bytes(flip_bits(data, range(len(data) * 3 // 4, len(data) - 20, 37)))

    finding = check_file(path, LIMITS)
    film = Animation(read_still(path, LIMITS), LIMITS, lambda: read_still(path, LIMITS))

    assert finding.media_type is None
    assert finding.bad_kind in {"damaged", "truncated"}
    assert film.damage() is not None
    assert 1 < sum(1 for _ in film.frames()) == len(film.times_s) < 6


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_picture_that_moves_is_refused(tmp_path: Path, form: str) -> None:
    path = tmp_path / "moving"
    animation(form)(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])

    assert check_file(path, LIMITS).media_type is None


@pytest.mark.parametrize(
    ("form", "spoil", "kind", "words"),
    [
        ("GIF", lambda d: d[:-1], "truncated", "its last block is missing"),
        ("PNG", lambda d: d[:-12], "truncated", "its last chunk is missing"),
        ("PNG", lambda d: flip_bits(d, [len(d) - 1]), "damaged", "the checksum of IEND is wrong"),
    ],
    ids=["a GIF without its end", "a PNG without its end", "a checksum"],
)
def test_what_pillow_reads_over_is_found(
    tmp_path: Path, form: str, spoil: Callable[[bytes], bytes], kind: BadKind, words: str
) -> None:
    path = tmp_path / "picture"
    picture(form)(path)
    path.write_bytes(spoil(path.read_bytes()))

    finding = check_file(path, LIMITS)

    assert (finding.media_type, finding.bad_kind) == (None, kind)
    assert words in finding.reason


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "JPEG"])
def test_what_stands_behind_the_end_of_a_picture_does_not_count(tmp_path: Path, form: str) -> None:
    path = tmp_path / "picture"
    picture(form)(path)
    path.write_bytes(path.read_bytes() + b"\0 appended by somebody")

    assert check_file(path, LIMITS).media_type == f"image/{form.lower()}"


def test_a_picture_that_moves_for_too_long_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "moving"
    animation("GIF")(path)

    assert check_file(path, Limits(max_frames=5)).bad_kind == "too_large"

"""A downloaded file is accepted when it plays to its end, and refused with a reason otherwise."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.media.check import check_file
from fal_experiments.media.clip import open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadKind, BadMedia, Finding
from tests.media.clips import (
    AV1,
    QUIET_X265,
    VP9,
    Encoding,
    ffmpeg,
    flip_bits,
    moving_frames,
    write_clip,
    write_growing_clip,
    write_sound,
)

LIMITS = Limits()


@pytest.mark.parametrize(
    ("name", "encoding", "media_type"),
    [
        ("h264.mp4", Encoding(), "video/mp4"),
        ("h264.mov", Encoding(), "video/quicktime"),
        ("h264.mkv", Encoding(), "video/x-matroska"),
        ("sound.mp4", Encoding(sound=True), "video/mp4"),
        ("variable.mp4", Encoding(starts=[0, 1, 5, 6, 7, 20, 21, 40]), "video/mp4"),
        ("no-b-frames.mp4", Encoding(codec_options={"bf": "0"}), "video/mp4"),
        ("fragmented.mp4", Encoding(muxer_options={"movflags": "frag_keyframe+empty_moov"}),
         "video/mp4"),
        ("hevc.mp4", QUIET_X265, "video/mp4"),
        ("vp8.webm", Encoding("libvpx", codec_options={"auto-alt-ref": "1"}), "video/webm"),
        ("vp9.webm", VP9, "video/webm"),
        ("av1.mp4", AV1, "video/mp4"),
        ("ten-bit.mp4", Encoding(pixel_format="yuv420p10le"), "video/mp4"),
    ],
)  # fmt: skip
def test_a_sound_clip_of_any_usual_codec_is_accepted(
    tmp_path: Path, name: str, encoding: Encoding, media_type: str
) -> None:
    clip = write_clip(tmp_path / name, moving_frames(8), encoding)

    found = check_file(clip, LIMITS)

    assert (found.media_type, found.bad_kind) == (media_type, None)
    assert found.duration_s is not None
    assert found.duration_s >= Decimal("0.333")  # 8 frames at 24 a second; one clip holds longer


def test_the_name_of_a_file_does_not_matter(plain: Path, tmp_path: Path) -> None:
    part = tmp_path / "clip.part"
    part.write_bytes(plain.read_bytes())

    assert check_file(part, LIMITS).media_type == "video/mp4"


def test_a_clip_of_which_an_edit_list_hides_frames_is_sound(plain: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited.mp4"
    ffmpeg("-ss", "0.7", "-i", plain, "-c", "copy", edited)

    assert check_file(edited, LIMITS).media_type == "video/mp4"


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_a_sound_picture_is_accepted(tmp_path: Path, name: str) -> None:
    picture = tmp_path / "picture"
    Image.fromarray(moving_frames(1)[0]).save(picture, name)

    assert check_file(picture, LIMITS) == Finding(f"image/{name.lower()}")


def write(data: bytes | str) -> Callable[[Path], object]:
    """Return a maker of a file with these contents."""
    return lambda path: path.write_bytes(data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (write(b""), "empty_file", "0 bytes"),
        (write("<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>"),
         "not_media", "an HTML page, not media: “403 Forbidden”"),
        (write(json.dumps({"detail": "Signature expired"})),
         "not_media", "JSON, not media: “{\"detail\": \"Signature expired\"}”"),
        (write("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
         "not_media", "XML, not media"),
        (write("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n"), "not_media", "text, not media"),
        (write(bytes(range(200, 256)) * 9), "not_media", "starts with the bytes c8 c9 ca"),
        (write_sound, "no_video", "only sound"),
    ],
    ids=["empty", "html", "json", "xml", "playlist", "noise", "sound"],
)  # fmt: skip
def test_what_is_not_a_clip_is_refused_in_words(
    tmp_path: Path, make: Callable[[Path], object], kind: BadKind, words: str
) -> None:
    path = tmp_path / "clip.mp4"
    make(path)

    finding = check_file(path, LIMITS)

    assert (finding.media_type, finding.bad_kind) == (None, kind)
    assert words in finding.reason


def test_a_script_named_mp4_cannot_make_the_decoder_read_another_file(
    plain: Path, tmp_path: Path
) -> None:
    script = tmp_path / "clip.mp4"
    script.write_text(f"ffconcat version 1.0\nfile '{plain}'\n")

    assert check_file(script, LIMITS).bad_kind == "not_media"
    with pytest.raises(BadMedia), open_clip(script, LIMITS):
        pytest.fail("the demuxer followed the script")


def test_a_cut_clip_with_its_index_first_tells_how_many_frames_arrived(
    index_first: Path, tmp_path: Path
) -> None:
    data = index_first.read_bytes()
    cut = tmp_path / "clip.mp4"
    cut.write_bytes(data[: len(data) * 2 // 3])

    finding = check_file(cut, LIMITS)

    assert finding.bad_kind == "truncated"
    assert f"{len(data) - len(data) * 2 // 3:,} bytes are missing" in finding.reason
    assert "of 48 frames are there" in finding.reason


def test_a_clip_that_lacks_only_its_last_bytes_is_refused(
    index_first: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "clip.mp4"
    cut.write_bytes(index_first.read_bytes()[:-9])

    assert check_file(cut, LIMITS).bad_kind == "truncated"


def test_a_cut_clip_with_its_index_last_is_refused(plain: Path, tmp_path: Path) -> None:
    cut = tmp_path / "clip.mp4"
    cut.write_bytes(plain.read_bytes()[:-400])

    finding = check_file(cut, LIMITS)

    assert finding.bad_kind == "not_playable"
    assert "index is missing or broken" in finding.reason


def test_a_cut_webm_is_refused_although_it_demuxes_without_a_word(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "clip.webm", moving_frames(24), VP9)
    cut = tmp_path / "cut.webm"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    finding = check_file(cut, LIMITS)

    assert finding.bad_kind == "truncated"
    assert "frames are there" in finding.reason


def test_every_flipped_bit_that_a_full_decode_finds_is_found_without_the_loop_filter(
    index_first: Path, tmp_path: Path
) -> None:
    data = index_first.read_bytes()
    start = data.index(b"mdat") + 800  # behind the encoder's own notes
    found = []
    for place in np.linspace(start, len(data) - 1, 24, dtype=int):
        path = tmp_path / "clip.mp4"
        path.write_bytes(flip_bits(data, [place]))
        with open_clip(path, LIMITS) as clip:
            assert sum(1 for _ in clip.frames()) == clip.decoded
            full = clip.damage()
        quick = check_file(path, LIMITS)
        assert (full.kind if full else None) == quick.bad_kind
        found.append(quick.bad_kind)

    assert found.count("damaged") > 6


def test_a_header_that_lies_about_the_size_is_not_believed(plain: Path, tmp_path: Path) -> None:
    data = plain.read_bytes()
    true, giant = (128).to_bytes(2, "big") + (96).to_bytes(2, "big"), b"\x75\x30\x75\x30"
    assert data.count(true) == 1
    lying = tmp_path / "clip.mp4"
    lying.write_bytes(data.replace(true, giant))

    assert check_file(lying, LIMITS).media_type == "video/mp4"


def test_a_clip_of_too_many_pixels_is_refused_before_decoding(plain: Path) -> None:
    finding = check_file(plain, Limits(max_pixels=128 * 96 - 1))

    assert finding.bad_kind == "too_large"
    assert "128 × 96 pixels are more than the limit of 12,287" in finding.reason


def test_frames_that_grow_beyond_the_limit_on_the_way_are_refused(tmp_path: Path) -> None:
    clip = write_growing_clip(
        tmp_path / "clip.webm", moving_frames(3, 64, 48), moving_frames(3, 320, 240)
    )

    assert check_file(clip, LIMITS).media_type == "video/webm"
    assert check_file(clip, Limits(max_pixels=64 * 48)).bad_kind == "damaged"


def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(bomb)

    finding = check_file(bomb, LIMITS)

    assert bomb.stat().st_size < 100_000
    assert finding.bad_kind == "too_large"


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_a_cut_picture_is_refused(tmp_path: Path, name: str) -> None:
    picture = tmp_path / "picture"
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(picture, name)
    picture.write_bytes(picture.read_bytes()[: picture.stat().st_size // 2])

    finding = check_file(picture, LIMITS)

    assert finding.media_type is None
    assert finding.reason


def test_a_file_above_the_limit_of_bytes_is_refused(plain: Path) -> None:
    finding = check_file(plain, Limits(max_file_bytes=1000))

    assert finding.bad_kind == "too_large"


def test_a_clip_of_more_frames_than_the_limit_is_checked_up_to_it(plain: Path) -> None:
    assert check_file(plain, Limits(max_frames=10)).media_type == "video/mp4"

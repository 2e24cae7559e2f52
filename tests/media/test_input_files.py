"""A clip or sound that a cell starts from is measured, and what is wrong is said with its name."""

import hashlib
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from fal_experiments.core.inputs import InputFile
from fal_experiments.errors import BadInput
from fal_experiments.media import input_files
from fal_experiments.media.input_files import read_input_file
from fal_experiments.media.limits import Limits
from tests.media.clips import (
    QUIET_X265,
    VP9,
    Encoding,
    ffmpeg,
    flip_bits,
    moving_frames,
    write_clip,
    write_sound,
)
from tests.media.drawn import checkerboard

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs, signals, rlimits")


def read(path: Path, role: str) -> InputFile:
    """Read an input called `take`."""
    return read_input_file(path, id="take", role=role, shown_path="assets/take")


def refused(path: Path, role: str) -> BadInput:
    """Return the error that a person sees."""
    with pytest.raises(BadInput) as caught:
        read(path, role)
    assert caught.value.message.startswith("assets/take: ")
    return caught.value


def test_a_clip_is_measured(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "wrong-suffix.txt.mp4", moving_frames(36), Encoding(sound=True))

    assert read(clip, "video") == InputFile(
        id="take",
        role="video",
        sha256=hashlib.sha256(clip.read_bytes()).hexdigest(),
        path="assets/take",
        width_px=128,
        height_px=96,
        size_bytes=clip.stat().st_size,
        media_type="video/mp4",
        duration_s=Decimal("1.5"),
        fps=Decimal(24),
        has_audio=True,
    )


@pytest.mark.parametrize(
    ("name", "encoding", "media_type"),
    [
        ("h264.mov", Encoding(fps=30), "video/quicktime"),
        ("h264.mkv", Encoding(fps=30), "video/x-matroska"),
        ("hevc.mp4", QUIET_X265, "video/mp4"),
        ("vp9.webm", VP9, "video/webm"),
    ],
)
def test_every_usual_clip_is_measured(
    tmp_path: Path, name: str, encoding: Encoding, media_type: str
) -> None:
    clip = write_clip(tmp_path / name, moving_frames(12), encoding)

    file = read(clip, "elements.0.video")

    assert (file.media_type, file.has_audio) == (media_type, False)
    assert file.duration_s == pytest.approx(Decimal(12) / encoding.fps, abs=Decimal("0.002"))
    assert file.fps == pytest.approx(Decimal(encoding.fps), abs=Decimal("0.1"))


def test_a_clip_that_is_to_be_turned_has_the_size_that_is_seen(plain: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", plain, "-c", "copy", turned)

    file = read(turned, "video")

    assert (file.width_px, file.height_px) == (96, 128)


def test_a_clip_of_more_frames_than_are_counted_has_the_length_that_it_tells(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_files, "PLAN_LIMITS", Limits(max_frames=10))

    file = read(plain, "video")

    assert (file.duration_s, file.fps) == (Decimal(2), Decimal(24))


SOUNDS = [
    ("s.wav", [], "audio/wav"),
    ("s.mp3", [], "audio/mpeg"),
    ("untagged.mp3", ["-id3v2_version", "0", "-write_xing", "0"], "audio/mpeg"),
    ("s.m4a", [], "audio/mp4"),
    ("s.mp4", [], "audio/mp4"),
    ("s.aac", [], "audio/aac"),
    ("s.ogg", ["-c:a", "libvorbis"], "audio/ogg"),
    ("s.opus", [], "audio/ogg"),
    ("s.flac", [], "audio/flac"),
]


def tone(path: Path, *arguments: str) -> Path:
    """Write 2.5 s of sound; the suffix chooses the container."""
    ffmpeg("-f", "lavfi", "-i", "sine=sample_rate=44100:duration=2.5", *arguments, path)
    return path


@pytest.mark.parametrize(("name", "arguments", "media_type"), SOUNDS)
def test_a_sound_is_measured(
    tmp_path: Path, name: str, arguments: list[str], media_type: str
) -> None:
    sound = tone(tmp_path / name, *arguments)

    file = read(sound, "audio")

    assert (file.media_type, file.has_audio) == (media_type, True)
    assert (file.width_px, file.height_px, file.fps) == (None, None, None)
    assert file.size_bytes == sound.stat().st_size
    assert file.duration_s == pytest.approx(Decimal("2.5"), abs=Decimal("0.1"))


@pytest.mark.parametrize("role", ["image", "last_frame", "references.3", "elements.0.image",
                                  "elements.1.references.2"])  # fmt: skip
def test_every_other_role_is_a_picture_and_its_ground_is_told(tmp_path: Path, role: str) -> None:
    plate = tmp_path / "plate.png"
    checkerboard(16).save(plate)

    file = read(plate, role)

    assert (file.role, file.background, file.width_px) == (role, "checkerboard", 640)
    assert (file.duration_s, file.fps, file.has_audio) == (None, None, None)


def test_a_picture_is_no_clip_and_the_error_says_where_it_belongs(tmp_path: Path) -> None:
    picture = tmp_path / "plate.png"
    Image.new("RGB", (64, 64)).save(picture)

    error = refused(picture, "elements.0.video")

    assert "not a usable video: this is a picture (image/png), it belongs under `image`" in (
        error.message
    )
    assert error.fix == "give an MP4, MOV, WebM or MKV file"


def test_a_clip_is_no_picture_and_no_sound(plain: Path) -> None:
    assert "not a usable image: this is a video (video/mp4)" in refused(plain, "image").message
    assert "not a usable sound file: there is video in it" in refused(plain, "audio").message
    assert refused(plain, "audio").fix == "give a WAV, MP3, M4A, AAC, OGG, Opus or FLAC file"


def test_a_sound_is_no_clip(tmp_path: Path) -> None:
    named, unnamed = tone(tmp_path / "s.wav"), write_sound(tmp_path / "s.mp4")

    assert "this is a sound file (audio/wav), it belongs under `audio`" in (
        refused(named, "video").message
    )
    assert "there is no video in it, only sound" in refused(unnamed, "video").message


@pytest.mark.parametrize(("role", "kind"), [("video", "a video"), ("audio", "a sound")])
def test_a_folder_and_what_is_not_there_are_named(tmp_path: Path, role: str, kind: str) -> None:
    assert f"this is a folder, expected {kind} file" in refused(tmp_path, role).message
    missing = refused(tmp_path / "missing", role)
    assert "there is no such file" in missing.message
    assert "relative to the project root" in missing.fix


@needs_posix
@pytest.mark.parametrize("role", ["image", "video", "audio"])
def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path, role: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert "not a regular file" in refused(pipe, role).message


@pytest.mark.parametrize("role", ["video", "audio"])
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"<html><title>Gone</title></html>", "an HTML page, not media: “Gone”"),
        (b"#EXTM3U\nhttp://127.0.0.1:1/a.ts\n", "text, not media"),
        ("ff fe".encode("utf-16"), "it starts with the bytes ff fe"),
        (b"RIFF\x10\0\0\0AVI LIST", "it starts with the bytes 52 49 46 46"),
    ],
    ids=["empty", "html", "playlist", "utf-16", "avi"],
)
def test_what_is_no_media_is_refused_in_words(
    tmp_path: Path, data: bytes, words: str, role: str
) -> None:
    path = tmp_path / "take.mp4"
    path.write_bytes(data)

    assert words in refused(path, role).message


def test_a_cut_clip_is_refused_although_its_first_frame_is_there(
    index_first: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(index_first.read_bytes()[:-2000])

    assert "cut off: 2,000 bytes are missing" in refused(cut, "video").message


def test_a_clip_without_its_index_is_refused(plain: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(plain.read_bytes()[:-400])

    assert "index is missing or broken" in refused(cut, "video").message


def test_a_clip_whose_first_frame_is_damaged_is_refused(index_first: Path, tmp_path: Path) -> None:
    data = index_first.read_bytes()
    start = data.index(b"mdat") + 800
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(flip_bits(data, range(start, start + 400, 7)))

    assert "frames are not intact" in refused(damaged, "video").message


@pytest.mark.parametrize("name", ["s.wav", "s.flac", "s.m4a"])
def test_a_cut_sound_is_refused(tmp_path: Path, name: str) -> None:
    cut = tone(tmp_path / name)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])

    assert "cut off" in refused(cut, "audio").message


def test_a_sound_written_by_a_stream_that_did_not_know_its_length_is_whole(
    tmp_path: Path,
) -> None:
    sound = tmp_path / "s.wav"
    sound.write_bytes(ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-f", "wav", "-"))
    assert sound.read_bytes()[4:8] == b"\xff" * 4

    assert read(sound, "audio").duration_s == 1


def test_sound_of_which_nothing_can_be_decoded_is_refused(tmp_path: Path) -> None:
    noise = tmp_path / "s.mp3"
    noise.write_bytes(b"ID3\x04\0\0\0\0\0\0" + bytes(4000))

    assert "not a usable sound file" in refused(noise, "audio").message


def test_a_file_that_runs_into_a_limit_is_refused_with_the_limit(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_files, "PLAN_LIMITS", Limits(wall_s=0))

    assert "not a usable video: it took longer than 0 s" in refused(plain, "video").message


LIGHT = """
import sys
from pathlib import Path
from fal_experiments.media.input_files import read_input_file

if __name__ == "__main__":
    read_input_file(Path(sys.argv[1]), id="a", role="video", shown_path="a")
    print("av" in sys.modules)
"""


def test_the_process_that_plans_never_loads_the_decoders_of_clips(
    plain: Path, tmp_path: Path
) -> None:
    script = tmp_path / "plan.py"
    script.write_text(LIGHT)
    command = [sys.executable, str(script), str(plain)]

    told = subprocess.run(command, capture_output=True, check=True, text=True)

    assert told.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["plate.png", "plate.webp", "palette.png"])
def test_a_plate_with_nothing_behind_its_figure_is_transparent(name: str, tmp_path: Path) -> None:
    picture = Image.new("RGBA", (320, 180), (0, 0, 0, 0))
    picture.paste((200, 30, 30, 255), (130, 40, 190, 180))
    shown = picture.quantize(8) if name == "palette.png" else picture
    shown.save(tmp_path / name)

    assert read(tmp_path / name, "image").background == "transparent"


def test_a_picture_that_has_alpha_and_covers_its_border_is_judged_by_what_is_seen(
    tmp_path: Path,
) -> None:
    ground = Image.new("RGBA", (320, 180), (90, 140, 90, 255))
    ground.paste((0, 0, 0, 0), (130, 40, 190, 140))
    ground.save(tmp_path / "plate.png")

    assert read(tmp_path / "plate.png", "image").background == "flat"

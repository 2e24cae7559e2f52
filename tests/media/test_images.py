"""An input image is read whole, and what is wrong with it is said with its name."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.inputs import InputFile
from fal_experiments.errors import BadInput
from fal_experiments.media.input_files import read_input_file
from tests.media.clips import moving_frames, size_of


def read(path: Path) -> InputFile:
    """Read an input called `plate`."""
    return read_input_file(path, id="plate", role="image", shown_path="assets/plate.png")


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_an_image_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    path = tmp_path / "wrong-suffix.txt"
    Image.fromarray(moving_frames(1, 120, 80)[0]).save(path, name)

    assert read(path) == InputFile(
        id="plate",
        role="image",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        path="assets/plate.png",
        width_px=120,
        height_px=80,
        size_bytes=path.stat().st_size,
        media_type=f"image/{name.lower()}",
        background="gradient",
    )


def test_a_note_to_turn_the_picture_does_not_change_its_size(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 40)).save(path, exif=exif)

    image = read(path)

    assert (image.width_px, image.height_px) == (80, 40)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"assets/plate\.png: there is no"):
        read(tmp_path / "missing.png")


def test_a_folder_is_not_an_image(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"assets/plate\.png: this is a folder"):
        read(tmp_path)


def test_a_clip_is_not_an_image(plain: Path) -> None:
    with pytest.raises(BadInput, match=r"this is a video \(video/mp4\)"):
        read(plain)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"name: knight\n", "text, not media: “name: knight”"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "text, not media"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC is not supported"),
        (b"\x89PNG\r\n\x1a\n and no more", "cannot be opened"),
    ],
    ids=["empty", "text", "eps", "heic", "header only"],
)
def test_what_is_not_an_image_is_refused_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "plate.png"
    path.write_bytes(data)

    with pytest.raises(BadInput) as caught:
        read(path)

    assert words in caught.value.message
    assert "PNG, JPEG" in caught.value.fix


def test_a_cut_image_is_refused_although_its_header_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "plate.png"
    noise = np.random.default_rng(5).integers(0, 255, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    assert size_of(path) == (64, 64)

    with pytest.raises(BadInput, match="cut off"):
        read(path)


def test_a_decompression_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plate.png"
    Image.new("1", (20_000, 20_000)).save(path)

    with pytest.raises(BadInput, match="more pixels"):
        read(path)

"""Makes odd files: with ffmpeg from a test picture, with Pillow, or by spoiling sound ones."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.media.clips import (
    INDEX_FIRST,
    Encoding,
    ffmpeg,
    flip_bits,
    moving_frames,
    write_clip,
)

Make = Callable[[Path], object]
"""Writes a file at a path."""

PLAIN_SIZE = "128x96"
USUAL = Encoding()
X264 = ("-c:v", "libx264", "-preset", "ultrafast")


def written(data: bytes | str) -> Make:
    """Return a maker of a file with these contents."""
    return lambda path: path.write_bytes(data.encode() if isinstance(data, str) else data)


def encoded(
    *options: str, size: str = PLAIN_SIZE, frames: int = 24, filters: Sequence[str] = ()
) -> Make:
    """Return a maker of a clip of a moving test picture at 24 fps."""
    source = ",".join((f"testsrc2=size={size}:rate=24", *filters))
    told = ("-f", "lavfi", "-i", source, "-frames:v", str(frames), *options)
    return lambda path: ffmpeg(*told, path)


def framed(
    encoding: Encoding = USUAL, count: int = 24, size_px: tuple[int, int] = (128, 96)
) -> Make:
    """Return a maker of a clip with PyAV."""
    return lambda path: write_clip(path, moving_frames(count, *size_px), encoding)


WEB_CLIP = framed(INDEX_FIRST)


def copied(*options: str, before: Sequence[str] = (), of: Make = WEB_CLIP) -> Make:
    """Return a maker of a copy of a clip whose container says something else."""

    def make(path: Path) -> None:
        source = path.with_name(f"source-of-{path.stem}.mp4")
        of(source)
        ffmpeg(*before, "-i", source, "-c", "copy", *options, path)

    return make


def two_streams(*sizes: str) -> Make:
    """Return a maker of a clip with several video streams, one of each size."""

    def make(path: Path) -> None:
        sources: list[str | Path] = []
        for size in sizes:
            source = path.with_name(f"{size}-of-{path.stem}.mp4")
            encoded(*X264, "-pix_fmt", "yuv420p", size=size)(source)
            sources += ["-i", source]
        streams = [word for index in range(len(sizes)) for word in ("-map", f"{index}:v")]
        ffmpeg(*sources, *streams, "-c", "copy", path)

    return make


def spoilt(how: Callable[[bytes], bytes], of: Make = WEB_CLIP) -> Make:
    """Return a maker of a file that was sound before something happened to its bytes."""

    def make(path: Path) -> None:
        of(path)
        path.write_bytes(how(path.read_bytes()))

    return make


def cut(share: float) -> Callable[[bytes], bytes]:
    """Return what keeps only the first share of a file."""
    return lambda data: data[: int(len(data) * share)]


def flipped(box: bytes, *, skipped: int, every: int) -> Callable[[bytes], bytes]:
    """Return what flips a bit in every so many bytes of a box, all but its first ones."""

    def flip(data: bytes) -> bytes:
        at = data.index(box)
        end = at - 4 + int.from_bytes(data[at - 4 : at], "big")
        return flip_bits(data, range(at + 4 + skipped, min(end, len(data)), every))

    return flip


def without(box: bytes) -> Callable[[bytes], bytes]:
    """Return what takes a box out of an MP4."""

    def take(data: bytes) -> bytes:
        at = data.index(box) - 4
        size = int.from_bytes(data[at : at + 4], "big")
        return data[:at] + data[at + size :]

    return take


def picture(form: str, size_px: tuple[int, int] = (128, 96), **options: Any) -> Make:
    """Return a maker of a still picture."""
    pixels = moving_frames(1, *size_px)[0]
    return lambda path: Image.fromarray(pixels).save(path, form, **options)


def one_colour(form: str, mode: str, size_px: tuple[int, int]) -> Make:
    """Return a maker of a picture that is vast in memory and small on disk."""
    return lambda path: Image.new(mode, size_px).save(path, form)


def animation(form: str, count: int = 6) -> Make:
    """Return a maker of a picture that moves, with noise, so that every part of it counts."""

    def make(path: Path) -> None:
        random = np.random.default_rng(7)
        noise = [random.integers(0, 32, (96, 128, 3), np.uint8) for _ in range(count)]
        shots = [
            Image.fromarray(frame // 2 + grain)
            for frame, grain in zip(moving_frames(count), noise, strict=True)
        ]
        options: dict[str, Any] = {"save_all": True, "append_images": shots[1:], "duration": 80}
        shots[0].save(path, form, **options)

    return make

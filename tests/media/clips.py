"""Makes tiny clips with PyAV, sound or broken in a known way, and asks ffmpeg about clips."""

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.audio
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


@dataclass(frozen=True)
class Encoding:
    """How `write_clip` encodes."""

    codec: str = "libx264"
    fps: int = 24
    pixel_format: str = "yuv420p"
    sound: bool = False
    starts: Sequence[int] | None = None
    """Start of each frame in units of 1/`fps`; None: one after the other."""
    codec_options: dict[str, str] = field(default_factory=lambda: {"crf": "12"})
    muxer_options: dict[str, str] = field(default_factory=dict)


QUIET_X265 = Encoding("libx265", codec_options={"crf": "12", "x265-params": "log-level=none"})
VP9 = Encoding("libvpx-vp9", codec_options={"crf": "20", "b": "0", "cpu-used": "8"})
AV1 = Encoding("libsvtav1", codec_options={"crf": "20", "preset": "12"})
INDEX_FIRST = Encoding(muxer_options={"movflags": "+faststart"})


def moving_frames(count: int, width_px: int = 128, height_px: int = 96) -> list[Pixels]:
    """Return frames of a bright square that crosses a colourful gradient."""
    across = np.linspace(0, 255, width_px, dtype=np.uint8)[None, :].repeat(height_px, 0)
    down = np.linspace(255, 0, height_px, dtype=np.uint8)[:, None].repeat(width_px, 1)
    ground = np.stack([across, down, 255 - across // 2], axis=2)
    frames = []
    for index in range(count):
        frame = ground.copy()
        left = index * (width_px - 24) // max(1, count - 1)
        frame[height_px // 2 - 12 : height_px // 2 + 12, left : left + 24] = (250, 240, 60)
        frames.append(frame)
    return frames


def grey_frames(levels: Iterable[int], width_px: int = 128, height_px: int = 96) -> list[Pixels]:
    """Return one even grey frame for each level, 0 black to 255 white."""
    return [np.full((height_px, width_px, 3), level, np.uint8) for level in levels]


def write_clip(path: Path, frames: Sequence[Pixels], encoding: Encoding = Encoding()) -> Path:
    """Encode frames into a clip; the name's suffix chooses the container."""
    starts = encoding.starts or range(len(frames))
    with av.open(str(path), "w", options=encoding.muxer_options) as container:
        video: Any = container.add_stream(encoding.codec, rate=encoding.fps)
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt = encoding.pixel_format
        video.options = encoding.codec_options
        video.codec_context.time_base = Fraction(1, encoding.fps)
        audio: Any = container.add_stream("aac", rate=44100) if encoding.sound else None
        for start, pixels in zip(starts, frames, strict=True):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = start, Fraction(1, encoding.fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _write_tone(container, audio, Fraction(len(frames), encoding.fps))
    return path


def write_growing_clip(path: Path, small: Sequence[Pixels], large: Sequence[Pixels]) -> Path:
    """Write a VP9 clip whose frames get larger on the way; its header knows the small ones."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libvpx-vp9", rate=24)
        stream.height, stream.width = small[0].shape[:2]
        stream.pix_fmt, stream.options = "yuv420p", VP9.codec_options
        for part, start in ((small, 0), (large, len(small))):
            encoder: Any = av.CodecContext.create("libvpx-vp9", "w")
            encoder.height, encoder.width = part[0].shape[:2]
            encoder.pix_fmt, encoder.options = "yuv420p", VP9.codec_options
            encoder.time_base = Fraction(1, 24)
            frames = [av.VideoFrame.from_ndarray(pixels, format="rgb24") for pixels in part]
            for index, frame in enumerate([*frames, None]):
                if frame is not None:
                    frame.pts, frame.time_base = start + index, Fraction(1, 24)
                for packet in encoder.encode(frame):
                    packet.stream = stream
                    container.mux(packet)
    return path


def write_sound(path: Path) -> Path:
    """Write a file with sound and no video."""
    with av.open(str(path), "w") as container:
        _write_tone(container, container.add_stream("aac", rate=44100), Fraction(1))
    return path


def _write_tone(container: Any, stream: Any, duration_s: Fraction) -> None:
    count = int(44100 * duration_s)
    tone = np.sin(np.arange(count) * (440 * 2 * np.pi / 44100)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
    frame.sample_rate = 44100
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def ffmpeg(*arguments: str | Path) -> bytes:
    """Run ffmpeg and return what it writes to stdout."""
    command = [FFMPEG, "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def ffmpeg_frames(path: Path, width_px: int, height_px: int) -> list[Pixels]:
    """Return every frame of a clip at the given size, decoded and scaled by ffmpeg."""
    raw = ffmpeg(
        "-i", path, "-fps_mode", "passthrough", "-vf", f"scale={width_px}:{height_px}:flags=area",
        "-pix_fmt", "rgb24", "-f", "rawvideo", "-",
    )  # fmt: skip
    return list(np.frombuffer(raw, np.uint8).reshape(-1, height_px, width_px, 3))


@dataclass(frozen=True)
class Told:
    """What ffmpeg says about a clip."""

    frames: int
    width_px: int
    height_px: int
    duration_s: float


def ffmpeg_tells(path: Path) -> Told:
    """Return what ffmpeg reads in the header of a clip, and how many frames it decodes."""
    command = [FFMPEG, "-nostdin", "-i", str(path), "-map", "0:v:0", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    width, height = re.search(r"Video: .*?, (\d+)x(\d+)", said).groups()  # type: ignore[union-attr]
    hours, minutes, seconds = re.search(r"Duration: (\d+):(\d+):([\d.]+)", said).groups()  # type: ignore[union-attr]
    frames = re.findall(r"frame=\s*(\d+)", said)[-1]
    duration_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return Told(int(frames), int(width), int(height), duration_s)


def pixels_of(picture: Path | Image.Image) -> NDArray[np.int16]:
    """Return the RGB pixels of a picture, signed so that they can be subtracted."""
    if isinstance(picture, Path):
        with Image.open(picture) as image:
            return pixels_of(image)
    return np.asarray(picture.convert("RGB")).astype(np.int16)


def size_of(path: Path) -> tuple[int, int]:
    """Return width and height of a picture file."""
    with Image.open(path) as image:
        return image.size


def difference(one: Any, other: Any) -> float:
    """Return the mean absolute difference of two pictures, 0 to 255."""
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


def tiles_of(sheet: Path, columns: int, size_px: tuple[int, int], count: int) -> list[Any]:
    """Cut a contact sheet into its first `count` tiles."""
    pixels = pixels_of(sheet)
    width, height = size_px
    gap = (pixels.shape[1] - columns * width) // max(1, columns - 1)
    cut = []
    for index in range(count):
        row, column = divmod(index, columns)
        top, left = row * (height + gap), column * (width + gap)
        cut.append(pixels[top : top + height, left : left + width])
    return cut


def flip_bits(data: bytes, places: Iterable[int]) -> bytes:
    """Return data with one bit turned at each place."""
    changed = bytearray(data)
    for place in places:
        changed[place] ^= 0x10
    return bytes(changed)

"""Clips with planted facts, what we measure of them, and what ffmpeg's filters say."""

import re
import subprocess
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.core.measures import Measures
from fal_experiments.media.anchor_file import Anchor
from fal_experiments.media.clip import open_clip
from fal_experiments.media.gauges.measuring import Measuring
from fal_experiments.media.limits import Limits
from tests.media.clips import FFMPEG, Pixels
from tests.media.drawn import clouds

LIMITS = Limits()
SHA = "cd" * 32


def measured(clip: Path, anchor: Path | None = None) -> Measures:
    """Return what is measured of a clip, in this process."""
    with open_clip(clip, LIMITS) as opened:
        measuring = Measuring(opened, Anchor(anchor, SHA) if anchor else None, LIMITS)
        for frame in opened.frames():
            measuring.offer(*frame)
        return measuring.measures()


def value(measures: Measures, name: str) -> float:
    """Return a measurement that must be there."""
    assert name in measures.values, measures.why(name)
    return float(measures.values[name])


def scenery(width_px: int = 640, height_px: int = 360) -> Pixels:
    """Return a picture with detail everywhere, as photographs have it."""
    picture = clouds(1.2).resize((width_px, height_px), Image.Resampling.BICUBIC)
    return np.asarray(picture.convert("RGB"))


def panned(count: int, step_px: float, width_px: int = 640, height_px: int = 360) -> list[Pixels]:
    """Return frames cut from a larger picture, each `step_px` further to the right."""
    wide = scenery(width_px + int(count * abs(step_px)) + 8, height_px + 8)
    return [
        np.ascontiguousarray(wide[4 : 4 + height_px, left : left + width_px])
        for left in (round(index * step_px) for index in range(count))
    ]


def with_gain(pixels: Pixels, gain: float) -> Pixels:
    """Return a picture made brighter."""
    brighter: Pixels = np.clip(pixels * gain + 0.5, 0, 255).astype(np.uint8)
    return brighter


def gradient(levels: int, *, dither: bool, noise: int = 7) -> Pixels:
    """Return a sky from dark to less dark in so many levels; dither hides where they change."""
    height_px, width_px = 360, 640
    ideal = np.linspace(60, 60 + levels, height_px)[:, None].repeat(width_px, 1)
    if dither:
        ideal = ideal + np.random.default_rng(noise).uniform(-0.5, 0.5, ideal.shape)
    return np.repeat(np.round(ideal).astype(np.uint8)[:, :, None], 3, axis=2)


def told_by_ffmpeg(clip: Path, *options: str) -> str:
    """Return what ffmpeg says while it plays a clip through filters into nothing."""
    command = [FFMPEG, "-nostdin", "-hide_banner", "-i", str(clip), *options, "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stderr


def numbers(pattern: str, said: str) -> list[float]:
    """Return all numbers that a pattern finds."""
    return [float(number) for number in re.findall(pattern, said)]


def write_sounding(path: Path, samples: NDArray[Any], source: str = "color=c=gray") -> Path:
    """Write a clip with a plain picture and 48 kHz samples, one row a channel, losslessly."""
    raw = np.ascontiguousarray(samples.T.astype("<f4")).tobytes()
    length_s = samples.shape[1] / 48_000
    command = [
        FFMPEG, "-v", "error", "-y", "-f", "lavfi", "-i", f"{source}:s=64x64:r=10:d={length_s}",
        "-f", "f32le", "-ar", "48000", "-ac", str(len(samples)), "-i", "-",
        "-c:v", "libx264", "-c:a", "flac", "-strict", "-2", "-shortest", str(path),
    ]  # fmt: skip
    subprocess.run(command, input=raw, check=True, capture_output=True)
    return path


def sine(length_s: float, dbfs: float, hertz: float = 1000) -> NDArray[np.float64]:
    """Return a tone with a peak of so many dBFS."""
    times = np.arange(int(48_000 * length_s)) / 48_000
    tone: NDArray[np.float64] = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * times)
    return tone


def rises(values: Sequence[float]) -> bool:
    """Tell whether every value is above the one before."""
    return all(one < after for one, after in pairwise(values))

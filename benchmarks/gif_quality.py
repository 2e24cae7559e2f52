"""GIFs of the same frames, ours and ffmpeg's, held against those frames."""

import io
import resource
import statistics
import subprocess
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageSequence

from benchmarks.clip_costs import FFMPEG, LIMITS
from fal_experiments.core.derived import Moving, Part, Recipe
from fal_experiments.media.clip import open_clip
from fal_experiments.media.gif import Cue, cues, encode_gif
from fal_experiments.media.one_pass import OnePass
from fal_experiments.media.ssim import Luma, similarity

RECIPE = Recipe(gif=Moving(width_px=320, fps=12))
FPS = 12
HUNDREDTH_S = 0.0101
"""GIF counts in these: a start may be rounded by one."""
PARTS: tuple[Part, ...] = ("gif",)
PALETTE = "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither={}"


class GifTry(NamedTuple):
    """What came of one way to make a GIF."""

    name: str
    ssim: float
    """Of luma, the mean over all frames; 1 is equal."""
    size_bytes: int
    cpu_s: float


class _Made(NamedTuple):
    data: bytes
    cpu_s: float


def gif_tries(clip: Path, rounds: int) -> list[GifTry]:
    """Return ours first, then ffmpeg's palettegen without and with its usual dithering."""
    with open_clip(clip, LIMITS) as opened:
        seen = OnePass(opened, RECIPE, parts=PARTS)
    frames = cues(seen.moving(RECIPE.gif or Moving()))
    raw = b"".join(np.asarray(frame.picture).tobytes() for frame in frames)
    size_px = frames[0].picture.size
    ways: dict[str, Callable[[], _Made]] = {
        "ours": lambda: _ours(frames, seen),
        "palettegen, no dither": lambda: _ffmpeg(raw, size_px, "none"),
        "palettegen, as usual": lambda: _ffmpeg(raw, size_px, "sierra2_4a"),
    }
    made = [{name: make() for name, make in ways.items()} for _ in range(rounds)]
    return [_tried(name, [each[name] for each in made], frames) for name in ways]


def _tried(name: str, made: Sequence[_Made], frames: Sequence[Cue]) -> GifTry:
    data = made[0].data
    cpu_s = statistics.median(each.cpu_s for each in made)
    ours = name == "ours"
    starts_s = [cue.start_cs / 100 if ours else index / FPS for index, cue in enumerate(frames)]
    return GifTry(name, _nearness(data, frames, starts_s), len(data), cpu_s)


def _ours(frames: Sequence[Cue], seen: OnePass) -> _Made:
    begun = time.process_time()
    data = encode_gif(frames, seen.duration_s)
    return _Made(data, time.process_time() - begun)


def _ffmpeg(raw: bytes, size_px: tuple[int, int], dither: str) -> _Made:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "{}x{}".format(*size_px))
    command = [FFMPEG, "-v", "error", *source, "-r", str(FPS), "-i", "-"]
    filters = ["-filter_complex", PALETTE.format(dither), "-f", "gif", "-"]
    done = subprocess.run([*command, *filters], input=raw, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _Made(done.stdout, spent_s)


def _nearness(data: bytes, frames: Sequence[Cue], starts_s: Sequence[float]) -> float:
    """Return the mean SSIM of what a GIF shows when each frame has started, to that frame."""
    shown: list[Luma] = []
    begins_s: list[float] = []
    at_s = 0.0
    with Image.open(io.BytesIO(data)) as gif:
        for frame in ImageSequence.Iterator(gif):
            begins_s.append(at_s)
            shown.append(np.asarray(frame.convert("RGB").convert("L")))
            at_s += frame.info["duration"] / 1000
    return statistics.fmean(
        similarity(
            shown[bisect_right(begins_s, start_s + HUNDREDTH_S) - 1],
            np.asarray(cue.picture.convert("L")),
        ).mean
        for cue, start_s in zip(frames, starts_s, strict=True)
    )

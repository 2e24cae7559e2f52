"""GIFs of the same frames, ours and ffmpeg's, held against those frames."""

import io
import resource
import statistics
import subprocess
import time
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
from fal_experiments.media.ssim import similarity

RECIPE = Recipe(gif=Moving(width_px=320, fps=12))
FPS = 12
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
    return GifTry(name, _nearness(data, frames), len(data), cpu_s)


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


def _nearness(data: bytes, frames: Sequence[Cue]) -> float:
    """Return the mean SSIM of the frames that a GIF shows, to those that went in."""
    shown: list[Image.Image] = []
    with Image.open(io.BytesIO(data)) as gif:
        for frame in ImageSequence.Iterator(gif):
            luma = frame.convert("RGB").convert("L")
            # Equal frames are one that stays longer.
            shown += [luma] * max(1, round(frame.info["duration"] / 1000 * FPS))
    pairs = zip(shown, frames, strict=False)
    return statistics.fmean(
        similarity(np.asarray(luma), np.asarray(cue.picture.convert("L"))).mean
        for luma, cue in pairs
    )

"""What it costs to do something with a clip: in a worker process of ours, or in a program's own."""

import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import av
import imageio_ffmpeg

from fal_experiments.media.child import Child, process_context
from fal_experiments.media.limits import Limits

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
LIMITS = Limits()
SYNTHETIC = {"480p": ("854x480", 23), "720p": ("1280x720", 23), "1080p": ("1920x1080", 20)}


class Cost(NamedTuple):
    """What one run took. CPU is user + system of the whole process, its start included."""

    cpu_s: float
    wall_s: float
    peak_mib: float = 0
    """0: not known."""


Run = Callable[[Path, Path], Cost]
"""Does something with a clip, in a folder of its own."""
Costs = Mapping[str, Cost]
"""Of each candidate, in one round."""


def in_worker(function: str, *arguments: object) -> Cost:
    """Run `package.module:function` in a fresh worker; it must return `own_cost()`."""
    begun = time.perf_counter()
    child = Child(process_context(), function, arguments, LIMITS)
    cpu_s, peak_mib = child.answer()
    return Cost(cpu_s, time.perf_counter() - begun, peak_mib)


def own_cost() -> tuple[float, float]:
    """Return the CPU seconds and the peak memory of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def of_command(*command: str | Path, given: bytes = b"") -> Cost:
    """Run a program to its end. Raises: CalledProcessError."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, input=given, capture_output=True)
    after, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s, wall_s)


def floor(clip: Path, _: Path) -> Cost:
    """Decode with ffmpeg on all cores and throw the frames away."""
    return of_command(FFMPEG, "-v", "error", "-i", clip, "-map", "0:v:0", "-f", "null", "-")


def in_rounds(
    clips: Sequence[Path], candidates: Mapping[str, Run], folder: Path, rounds: int
) -> dict[Path, list[Costs]]:
    """Run all candidates on all clips, round by round; one round before only warms up."""
    found: dict[Path, list[Costs]] = {clip: [] for clip in clips}
    for number in range(rounds + 1):
        for clip in clips:
            costs = {name: run(clip, folder / clip.stem) for name, run in candidates.items()}
            if number > 0:
                found[clip].append(costs)
    return found


def median(rounds: Sequence[Costs], value: Callable[[Costs], float]) -> float:
    """Return the median over the rounds of a value of a round."""
    return float(statistics.median(map(value, rounds)))


def cpu_ratio(rounds: Sequence[Costs], name: str, to: str) -> float:
    """Return the median of the CPU ratios of two candidates within a round."""
    return median(rounds, lambda costs: costs[name].cpu_s / costs[to].cpu_s)


def print_rows(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    for cells in (titles, ["---"] * len(titles), *rows):
        print("| " + " | ".join(cells) + " |")


@contextmanager
def chosen_clips(arguments: Sequence[str]) -> Iterator[tuple[list[Path], Path]]:
    """Yield the clips that are named, or synthetic ones, and a folder to work in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        named = [Path(word) for word in arguments if not word.startswith("-")]
        yield named or _synthetic_clips(folder), folder


def _synthetic_clips(folder: Path) -> list[Path]:
    """Make clips of 5 s in three sizes, with motion, detail and grain."""
    clips = []
    for name, (size, crf) in SYNTHETIC.items():
        clip = folder / f"synthetic_{name}.mp4"
        source = f"mandelbrot=size={size}:rate=24:end_scale=0.02,noise=alls=6:allf=t"
        encoding = ("-c:v", "libx264", "-preset", "medium", "-crf", str(crf), "-pix_fmt", "yuv420p")
        of_command(
            *(FFMPEG, "-v", "error", "-y", "-f", "lavfi", "-i", source, "-frames:v", "120"),
            *encoding,
            clip,
        )
        clips.append(clip)
    return clips


def size_of(clip: Path) -> tuple[int, int]:
    """Return width and height of a clip."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        return stream.width, stream.height

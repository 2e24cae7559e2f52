"""CPU of checking and rendering a clip ÷ CPU of decoding it with ffmpeg, side by side.

python -m benchmarks.bench_media [CLIP …]      its own synthetic clips when none is given

The floor is `ffmpeg -i clip -map 0:v:0 -f null -`. Each round runs all candidates on all clips, in
turn; a ratio is the median over the rounds of the ratios within a round. CPU is user + system, of
the whole process that does the work, its start included.
"""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import imageio_ffmpeg

from fal_experiments.core.derived import Recipe
from fal_experiments.media.check import check_file
from fal_experiments.media.child import Child, process_context
from fal_experiments.media.derive import derive_file
from fal_experiments.media.limits import Limits

ROUNDS = 5
LIMITS = Limits()
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
BARS = {"720p": 2.8, "1080p": 1.9}
"""Sheet, GIF, poster, probe and measurements; from one megapixel on the second one holds."""


class Cost(NamedTuple):
    """What one run took."""

    cpu_s: float
    wall_s: float
    peak_mib: float = 0
    """0: not known."""


def floor(clip: Path, _: Path) -> Cost:
    """Decode with ffmpeg and throw the frames away."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [FFMPEG, "-v", "error", "-nostdin", "-i", str(clip), "-map", "0:v:0"]
    subprocess.run([*command, "-f", "null", "-"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s, time.perf_counter() - begun)


def check(clip: Path, _: Path) -> Cost:
    """Check the clip in a worker process."""
    return _in_worker("check_in_worker", clip)


def derive(clip: Path, folder: Path) -> Cost:
    """Render poster, sheet, GIF, facts and measurements in a worker process, all anew."""
    shutil.rmtree(folder, ignore_errors=True)  # what is there already would be kept
    return _in_worker("derive_in_worker", clip, folder)


def _in_worker(function: str, *arguments: Path) -> Cost:
    begun = time.perf_counter()
    child = Child(process_context(), f"benchmarks.bench_media:{function}", arguments, LIMITS)
    cpu_s, peak_mib = child.answer()
    return Cost(cpu_s, time.perf_counter() - begun, peak_mib)


def check_in_worker(clip: Path) -> tuple[float, float]:
    """Return CPU seconds and peak memory of a process that checked the clip."""
    check_file(clip, LIMITS)
    return _own_cost()


def derive_in_worker(clip: Path, folder: Path) -> tuple[float, float]:
    """Return CPU seconds and peak memory of a process that rendered the clip."""
    derived = derive_file(clip, folder, "0" * 64, Recipe(), LIMITS)
    if derived.failed:
        raise ValueError(derived.failed)
    return _own_cost()


def _own_cost() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


CANDIDATES: dict[str, Callable[[Path, Path], Cost]] = {
    "floor": floor,
    "check": check,
    "derive": derive,
}


def measure(clips: list[Path], folder: Path) -> dict[Path, list[dict[str, Cost]]]:
    """Run all candidates on all clips, round by round; the first round only warms up."""
    rounds: dict[Path, list[dict[str, Cost]]] = {clip: [] for clip in clips}
    for number in range(ROUNDS + 1):
        for clip in clips:
            costs = {name: run(clip, folder / clip.stem) for name, run in CANDIDATES.items()}
            if number > 0:
                rounds[clip].append(costs)
    return rounds


def print_table(rounds: dict[Path, list[dict[str, Cost]]]) -> None:
    """Print medians, and ratios to the floor of the same round."""
    titles = ("clip", "candidate", "CPU s", "wall s", "CPU ÷ floor", "wall ÷ floor", "peak MiB")
    print("| " + " | ".join(titles) + " |")
    print("|" + " --- |" * len(titles))
    for clip, costs in rounds.items():
        for name in CANDIDATES:
            print(_line(clip.name, name, costs))


def _line(clip: str, name: str, costs: list[dict[str, Cost]]) -> str:
    def median(value: Callable[[dict[str, Cost]], Any]) -> float:
        return float(statistics.median(map(value, costs)))

    peak_mib = median(lambda c: c[name].peak_mib)
    cells = (
        clip,
        name,
        f"{median(lambda c: c[name].cpu_s):.3f}",
        f"{median(lambda c: c[name].wall_s):.3f}",
        f"{median(lambda c: c[name].cpu_s / c['floor'].cpu_s):.2f}",
        f"{median(lambda c: c[name].wall_s / c['floor'].wall_s):.2f}",
        f"{peak_mib:.0f}" if peak_mib else "–",
    )
    return "| " + " | ".join(cells) + " |"


def synthetic_clips(folder: Path) -> list[Path]:
    """Make a clip of 5 s in 720p and one in 1080p, with motion, detail and grain."""
    clips = []
    for name, size, crf in (("720p", "1280x720", 23), ("1080p", "1920x1080", 20)):
        clip = folder / f"synthetic_{name}.mp4"
        source = f"mandelbrot=size={size}:rate=24:end_scale=0.02,noise=alls=6:allf=t"
        encoding = ["-c:v", "libx264", "-preset", "medium", "-crf", str(crf), "-pix_fmt", "yuv420p"]
        source_options = ["-f", "lavfi", "-i", source, "-frames:v", "120"]
        subprocess.run(
            [FFMPEG, "-v", "error", "-y", *source_options, *encoding, str(clip)], check=True
        )
        clips.append(clip)
    return clips


def main() -> None:
    """Measure the clips that are named, or synthetic ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = [Path(argument) for argument in sys.argv[1:]] or synthetic_clips(folder)
        print_table(measure(clips, folder))
    bars = ", ".join(f"{size} ≤ {bar}" for size, bar in BARS.items())
    print(f"\nMedians of {ROUNDS} rounds. Bars for derive, CPU ÷ floor: {bars}.")


if __name__ == "__main__":
    main()

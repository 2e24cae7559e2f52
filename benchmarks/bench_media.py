"""CPU of checking and rendering a clip ÷ CPU of decoding it with ffmpeg, side by side.

python -m benchmarks.bench_media [CLIP …]      its own synthetic clips when none is given

The floor is `ffmpeg -i clip -map 0:v:0 -f null -`. Each round runs all candidates on all clips, in
turn; a ratio is the median over the rounds of the ratios within a round.
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.clip_costs import (
    LIMITS,
    Cost,
    Costs,
    chosen_clips,
    cpu_ratio,
    floor,
    in_rounds,
    in_worker,
    median,
    own_cost,
    print_rows,
    size_of,
)
from fal_experiments.core.derived import Moving, Recipe
from fal_experiments.media.check import check_file
from fal_experiments.media.derive import derive_file

ROUNDS = 5
EVERYTHING = Recipe(sheet_columns=4, sheet_rows=4, gif=Moving(width_px=320, fps=12))
"""With poster, probe and all plain measurements, which there always are."""
MEGAPIXEL, HD_PIXELS = 1_000_000, 800_000
MEGAPIXEL_BAR, HD_BAR, MEMORY_BAR_MIB = 1.9, 2.8, 200
"""Bars of everything with a GIF: from one megapixel on, of 720p; of smaller clips there is none."""


def check(clip: Path, _: Path) -> Cost:
    """Check the clip in a worker process."""
    return in_worker("benchmarks.bench_media:check_in_worker", clip)


def derive(clip: Path, folder: Path) -> Cost:
    """Render poster, sheet, GIF, facts and measurements in a worker process, all anew."""
    shutil.rmtree(folder, ignore_errors=True)  # what is there already would be kept
    return in_worker("benchmarks.bench_media:derive_in_worker", clip, folder)


def check_in_worker(clip: Path) -> tuple[float, float]:
    """Return CPU seconds and peak memory of a process that checked the clip."""
    finding = check_file(clip, LIMITS)
    if finding.media_type is None:
        raise ValueError(finding.reason)
    return own_cost()


def derive_in_worker(clip: Path, folder: Path) -> tuple[float, float]:
    """Return CPU seconds and peak memory of a process that rendered the clip."""
    derived = derive_file(clip, folder, "0" * 64, EVERYTHING, LIMITS)
    if derived.failed:
        raise ValueError(derived.failed)
    return own_cost()


CANDIDATES = {"floor": floor, "check": check, "derive": derive}


def bar_of(clip: Path) -> float | None:
    """Return the most that `derive` may cost, ÷ floor; None where no bar was set."""
    width, height = size_of(clip)
    if width * height >= MEGAPIXEL:
        return MEGAPIXEL_BAR
    return HD_BAR if width * height >= HD_PIXELS else None


def _row(clip: Path, name: str, rounds: Sequence[Costs]) -> list[str]:
    peak_mib = median(rounds, lambda costs: costs[name].peak_mib)
    ratio, bar = cpu_ratio(rounds, name, "floor"), bar_of(clip) if name == "derive" else None
    width, height = size_of(clip)
    return [
        f"{clip.stem} {width}×{height}" if name == "floor" else "",
        name,
        f"{median(rounds, lambda costs: costs[name].cpu_s):.3f}",
        f"{ratio:.2f}",
        f"{bar} {'met' if ratio <= bar else '**missed**'}" if bar else "",
        f"{median(rounds, lambda c: c[name].wall_s / c['floor'].wall_s):.2f}",
        f"{peak_mib:.0f}" if peak_mib else "",
    ]


def main(arguments: Sequence[str] = ()) -> None:
    """Measure the clips that are named, or synthetic ones."""
    with chosen_clips(arguments) as (clips, folder):
        found = in_rounds(clips, CANDIDATES, folder, ROUNDS)
        rows = [_row(clip, name, found[clip]) for clip in clips for name in CANDIDATES]
    titles = ("clip", "candidate", "CPU s", "CPU ÷ floor", "bar", "wall ÷ floor", "peak MiB")
    print_rows(titles, rows)
    print(f"\nMedians of {ROUNDS} rounds. Bar of the peak: {MEMORY_BAR_MIB} MiB.")


if __name__ == "__main__":
    main(sys.argv[1:])

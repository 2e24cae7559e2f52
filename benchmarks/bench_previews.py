"""Sheets and GIFs against what others make of the same clip, and a hundred clips on two workers.

python -m benchmarks.bench_previews [CLIP …]      its own synthetic clips when none is given
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

from benchmarks.bench_media import EVERYTHING
from benchmarks.clip_costs import (
    FFMPEG,
    LIMITS,
    Cost,
    Costs,
    Run,
    chosen_clips,
    cpu_ratio,
    floor,
    in_rounds,
    in_worker,
    median,
    of_command,
    own_cost,
    print_rows,
)
from benchmarks.gif_quality import GifTry, gif_tries
from fal_experiments.core.derived import Part, Recipe
from fal_experiments.media.clip import open_clip
from fal_experiments.media.encoded import encode_part
from fal_experiments.media.one_pass import OnePass
from fal_experiments.media.workers import MediaPool

ROUNDS = 5
SHEET: tuple[Part, ...] = ("sheet",)
BATCH, BATCH_ROUNDS = 100, 3
SCALING_BAR, BATCH_BAR = 1.8, 2.47
"""Two workers ÷ one; and with GIF against as many ffmpegs that only decode (the reference says so
of a pool, which is not isolated)."""
QUOTED_VCSI = "10.9 to 14.1 times the CPU of a decode (quoted, measured on another day and machine)"
TILE = (
    "select='eq(n,0)+gte(t-prev_selected_t,{step_s})',scale=320:-2,"
    "drawtext=text='%{{pts\\:hms}}':x=6:y=h-22:fontsize=16:fontcolor=white:box=1:boxcolor=black@0.6,"
    "tile=4x4"
)


def sheet(clip: Path, folder: Path) -> Cost:
    """Make a contact sheet of 16 and nothing else in a worker process."""
    return in_worker("benchmarks.bench_previews:sheet_in_worker", clip, folder)


def sheet_in_worker(clip: Path, folder: Path) -> tuple[float, float]:
    """Return CPU seconds and peak memory of a process that made the sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_clip(clip, LIMITS) as opened:
        file, _ = encode_part("sheet", OnePass(opened, Recipe(), parts=SHEET), Recipe())
    (folder / "sheet.jpg").write_bytes(file.data)
    return own_cost()


def tile(clip: Path, folder: Path) -> Cost:
    """Make one with ffmpeg alone: select, scale, drawtext, tile."""
    with open_clip(clip, LIMITS) as opened:
        length_s = float(opened.times_s[-1] - opened.times_s[0])
    filters = TILE.format(step_s=f"{length_s / 15.5:.4f}")
    folder.mkdir(parents=True, exist_ok=True)
    options = ("-vf", filters, "-frames:v", "1", "-q:v", "3", "-y")
    return of_command(FFMPEG, "-v", "error", "-i", clip, *options, folder / "tile.jpg")


def vcsi(clip: Path, folder: Path) -> Cost:
    """Make one with the usual tool for that."""
    size = ("-g", "4x4", "-w", "1280", "-t")
    return of_command("vcsi", clip, *size, "-o", folder / "vcsi.jpg")


def _why_no_vcsi() -> str:
    missing = [name for name in ("vcsi", "ffprobe") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not on the PATH" if missing else ""


def bench_sheets(clips: Sequence[Path], folder: Path) -> None:
    """Print what a sheet alone costs."""
    candidates: dict[str, Run] = {"decode only": floor, "ours": sheet, "ffmpeg tile": tile}
    why_not = _why_no_vcsi()
    if not why_not:
        candidates["vcsi"] = vcsi
    found = in_rounds(clips, candidates, folder, ROUNDS)
    rows = [_sheet_row(clip, name, found[clip]) for clip in clips for name in candidates]
    print("a contact sheet of 16 and nothing else\n")
    print_rows(("clip", "by", "CPU s", "CPU ÷ decode", "ours ÷ it, CPU", "wall ÷ decode"), rows)
    if why_not:
        print(f"\nvcsi was NOT run: {why_not}. For reference: {QUOTED_VCSI}.")


def _sheet_row(clip: Path, name: str, rounds: Sequence[Costs]) -> list[str]:
    return [
        clip.stem if name == "decode only" else "",
        name,
        f"{median(rounds, lambda costs: costs[name].cpu_s):.3f}",
        f"{cpu_ratio(rounds, name, 'decode only'):.2f}",
        f"{cpu_ratio(rounds, 'ours', name):.2f}",
        f"{median(rounds, lambda c: c[name].wall_s / c['decode only'].wall_s):.2f}",
    ]


def bench_gifs(clips: Sequence[Path]) -> None:
    """Print bytes, nearness to the source and CPU of GIFs made of the same frames."""
    rows = []
    for clip in clips:
        tries = gif_tries(clip, ROUNDS)
        ours = tries[0]
        rows += [_gif_row(clip, each, ours) for each in tries]
    print("\na GIF of the same frames, 320 px, 12 a second\n")
    print_rows(("clip", "by", "SSIM", "kB", "bytes ÷ ours", "CPU ÷ ours"), rows)


def _gif_row(clip: Path, made: GifTry, ours: GifTry) -> list[str]:
    return [
        clip.stem if made is ours else "",
        made.name,
        f"{made.ssim:.4f}",
        f"{made.size_bytes / 1000:.0f}",
        f"{made.size_bytes / ours.size_bytes:.2f}",
        f"{made.cpu_s / ours.cpu_s:.2f}",
    ]


def bench_batch(clips: Sequence[Path], folder: Path) -> None:
    """Print how a hundred clips go on one worker and on two."""
    batch = list(islice(cycle(clips), BATCH))
    busy = os.getloadavg()[0]
    rounds: list[Costs] = []
    for _ in range(BATCH_ROUNDS):
        walls_s = {f"ours {n}": _rendered_s(batch, folder, n) for n in (1, 2)}
        walls_s |= {f"ffmpeg {n}": _decoded_s(batch, n) for n in (1, 2)}
        rounds.append({name: Cost(0, wall_s) for name, wall_s in walls_s.items()})

    def ratio(name: str, to: str) -> float:
        return median(rounds, lambda costs: costs[name].wall_s / costs[to].wall_s)

    scaling, above = ratio("ours 1", "ours 2"), ratio("ours 2", "ffmpeg 2")
    print(
        f"\n{BATCH} clips, everything, a fresh process for each; medians of {BATCH_ROUNDS} rounds\n"
    )
    rows = [
        ["1 worker ÷ 2 workers", f"{scaling:.2f}",
         f"≥ {SCALING_BAR} {_verdict(met=scaling >= SCALING_BAR)}"],
        ["1 ffmpeg ÷ 2 ffmpegs, decode only", f"{ratio('ffmpeg 1', 'ffmpeg 2'):.2f}",
         "what the machine gives"],
        ["2 workers ÷ 2 ffmpegs", f"{above:.2f}",
         f"≤ {BATCH_BAR} {_verdict(met=above <= BATCH_BAR)}"],
        ["clips a second on 2 workers",
         f"{BATCH / median(rounds, lambda costs: costs['ours 2'].wall_s):.1f}", ""],
    ]  # fmt: skip
    print_rows(("wall time", "", "bar"), rows)
    cores = f"{os.cpu_count()} cores, load {busy:.1f} before"
    print(f"\n{cores}: what else runs takes from the second worker.")


def _verdict(*, met: bool) -> str:
    return "met" if met else "**missed**"


def _rendered_s(batch: Sequence[Path], folder: Path, workers: int) -> float:
    target = folder / "batch"
    shutil.rmtree(target, ignore_errors=True)
    begun = time.perf_counter()
    with MediaPool(workers=workers) as pool:
        jobs = [
            pool.derive(clip, target / str(number), "0" * 64, EVERYTHING)
            for number, clip in enumerate(batch)
        ]
        failed = [job.result().failed for job in jobs if job.result().failed]
    if failed:
        raise ValueError(failed[0])
    return time.perf_counter() - begun


def _decoded_s(batch: Sequence[Path], at_a_time: int) -> float:
    """Return how long ffmpegs with one thread each take to decode a batch, so many at a time."""

    def decode(clip: Path) -> None:
        command = [FFMPEG, "-v", "error", "-threads", "1", "-i", str(clip), "-map", "0:v:0"]
        subprocess.run([*command, "-f", "null", "-"], check=True, stdin=subprocess.DEVNULL)

    begun = time.perf_counter()
    with ThreadPoolExecutor(at_a_time) as threads:
        list(threads.map(decode, batch))
    return time.perf_counter() - begun


def main(arguments: Sequence[str] = ()) -> None:
    """Measure the clips that are named, or synthetic ones."""
    with chosen_clips(arguments) as (clips, folder):
        bench_sheets(clips, folder)
        bench_gifs(clips)
        bench_batch(clips, folder)


if __name__ == "__main__":
    main(sys.argv[1:])

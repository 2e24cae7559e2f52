"""`fal-exp run` against the official SDK's `subscribe` loop, both on the same queue in one run.

python -m benchmarks.bench_engine [--large]      --large: 10,000 cells too

The queue is a bare one on the loopback, in a process of its own. CPU is user + system of the whole
program with every process that it starts. What one cell takes is (many cells − one cell) ÷ the
difference: the start of the program, measured in the same run, is not part of it.
"""

import heapq
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import imageio_ffmpeg

from benchmarks.loopback import ENDPOINT, counts_at, loopback
from benchmarks.measure import Usage, measured

CELLS = 120
AT_ONCE = 40
SERVICE_S = ("0", "4", "30")
"""How long a job takes at the provider. A real clip takes half a minute or more."""
ROUNDS = 1
"""More give medians; one takes four minutes with all its jobs."""
SIZES = (1_000, 3_000)
LARGE = 10_000
MIXED_S = ("3", "6", "9", "12", "18", "24")
MIXED_CELLS = 120

PRESET: dict[str, Any] = {
    "id": "tiny-t2v",
    "title": "Tiny · text to video",
    "provider": "fal",
    "endpoint": ENDPOINT,
    "family": "kling",
    "task": "text-to-video",
    "arguments": {"duration": "1", "resolution": "72p"},
    "controls": {
        "duration": {"knob": "duration", "choices": [{"send": "1", "means": 1}]},
        "resolution": {"knob": "resolution", "choices": ["72p"]},
        "aspect_ratio": {"fixed": "16:9"},
        "audio": {"fixed": False},
        "fps": {"fixed": 8},
    },
    "seed": {"support": "accepted", "knob": "seed"},
    "price": {
        "unit": "second",
        "rules": [{"usd": "0.01"}],
        "source": "made up for benchmarks",
        "as_of": "2026-11-20",
    },
}
KNOBS = {
    "prompt": {"type": "string", "maxLength": 500},
    "duration": {"type": "string", "enum": ["1"]},
    "resolution": {"type": "string", "enum": ["72p"]},
    "seed": {"type": "integer"},
}
SCHEMA: dict[str, Any] = {
    "endpoint": ENDPOINT,
    "as_of": "2026-11-20",
    "source": "made up for benchmarks",
    "input": {"type": "object", "properties": KNOBS, "required": ["prompt"]},
    "output": {"type": "object", "properties": {"video": {}, "seed": {}}},
}


class Run(NamedTuple):
    """One run of a program over some cells: its cost, and what it asked of the queue."""

    usage: Usage
    requests: int


class Bench:
    """A queue, and a folder for projects. Every run gets a project of its own."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address
        self._folder = folder
        self._runs = 0

    def harness(self, cells: int, services_s: Sequence[str]) -> tuple[Run, Path]:
        """Run `fal-exp run`, without pictures and report; returns its batch too."""
        project = self._new_folder()
        _write_project(project, cells, services_s)
        names = {"QUEUE": "", "RUN": "", "REST": "", "CDN": "", "API": "/api/v1"}
        urls = {f"FAL_EXP_{name}_URL": f"{self._address}{path}" for name, path in names.items()}
        command = ["-m", "fal_experiments", "run", "m.yaml", "--no-render", "--no-report"]
        run = self._measured(command, project, urls | {"FAL_KEY": "bench:key-of-nobody"})
        (log,) = project.glob("experiments/*/*/events.jsonl")
        stored = log.read_bytes().count(b'"type":"asset_stored"')
        _check_all_arrived(stored, cells)
        return run, log.parent

    def sdk(self, cells: int, service_s: str) -> Run:
        """Run the SDK's loop."""
        folder = self._new_folder()
        numbers = (str(cells), str(AT_ONCE), service_s)
        command = ["-m", "benchmarks.sdk_loop", self._address, *numbers, str(folder)]
        run = self._measured(command, folder, {})
        _check_all_arrived(len(list(folder.glob("*.mp4"))), cells)
        return run

    def _measured(self, command: list[str], cwd: Path, environ: dict[str, str]) -> Run:
        before = counts_at(self._address).total()
        usage = measured(command, cwd, environ)
        return Run(usage, counts_at(self._address).total() - before)

    def _new_folder(self) -> Path:
        self._runs += 1
        folder = self._folder / str(self._runs)
        folder.mkdir()
        return folder


def main(*, large: bool = False) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _tiny_clip(folder / "tiny.mp4")
        with loopback(clip) as address:
            bench = Bench(address, folder)
            print_against_sdk(bench)
            print()
            print_makespan(bench)
            print()
            print_scaling(bench, (*SIZES, LARGE) if large else SIZES)


def print_against_sdk(bench: Bench) -> None:
    """Print CPU and requests of a cell, ours beside the SDK's."""
    print(f"{CELLS} cells, {AT_ONCE} in flight, one clip of a few kB each")
    print(
        f"{'a job takes':<12} {'client':<28} {'CPU a cell':>10} {'without start':>14} "
        f"{'÷ SDK':>6} {'requests a cell':>16} {'wall':>7}"
    )
    for service_s in SERVICE_S:
        rounds = [_round(bench, service_s) for _ in range(ROUNDS)]
        for index, client in enumerate(("fal_client subscribe", "fal-exp run")):
            own = [pair[index] for pair in rounds]
            ratio = statistics.median(p[index][1] / p[0][1] for p in rounds)
            print(
                f"{service_s + ' s':<12} {client:<28} "
                f"{_median(run.usage.cpu_s / CELLS for run, _ in own) * 1000:>7.2f} ms "
                f"{_median(more for _, more in own) * 1000:>11.2f} ms {ratio:>6.2f} "
                f"{_median(run.requests / CELLS for run, _ in own):>16.1f} "
                f"{_median(run.usage.wall_s for run, _ in own):>5.1f} s"
            )
    print("bar: 0.33 of the SDK's CPU, without start")


def _round(bench: Bench, service_s: str) -> tuple[tuple[Run, float], tuple[Run, float]]:
    """Run both clients over many cells and over one; returns the runs and CPU s for one cell."""
    theirs, ours = bench.sdk(CELLS, service_s), bench.harness(CELLS, [service_s])[0]
    their_start, our_start = bench.sdk(1, "0"), bench.harness(1, ["0"])[0]
    return (theirs, _marginal(theirs, their_start)), (ours, _marginal(ours, our_start))


def print_makespan(bench: Bench) -> None:
    """Print how much longer than needed a batch of short and long jobs takes."""
    _, batch = bench.harness(MIXED_CELLS, MIXED_S)
    lines = (batch / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    sent = [_at(event) for event in events if event["type"] == "submit_intended"]
    stored = [_at(event) for event in events if event["type"] == "asset_stored"]
    took_s = (max(stored) - min(sent)).total_seconds()
    order = [event["cell"] for event in events if event["type"] == "submit_intended"]
    prompts = {c["cell_id"]: c["prompt_text"] for c in _plan(batch)["cells"]}
    services_s = [float(prompts[cell].split()[1]) for cell in order]
    ideal_s = _ideal_s(services_s)
    bound_s = max(sum(services_s) / AT_ONCE, *services_s)
    print(f"{MIXED_CELLS} cells of {' to '.join((MIXED_S[0], MIXED_S[-1]))} s in {AT_ONCE} slots")
    print(f"{'first submit → last clip':<34} {took_s:>6.2f} s")
    print(f"{'÷ ideal, jobs back to back':<34} {took_s / ideal_s:>6.3f}    bar 1.05")
    print(f"{'÷ lower bound of any order':<34} {took_s / bound_s:>6.3f}")


def _ideal_s(services_s: Sequence[float]) -> float:
    """Return how long the jobs take in this order, each begun when a slot is free, at no cost."""
    slots = [0.0] * AT_ONCE
    for service_s in services_s:
        heapq.heapreplace(slots, slots[0] + service_s)
    return max(slots)


def print_scaling(bench: Bench, sizes: Sequence[int]) -> None:
    """Print what a cell costs in small and in large batches."""
    start = bench.harness(1, ["0"])[0]
    print(f"jobs that take no time, {AT_ONCE} in flight")
    print(f"{'cells':>7} {'CPU a cell':>11} {'without start':>14} {'peak':>9} {'wall':>8}")
    for cells in sizes:
        run = bench.harness(cells, ["0"])[0]
        print(
            f"{cells:>7,} {run.usage.cpu_s / cells * 1000:>8.2f} ms "
            f"{_marginal(run, start, cells) * 1000:>11.2f} ms "
            f"{run.usage.peak_mib:>5.0f} MiB {run.usage.wall_s:>6.1f} s"
        )
    print("bars: 2 ms a cell without start, 250 MiB, and no growth from row to row")


def _check_all_arrived(clips: int, cells: int) -> None:
    if clips != cells:
        raise RuntimeError(f"{clips} of {cells} clips arrived")


def _marginal(many: Run, one: Run, cells: int = CELLS) -> float:
    """Return the CPU seconds of one more cell."""
    return (many.usage.cpu_s - one.usage.cpu_s) / (cells - 1)


def _median(values: Any) -> float:
    return float(statistics.median(values))


def _at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def _plan(batch: Path) -> Any:
    return json.loads((batch / "plan.json").read_bytes())


def _write_project(root: Path, cells: int, services_s: Sequence[str]) -> None:
    """Write a project whose matrix has so many cells, a prompt for each service time."""
    (root / "presets" / "schemas").mkdir(parents=True)
    (root / "experiments").mkdir()
    (root / "presets" / "tiny-t2v.yaml").write_text(json.dumps(PRESET))
    schema = root / "presets" / "schemas" / f"{ENDPOINT.replace('/', '__')}.json"
    schema.write_text(json.dumps(SCHEMA))
    matrix = {
        "name": "bench",
        "task": "text-to-video",
        "prompts": [
            {"id": f"p{index}", "text": f"takes {service_s} s, the knight walks"}
            for index, service_s in enumerate(services_s)
        ],
        "presets": ["tiny-t2v"],
        "seeds": f"1-{cells // len(services_s)}",
        "hold": {"duration": 1, "aspect_ratio": "16:9", "resolution": "72p", "audio": False},
        "concurrency": AT_ONCE,
    }
    (root / "m.yaml").write_text(json.dumps(matrix))


def _tiny_clip(path: Path) -> Path:
    """Make a real clip of a second in 4 kB."""
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=4:duration=1"]
    encoding = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", "-y", *source, *encoding, str(path)], check=True)
    return path


if __name__ == "__main__":
    main(large="--large" in sys.argv)

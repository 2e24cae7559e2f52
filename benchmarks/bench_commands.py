"""Start-up and planning as whole processes ÷ a bare `python -c pass`, side by side.

python -m benchmarks.bench_commands

Each round runs every command once, in turn; the table gives medians over the rounds, and the median
of the ratios within a round.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from fal_experiments.app.init import init

ROUNDS = 11
QUICKSTART = "experiments/quickstart.yaml"
TWELVE = "experiments/twelve-models.yaml"
FAIRNESS = "fal-exp plan --fairness, 12 models"
BARS_S = {
    "fal-exp --version": 0.2,
    FAIRNESS: 1.0,
    "fal-exp plan, 1,000 cells": 0.4,
}
"""Seconds: the project's own bars. A loaded machine misses them; the ratios are what counts."""


class Timed(NamedTuple):
    """One command and how long each round took, in seconds."""

    name: str
    arguments: list[str]
    rounds_s: list[float]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        init(root)
        _thousand_cells(root)
        shutil.copy(Path(__file__).parents[1] / TWELVE, root / TWELVE)
        program = ["-m", "fal_experiments"]
        commands = [
            Timed("python -c pass", ["-c", "pass"], []),
            Timed("fal-exp --version", [*program, "--version"], []),
            Timed("fal-exp --help", [*program, "--help"], []),
            Timed("fal-exp plan, 14 cells", [*program, "plan", "experiments/quickstart.yaml"], []),
            Timed(FAIRNESS, [*program, "plan", TWELVE, "--fairness"], []),
            Timed("fal-exp presets list", [*program, "presets", "list"], []),
            Timed("fal-exp plan, 1,000 cells", [*program, "plan", "thousand.yaml", "--json"], []),
        ]
        for _ in range(ROUNDS):
            for command in commands:
                command.rounds_s.append(_run(command.arguments, root))
    _print(commands)


def _run(arguments: list[str], cwd: Path) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - begun


def _thousand_cells(root: Path) -> None:
    """Write a matrix of 1,000 cells: 5 prompts × 4 presets × 50 seeds."""
    matrix = {
        "name": "thousand",
        "task": "image-to-video",
        "prompts": [{"id": f"p{n}", "text": f"The knight walks, take {n}."} for n in range(5)],
        "presets": [
            "seedance-pro-i2v",
            "kling-v3-pro-i2v",
            "hailuo-02-standard-i2v",
            "seedance-2-i2v",
        ],
        "seeds": "1-50",
        "inputs": [{"id": "plate", "image": "experiments/assets/knight-east-1280x720.png"}],
        "hold": {"duration": 5, "aspect_ratio": "16:9", "resolution": "720p", "audio": False},
    }
    (root / "thousand.yaml").write_text(json.dumps(matrix))


def _print(commands: list[Timed]) -> None:
    floor = commands[0].rounds_s
    print(f"whole processes, medians of {ROUNDS} rounds")
    print(f"{'command':<34} {'median':>9} {'÷ python':>9}  bar")
    for command in commands:
        median_ms = statistics.median(command.rounds_s) * 1000
        ratio = statistics.median(a / b for a, b in zip(command.rounds_s, floor, strict=True))
        bar = BARS_S.get(command.name)
        word = "" if bar is None else f"{bar * 1000:.0f} ms"
        print(f"{command.name:<34} {median_ms:>6.0f} ms {ratio:>9.1f}  {word}")


if __name__ == "__main__":
    main()

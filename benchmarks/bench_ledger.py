"""A ledger of a million rows: sums, appends and the spreadsheet, against the same with few rows.

python -m benchmarks.bench_ledger [ROWS]

Each figure is the median of several rounds in this one process; sums are whole child processes too,
since that is what a person waits for.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import plural
from fal_experiments.core.rows import LedgerRow, ledger_row
from fal_experiments.storage.frames import summarise
from fal_experiments.storage.layout import Project, Tree
from fal_experiments.storage.ledger import Ledger
from tests.unit.core.histories import done
from tests.unit.core.materials import plan_of, spec

ROWS = 1_000_000
ROUNDS = 5
BATCH = 40
PRESETS = ("kling-v3-pro-i2v", "seedance-pro-i2v", "veo-3-1-fast-t2v", "hailuo-02-standard-i2v")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
BAR_S = 1.0


def main(rows: int = ROWS) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as small:
        large, few = Path(folder), Path(small)
        _write(large, rows)
        _write(few, BATCH)
        print(f"ledger of {rows:,} rows, {_mib(large):,.0f} MiB\n")
        first_s = _seconds(lambda: summarise(_tree(large), ["preset"]), 1)
        print(f"{'first sum, which makes the Parquet copy':44}{first_s:10.2f} s")
        sum_s = _seconds(lambda: summarise(_tree(large), ["preset", "month"]))
        print(f"{'sum by preset and month, from Parquet':44}{sum_s:10.3f} s   bar {BAR_S} s")
        print(f"{'  the same as `fal-exp ledger summary`':44}{_command_s(large):10.3f} s")
        for count in (1, BATCH):
            _ratio(f"append {plural(count, 'row')}", partial(_append, count), large, few)
        full_s = _seconds(lambda: Ledger(_tree(large)).write_csv(), 1)
        print(f"{'spreadsheet, folded whole':44}{full_s:10.2f} s")
        kinds = ((f"spreadsheet after {BATCH} new rows", False), ("  … of an earlier batch", True))
        for name, again in kinds:
            spent = []
            for _ in range(ROUNDS):
                Ledger(_tree(large)).append(_made(BATCH, again=again))
                spent.append(_seconds(lambda: Ledger(_tree(large)).write_csv(), 1))
            took_s = statistics.median(spent)
            print(f"{name:44}{took_s:10.3f} s   {full_s / took_s:,.0f} times faster than whole")


def _append(count: int, root: Path) -> None:
    Ledger(_tree(root)).append(_made(count))


def _ratio(name: str, act: Callable[[Path], object], large: Path, few: Path) -> None:
    big_s, small_s = _seconds(lambda: act(large)), _seconds(lambda: act(few))
    print(f"{name:44}{1000 * big_s:10.2f} ms  {big_s / small_s:.2f} times that of {BATCH} rows")


def _seconds(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def _command_s(root: Path) -> float:
    command = [sys.executable, "-m", "fal_experiments", "ledger", "summary", "--by", "preset,month"]
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run(command, cwd=root, check=True, capture_output=True)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


_next = 0


def _made(count: int, *, again: bool = False) -> list[LedgerRow]:
    """Return rows of a batch that is new, or of one that is in the ledger already."""
    global _next  # noqa: PLW0603  a counter for names
    model = _model()
    made = []
    fresh = f"new{_next}"
    for number in range(count):
        _next += 1
        batch, cell = ("b000000", f"{number:016x}") if again else (fresh, f"{_next:016x}")
        row_id = f"{batch}/{cell}/1"
        made.append(model.model_copy(update={"row_id": row_id, "batch": batch, "cell_id": cell}))
    return made


def _model() -> LedgerRow:
    state = BatchState()
    state.apply_all(done(56).events)
    attempt = state.latest("c1")
    if attempt is None:
        raise RuntimeError("the history has no attempt")
    cell = plan_of(spec(presets=["seeded"], seeds=1)).cells[0]
    return ledger_row(cell, attempt, batch="b", sandbox=False, strict=True)


def _write(root: Path, rows: int) -> None:
    """Write a project whose ledger has so many attempts, of batches of 1,000."""
    (root / "presets").mkdir()
    (root / "experiments").mkdir()
    tree = _tree(root)
    tree.batches.mkdir(parents=True)
    model = json.loads(_model().model_dump_json())
    with tree.ledger.open("w", encoding="utf-8") as file:
        for number in range(rows):
            batch, cell = f"b{number // 1000:06d}", f"{number % 1000:016x}"
            at = BEGAN + timedelta(seconds=25 * number)
            model |= {
                "row_id": f"{batch}/{cell}/1",
                "batch": batch,
                "cell_id": cell,
                "preset": PRESETS[number % len(PRESETS)],
                "submitted_at": at.isoformat().replace("+00:00", "Z"),
                "metered_nano_usd": 10**8 + number,
                "billed_nano_usd": None if number % 7 == 0 else 10**8 + number,
            }
            file.write(json.dumps(model, separators=(",", ":")) + "\n")


def _tree(root: Path) -> Tree:
    return Project(root).tree(sandbox=False)


def _mib(root: Path) -> float:
    return _tree(root).ledger.stat().st_size / 2**20


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)

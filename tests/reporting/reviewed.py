"""A finished batch of four cells on disk, without a run: every cell's clip is one file."""

from pathlib import Path

from fal_experiments.app.batch import Batch, open_batch
from fal_experiments.core.events import event_line
from tests.unit.core.histories import History
from tests.unit.core.materials import plan_of, spec

NAME = "20261120T093000Z-a-test"
PLAN = plan_of(spec())
CELLS = tuple(cell.cell_id for cell in PLAN.cells)


def small_batch(root: Path, clip: bytes) -> Batch:
    """Write a project with one batch; its clips lie outside of the batch's folder."""
    folder = root / "experiments" / "fal" / NAME
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(PLAN.model_dump_json())
    (root / "x").mkdir()
    (root / "x" / "clip.mp4").write_bytes(clip)
    told = History().started()
    for cell in CELLS:
        told.cell, told.attempt = cell, 0
        told.intended().accepted().status("running").status("completed").result()
        told.metered(1_000_000_000).stored()
    told.finished()
    (folder / "events.jsonl").write_bytes(b"".join(event_line(event) for event in told.events))
    return open_batch(str(folder), root)

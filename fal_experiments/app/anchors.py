"""The picture that each cell started from, as the batch keeps it."""

from fal_experiments.app.batch import Batch
from fal_experiments.core.plan import Cell
from fal_experiments.media.anchor_file import Anchor

FIRST_FRAME = "image"
"""The role of the input that is to be the clip's first frame."""


def anchors_of(batch: Batch) -> dict[str, Anchor]:
    """Return the local first-frame picture of every cell that has one, by cell id."""
    copies = batch.input_files()
    return {
        cell.cell_id: Anchor(copies[sha256], sha256)
        for cell in batch.plan.cells
        if (sha256 := _sha256(cell)) is not None and sha256 in copies
    }


def _sha256(cell: Cell) -> str | None:
    stamp = cell.inputs.get(FIRST_FRAME)
    return stamp.sha256 if stamp else None

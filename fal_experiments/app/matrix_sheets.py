"""One picture of a whole batch, from what was rendered already."""

from pathlib import Path
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.finish import derived_of
from fal_experiments.core.matrix_lanes import Sides
from fal_experiments.core.matrix_sheet import build_matrix_sheet

FILE_NAME = "matrix-sheet.jpg"


class Written(NamedTuple):
    """The pages of a matrix sheet, and how many places have a clip, of how many."""

    pages: tuple[Path, ...]
    clips: int
    places: int


def write_matrix_sheet(batch: Batch, sides: Sides, target: Path | None, *, frames: int) -> Written:
    """Draw the matrix sheet of a batch; without a target, into its folder.

    Nothing is decoded or rendered: a clip without pictures stands there as such.
    Raises: BadInput for a suffix that is no picture's, StorageFailed.
    """
    state, _ = read_state(batch)
    clips = derived_of(batch, state)
    records = {cell_id: derived for cell_id, (derived, _) in clips.items()}
    sheet = build_matrix_sheet(batch.plan, state, records, sides, batch.name)
    file = target if target is not None else batch.folder.path / FILE_NAME
    pages = wiring.write_matrix_sheet(sheet, clips, file, frames=frames)
    with_clip = sum(cell.cell_id is not None for cell in sheet.cells)
    return Written(tuple(pages), with_clip, len(sheet.cells))

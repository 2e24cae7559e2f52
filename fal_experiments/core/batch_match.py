"""The same cells in several batches: by their id, else by where they stand in the matrix."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from fal_experiments.core.fold import BatchState
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.plan import Cell, Plan


class Side(NamedTuple):
    """A batch that is compared."""

    name: str
    plan: Plan
    state: BatchState

    @property
    def began_at(self) -> datetime | None:
        """When it was started first."""
        return self.state.first_started_at


class Match(NamedTuple):
    """One cell of the matrix: what each of the batches has of it, in their order."""

    cells: tuple[Cell | None, ...]

    @property
    def any(self) -> Cell:
        """One of them, for its names."""
        return next(cell for cell in self.cells if cell is not None)


def match_cells(sides: Sequence[Side]) -> tuple[Match, ...]:
    """Return the cells that at least two of the batches have, in the order of the first.

    A cell of the same id is the same request. What then stands alone is held together by prompt,
    variables, input, seed, repeat, preset and axes: the same wish, sent in another way. Seed
    probes are no cells of the matrix and stay away.
    """
    lines: list[list[Cell | None]] = []
    by_id: dict[str, int] = {}
    by_place: dict[str, int] = {}
    for index, side in enumerate(sides):
        left: list[Cell] = []
        cells = [cell for cell in side.plan.cells if cell.probe_of is None]
        for cell in cells:
            line = by_id.get(cell.cell_id)
            if line is None:
                left.append(cell)
            else:
                lines[line][index] = cell
        for cell in left:
            line = by_place.get(_place(cell))
            if line is None or lines[line][index] is not None:
                lines.append([None] * len(sides))
                line = len(lines) - 1
            lines[line][index] = cell
        for line, line_cells in enumerate(lines):
            cell_here = line_cells[index]
            if cell_here is not None:
                by_id[cell_here.cell_id] = line
                by_place.setdefault(_place(cell_here), line)
    matches = (Match(tuple(line)) for line in lines)
    return tuple(m for m in matches if sum(cell is not None for cell in m.cells) > 1)


def _place(cell: Cell) -> str:
    return canonical_json(cell.at.model_dump(mode="json"))

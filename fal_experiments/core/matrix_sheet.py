"""A whole matrix as one picture: what stands in each place of it, as text.

Pure: pictures are named by the cell that they belong to. Nothing is left out: a combination
without a clip has its state and reason in its place.
"""

from collections.abc import Mapping
from typing import NamedTuple

from fal_experiments.core.derived import Derived
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS, STATE_TONES, Tone, counts_label
from fal_experiments.core.matrix_lanes import Lane, Lanes, Sides, Words
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.plan import Cell, LeftOutCell, Plan
from fal_experiments.core.reasons import reason
from fal_experiments.core.summary import summarise


class SheetCell(NamedTuple):
    """One combination: its clip, or why there is none."""

    caption: str
    state_label: str
    tone: Tone
    why: str
    cell_id: str | None
    """Of the clip whose pictures are shown; None where there are none."""
    row: int = 0
    column: int = 0


class MatrixSheet(NamedTuple):
    """All that is drawn, as text."""

    title: Words
    subtitle: str
    rows: tuple[Lane, ...]
    columns: tuple[Lane, ...]
    cells: tuple[SheetCell, ...]


def build_matrix_sheet(
    plan: Plan, state: BatchState, derived: Mapping[str, Derived], sides: Sides, name: str
) -> MatrixSheet:
    """Return the sheet of a batch. `derived` has the records of clips by cell, `name` the batch's.

    Second halves of seed probes are left away: they stand where the first ones do.
    """
    cells = [cell for cell in plan.cells if cell.probe_of is None]
    places = [cell.at for cell in cells] + [left.at for left in plan.left_out]
    rows, columns = (Lanes(plan, places, side) for side in sides)
    bought = [
        _of_cell(state, cell, derived.get(cell.cell_id))._replace(
            row=rows.index(cell.at), column=columns.index(cell.at)
        )
        for cell in cells
    ]
    left_out = [
        _of_left_out(left)._replace(row=rows.index(left.at), column=columns.index(left.at))
        for left in plan.left_out
    ]
    summary = summarise(plan, state, name)
    counted = counts_label(summary.counts, summary.combinations)
    sandbox = "sandbox, no model made these" if summary.sandbox else ""
    return MatrixSheet(
        title=Words(plan.spec.name, plan.slug),
        subtitle=" · ".join(filter(None, (name, counted, sandbox))),
        rows=rows.headings,
        columns=columns.headings,
        cells=tuple(bought + left_out),
    )


def _of_cell(state: BatchState, cell: Cell, derived: Derived | None) -> SheetCell:
    where = state.cell_state(cell.cell_id)
    why, tone, label = reason(state, cell), STATE_TONES[where], STATE_LABELS[where]
    if derived is not None and derived.failed is not None:
        tone, label, why = "bad", "not rendered", derived.failed
    elif derived is None and where == "done":
        tone, label, why = "warn", "not rendered", "its pictures are missing: fal-exp render"
    has_pictures = derived is not None and derived.failed is None
    return SheetCell(
        caption=_caption(cell, derived),
        state_label=label,
        tone=tone,
        why=why,
        cell_id=cell.cell_id if has_pictures else None,
    )


def _of_left_out(left: LeftOutCell) -> SheetCell:
    return SheetCell(
        caption="",
        state_label=STATE_LABELS[left.state],
        tone=STATE_TONES[left.state],
        why=left.reason,
        cell_id=None,
    )


def _caption(cell: Cell, derived: Derived | None) -> str:
    probe = derived.probe if derived else None
    if probe is None:
        return cell.run_label
    length = f"{probe.duration_s:.2f} s" if probe.frames > 1 else ""
    size = f"{probe.width_px} × {probe.height_px}"
    changed = ", ".join(deviation.label() for deviation in known_deviations(cell, probe))
    return " · ".join(filter(None, (cell.run_label, length, size, changed)))

"""The cells of a batch as a table for other programs: chosen, and written as CSV or Parquet."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.cell_files import scores_of
from fal_experiments.app.finish import derived_of
from fal_experiments.app.judge_panel import judged_of
from fal_experiments.app.readable import readable_ratings
from fal_experiments.core.cell_table import CellFacts, Table, TableParts, cell_table
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS
from fal_experiments.core.model import nearest
from fal_experiments.core.ratings import of_cells
from fal_experiments.core.report_scores import scores_of_cells
from fal_experiments.core.wall_selection import Filters, select
from fal_experiments.core.where import keep, parse_conditions
from fal_experiments.errors import BadInput


class Chosen(NamedTuple):
    """Which cells are wanted; what is empty lets all through."""

    filters: Filters = Filters()
    states: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    """Conditions on columns."""


def table_of(batch: Batch, chosen: Chosen) -> tuple[Table, int]:
    """Return the table of the chosen cells, and how many combinations the batch has.

    Raises: BadInput for a choice that names what the batch does not have.
    """
    state, _ = read_state(batch)
    _check_states(chosen.states)
    found = select(batch.plan, state, chosen.filters)
    wanted = [each for each in found if not chosen.states or each.state in chosen.states]
    parts = TableParts(batch.name, batch.is_sandbox, batch.plan, state, _facts(batch, state))
    table = cell_table(parts, wanted)
    kept = keep(table, parse_conditions(chosen.where, table.columns))
    return kept, len(batch.plan.cells) + len(batch.plan.left_out)


def export_cells(batch: Batch, chosen: Chosen, target: Path) -> tuple[int, int]:
    """Write the chosen cells; returns how many, of how many. Raises: BadInput, StorageFailed."""
    table, combinations = table_of(batch, chosen)
    wiring.write_table(table, target)
    return len(table.rows), combinations


def _check_states(states: Sequence[str]) -> None:
    for state in states:
        if state not in STATE_LABELS:
            raise BadInput(
                f"--state {state}: there is no such state{nearest(state, STATE_LABELS)}",
                fix=f"the states are: {', '.join(STATE_LABELS)}",
            )


def _facts(batch: Batch, state: BatchState) -> dict[str, CellFacts]:
    derived = derived_of(batch, state)
    ratings = of_cells(readable_ratings(batch, state))
    wins = scores_of_cells({}, judged_of(batch, state), {}).of_cells
    facts = {}
    for cell in batch.plan.cells:
        attempt = state.latest(cell.cell_id)
        if attempt is None:
            continue
        folder, asset = batch.folder.attempt(cell.cell_id, attempt.number), attempt.asset
        made = derived.get(cell.cell_id)
        facts[cell.cell_id] = CellFacts(
            folder=batch.project.relative(folder),
            derived=made[0] if made else None,
            scores=_scores(folder, asset.sha256 if asset else None, wins.get(cell.cell_id, {})),
            ratings=ratings.get(cell.cell_id, ()),
        )
    return facts


def _scores(
    folder: Path, asset_sha256: str | None, wins: Mapping[str, float]
) -> dict[str, Decimal]:
    """Return what plug-in metrics and judges say of this file; of a metric's versions the last."""
    scores = {
        f"{score.metric}.{name}": value
        for score in scores_of(folder, asset_sha256)
        if score.failed is None
        for name, value in score.values.items()
    }
    return scores | {name: Decimal(repr(share)) for name, share in wins.items()}

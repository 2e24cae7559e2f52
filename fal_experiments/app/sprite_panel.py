"""The sprites that lie beside the clips of a batch, for its report."""

import os
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from fal_experiments.app.batch import Batch
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Cell
from fal_experiments.core.report_model import SpriteView
from fal_experiments.core.sprite import RECORD_FILE, SPRITE_FOLDER, SpriteRecord
from fal_experiments.core.sprite_panel import FoundSprite, sprite_views


def sprites_of(batch: Batch, state: BatchState) -> tuple[SpriteView, ...]:
    """Return the sprites made of the clips of a batch, the best first.

    Those that were put elsewhere with `--out`, and those of an earlier file of a cell, are not
    among them.
    """
    found = {}
    for cell in batch.plan.cells:
        folder, record = _found(batch, state, cell)
        if record is not None:
            path = Path(os.path.relpath(folder.resolve(), batch.folder.report.resolve()))
            label = f"{cell.at.prompt} × {cell.at.preset}, {cell.run_label}"
            found[cell.cell_id] = FoundSprite(label, f"{quote(path.as_posix())}/", record)
    return sprite_views(found)


def periods_of(batch: Batch, state: BatchState) -> dict[str, tuple[float, float]]:
    """Return from where to where each clip repeats itself, in seconds, where a loop was found."""
    found = {}
    for cell in batch.plan.cells:
        loop = record.loop if (record := _found(batch, state, cell)[1]) else None
        if loop is not None:
            start_s = float(loop.start_s)
            found[cell.cell_id] = (start_s, round(start_s + float(loop.length_s), 4))
    return found


def _found(batch: Batch, state: BatchState, cell: Cell) -> tuple[Path, SpriteRecord | None]:
    """Return the folder of a cell's sprite, and its record if it is of the clip that is there."""
    attempt = state.latest(cell.cell_id)
    if attempt is None or attempt.asset is None:
        return Path(), None
    folder = batch.folder.attempt(cell.cell_id, attempt.number) / SPRITE_FOLDER
    record = _record(folder)
    return folder, record if record and record.asset_sha256 == attempt.asset.sha256 else None


def _record(folder: Path) -> SpriteRecord | None:
    try:
        return SpriteRecord.model_validate_json((folder / RECORD_FILE).read_bytes())
    except (OSError, ValidationError):
        return None

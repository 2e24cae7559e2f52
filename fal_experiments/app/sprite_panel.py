"""The sprites that lie beside the clips of a batch, for its report."""

import os
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from fal_experiments.app.batch import Batch
from fal_experiments.core.fold import BatchState
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
        attempt = state.latest(cell.cell_id)
        if attempt is None or attempt.asset is None:
            continue
        folder = batch.folder.attempt(cell.cell_id, attempt.number) / SPRITE_FOLDER
        record = _record(folder)
        if record is not None and record.asset_sha256 == attempt.asset.sha256:
            path = Path(os.path.relpath(folder.resolve(), batch.folder.report.resolve()))
            label = f"{cell.at.prompt} × {cell.at.preset}, {cell.run_label}"
            found[cell.cell_id] = FoundSprite(label, f"{quote(path.as_posix())}/", record)
    return sprite_views(found)


def _record(folder: Path) -> SpriteRecord | None:
    try:
        return SpriteRecord.model_validate_json((folder / RECORD_FILE).read_bytes())
    except (OSError, ValidationError):
        return None

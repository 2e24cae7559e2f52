"""A batch as its report shows it: everything that lies on disk of it, gathered and linked."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from fal_experiments import __version__
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.cell_files import derived_in, headers_of, scores_of
from fal_experiments.app.frozen import changes_of
from fal_experiments.app.judge_panel import judged_of
from fal_experiments.app.learned import describe_metrics
from fal_experiments.app.probes import seed_findings
from fal_experiments.app.readable import readable_ratings, unread
from fal_experiments.app.sprite_panel import periods_of, sprites_of
from fal_experiments.app.vote_panel import ranking_of_votes
from fal_experiments.core.attempt import Attempt
from fal_experiments.core.metric_plugins import MetricFacts
from fal_experiments.core.plan import Cell
from fal_experiments.core.report import ReportParts, build_report
from fal_experiments.core.report_cell import RAW_FILES, CellMedia
from fal_experiments.core.report_model import Link, PictureView, ReportModel
from fal_experiments.core.summary import summarise


def report_model(batch: Batch) -> ReportModel:
    """Return the report of a batch as it stands now; its links start in the report's folder."""
    state, busy = read_state(batch)
    media = {
        cell.cell_id: _media(batch, cell, attempt)
        for cell in batch.plan.cells
        if (attempt := state.latest(cell.cell_id)) is not None
    }
    files = [
        Link(label=label, href=f"../{path.name}")
        for label, path in (
            ("matrix", batch.folder.matrix),
            ("plan", batch.folder.plan),
            ("events", batch.folder.events),
            ("summary", batch.folder.summary),
        )
        if path.exists()
    ]
    return build_report(
        ReportParts(
            plan=batch.plan,
            state=state,
            summary=summarise(batch.plan, state, batch.name),
            media=media,
            inputs=_input_pictures(batch),
            files=tuple(files),
            made_with=f"fal-exp {__version__}",
            seed_findings=seed_findings(batch, state),
            sprites=sprites_of(batch, state),
            periods=periods_of(batch, state),
            metric_facts=_facts_of_metrics(media),
            judged=judged_of(batch, state),
            matrix_path=batch.project.relative(batch.folder.matrix),
            changes=changes_of(batch),
            ranking=ranking_of_votes(batch),
            ratings=readable_ratings(batch, state),
            unread=unread(batch),
            busy=busy,
        )
    )


def _input_pictures(batch: Batch) -> dict[str, PictureView]:
    copies = batch.input_files()
    return {
        image.id: PictureView(
            href=_href(copies[image.sha256], batch.folder.report),
            width_px=image.width_px,
            height_px=image.height_px,
        )
        for image in batch.plan.inputs
        if image.role == "image" and image.sha256 and image.width_px and image.height_px
    }


def _media(batch: Batch, cell: Cell, attempt: Attempt) -> CellMedia:
    folder = batch.folder.attempt(cell.cell_id, attempt.number)
    clip = batch.project.root / attempt.asset.path if attempt.asset else None
    return CellMedia(
        folder_href=f"{_href(folder, batch.folder.report)}/",
        clip_href=_href(clip, batch.folder.report) if clip and clip.exists() else None,
        raw_files=tuple(name for name in RAW_FILES if (folder / name).exists()),
        derived=derived_in(folder),
        headers=headers_of(folder),
        scores=scores_of(folder, attempt.asset.sha256 if attempt.asset else None),
    )


def _facts_of_metrics(media: Mapping[str, CellMedia]) -> dict[str, MetricFacts]:
    """Return what plug-in metrics say of themselves; none is asked where none has been used."""
    if not any(files.scores for files in media.values()):
        return {}
    found = describe_metrics({})
    return {metric.name: metric.facts for metric in found if metric.facts is not None}


def _href(path: Path, base: Path) -> str:
    """Return a link from a folder to a path, safe for names with spaces or `#`."""
    return quote(Path(os.path.relpath(path.resolve(), base.resolve())).as_posix())

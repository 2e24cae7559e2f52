"""The stages after the paid path: pictures, report, human files. Repeating them costs nothing."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import as_completed
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pydantic import ValidationError

from fal_experiments import __version__
from fal_experiments.app import wiring
from fal_experiments.app.anchors import anchors_of
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.cell_files import headers_of, scores_of
from fal_experiments.app.frozen import changes_of
from fal_experiments.app.judge_panel import judged_of
from fal_experiments.app.learned import describe_metrics
from fal_experiments.app.probes import compare_probes, seed_findings
from fal_experiments.app.recipes import recipe_of
from fal_experiments.app.records import batch_rows
from fal_experiments.app.sprite_panel import periods_of, sprites_of
from fal_experiments.core.attempt import IN_FLIGHT, Attempt
from fal_experiments.core.derived import Derived
from fal_experiments.core.fairness import FairnessSheet, fairness
from fal_experiments.core.fairness_outcomes import Outcomes
from fal_experiments.core.fold import BatchState
from fal_experiments.core.human_files import learnings_markdown, prompts_markdown
from fal_experiments.core.metric_plugins import MetricFacts
from fal_experiments.core.plan import Cell
from fal_experiments.core.ratings import fold_ratings
from fal_experiments.core.report import ReportParts, build_report
from fal_experiments.core.report_cell import RAW_FILES, CellMedia
from fal_experiments.core.report_model import Link, PictureView
from fal_experiments.core.summary import summarise
from fal_experiments.storage.atomic import write_text
from fal_experiments.storage.ratings import ratings_file

Progress = Callable[[int, int], None]
"""Called with how many clips are done, of how many."""


class Rendering(NamedTuple):
    """What is there of each clip after a rendering, and whether anything is new."""

    made: tuple[tuple[Cell, Derived], ...]
    """A clip that cannot be rendered is in it with its reason."""
    is_news: bool

    @property
    def failed(self) -> tuple[tuple[Cell, str], ...]:
        """The clips that could not be rendered, with why."""
        return tuple((cell, d.failed) for cell, d in self.made if d.failed is not None)

    @property
    def damaged(self) -> tuple[tuple[Cell, str], ...]:
        """The clips of which only a part could be rendered, with what is wrong with them."""
        return tuple((cell, d.damage) for cell, d in self.made if d.damage is not None)


def render(batch: Batch, state: BatchState, progress: Progress) -> Rendering:
    """Make the pictures and measured facts of every clip; what exists already is kept.

    The two clips of each seed probe are compared too. Raises: BadInput for a spoilt recipe.
    """
    recipe = recipe_of(batch)
    compare_probes(batch, state)
    clips = list(_clips(batch, state))
    before = {cell.cell_id: _derived(folder) for cell, _, folder, _ in clips}
    anchors = anchors_of(batch)
    made: list[tuple[Cell, Derived]] = []
    progress(0, len(clips))
    if not clips:
        return Rendering((), is_news=False)
    with wiring.media_pool() as pool:
        jobs = {
            pool.derive(path, folder, sha256, recipe, anchors.get(cell.cell_id)): cell
            for cell, path, folder, sha256 in clips
        }
        for job in as_completed(jobs):
            made.append((jobs[job], job.result()))
            progress(len(made), len(clips))
    is_news = any(before[cell.cell_id] != derived for cell, derived in made)
    return Rendering(tuple(made), is_news)


def derived_of(batch: Batch, state: BatchState) -> dict[str, tuple[Derived, Path]]:
    """Return what was rendered of each cell's last clip, with the folder of the pictures."""
    found = {
        cell.cell_id: (_derived(folder), folder) for cell, _, folder, _ in _clips(batch, state)
    }
    return {key: (derived, folder) for key, (derived, folder) in found.items() if derived}


def fairness_of(batch: Batch, state: BatchState) -> FairnessSheet:
    """Return the fairness sheet of a batch, with what is measured of its clips so far."""
    probes = {
        cell.cell_id: derived.probe
        for cell, _, folder, _ in _clips(batch, state)
        if (derived := _derived(folder)) is not None and derived.probe is not None
    }
    return fairness(batch.plan, Outcomes(state, probes, seed_findings(batch, state)))


def write_report(batch: Batch) -> Path:
    """Write the report of a batch as it stands now; returns index.html. Raises: StorageFailed."""
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
    model = build_report(
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
            ratings=fold_ratings(ratings_file(batch.folder).read()),
            busy=busy,
        )
    )
    return wiring.write_site(model, batch.folder.report)


def write_human_files(batch: Batch, state: BatchState) -> tuple[Path, Path | None]:
    """Write the prompts and learnings files of a batch once; a file that exists is a person's.

    The learnings wait until nothing is left to run, so that they are not drafted from half a batch.
    Returns both paths, None for learnings that wait. Raises: StorageFailed.
    """
    summary = summarise(batch.plan, state, batch.name)
    prompts = batch.tree.prompts / f"{batch.name}-prompts.md"
    learnings = batch.tree.learnings / f"{batch.name}-learnings.md"
    if not prompts.exists():
        write_text(prompts, prompts_markdown(batch.plan, summary))
    if learnings.exists():
        return prompts, learnings
    if set(summary.counts) & (IN_FLIGHT | {"pending"}):
        return prompts, None
    rows = batch_rows(batch, state)
    write_text(learnings, learnings_markdown(batch.plan, summary, rows))
    return prompts, learnings


def _clips(batch: Batch, state: BatchState) -> Iterator[tuple[Cell, Path, Path, str]]:
    for cell in batch.plan.cells:
        attempt = state.latest(cell.cell_id)
        if attempt is not None and attempt.asset is not None:
            clip = batch.project.root / attempt.asset.path
            folder = batch.folder.attempt(cell.cell_id, attempt.number)
            yield cell, clip, folder, attempt.asset.sha256


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
        derived=_derived(folder),
        headers=headers_of(folder),
        scores=scores_of(folder, attempt.asset.sha256 if attempt.asset else None),
    )


def _facts_of_metrics(media: Mapping[str, CellMedia]) -> dict[str, MetricFacts]:
    """Return what plug-in metrics say of themselves; none is asked where none has been used."""
    if not any(files.scores for files in media.values()):
        return {}
    found = describe_metrics({})
    return {metric.name: metric.facts for metric in found if metric.facts is not None}


def _derived(folder: Path) -> Derived | None:
    """Return the record of what was rendered; one that cannot be read is as good as none."""
    try:
        return Derived.model_validate_json((folder / "derived.json").read_bytes())
    except (OSError, ValidationError):
        return None


def _href(path: Path, base: Path) -> str:
    """Return a link from a folder to a path, safe for names with spaces or `#`."""
    return quote(Path(os.path.relpath(path.resolve(), base.resolve())).as_posix())

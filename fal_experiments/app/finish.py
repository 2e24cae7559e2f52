"""The stages after the paid path: pictures, report, human files. Repeating them costs nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from pathlib import Path
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.anchors import anchors_of
from fal_experiments.app.batch import Batch
from fal_experiments.app.batch_report import report_model
from fal_experiments.app.cell_files import derived_in
from fal_experiments.app.probes import compare_probes, seed_findings
from fal_experiments.app.recipes import recipe_of
from fal_experiments.app.records import batch_rows
from fal_experiments.core.attempt import IN_FLIGHT
from fal_experiments.core.derived import Derived
from fal_experiments.core.fairness import FairnessSheet, fairness
from fal_experiments.core.fairness_outcomes import Outcomes
from fal_experiments.core.fold import BatchState
from fal_experiments.core.human_files import learnings_head, prompts_markdown
from fal_experiments.core.learnings import learnings_markdown
from fal_experiments.core.plan import Cell
from fal_experiments.core.summary import summarise
from fal_experiments.storage.atomic import write_text

Progress = Callable[[int, int], None]
"""Called with how many clips are done, of how many."""

HEAVY_BYTES = 50_000_000
"""From here on a person is told before the report is sent to anybody."""


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
    before = {cell.cell_id: derived_in(folder) for cell, _, folder, _ in clips}
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
        cell.cell_id: (derived_in(folder), folder) for cell, _, folder, _ in _clips(batch, state)
    }
    return {key: (derived, folder) for key, (derived, folder) in found.items() if derived}


def fairness_of(batch: Batch, state: BatchState) -> FairnessSheet:
    """Return the fairness sheet of a batch, with what is measured of its clips so far."""
    probes = {
        cell.cell_id: derived.probe
        for cell, _, folder, _ in _clips(batch, state)
        if (derived := derived_in(folder)) is not None and derived.probe is not None
    }
    return fairness(batch.plan, Outcomes(state, probes, seed_findings(batch, state)))


def write_report(batch: Batch) -> Path:
    """Write the report of a batch as it stands now; returns index.html. Raises: StorageFailed."""
    return wiring.write_site(report_model(batch), batch.folder.report)


class OneFile(NamedTuple):
    """A report that is to be one file."""

    target: Path
    limit_mb: float
    with_clips: bool


def write_one_file(batch: Batch, wanted: OneFile) -> tuple[str, ...]:
    """Write the report as one HTML file; returns links to files that were not there.

    Raises: BadInput when it would be larger than its limit; StorageFailed.
    """
    return wiring.write_single_file(
        report_model(batch),
        batch.folder.report,
        wanted.target,
        limit_mb=wanted.limit_mb,
        with_clips=wanted.with_clips,
    )


class Heavy(NamedTuple):
    """How large the report's own files are, without clips and pictures."""

    whole_bytes: int
    detail_bytes: int
    """Those with the details of cells."""


def heavy_files(batch: Batch) -> Heavy | None:
    """Return how large the report's own files are where that is worth a word, else None."""
    sizes = {path.name: path.stat().st_size for path in batch.folder.report.glob("*.*")}
    whole = sum(sizes.values())
    if whole < HEAVY_BYTES:
        return None
    return Heavy(whole, sum(size for name, size in sizes.items() if name.startswith("detail-")))


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
    head = learnings_head(summary)
    write_text(learnings, learnings_markdown(batch.plan, summary, rows, head=head))
    return prompts, learnings


def _clips(batch: Batch, state: BatchState) -> Iterator[tuple[Cell, Path, Path, str]]:
    for cell in batch.plan.cells:
        attempt = state.latest(cell.cell_id)
        if attempt is not None and attempt.asset is not None:
            clip = batch.project.root / attempt.asset.path
            folder = batch.folder.attempt(cell.cell_id, attempt.number)
            yield cell, clip, folder, attempt.asset.sha256

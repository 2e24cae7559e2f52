"""Plan + state + derived pictures → ReportModel: every link is given, every number a label."""

from collections.abc import Mapping
from typing import NamedTuple

from fal_experiments.core.batch_words import batch_state
from fal_experiments.core.changes import Changes
from fal_experiments.core.derived import Derived
from fal_experiments.core.fairness import fairness
from fal_experiments.core.fairness_outcomes import Outcomes
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS, STATE_TONES, time_label
from fal_experiments.core.metric_plugins import MetricFacts
from fal_experiments.core.overview import build_overview
from fal_experiments.core.overview_facts import OverviewParts
from fal_experiments.core.overview_model import OverviewView
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.ranking import Ranking
from fal_experiments.core.ratings import Ratings
from fal_experiments.core.report_axes import Axes
from fal_experiments.core.report_cell import Around, CellMedia, cell_detail, left_out_detail
from fal_experiments.core.report_cell_judge import Judged
from fal_experiments.core.report_header import (
    cost_lines,
    held_lines,
    preset_lines,
    strict_lines,
    total_lines,
    varied_lines,
)
from fal_experiments.core.report_model import (
    CellDetail,
    CellView,
    Link,
    PictureView,
    ReportModel,
    SpriteView,
    StateView,
)
from fal_experiments.core.report_numbers import Numbers, numbers_of
from fal_experiments.core.report_scores import scores_of_cells
from fal_experiments.core.report_views import TileParts, cell_view, left_out_view
from fal_experiments.core.summary import BatchSummary


class ReportParts(NamedTuple):
    """Everything a report is made of."""

    plan: Plan
    state: BatchState
    summary: BatchSummary
    media: Mapping[str, CellMedia]
    """By cell id, for cells that have an attempt."""
    inputs: Mapping[str, PictureView]
    """By input id, for inputs that are local images."""
    files: tuple[Link, ...]
    made_with: str
    seed_findings: Mapping[str, str] = {}
    """What the seed probes showed, by preset id."""
    sprites: tuple[SpriteView, ...] = ()
    periods: Mapping[str, tuple[float, float]] = {}
    """By cell id: from where to where a clip repeats itself, in seconds."""
    metric_facts: Mapping[str, MetricFacts] = {}
    """What plug-in metrics say of themselves, by name; those that are not installed are missing."""
    judged: tuple[Judged, ...] = ()
    """All pairs of the batch before each judge that was asked."""
    matrix_path: str = ""
    """Of the batch's frozen matrix, from the project root."""
    changes: Changes = Changes()
    """Which files the batch was planned from are not what they were."""
    ranking: Ranking | None = None
    """By the votes of blind tests, where there are any."""
    ratings: Ratings = {}
    """What people say of the clips, so far."""
    unread: tuple[str, ...] = ()
    """What is wrong with files of ratings or votes that cannot be read."""
    busy: bool = False
    """True while a process works on the batch."""


def build_report(parts: ReportParts) -> ReportModel:
    """Return the report of a batch."""
    plan, summary = parts.plan, parts.summary
    sheet = fairness(plan, _outcomes(parts))
    axes = Axes(plan)
    numbers = _numbers(parts)
    tiles = TileParts(axes, numbers, parts.state, parts.media, parts.periods)
    cells, details = _cells(parts, tiles)
    return ReportModel(
        title=plan.spec.name,
        slug=plan.slug,
        batch=summary.batch,
        description=plan.spec.description,
        sandbox=summary.sandbox,
        started_at=time_label(summary.started_at),
        finished_at=time_label(summary.last_at),
        state=batch_state(summary, busy=parts.busy),
        totals=total_lines(summary),
        held=held_lines(plan, sheet),
        varied=varied_lines(plan),
        strict=strict_lines(plan, summary),
        cost=cost_lines(summary),
        axes=axes.views,
        layout=axes.layout,
        columns=axes.presets,
        prompts=axes.prompts,
        inputs=axes.inputs(parts.inputs),
        states={name: _state_view(name) for name in summary.counts},
        numbers=numbers.views,
        cells=cells,
        details=details,
        presets=preset_lines(plan, summary),
        overview=_overview(parts),
        fairness=sheet,
        sprites=parts.sprites,
        files=parts.files,
        ratings=tuple(rating for rating in parts.ratings.values() if not rating.says_nothing),
        unread=parts.unread,
        made_with=parts.made_with,
    )


def _cells(
    parts: ReportParts, tiles: TileParts
) -> tuple[tuple[CellView, ...], tuple[CellDetail, ...]]:
    """Return every combination with its details, in the order of their places."""
    plan = parts.plan
    around = Around(
        plan,
        parts.state,
        parts.matrix_path,
        parts.summary.sandbox,
        parts.changes,
        parts.judged,
        parts.metric_facts,
    )
    made: list[tuple[CellView, CellDetail]] = []
    for cell in plan.cells:
        media = parts.media.get(cell.cell_id)
        made.append((cell_view(tiles, cell), cell_detail(cell, media, around)))
    for index, left_out in enumerate(plan.left_out):
        key = f"left-out-{index + 1}"
        made.append((left_out_view(tiles, left_out, key), left_out_detail(left_out, key, plan)))
    made.sort(key=lambda one: one[0].at)
    return tuple(view for view, _ in made), tuple(detail for _, detail in made)


def _numbers(parts: ReportParts) -> Numbers:
    of_cells = {
        cell.cell_id: numbers_of(
            cell, parts.state.attempts.get(cell.cell_id, []), _derived(parts, cell)
        )
        for cell in parts.plan.cells
    }
    return Numbers(of_cells, scores_of_cells(parts.media, parts.judged, parts.metric_facts))


def _overview(parts: ReportParts) -> OverviewView:
    derived = {key: media.derived for key, media in parts.media.items() if media.derived}
    return build_overview(
        OverviewParts(
            plan=parts.plan,
            state=parts.state,
            summary=parts.summary,
            derived=derived,
            ratings=parts.ratings,
            judged=parts.judged,
            ranking=parts.ranking,
            scores={key: media.scores for key, media in parts.media.items()},
            metric_facts=parts.metric_facts,
        )
    )


def _state_view(state: str) -> StateView:
    return StateView(label=STATE_LABELS[state], tone=STATE_TONES[state])


def _derived(parts: ReportParts, cell: Cell) -> Derived | None:
    media = parts.media.get(cell.cell_id)
    return media.derived if media else None


def _outcomes(parts: ReportParts) -> Outcomes:
    probes = {
        key: media.derived.probe
        for key, media in parts.media.items()
        if media.derived is not None and media.derived.probe is not None
    }
    return Outcomes(parts.state, probes, parts.seed_findings)

"""Plan + state + derived pictures → ReportModel: every link is given, every number a label."""

from collections.abc import Mapping
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.derived import Derived, Picture
from fal_experiments.core.fairness import fairness
from fal_experiments.core.fairness_outcomes import Outcomes
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import (
    STATE_LABELS,
    STATE_TONES,
    seconds_label,
    time_label,
)
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell, LeftOutCell, Plan
from fal_experiments.core.reasons import reason
from fal_experiments.core.report_cell import CellMedia, cell_detail, left_out_detail
from fal_experiments.core.report_grid import Grid
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
    LabelledValue,
    Link,
    PictureView,
    ReportModel,
    SheetView,
    SpriteView,
)
from fal_experiments.core.summary import BatchSummary, total_s


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
    busy: bool = False
    """True while a process works on the batch."""


def build_report(parts: ReportParts) -> ReportModel:
    """Return the report of a batch."""
    plan, summary = parts.plan, parts.summary
    sheet = fairness(plan, _outcomes(parts))
    grid = Grid(plan, parts.inputs)
    cells: list[CellView] = []
    details: list[CellDetail] = []
    for cell in plan.cells:
        media = parts.media.get(cell.cell_id)
        attempt = parts.state.latest(cell.cell_id)
        cells.append(_cell_view(grid, cell, parts.state, media))
        tries = len(parts.state.attempts.get(cell.cell_id, ()))
        details.append(cell_detail(cell, attempt, media, tries, reason(parts.state, cell)))
    for index, left_out in enumerate(plan.left_out):
        key = f"left-out-{index + 1}"
        cells.append(_left_out_view(grid, left_out, key))
        details.append(left_out_detail(left_out, key, plan))
    return ReportModel(
        title=plan.spec.name,
        slug=plan.slug,
        batch=summary.batch,
        description=plan.spec.description,
        sandbox=summary.sandbox,
        started_at=time_label(summary.started_at),
        finished_at=time_label(summary.last_at),
        state=_batch_state(summary, busy=parts.busy),
        totals=total_lines(summary),
        held=held_lines(plan, sheet),
        varied=varied_lines(plan),
        strict=strict_lines(plan, summary),
        cost=cost_lines(summary),
        columns=grid.columns,
        rows=grid.rows,
        cells=tuple(cells),
        details=tuple(details),
        presets=preset_lines(plan, summary),
        fairness=sheet,
        sprites=parts.sprites,
        files=parts.files,
        made_with=parts.made_with,
    )


def _outcomes(parts: ReportParts) -> Outcomes:
    probes = {
        key: media.derived.probe
        for key, media in parts.media.items()
        if media.derived is not None and media.derived.probe is not None
    }
    return Outcomes(parts.state, probes, parts.seed_findings)


def _cell_view(grid: Grid, cell: Cell, batch: BatchState, media: CellMedia | None) -> CellView:
    row, column = grid.place(cell.at)
    derived = media.derived if media else None
    attempt, state = batch.latest(cell.cell_id), batch.cell_state(cell.cell_id)
    why = reason(batch, cell)
    if derived is not None and derived.failed:
        why = f"the clip is on disk, its pictures could not be made: {derived.failed}"
    elif derived is not None and derived.damage:
        why = f"the clip on disk is damaged, its pictures show a part of it only: {derived.damage}"
    return CellView(
        key=cell.cell_id,
        row=row,
        column=column,
        state=state,
        state_label=STATE_LABELS[state],
        tone=STATE_TONES[state],
        run_label=cell.run_label,
        reason=why,
        poster=_picture(media, derived.poster if derived else None),
        video_href=media.clip_href if media else None,
        sheet=_sheet(media, derived),
        duration_s=float(derived.probe.duration_s) if derived and derived.probe else None,
        cost_label=_cost_label(cell, attempt),
        time_label=seconds_label(total_s(attempt)) if attempt and attempt.ended_at else "",
        deviations=tuple(
            deviation.label()
            for deviation in known_deviations(cell, derived.probe if derived else None)
        ),
        breach=(attempt.strict_breach or "") if attempt else "",
    )


def _left_out_view(grid: Grid, cell: LeftOutCell, key: str) -> CellView:
    row, column = grid.place(cell.at)
    return CellView(
        key=key,
        row=row,
        column=column,
        state=cell.state,
        state_label=STATE_LABELS[cell.state],
        tone=STATE_TONES[cell.state],
        run_label="" if cell.at.seed is None else f"seed {cell.at.seed}",
        reason=cell.reason,
        cost_label="not bought",
    )


def _cost_label(cell: Cell, attempt: Attempt | None) -> str:
    metered = attempt.cost("metered") if attempt else None
    if metered is not None and metered.nano_usd is not None:
        return format_usd(metered.nano_usd)
    if attempt is not None and attempt.counted_nano_usd == 0:
        return "$0.00"
    if cell.estimate is None:
        return "unknown"
    return f"≈ {cell.estimate.label()}"


def _picture(media: CellMedia | None, picture: Picture | None) -> PictureView | None:
    if media is None or picture is None:
        return None
    return PictureView(
        href=media.folder_href + picture.file,
        width_px=picture.width_px,
        height_px=picture.height_px,
    )


def _sheet(media: CellMedia | None, derived: Derived | None) -> SheetView | None:
    sheet = derived.sheet if derived else None
    picture = _picture(media, sheet.picture if sheet else None)
    if sheet is None or picture is None:
        return None
    return SheetView(
        picture=picture,
        columns=sheet.columns,
        rows=sheet.rows,
        tile_width_px=sheet.tile_width_px,
        tile_height_px=sheet.tile_height_px,
        times_s=tuple(float(t) for t in sheet.times_s),
    )


def _batch_state(summary: BatchSummary, *, busy: bool) -> LabelledValue:
    done, cells = summary.counts.get("done", 0), summary.combinations
    counted = f"{done} of {cells} done"
    words = {
        "finished": "finished",
        "budget": "stopped by the budget",
        "interrupted": "interrupted",
        "account": "stopped: the account was refused",
        "storage": "stopped: the disk refused",
        "detached": "detached",
        "paused": "a preset was paused",
        "overcharged": "stopped: charged above the worst case",
    }
    if busy:
        return LabelledValue(label="running", value=counted, tone="busy")
    if "submission_unknown" in summary.counts:
        return LabelledValue(label="needs a person", value=counted, tone="person")
    if summary.finished is None:
        return LabelledValue(label="broke off", value=counted, tone="warn")
    bad = {"failed", "rejected"} & set(summary.counts)
    tone = "warn" if summary.finished != "finished" else "bad" if bad else "good"
    return LabelledValue.model_validate(
        {"label": words[summary.finished], "value": counted, "tone": tone}
    )

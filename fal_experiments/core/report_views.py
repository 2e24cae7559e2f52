"""A cell as a tile of the report: its place, state, pictures and labels."""

from collections.abc import Mapping
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.derived import Derived, Picture
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import seconds_label
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.plan import Cell, LeftOutCell
from fal_experiments.core.reasons import reason
from fal_experiments.core.report_axes import Axes
from fal_experiments.core.report_cell import CellMedia
from fal_experiments.core.report_model import CellView, PictureView, SheetView
from fal_experiments.core.report_numbers import Numbers, cost_label
from fal_experiments.core.summary import total_s


class TileParts(NamedTuple):
    """What the tiles of a batch are made of."""

    axes: Axes
    numbers: Numbers
    state: BatchState
    media: Mapping[str, CellMedia]
    periods: Mapping[str, tuple[float, float]]


def cell_view(parts: TileParts, cell: Cell) -> CellView:
    """Return the tile of a cell that was planned to be bought."""
    key, state, media = cell.cell_id, parts.state, parts.media.get(cell.cell_id)
    derived = media.derived if media else None
    probe = derived.probe if derived else None
    attempts = state.attempts.get(key, [])
    attempt = attempts[-1] if attempts else None
    return CellView(
        key=key,
        at=parts.axes.at(cell.at),
        prompt=parts.axes.prompt(cell.at),
        state=state.cell_state(key),
        run_label=cell.run_label,
        reason=_why(state, cell, derived),
        numbers=parts.numbers.of(key),
        folder_href=media.folder_href if media else "",
        poster=_picture(media, derived.poster if derived else None),
        video_href=media.clip_href if media else None,
        proxy_href=_proxy_href(media, derived),
        sheet=_sheet(media, derived),
        fps=float(probe.fps) if probe else None,
        frames=probe.frames if probe else None,
        period_s=parts.periods.get(key),
        has_audio=probe.has_audio if probe else False,
        cost_label=cost_label(cell, attempts),
        time_label=_time_label(attempt),
        deviations=tuple(deviation.label() for deviation in known_deviations(cell, probe)),
        breach=(attempt.strict_breach or "") if attempt else "",
    )


def left_out_view(parts: TileParts, cell: LeftOutCell, key: str) -> CellView:
    """Return the tile of a combination that is not bought."""
    return CellView(
        key=key,
        at=parts.axes.at(cell.at),
        prompt=parts.axes.prompt(cell.at),
        state=cell.state,
        run_label="" if cell.at.seed is None else f"seed {cell.at.seed}",
        reason=cell.reason,
        cost_label="not bought",
    )


def _why(state: BatchState, cell: Cell, derived: Derived | None) -> str:
    if derived is not None and derived.failed:
        return f"the clip is on disk, its pictures could not be made: {derived.failed}"
    if derived is not None and derived.damage:
        return f"the clip on disk is damaged, its pictures show a part of it only: {derived.damage}"
    return reason(state, cell)


def _time_label(attempt: Attempt | None) -> str:
    return seconds_label(total_s(attempt)) if attempt and attempt.ended_at else ""


def _picture(media: CellMedia | None, picture: Picture | None) -> PictureView | None:
    if media is None or picture is None:
        return None
    return PictureView(
        href=media.folder_href + picture.file,
        width_px=picture.width_px,
        height_px=picture.height_px,
    )


def _proxy_href(media: CellMedia | None, derived: Derived | None) -> str | None:
    proxy = _picture(media, derived.proxy if derived else None)
    return proxy.href if proxy else None


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

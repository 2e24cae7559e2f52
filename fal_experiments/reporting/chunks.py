"""ReportModel → the scripts that carry its data: light cells with the page, details on demand.

What a cell looks like in them is known here and in data.js, and nowhere else.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from fal_experiments.core.ratings import Rating
from fal_experiments.core.report_measures import metric_meanings
from fal_experiments.core.report_model import (
    CellDetail,
    CellView,
    PictureView,
    PresetView,
    ReportModel,
    SheetView,
)

T = TypeVar("T")

CELLS_A_CHUNK = 500
DETAILS_A_CHUNK = 50
EVEN_WITHIN_S = 0.001
"""Times this near to equal steps are written as such."""

_ESCAPES = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def script_call(function: str, argument: Any) -> bytes:
    """Return a script of one call, `falExp.function(argument)`, that text cannot break out of.

    `argument` is plain JSON data. No `<`, `>`, `&` or line separator of its texts survives as
    itself, and a lone surrogate becomes an escape.
    """
    text = json.dumps(argument, ensure_ascii=False, separators=(",", ":"))
    for sign, escape in _ESCAPES.items():  # str.translate takes ten times as long
        text = text.replace(sign, escape)
    return f"falExp.{function}({text});\n".encode("utf-8", "backslashreplace")


def data_files(model: ReportModel) -> dict[str, bytes]:
    """Return `data-0.js` (axes, prompts, names) and `data-1.js` … (cells), by file name."""
    files = {"data-0.js": script_call("loadBatch", _batch(model))}
    for number, cells in _chunks(model.cells, CELLS_A_CHUNK):
        files[f"data-{number}.js"] = script_call("loadCells", [_light(cell) for cell in cells])
    return files


def ratings_script(ratings: Sequence[Rating]) -> bytes:
    """Return `data-ratings.js`: what people said of the clips when the page was made."""
    return script_call("loadRatings", _plain(ratings))


def detail_files(model: ReportModel) -> dict[str, bytes]:
    """Return `detail-1.js` …, by file name: cell n is in file n // DETAILS_A_CHUNK + 1."""
    by_key = {detail.key: detail for detail in model.details}
    files = {}
    for number, cells in _chunks(model.cells, DETAILS_A_CHUNK):
        known = [by_key[cell.key] for cell in cells if cell.key in by_key]
        meanings = _plain(metric_meanings(known))
        data = [number, [_heavy(detail) for detail in known], meanings]
        files[f"detail-{number}.js"] = script_call("loadDetails", data)
    return files


def _batch(model: ReportModel) -> dict[str, Any]:
    """Return what the page needs besides its cells; a prompt's text stands here once."""
    return {
        "batch": model.batch,
        "slug": model.slug,
        "title": model.title,
        "axes": _plain(model.axes),
        "presets": [_preset(model, preset) for preset in model.columns],
        "prompts": _plain(model.prompts),
        "inputs": _plain(model.inputs),
        "states": {name: view.model_dump() for name, view in model.states.items()},
        "metrics": _plain(model.numbers),
        "layout": model.layout.model_dump(mode="json"),
        "cells": len(model.cells),
        "cellsAChunk": CELLS_A_CHUNK,
        "detailsAChunk": DETAILS_A_CHUNK,
        "madeWith": model.made_with,
    }


def _plain(records: Sequence[Any]) -> list[dict[str, Any]]:
    return [record.model_dump(mode="json", exclude_none=True) for record in records]


def _preset(model: ReportModel, preset: PresetView) -> dict[str, Any]:
    data: dict[str, Any] = preset.model_dump(mode="json")
    summary = next((each for each in model.presets if each.preset == preset.key), None)
    return data if summary is None else data | {"done": summary.done, "tone": summary.tone}


def _light(cell: CellView) -> dict[str, Any]:
    """Return a cell for the page: files by their name in its folder, nothing that is empty."""
    folder = _folder(cell)
    data = {
        "key": cell.key,
        "at": cell.at,
        "prompt": cell.prompt,
        "state": cell.state,
        "run_label": cell.run_label,
        "reason": cell.reason,
        "cost_label": cell.cost_label,
        "time_label": cell.time_label,
        "breach": cell.breach,
        "deviations": cell.deviations,
        "n": [_short(number) for number in cell.numbers],
        "folder": folder,
        "poster": cell.poster and _picture(cell.poster, folder),
        "video": cell.video_href and cell.video_href.removeprefix(folder),
        "proxy": cell.proxy_href and cell.proxy_href.removeprefix(folder),
        "sheet": cell.sheet and _sheet(cell.sheet, folder),
        "fps": _short(cell.fps),
        "frames": cell.frames,
        "period": cell.period_s,
        "has_audio": cell.has_audio,
    }
    needed = {"key", "at", "prompt", "state", "run_label"}
    return {name: value for name, value in data.items() if value or name in needed}


def _folder(cell: CellView) -> str:
    """Return the folder that names without a slash stand for; empty where that could be misread."""
    folder = cell.folder_href
    pictures = (cell.poster, cell.sheet and cell.sheet.picture)
    hrefs = [cell.video_href, cell.proxy_href, *(p.href for p in pictures if p)]
    safe = all("/" in href or "\\" in href for href in hrefs if href)
    return folder if safe else ""


def _picture(picture: PictureView, folder: str) -> list[Any]:
    return [picture.href.removeprefix(folder), picture.width_px, picture.height_px]


def _sheet(sheet: SheetView, folder: str) -> dict[str, Any]:
    return {
        "f": _picture(sheet.picture, folder),
        "grid": [sheet.columns, sheet.rows, sheet.tile_width_px, sheet.tile_height_px],
        "t": _times(sheet.times_s),
    }


def _times(times_s: Sequence[float]) -> list[Any]:
    """Return times as a list of one list, or as start, step and count where they are even."""
    rounded = [_short(round(time, 3)) for time in times_s]
    if len(times_s) < 4:
        return [rounded]
    start_s, count = times_s[0], len(times_s)
    step_s = round((times_s[-1] - start_s) / (count - 1), 6)
    if all(abs(start_s + i * step_s - t) <= EVEN_WITHIN_S for i, t in enumerate(times_s)):
        return [_short(round(start_s, 3)), _short(step_s), count]
    return [rounded]


def _short(number: float | None) -> float | None:
    """Return a whole number without its `.0`."""
    return int(number) if number is not None and number == int(number) else number


def _heavy(detail: CellDetail) -> dict[str, Any]:
    """Return a detail with its arguments already written out.

    A number of JSON can be longer than a number of JavaScript: a seed of 20 digits would change.
    """
    data = detail.model_dump(mode="json", exclude_defaults=True, exclude={"arguments"})
    return data | {"arguments": json.dumps(detail.arguments, ensure_ascii=False, indent=2)}


def _chunks(items: Sequence[T], size: int) -> Iterator[tuple[int, Sequence[T]]]:
    for start in range(0, len(items), size):
        yield start // size + 1, items[start : start + size]

"""ReportModel → the scripts that carry its data: light cells with the page, details on demand."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from fal_experiments.core.report_model import CellDetail, CellView, ReportModel, RowView

T = TypeVar("T")

CELLS_A_CHUNK = 500
DETAILS_A_CHUNK = 50

_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def script_call(function: str, argument: Any) -> bytes:
    """Return a script of one call, `falExp.function(argument)`, that text cannot break out of.

    `argument` is plain JSON data. No `<`, `>`, `&` or line separator of its texts survives as
    itself, and a lone surrogate becomes an escape.
    """
    text = json.dumps(argument, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return f"falExp.{function}({text});\n".encode("utf-8", "backslashreplace")


def data_files(model: ReportModel) -> dict[str, bytes]:
    """Return `data-0.js` (columns, rows, prompts) and `data-1.js` … (cells), by file name."""
    files = {"data-0.js": script_call("loadBatch", _shape(model))}
    for number, cells in _chunks(model.cells, CELLS_A_CHUNK):
        files[f"data-{number}.js"] = script_call("loadCells", [_light(cell) for cell in cells])
    return files


def detail_files(model: ReportModel) -> dict[str, bytes]:
    """Return `detail-1.js` …, by file name: cell n is in file n // DETAILS_A_CHUNK + 1."""
    by_key = {detail.key: detail for detail in model.details}
    files = {}
    for number, cells in _chunks(model.cells, DETAILS_A_CHUNK):
        known = [_heavy(by_key[cell.key]) for cell in cells if cell.key in by_key]
        files[f"detail-{number}.js"] = script_call("loadDetails", [number, known])
    return files


def _shape(model: ReportModel) -> dict[str, Any]:
    """Return what the grid needs besides its cells; a prompt's text stands here once."""
    prompts: dict[tuple[str, str, str], int] = {}
    rows = [_row(row, prompts) for row in model.rows]
    done = {summary.column: summary for summary in model.presets}
    columns = []
    for column in model.columns:
        data = column.model_dump(mode="json")
        if column.key in done:
            data |= {"done": done[column.key].done, "tone": done[column.key].tone}
        columns.append(data)
    return {
        "columns": columns,
        "prompts": [{"task": t, "id": i, "text": text} for t, i, text in prompts],
        "rows": rows,
        "cells": len(model.cells),
        "detailsAChunk": DETAILS_A_CHUNK,
    }


def _row(row: RowView, prompts: dict[tuple[str, str, str], int]) -> dict[str, Any]:
    prompt = prompts.setdefault((row.task, row.prompt, row.prompt_text), len(prompts))
    light = row.model_dump(mode="json", include={"key", "input", "input_picture", "seed_label"})
    return light | {"prompt": prompt}


def _light(cell: CellView) -> dict[str, Any]:
    return cell.model_dump(mode="json", exclude_defaults=True)


def _heavy(detail: CellDetail) -> dict[str, Any]:
    """Return a detail with its arguments already written out.

    A number of JSON can be longer than a number of JavaScript: a seed of 20 digits would change.
    """
    data = detail.model_dump(mode="json", exclude_defaults=True, exclude={"arguments"})
    return data | {"arguments": json.dumps(detail.arguments, ensure_ascii=False, indent=2)}


def _chunks(items: Sequence[T], size: int) -> Iterator[tuple[int, Sequence[T]]]:
    for start in range(0, len(items), size):
        yield start // size + 1, items[start : start + size]

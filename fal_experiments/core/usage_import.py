"""A bill as a file: fal's billing events as CSV or JSON, its usage as JSON, or a FOCUS export.

Without an admin key a bill can still be brought: somebody who has one exports it.
"""

import csv
from collections.abc import Mapping
from typing import Any

from fal_experiments.core.foreign import json_of
from fal_experiments.core.usage import UsageLine
from fal_experiments.core.usage_rows import usage_line
from fal_experiments.errors import BadInput

LISTS = ("billing_events", "events", "data")
EXPECTED = (
    "billing events with request_id, endpoint_id, timestamp and cost_total, as CSV or JSON, or a "
    "FOCUS export"
)


def read_bill(text: str, name: str) -> tuple[UsageLine, ...]:
    """Return the lines of a bill. Raises: BadInput naming file, line and field."""
    rows = _json_rows(text, name) if text.lstrip()[:1] in {"{", "["} else _csv_rows(text, name)
    lines = []
    for where, row in rows:
        try:
            line = usage_line(row, f"{name}, {where}")
        except ValueError as exc:
            raise BadInput(f"{name}: {where}: {exc}", fix=f"expected {EXPECTED}") from exc
        if line.request_id is None:
            raise BadInput(
                f"{name}: {where}: request_id: expected the id of a request, found nothing",
                fix="a bill that does not name requests can not be matched: export billing events",
            )
        lines.append(line)
    if not lines:
        raise BadInput(f"{name}: no line of a bill is in it", fix=f"expected {EXPECTED}")
    return tuple(lines)


def _json_rows(text: str, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    body = json_of(text, exact=True)
    if isinstance(body, dict):
        body = next((body[key] for key in LISTS if isinstance(body.get(key), list)), None)
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise BadInput(
            f"{name}: no list of billing events is in it",
            fix=f"expected {EXPECTED}; a usage report has no request ids",
        )
    return [(f"row {number}", row) for number, row in enumerate(body, start=1)]


def _csv_rows(text: str, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines(keepends=True), strict=True)
    rows: list[tuple[str, Mapping[str, Any]]] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise BadInput(
                    f"{name}: line {reader.line_num}: expected {len(reader.fieldnames or ())} "
                    "columns, as in the first line",
                    fix="export it again; a line was cut or has a comma too many",
                )
            rows.append((f"line {reader.line_num}", row))
    except csv.Error as exc:
        raise BadInput(f"{name}: line {reader.line_num}: {exc}", fix="export it again") from exc
    return rows

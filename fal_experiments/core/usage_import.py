"""A bill as a file: fal's billing events as CSV or JSON, its usage as JSON, or a FOCUS export.

Without an admin key a bill can still be brought: somebody who has one exports it.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fal_experiments.core.foreign import FieldTwice, json_of, plain_text
from fal_experiments.core.usage import UsageLine, UsageTotal, may_be_one_moment
from fal_experiments.core.usage_rows import NAMES, usage_line, usage_total
from fal_experiments.errors import BadInput

LISTS = ("billing_events", "events", "data")
EXPECTED = (
    "billing events with request_id, endpoint_id, timestamp and cost_total, as CSV or JSON, a "
    "FOCUS export, or usage totals as JSON"
)
TOTALS_ONLY = "the imported usage totals"
"""What books rest on when no line of a bill is at hand."""
_Rows = list[tuple[str, Mapping[str, Any]]]


class ImportedBill(NamedTuple):
    """What files say of a bill."""

    lines: tuple[UsageLine, ...] = ()
    totals: tuple[UsageTotal, ...] = ()
    """Sums by endpoint, of usage reports: they name no requests."""
    unnamed: tuple[UsageLine, ...] = ()
    """Lines that name no request beside others that do: taxes, credits, purchases."""


def read_bill(text: str, name: str) -> ImportedBill:
    """Return what a file says of a bill. Raises: BadInput naming file, line and field."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "["}:
        return _lines(_csv_rows(text, name), name)
    try:
        body = json_of(text.lstrip("\ufeff"), exact=True, unique=True)
    except FieldTwice as exc:
        raise BadInput(
            f"{name}: {exc}", fix="leave one: which of them holds cannot be told"
        ) from exc
    if isinstance(body, dict) and not any(isinstance(body.get(key), list) for key in LISTS):
        usage = _usage_rows(body, name)
        if usage is not None:
            return ImportedBill(totals=_totals(usage, name))
    return _lines(_event_rows(body, name), name)


def joined(bills: Sequence[ImportedBill]) -> ImportedBill:
    """Return several files as one bill. A line that several of them have is one line.

    Files write the same amount in several ways (`2`, `2.0`), and moments by the second, the hour or
    the day: across files a line is known by its request, its amount and its moment, as far as the
    coarser of the two tells it. Within one file only equal words are one line.
    """
    lines: list[UsageLine] = []
    for bill in bills:
        earlier: dict[tuple[str | None, int], list[UsageLine]] = defaultdict(list)
        for line in lines:
            earlier[line.request_id, line.nano_usd].append(line)
        is_new: dict[str, bool] = {}
        for line in bill.lines:
            if line.digest in is_new:  # word for word again: it is what the first of them was
                lines += [line] if is_new[line.digest] else []
                continue
            others = earlier[line.request_id, line.nano_usd]
            same = next((one for one in others if may_be_one_moment(one.at, line.at)), None)
            is_new[line.digest] = same is None
            if same is None:
                lines.append(line)
            else:
                others.remove(same)
    return ImportedBill(
        tuple(lines),
        tuple(total for bill in bills for total in bill.totals),
        tuple(line for bill in bills for line in bill.unnamed),
    )


def _lines(rows: _Rows, name: str) -> ImportedBill:
    lines: list[UsageLine] = []
    unnamed: list[UsageLine] = []
    for where, row in rows:
        try:
            line = usage_line(row, f"{name}, {where}")
        except ValueError as exc:
            raise _unreadable(name, where, exc) from exc
        (unnamed if line.request_id is None else lines).append(line)
    if unnamed and not lines:
        raise BadInput(
            f"{name}: {rows[0][0]}: request_id: expected the id of a request, found nothing",
            fix="a bill that does not name requests cannot be matched: export billing events",
        )
    if not lines:
        raise BadInput(f"{name}: no line of a bill is in it", fix=f"expected {EXPECTED}")
    return ImportedBill(lines=tuple(lines), unnamed=tuple(unnamed))


def _totals(rows: _Rows, name: str) -> tuple[UsageTotal, ...]:
    totals = []
    for where, row in rows:
        try:
            totals.append(usage_total(row))
        except ValueError as exc:
            raise _unreadable(name, where, exc) from exc
    return tuple(totals)


def _unreadable(name: str, where: str, exc: ValueError) -> BadInput:
    return BadInput(f"{name}: {where}: {exc}", fix=f"expected {EXPECTED}")


def _event_rows(body: Any, name: str) -> _Rows:
    if isinstance(body, dict):
        body = next((body[key] for key in LISTS if isinstance(body.get(key), list)), None)
    return list(_numbered(body, "row", name))


def _usage_rows(body: Mapping[str, Any], name: str) -> _Rows | None:
    """Return the rows of a usage report, whose `summary` sums its `time_series`; None for none."""
    if "summary" not in body and "time_series" not in body:
        return None
    rows: _Rows = list(_numbered(body.get("summary") or [], "summary row", name))
    if not rows:  # a report may have been asked for without its sums
        for where, bucket in _numbered(body.get("time_series") or [], "bucket", name):
            rows += _numbered(bucket.get("results"), f"{where}, row", name)
    if not rows:
        raise BadInput(f"{name}: no usage is in it", fix=f"expected {EXPECTED}")
    return rows


def _numbered(rows: Any, what: str, name: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput(
            f"{name}: no list of billing events is in it, and no usage", fix=f"expected {EXPECTED}"
        )
    return [(f"{what} {number}", row) for number, row in enumerate(rows, start=1)]


def _csv_rows(text: str, name: str) -> _Rows:
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first = plain.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")  # spreadsheets differ
    # not splitlines(): it also cuts at characters that a field may hold
    lines = (f"{line}\n" for line in plain.split("\n"))
    reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
    rows: _Rows = []
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise BadInput(
                f"{name}: line 1: the column {twice[0]} stands there twice",
                fix="leave one of them: which one holds cannot be told",
            )
        _check_head(names, name)
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


def _check_head(columns: Sequence[str], name: str) -> None:
    """Refuse a table without what every bill has. Raises: BadInput naming what is missing."""
    wanted = {"endpoint": ("endpoint",), "at": ("at",), "amount": ("total", "nano")}
    missing = [
        NAMES[owns[0]][0]
        for owns in wanted.values()
        if not {spelt for own in owns for spelt in NAMES[own]} & {*columns}
    ]
    if missing and columns:
        raise BadInput(
            f"{name}: line 1: no column {', '.join(missing)}; found "
            f"{', '.join(plain_text(column, 40) or '(no name)' for column in columns[:12])}",
            fix=f"expected {EXPECTED}",
        )

"""A batch as a table, one row a combination: what was asked, what came, what it cost and shows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any, Literal, NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.derived import Derived
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.measure_rows import PROBE_COLUMNS, TAG_COLUMNS
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.money import usd_from_nano
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.ratings import Rating, majority_of
from fal_experiments.core.report_axes import NOWHERE, Axes
from fal_experiments.core.report_numbers import Spent
from fal_experiments.core.summary import total_s
from fal_experiments.core.wall_selection import Candidate

Kind = Literal["text", "whole", "number", "usd", "truth", "time"]
"""`usd`: exact dollars with nine places. A place without a value is unknown, never zero."""
Value = str | int | Decimal | bool | datetime | None

AMOUNTS = ("metered", "billed", "invoiced")


class Column(NamedTuple):
    """A column: its name, which `--where` takes too, and what stands in it."""

    name: str
    kind: Kind


class CellFacts(NamedTuple):
    """What is known of a cell beside plan and log."""

    folder: str = ""
    """Of its last attempt, from the project's root."""
    derived: Derived | None = None
    scores: Mapping[str, Decimal] = {}
    """Of plug-in metrics, as `metric.value`."""
    ratings: Sequence[Rating] = ()


class Table(NamedTuple):
    """Columns, and rows that have a value for each of them."""

    columns: tuple[Column, ...]
    rows: tuple[dict[str, Value], ...]


class TableParts(NamedTuple):
    """What a table is made of."""

    batch: str
    sandbox: bool
    plan: Plan
    state: BatchState
    facts: Mapping[str, CellFacts]
    """By cell id."""


NO_FACTS = CellFacts()

_PLACE: tuple[Column, ...] = (
    *(Column(name, "text") for name in ("batch",)),
    Column("sandbox", "truth"),
    *(Column(name, "text") for name in ("cell", "prompt", "input")),
    *(Column(name, "whole") for name in ("seed", "repeat")),
    Column("preset", "text"),
)
_RUN: tuple[Column, ...] = (
    *(Column(name, "text") for name in ("state", "reason", "provider", "endpoint", "family")),
    *(Column(name, "text") for name in ("task", "prompt_text", "arguments", "schema_sha256")),
    Column("seed_sent", "whole"),
    Column("seed_returned", "whole"),
    Column("request_id", "text"),
    Column("attempts", "whole"),
    Column("strict_breach", "text"),
    Column("deviations", "text"),
    Column("mismatches", "whole"),
    Column("submitted_at", "time"),
    Column("ended_at", "time"),
    *(Column(name, "number") for name in ("queue_s", "run_s", "total_s")),
)
_MONEY: tuple[Column, ...] = (
    Column("cost_usd", "usd"),
    Column("cost_source", "text"),
    *(Column(f"estimate_{end}_nano_usd", "whole") for end in ("low", "expected", "high")),
    *(
        column
        for amount in AMOUNTS
        for column in (Column(f"{amount}_nano_usd", "whole"), Column(f"{amount}_source", "text"))
    ),
)
_WHOLE_PROBE = {"width_px", "height_px", "frames", "size_bytes"}
_CLIP: tuple[Column, ...] = (
    Column("clip_path", "text"),
    Column("clip_sha256", "text"),
    Column("folder", "text"),
    *(
        Column(
            name,
            "truth" if name == "has_audio" else "whole" if name in _WHOLE_PROBE else "number",
        )
        for name in PROBE_COLUMNS
    ),
    *(Column(name, "text") for name in TAG_COLUMNS),
    *(Column(metric.name, "number") for metric in CLIP_METRICS),
)
_RATED: tuple[Column, ...] = (
    Column("raters", "whole"),
    Column("stars", "number"),
    *(Column(name, "text") for name in ("verdict", "reject_reasons", "tags")),
)


def cell_table(parts: TableParts, chosen: Sequence[Candidate]) -> Table:
    """Return the table of some combinations of a plan, in their order.

    Names and values are those of the report, so that a filter of one means the same in the other.
    `cost_usd` is what all attempts were billed at, else metered, and unknown where one of them is;
    the other amounts and times are those of the last attempt. `stars` is the median of the
    raters, `verdict` what more of them say.
    """
    axes = Axes(parts.plan)
    varied = [axis.key for axis in axes.views if ":" in axis.key]
    scored = dict.fromkeys(n for facts in parts.facts.values() for n in facts.scores)
    columns = (
        *_PLACE,
        *(Column(name, "text") for name in varied),
        *_RUN,
        *_MONEY,
        *_CLIP,
        *(Column(name, "number") for name in scored),
        *_RATED,
    )
    rows = []
    for candidate in chosen:
        row: dict[str, Value] = dict.fromkeys((column.name for column in columns), None)
        row.update(_row(parts, candidate))
        for axis, index in zip(axes.views, axes.at(candidate.at), strict=True):
            if ":" in axis.key and index != NOWHERE:
                row[axis.key] = axis.values[index].key
        rows.append(row)
    return Table(columns, tuple(rows))


def _row(parts: TableParts, candidate: Candidate) -> Iterator[tuple[str, Value]]:
    at, cell = candidate.at, candidate.cell
    yield from (("batch", parts.batch), ("sandbox", parts.sandbox), ("prompt", at.prompt))
    yield from (("input", at.input), ("seed", at.seed), ("repeat", at.repeat))
    yield from (("preset", at.preset), ("state", candidate.state))
    yield "reason", candidate.reason or None
    if cell is not None:
        facts = parts.facts.get(cell.cell_id, NO_FACTS)
        yield from _of_cell(cell, facts)
        yield from _of_attempts(parts.state.attempts.get(cell.cell_id, ()), facts)
        yield from _of_clip(facts)
        yield from facts.scores.items()
        yield from _of_ratings(facts.ratings)


def _of_cell(cell: Cell, facts: CellFacts) -> Iterator[tuple[str, Value]]:
    for name in ("provider", "endpoint", "family", "task", "prompt_text", "schema_sha256"):
        yield name, getattr(cell, name)
    yield from (("cell", cell.cell_id), ("seed_sent", cell.seed_sent))
    yield "arguments", canonical_json(cell.arguments)
    probe = facts.derived.probe if facts.derived else None
    deviations = known_deviations(cell, probe)
    yield "deviations", "; ".join(each.label() for each in deviations) or None
    yield "mismatches", len(deviations)
    if cell.estimate is not None:
        for end in ("low", "expected", "high"):
            yield f"estimate_{end}_nano_usd", getattr(cell.estimate, end)


def _of_attempts(attempts: Sequence[Attempt], facts: CellFacts) -> Iterator[tuple[str, Value]]:
    yield "attempts", len(attempts)
    if not attempts:
        return
    last = attempts[-1]
    yield from (("submitted_at", last.intended_at), ("ended_at", last.ended_at))
    yield "request_id", last.ticket.request_id if last.ticket else None
    yield from (("seed_returned", last.seed_returned), ("strict_breach", last.strict_breach))
    yield from (
        ("queue_s", _between(last.accepted_at, last.running_at)),
        ("run_s", last.inference_s),
    )
    took_s = total_s(last)
    yield "total_s", None if took_s is None else _exact(took_s)
    yield "folder", facts.folder or None
    if last.asset is not None:
        yield from (("clip_path", last.asset.path), ("clip_sha256", last.asset.sha256))
    for amount in AMOUNTS:
        cost = last.cost(amount)
        if cost is not None:
            yield from ((f"{amount}_nano_usd", cost.nano_usd), (f"{amount}_source", cost.source))
    spent = Spent.of(attempts)
    if not spent.unknown:
        yield "cost_usd", usd_from_nano(spent.known_nano_usd)
        yield "cost_source", ", ".join(dict.fromkeys(map(_source, attempts)))


def _source(attempt: Attempt) -> str:
    known = (attempt.cost(amount) for amount in ("billed", "metered"))
    amounts = zip(("billed", "metered"), known, strict=True)
    found = (name for name, cost in amounts if cost is not None and cost.nano_usd is not None)
    return next(found, "not billed")


def _of_clip(facts: CellFacts) -> Iterator[tuple[str, Value]]:
    derived = facts.derived
    if derived is None or derived.probe is None:
        return
    yield from ((name, getattr(derived.probe, name)) for name in PROBE_COLUMNS)
    if derived.measures is not None:
        yield from ((name, getattr(derived.measures.tags, name)) for name in TAG_COLUMNS)
        yield from derived.measures.values.items()


def _of_ratings(ratings: Sequence[Rating]) -> Iterator[tuple[str, Value]]:
    if not ratings:
        return
    yield "raters", len(ratings)
    stars = [rating.stars for rating in ratings if rating.stars is not None]
    yield "stars", Decimal(str(median(stars))) if stars else None
    yield "verdict", majority_of(rating.verdict for rating in ratings)
    for name, words in (("reject_reasons", "reasons"), ("tags", "tags")):
        said = dict.fromkeys(word for rating in ratings for word in getattr(rating, words))
        yield name, "; ".join(said) or None


def _between(start: datetime | None, end: datetime | None) -> Decimal | None:
    return None if start is None or end is None else _exact((end - start).total_seconds())


def _exact(seconds: float) -> Decimal:
    return Decimal(repr(round(seconds, 3)))


def shown(value: Any) -> str:
    """Return a value as text for a spreadsheet; empty for what is not known."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)

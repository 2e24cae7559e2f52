"""All batches of a tree as one table, the newest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from fal_experiments.core.batch_words import batch_state
from fal_experiments.core.labels import plural, time_label
from fal_experiments.core.model import Record
from fal_experiments.core.money import format_usd
from fal_experiments.core.report_model import LabelledValue, Link
from fal_experiments.core.summary import BatchSummary

POSTERS = 6
"""Of a batch, beside its name."""


class BatchFiles(NamedTuple):
    """What lies in a batch's folder, as links from the page."""

    posters: tuple[str, ...] = ()
    report_href: str = ""
    """Empty where no report was written."""
    links: tuple[Link, ...] = ()
    keepers: int | None = None
    """Clips that more raters keep than not; None where nobody has rated."""
    rated: int = 0
    problem: str = ""
    """Why its numbers are not known; empty where they are."""


class IndexLine(Record):
    """One batch."""

    name: str
    title: str
    started_at: datetime | None
    started: str
    state: LabelledValue
    done: int | None
    """None, as all numbers, where the batch's records cannot be read."""
    cells: int | None
    presets: tuple[str, ...]
    metered_nano_usd: int | None
    cost: str
    cost_note: str
    keepers: int | None
    keepers_note: str
    posters: tuple[str, ...]
    report_href: str
    links: tuple[Link, ...]


class IndexModel(Record):
    """The page of a tree."""

    title: str
    batch: str
    """What stands beside the title in the head of the page."""
    sandbox: bool
    lines: tuple[IndexLine, ...]
    comparisons: tuple[Link, ...]
    cost: str
    made_with: str


def index_line(name: str, summary: BatchSummary | None, files: BatchFiles) -> IndexLine:
    """Return a batch as a line; `summary` is None where its records cannot be read."""
    if summary is None:
        return IndexLine(
            name=name,
            title=name,
            started_at=None,
            started="–",
            state=LabelledValue(label="cannot be read", value="", note=files.problem, tone="bad"),
            done=None,
            cells=None,
            presets=(),
            metered_nano_usd=None,
            cost="unknown",
            cost_note="",
            keepers=None,
            keepers_note="",
            posters=files.posters,
            report_href=files.report_href,
            links=files.links,
        )
    return IndexLine(
        name=name,
        title=summary.name,
        started_at=summary.started_at,
        started=time_label(summary.started_at),
        state=batch_state(summary, busy=False),
        done=summary.counts.get("done", 0),
        cells=summary.combinations,
        presets=tuple(preset.preset for preset in summary.presets),
        metered_nano_usd=summary.money.metered_nano_usd,
        cost=summary.money.metered_label,
        cost_note=summary.money.metered_note,
        keepers=files.keepers,
        keepers_note=f"of {files.rated} rated" if files.keepers is not None else files.problem,
        posters=files.posters,
        report_href=files.report_href,
        links=files.links,
    )


def index_model(
    lines: Iterable[IndexLine], comparisons: Iterable[Link], *, sandbox: bool, made_with: str
) -> IndexModel:
    """Return the page of a tree; batches that never began stand last."""
    known = sorted(lines, key=lambda line: (line.started_at is not None, line.name), reverse=True)
    metered = sum(line.metered_nano_usd or 0 for line in known)
    return IndexModel(
        title="Sandbox batches" if sandbox else "Batches",
        batch=plural(len(known), "batch").replace("batchs", "batches"),
        sandbox=sandbox,
        lines=tuple(known),
        comparisons=tuple(comparisons),
        cost="no money moved" if sandbox else f"metered {format_usd(metered)} in all",
        made_with=made_with,
    )

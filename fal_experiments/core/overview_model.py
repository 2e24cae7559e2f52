"""The overview page as data: tables, plots to be drawn, and the words that say the same.

Every number is a label already; where a plot or sorting needs it as a number, that stands beside.
"""

from typing import Literal

from fal_experiments.core.labels import Tone
from fal_experiments.core.model import Record

Phase = Literal["queue", "run", "download"]


class Figure(Record):
    """One value of a table. `number` is what it sorts by; None sorts last, whichever way."""

    value: str
    note: str = ""
    number: float | None = None
    tone: Tone | None = None
    href: str | None = None


class Heading(Record):
    """The head of a column. `says` explains it in a sentence."""

    label: str
    says: str = ""
    sorts: bool = True


class TableRow(Record):
    """A row: a preset with the letter that stands for it in every plot, or a measurement."""

    mark: str = ""
    title: str
    subtitle: str = ""
    href: str | None = None
    figures: tuple[Figure, ...]


class TableView(Record):
    """A table. The first heading is that of the rows' titles."""

    key: str
    title: str
    lead: str = ""
    headings: tuple[Heading, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()


class Bar(Record):
    """A number on an axis, with how far it may be off."""

    value: float
    low: float
    high: float
    label: str
    """`$0.056 (95 %: $0.050–$0.061, n 6)`."""
    is_spread: bool


class PlotAxis(Record):
    """An axis of a plot."""

    title: str
    better: Literal["higher", "lower"]
    unit: str
    """`usd`, `s`, `share`, or what stands behind the number."""


class PointView(Record):
    """A preset in a plot of two numbers."""

    mark: str
    title: str
    href: str
    x: Bar
    y: Bar
    is_frontier: bool
    verdict: str
    """`on the frontier`, or `dominated by B Kling 3.0 Pro`."""


class ParetoView(Record):
    """Presets against each other on two axes."""

    key: str
    title: str
    x: PlotAxis
    y: PlotAxis
    points: tuple[PointView, ...]
    missing: tuple[str, ...] = ()
    """Presets that are not drawn, each with the reason."""
    why_not: str = ""
    """Why there is no plot; empty where there is one."""


class QualityView(Record):
    """One way to tell what is good, with its plots."""

    key: str
    label: str
    says: str
    plots: tuple[ParetoView, ...]


class PhaseBar(Record):
    """A stretch of an attempt on the time axis."""

    lane: int
    phase: Phase
    start: float
    end: float
    """Both in drawn seconds: idle time is cut out."""
    tone: Tone
    label: str
    href: str


class LaneGroup(Record):
    """The lanes of one preset."""

    mark: str
    title: str
    first: int
    lanes: int


class Tick(Record):
    """A place on the time axis."""

    at: float
    label: str
    is_break: bool = False
    """True where idle time is cut out: the label says how much."""


class SignView(Record):
    """Something to be noticed on a bar: `×` for a failure, `2` for a second attempt."""

    lane: int
    at: float
    sign: str
    tone: Tone


class TimelineView(Record):
    """When each attempt waited, ran and was downloaded."""

    groups: tuple[LaneGroup, ...]
    bars: tuple[PhaseBar, ...]
    signs: tuple[SignView, ...]
    ticks: tuple[Tick, ...]
    length: float
    lanes: int
    said: str
    """How many of how many are drawn, and which."""
    summary: tuple[str, ...]
    """A sentence a preset."""
    table: TableView
    why_not: str = ""


class MoneyStep(Record):
    """A step from the estimate to what was paid. Changes add up to the next total exactly."""

    code: str
    label: str
    note: str = ""
    nano_usd: int
    is_total: bool = False
    tone: Tone | None = None


class MoneyView(Record):
    """From estimate to metered to billed."""

    steps: tuple[MoneyStep, ...]
    table: TableView
    said: tuple[str, ...]
    """What is not known, in words."""
    why_not: str = ""


class Dot(Record):
    """One clip's value."""

    value: float
    label: str
    href: str


class StripRow(Record):
    """The values of one preset."""

    mark: str
    title: str
    middle: Bar
    dots: tuple[Dot, ...]


class StripView(Record):
    """One measurement, preset by preset, value by value."""

    key: str
    title: str
    axis: str
    says: str = ""
    rows: tuple[StripRow, ...]
    why_not: str = ""


class OverviewView(Record):
    """Everything on the overview page that the other pages do not have."""

    outcome: TableView | None = None
    prices: tuple[str, ...] = ()
    """Where each preset's price was read."""
    qualities: tuple[QualityView, ...] = ()
    cost_latency: ParetoView | None = None
    latency: tuple[StripView, ...] = ()
    metrics: TableView | None = None
    strips: tuple[StripView, ...] = ()
    timeline: TimelineView | None = None
    money: MoneyView | None = None
    votes: TableView | None = None
    judged: tuple[TableView, ...] = ()
    scores: TableView | None = None
    legend: tuple[TableRow, ...] = ()
    """The presets with their letters."""

"""Everything about one cell as data for the drawer: every number already a label."""

from typing import Literal

from fal_experiments.core.labels import Tone
from fal_experiments.core.metric import Direction
from fal_experiments.core.model import Json, Record
from fal_experiments.core.report_lines import LabelledValue, Link


class CheckLine(Record):
    """One property of a clip: what the task holds, what the request asked for, what came."""

    what: str
    held: str = ""
    asked: str = ""
    got: str = ""
    badge: str = ""
    """`as asked`, `≠ asked`, `≠ held`; empty where nothing can be said."""
    tone: Tone | None = None
    note: str = ""


class HeaderGroup(Record):
    """The headers of one message, with how many more there are than are shown."""

    title: str
    lines: tuple[LabelledValue, ...]
    left_out: int = 0


class SpanView(Record):
    """A phase of an attempt, in seconds from the cell's first submit."""

    kind: Literal["submit", "queue", "run", "download"]
    label: str
    start_s: float
    end_s: float
    length_label: str
    times_label: str
    goes_on: bool = False
    """It had not ended when the report was written."""


class AttemptView(Record):
    """One submission of a cell: its phases on the line of time, and how it ended."""

    number: int
    state_label: str
    tone: Tone
    started_at: str
    total_label: str
    request_id: str = ""
    reason: str = ""
    spans: tuple[SpanView, ...] = ()
    lines: tuple[LabelledValue, ...] = ()


class MetricValue(Record):
    """A measurement of a clip, digit for digit. What it means stands once in the report."""

    key: str
    value: str


class MetricMeaning(Record):
    """What a measurement is called, how it is computed, and when it misleads."""

    key: str
    title: str
    unit: str
    better: Direction
    places: int
    says: str
    limits: str


class Remake(Record):
    """How one cell is made once more, in a shell, from the project's folder."""

    run: str
    plan: str
    """The same without spending anything."""
    changed: tuple[str, ...] = ()
    """Files that are not what they were; the batch's own copies are used."""


class CellDetail(Record):
    """Everything about one cell, for the drawer."""

    key: str
    prompt_text: str
    prompt_dialect: str | None
    prompt_returned: str = ""
    """What the model says it used, where that is not what was sent."""
    arguments: dict[str, Json]
    """As they were sent; a local input is its address once it is uploaded."""
    origins: tuple[LabelledValue, ...] = ()
    """Why each argument is there: held, axis, seed, prompt, input, neutral, preset."""
    checks: tuple[CheckLine, ...] = ()
    facts: tuple[LabelledValue, ...]
    """Ids and files."""
    money: tuple[LabelledValue, ...]
    attempts: tuple[AttemptView, ...] = ()
    headers: tuple[HeaderGroup, ...] = ()
    """Of the last attempt."""
    metrics: tuple[MetricValue, ...] = ()
    metric_notes: tuple[LabelledValue, ...] = ()
    """Frozen, black or silent parts, and what could not be measured, with why."""
    scores: tuple[LabelledValue, ...] = ()
    """What plug-in metrics said."""
    verdicts: tuple[LabelledValue, ...] = ()
    """What judges said of it beside others."""
    failure: str = ""
    links: tuple[Link, ...]
    remake: Remake | None = None
    """None for a combination that was not bought."""
    waveform: tuple[int, ...] = ()
    """Equal bars over the clip, 0 (−60 dBFS) to 100 (full scale); empty without sound."""

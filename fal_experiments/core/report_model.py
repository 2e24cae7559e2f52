"""The report as data: every number already a label, every link relative to the report folder.

Templates and scripts only lay these out. Light fields of a cell (`CellView`) are loaded with the
page, heavy ones (`CellDetail`) when a person opens the cell.
"""

from fal_experiments.core.fairness import FairnessSheet
from fal_experiments.core.labels import Tone
from fal_experiments.core.model import Json, Record


class LabelledValue(Record):
    """One line of a fact list. `note` is smaller print; `tone` colours the value."""

    label: str
    value: str
    note: str = ""
    tone: Tone | None = None


class Link(Record):
    """A link to a file beside the report."""

    label: str
    href: str


class PictureView(Record):
    """An image, with its size in pixels so that nothing jumps while it loads."""

    href: str
    width_px: int
    height_px: int


class SheetView(Record):
    """A contact sheet for hover-scrub: tile i shows the clip at times_s[i] seconds."""

    picture: PictureView
    columns: int
    rows: int
    tile_width_px: int
    tile_height_px: int
    times_s: tuple[float, ...]


class ColumnView(Record):
    """One column of the grid: a preset, with its axis values where an axis splits it."""

    key: str
    preset: str
    title: str
    endpoint: str
    variant: str = ""
    """Such as `cfg_scale 0.3`; empty where no axis applies."""
    seed_note: str
    """Such as `takes seeds` or `no seed knob: repeats`."""


class RowView(Record):
    """One row of the grid: prompt × input × seed × repeat."""

    key: str
    prompt: str
    prompt_text: str
    task: str
    input: str | None = None
    input_picture: PictureView | None = None
    """The image that the row's clips start from, where it is a local one."""
    seed_label: str
    """The matrix's seed and repeat of this row."""


class CellView(Record):
    """One cell of the grid, light enough for ten thousand of them."""

    key: str
    row: int
    column: int
    state: str
    state_label: str
    tone: Tone
    run_label: str
    """`seed 7`, or `repeat 2` for a model without seeds."""
    reason: str = ""
    """Why there is no clip, in one or two lines."""
    poster: PictureView | None = None
    video_href: str | None = None
    sheet: SheetView | None = None
    duration_s: float | None = None
    cost_label: str = ""
    """Metered cost, or the estimate marked `≈`, or `unknown`."""
    time_label: str = ""
    deviations: tuple[str, ...] = ()
    breach: str = ""
    """Why the result does not count as strict; empty when it does."""


class CellDetail(Record):
    """Everything about one cell, for the drawer."""

    key: str
    prompt_text: str
    prompt_dialect: str | None
    arguments: dict[str, Json]
    facts: tuple[LabelledValue, ...]
    """Ids, seeds, measured size, fps, length, sound."""
    money: tuple[LabelledValue, ...]
    times: tuple[LabelledValue, ...]
    deviations: tuple[LabelledValue, ...]
    failure: str = ""
    links: tuple[Link, ...]
    waveform: tuple[int, ...] = ()
    """Equal bars over the clip, 0 (−60 dBFS) to 100 (full scale); empty without sound."""


class PresetSummary(Record):
    """One line of the table of presets. Every count has its denominator in its label."""

    column: str
    title: str
    endpoint: str
    done: str
    """`4 of 4`."""
    others: str
    """`1 failed, 1 unsupported`, empty when all are done."""
    tone: Tone
    estimate: str
    metered: str
    metered_note: str
    """`4 of 4 known`."""
    inference: str
    """Median and largest seconds on the runner, `–` when none is known."""
    total: str
    price_source: str


class SpriteView(Record):
    """A walk cycle that was cut out of a clip, or why there is none."""

    cell: str
    label: str
    verdict: str
    """`ready`, `look`, `spoilt`, `no loop` or `failed`."""
    tone: Tone
    words: str
    loop: PictureView | None = None
    """Moves at true speed, on a clear ground."""
    lines: tuple[LabelledValue, ...]
    links: tuple[Link, ...]


class ReportModel(Record):
    """One batch as a page."""

    title: str
    slug: str
    batch: str
    description: str
    sandbox: bool
    started_at: str
    finished_at: str
    state: LabelledValue
    """The batch in one line: `finished · 12 of 14 cells done`."""
    totals: tuple[LabelledValue, ...]
    """Counts of each state that occurs, each out of all combinations."""
    held: tuple[LabelledValue, ...]
    varied: tuple[LabelledValue, ...]
    strict: tuple[LabelledValue, ...]
    cost: tuple[LabelledValue, ...]
    columns: tuple[ColumnView, ...]
    rows: tuple[RowView, ...]
    cells: tuple[CellView, ...]
    details: tuple[CellDetail, ...]
    presets: tuple[PresetSummary, ...]
    fairness: FairnessSheet
    sprites: tuple[SpriteView, ...] = ()
    """The best first; empty where `fal-exp sprite` has not been used."""
    files: tuple[Link, ...]
    made_with: str
    """Name and version of the program."""

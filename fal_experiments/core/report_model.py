"""The report as data: every number already a label, every link relative to the report folder.

Templates and scripts only lay these out. Light fields of a cell (`CellView`) are loaded with the
page, heavy ones (`CellDetail`) when a person opens the cell.
"""

from fal_experiments.core.fairness import FairnessSheet
from fal_experiments.core.labels import Tone
from fal_experiments.core.metric import Direction
from fal_experiments.core.model import Record
from fal_experiments.core.overview_model import OverviewView
from fal_experiments.core.ratings import Rating
from fal_experiments.core.report_cell_model import CellDetail
from fal_experiments.core.report_lines import LabelledValue, Link

__all__ = ["CellDetail", "LabelledValue", "Link"]
"""Records of the cell's drawer and of every list stand in modules of their own, and are found here
like the rest of the report."""


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


class AxisValue(Record):
    """One value of an axis. `label` stands alone (`cfg scale 0.3`), `key` is short (`0.3`)."""

    key: str
    """Unlike that of every other value of the axis; it stands in the page's address."""
    label: str


class AxisView(Record):
    """What the matrix varies: `prompt`, `var:hero`, `input`, `seed`, `preset`, `axis:cfg_scale`."""

    key: str
    label: str
    values: tuple[AxisValue, ...]


class LayoutView(Record):
    """Which axes go down, which go across, and which are folded inside a cell, by key."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    fold: tuple[str, ...] = ()


class PresetView(Record):
    """A value of the axis `preset`."""

    key: str
    title: str
    endpoint: str
    seed_note: str
    """Such as `takes seeds` or `no seed knob: repeats`."""


class PromptView(Record):
    """A prompt with its variables filled in."""

    task: str
    id: str
    """`walk`, or `walk · hero knight` where it has variables."""
    text: str


class InputView(Record):
    """A value of the axis `input`; the picture is there where the input is a local image."""

    key: str
    picture: PictureView | None = None


class StateView(Record):
    """How a state is called and drawn."""

    label: str
    tone: Tone


class NumberView(Record):
    """A number that cells have: what it is called, and which way is better."""

    key: str
    label: str
    unit: str
    better: Direction
    places: int


class CellView(Record):
    """One cell of the grid, light enough for ten thousand of them."""

    key: str
    at: tuple[int, ...]
    """Where it stands: index of a value, or -1, on each axis of the model."""
    prompt: int
    """Index of its text in the prompts of the model."""
    state: str
    run_label: str
    """`seed 7`, or `repeat 2` for a model without seeds."""
    reason: str = ""
    """Why there is no clip, in one or two lines."""
    numbers: tuple[float | None, ...] = ()
    """Parallel to the numbers of the model; those that are missing at the end are left out."""
    folder_href: str = ""
    """Folder of its last attempt; ends in `/`, or is empty where there is none."""
    poster: PictureView | None = None
    video_href: str | None = None
    proxy_href: str | None = None
    """A small copy with many key frames, for scrubbing."""
    sheet: SheetView | None = None
    fps: float | None = None
    frames: int | None = None
    period_s: tuple[float, float] | None = None
    """From where to where the clip repeats itself, where a loop was found in it."""
    has_audio: bool = False
    cost_label: str = ""
    """What it is known to have cost, or the estimate marked `≈`, or `unknown`."""
    time_label: str = ""
    deviations: tuple[str, ...] = ()
    breach: str = ""
    """Why the result does not count as strict; empty when it does."""


class PresetSummary(Record):
    """One line of the table of presets. Every count has its denominator in its label."""

    preset: str
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
    axes: tuple[AxisView, ...]
    """Those that exist, outermost first; one with a single value is among them."""
    layout: LayoutView
    """How the page opens."""
    columns: tuple[PresetView, ...]
    """Parallel to the values of the axis `preset`."""
    prompts: tuple[PromptView, ...]
    inputs: tuple[InputView, ...] = ()
    """Parallel to the values of the axis `input`."""
    states: dict[str, StateView]
    """Every state that occurs."""
    numbers: tuple[NumberView, ...] = ()
    cells: tuple[CellView, ...]
    """In the order of their places."""
    details: tuple[CellDetail, ...]
    presets: tuple[PresetSummary, ...]
    overview: OverviewView = OverviewView()
    fairness: FairnessSheet
    sprites: tuple[SpriteView, ...] = ()
    """The best first; empty where `fal-exp sprite` has not been used."""
    files: tuple[Link, ...]
    ratings: tuple[Rating, ...] = ()
    """Those that hold."""
    unread: tuple[str, ...] = ()
    """What is wrong with files of ratings or votes that cannot be read."""
    made_with: str
    """Name and version of the program."""

"""The plan: cells in order with what each sends and may cost, and every cell left out, with why."""

from decimal import Decimal
from typing import Any, Literal

from fal_experiments.core.entries import Task
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.model import Json, Record
from fal_experiments.core.money import ZERO, Band
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.schema import EndpointSchema

LeftOut = Literal["excluded", "unsupported", "duplicate"]
EstimateSource = Literal["ledger", "rule", "provider", "list"]
"""Own ledger's median, the preset's price rule, the provider's past average, its unit price."""


class Deviation(Record):
    """A held value that the model could not meet exactly: what was asked, what it gets, why."""

    hold: str
    asked: Json
    got: Json
    """None: not known before the run."""
    why: str

    def label(self) -> str:
        """Return `duration 5 → 6`, or `resolution 720p → not stated`."""
        got = "not known before the run" if self.got is None else self.got
        return f"{self.hold.replace('_', ' ')} {_word(self.asked)} → {_word(got)}"


class Coordinates(Record):
    """Where a cell stands in the matrix. Rows of the report are all of these but the preset."""

    prompt: str
    preset: str
    input: str | None = None
    seed: int | None = None
    """The matrix's seed of this row, whether or not the model takes one."""
    repeat: int = 1
    axes: dict[str, Json] = {}
    vars: dict[str, str] = {}
    """The values of the prompt's variables."""


class InputStamp(Record):
    """Which file a cell starts from: its content, or its address where it is a URL."""

    sha256: str | None = None
    url: str | None = None
    size_bytes: int | None = None


class Basis(Record):
    """What an estimate rests on.

    Under `rule`, `quantity` × `unit_usd` + `on_top_usd` (no less than the price's least) less the
    discount is the expected amount. Under `ledger` they are what the rule would have said.
    """

    source: EstimateSource
    as_of: str
    """The date of the price, or of the youngest of the samples."""
    quantity: Decimal | None = None
    """None where no amount was worked out from units."""
    unit: str = ""
    unit_usd: Decimal | None = None
    on_top_usd: Decimal | None = None
    """What each request costs on top of its units."""
    discount_percent: Decimal | None = None
    """The account's discount, which the expected and the least amount have taken off already."""
    samples: int = 0
    """How many own attempts the median is of."""
    sample_units: Decimal | None = None
    """How many units the own attempt had that cost the median."""
    has_worst_case: bool = True
    """False: no price rule says what is the most that it can cost, only averages or a list price;
    the budget then takes the cell for one of unknown price."""


class Cell(Record):
    """One request that is to be bought once."""

    cell_id: str
    at: Coordinates
    provider: str
    endpoint: str
    family: str
    task: Task
    prompt_text: str
    prompt_dialect: str | None = None
    arguments: dict[str, Json]
    """The exact body; a local input stands as `{"$input": sha256}` until it is uploaded."""
    inputs: dict[str, InputStamp] = {}
    """The files that stand in the arguments, by role."""
    seed_sent: int | None = None
    """None: the model has no seed knob, or the matrix gives none."""
    seed_support: str = ""
    """What the model does with seeds, in the words of its preset."""
    schema_sha256: str | None = None
    """The snapshot that the arguments were checked against; None where there is none."""
    repeat: int = 1
    """Which of the equal requests this is. Counts seeds too where the model takes none."""
    deviations: tuple[Deviation, ...] = ()
    estimate: Band | None = None
    estimate_note: str = ""
    """The rule that gave the estimate, or why there is none."""
    basis: Basis | None = None
    """What the estimate rests on; None where there is none."""
    requested_s: Decimal | None = None
    """The clip length that the arguments ask for; None where the model decides, and for a still."""
    price_key: str = ""
    """Equal for cells that should cost the same: a hash of the endpoint and of every argument but
    prompt, seed and files, and of the input's length where that is billed."""
    probe_of: str | None = None
    """The cell whose seed this one sends again, to see whether the model obeys seeds."""

    @property
    def run_label(self) -> str:
        """Return `seed 7`, or `repeat 2` for a model that takes no seed."""
        if self.seed_sent is None:
            return f"repeat {self.repeat}"
        if self.probe_of is not None:
            return f"seed {self.seed_sent} · probe"
        again = f" · repeat {self.repeat}" if self.repeat > 1 else ""
        return f"seed {self.seed_sent}{again}"

    @property
    def label(self) -> str:
        """Return `walk · plate · hero knight × kling-v3-pro-i2v, seed 7`: where it stands."""
        varied = {**self.at.vars, **self.at.axes}
        rows = [self.at.prompt, self.at.input, *(f"{n} {_word(v)}" for n, v in varied.items())]
        return f"{' · '.join(filter(None, rows))} × {self.at.preset}, {self.run_label}"


class LeftOutCell(Record):
    """A combination that is not bought, and why. It stays visible in every count."""

    at: Coordinates
    state: LeftOut
    reason: str
    cell_id: str | None = None
    """For a duplicate: the cell that is bought in its place."""


class SchemaStamp(Record):
    """Which snapshot the arguments were checked against."""

    as_of: str
    sha256: str


class PresetUse(Record):
    """A preset as it was used, with the snapshot of its schema; None where there is none."""

    preset: Preset
    checked_against: SchemaStamp | None = None
    snapshot: EndpointSchema | None = None
    """The schema itself: what the endpoint had, and its defaults, when the plan was made."""


class NotAsked(Record):
    """What of a matrix a plan leaves alone because only some of its cells were asked for."""

    cells: tuple[str, ...] = ()
    """The ids of the cells that would run as well."""
    left_out: int = 0
    """How many combinations the matrix leaves out anyway."""

    @property
    def combinations(self) -> int:
        """How many combinations were not asked for."""
        return len(self.cells) + self.left_out


class Plan(Record):
    """What a matrix buys: a pure function of matrix, presets, prompts and inputs."""

    v: Literal[1] = 1
    spec: MatrixSpec
    slug: str
    prompts: tuple[Prompt, ...]
    inputs: tuple[InputFile, ...]
    presets: dict[str, PresetUse]
    cells: tuple[Cell, ...]
    left_out: tuple[LeftOutCell, ...]
    warnings: tuple[str, ...] = ()
    not_asked: NotAsked | None = None
    """The rest of the matrix, where `--cell` asked for a part of it; None for a whole plan."""

    @property
    def estimate(self) -> Band:
        """Sum over the cells whose price is known."""
        return sum((c.estimate for c in self.cells if c.estimate is not None), ZERO)

    @property
    def unpriced(self) -> tuple[Cell, ...]:
        """The cells whose price is not known. They are never counted as $0."""
        return tuple(cell for cell in self.cells if cell.estimate is None)

    @property
    def without_worst_case(self) -> tuple[Cell, ...]:
        """The cells of which only an average or a list price is known, and no rule."""
        return tuple(c for c in self.cells if c.basis is not None and not c.basis.has_worst_case)

    def snapshot(self) -> dict[str, Any]:
        """Return the plan as plain JSON data, the same on every machine."""
        return self.model_dump(mode="json", exclude=None if self.not_asked else {"not_asked"})


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)

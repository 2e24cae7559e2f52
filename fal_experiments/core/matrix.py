"""`matrix.yaml` as a record: what to hold, what to vary, what to leave out, what it may cost."""

from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from fal_experiments.core.entries import InputEntry, PromptEntry, Seconds, Task
from fal_experiments.core.json_values import OwnJson
from fal_experiments.core.model import Json, Record, Slug, Text, Truth, Whole, WrongValue, worded
from fal_experiments.core.money import Usd
from fal_experiments.core.render_words import RenderWords
from fal_experiments.core.seeds import parse_seeds

OnMismatch = Literal["nearest", "unsupported", "error"]
OnUnknown = Literal["hold", "resubmit-when-absent"]
BudgetScope = Literal["batch", "ledger-day", "ledger-month"]
Order = Literal["interleaved", "cheapest-first", "listed"]

HoldKey = Literal[
    "duration",
    "aspect_ratio",
    "resolution",
    "audio",
    "fps",
    "negative_prompt",
    "prompt_enhancement",
]
HOLD_KEYS: tuple[HoldKey, ...] = get_args(HoldKey)


def _number_as_text(value: Any) -> Any:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return str(value) if is_number else value


def _not_bare(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        raise WrongValue(
            f"expected a resolution such as 720p, found the number {value}", fix=f"write {value}p"
        )
    return value


AspectRatio = Annotated[str, worded(r"[1-9]\d{0,3}:[1-9]\d{0,3}", 'an aspect ratio such as "16:9"')]
Resolution = Annotated[
    str,
    worded(r"[1-9]\d{1,3}[pP]|[248][kK]", "a resolution such as 720p, 1080p or 4k"),
    BeforeValidator(_not_bare),
]
Seeds = Annotated[
    tuple[int, ...],
    BeforeValidator(parse_seeds),
    WithJsonSchema(
        {
            "description": "1 | 1-3 | '1, 5, 9' | '1-9 (+2)' | {count: 4, from: 100}",
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string"},
                {"type": "array", "items": {"type": ["integer", "string"]}},
                {
                    "type": "object",
                    "properties": {"count": {"type": "integer"}, "from": {"type": "integer"}},
                    "required": ["count"],
                    "additionalProperties": False,
                },
            ],
        }
    ),
]


VariableName = Annotated[
    str, worded(r"[a-z][a-z0-9_]{0,31}", "a name such as subject: lower-case letters, digits, _")
]
VariableValue = Annotated[str, Field(min_length=1), BeforeValidator(_number_as_text)]


class Hold(Record):
    """What the task keeps constant across models. A value that is not given is not held."""

    duration: Seconds | None = None
    aspect_ratio: AspectRatio | None = None
    resolution: Resolution | None = None
    audio: Truth | None = None
    fps: Annotated[Whole, Field(gt=0, le=240)] | None = None
    negative_prompt: str | None = None
    prompt_enhancement: Truth | None = None

    def stated(self) -> dict[HoldKey, Any]:
        """Return the held values only, in the order of HOLD_KEYS."""
        return {key: getattr(self, key) for key in HOLD_KEYS if getattr(self, key) is not None}


class Exclude(Record):
    """Cells to leave out, and why. Every selector must match; a list matches any of its values."""

    reason: Text
    match: dict[str, list[Json]]

    @model_validator(mode="before")
    @classmethod
    def _gather_selectors(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "match" in value:
            return value
        selectors = {key: item for key, item in value.items() if key != "reason"}
        if not selectors:
            raise ValueError("an exclude rule says what it leaves out, such as preset: …")
        match = {k: list(v) if isinstance(v, list) else [v] for k, v in selectors.items()}
        return {"match": match} | ({"reason": value["reason"]} if "reason" in value else {})


class Budget(Record):
    """Limits in US dollars. Nothing is submitted that could pass `max_usd`."""

    max_usd: Usd | None = None
    per_cell_usd: Usd | None = None
    warn_usd: Usd | None = None
    scope: BudgetScope = "batch"
    """What `max_usd` caps: this batch, or all batches of the ledger in a day or month of UTC."""
    allow_unpriced: tuple[Slug, ...] = ()
    """Presets that may run without a known price; `per_cell_usd` is reserved for each cell."""

    @model_validator(mode="after")
    def _unpriced_needs_a_worst_case(self) -> "Budget":
        if self.allow_unpriced and self.per_cell_usd is None:
            raise ValueError(
                "allow_unpriced needs per_cell_usd: the worst case that is reserved for each cell"
            )
        if self.scope != "batch" and self.max_usd is None:
            raise ValueError(f"scope {self.scope} needs max_usd: the cap that the batches share")
        return self


PresetName = Annotated[Text, Field(json_schema_extra={"pattern": r"^[a-z0-9][a-z0-9._-]{0,63}$"})]
"""The id of a preset. Whether there is one is for the shelf to say, which knows what is meant."""


class MatrixSpec(Record):
    """An experiment: every combination of prompts, presets, seeds, inputs and axes."""

    name: Text
    description: str = ""
    task: Task
    prompts: Annotated[tuple[PromptEntry, ...], Field(min_length=1)]
    presets: Annotated[tuple[PresetName, ...], Field(min_length=1)]
    seeds: Seeds | None = None
    inputs: tuple[InputEntry, ...] = ()
    hold: Hold = Hold()
    axes: dict[str, Annotated[tuple[OwnJson, ...], Field(min_length=1)]] = {}
    vars: dict[VariableName, Annotated[tuple[VariableValue, ...], Field(min_length=1)]] = {}
    """Values for `{{ name }}` in prompts; each prompt meets every value of those it names."""
    exclude: tuple[Exclude, ...] = ()
    repeats: Annotated[Whole, Field(ge=1, le=1000)] = 1
    order: Order = "interleaved"
    strict: Truth = True
    on_mismatch: OnMismatch = "nearest"
    budget: Budget = Budget()
    concurrency: Annotated[Whole, Field(ge=1, le=1000)] = 10
    """Jobs at a provider at once."""
    concurrency_per_endpoint: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    retries: Annotated[Whole, Field(ge=0, le=10)] = 1
    """New attempts of a cell whose job failed unbilled and may succeed now."""
    pause_after: Annotated[Whole, Field(ge=1, le=1000)] = 5
    """Equal failures in a row after which a preset is paused for the rest of the run."""
    timeout_s: Annotated[Whole, Field(ge=1, le=604800)] = 3600
    """How long a job may take before it is left alone. A resume still collects a late result."""
    start_timeout_s: Annotated[Whole, Field(ge=1, le=604800)] | None = None
    """`X-Fal-Request-Timeout`: the provider drops a job that has not started by then."""
    platform_retries: Truth = False
    """False sends `X-Fal-No-Retry`: hidden retries of the platform spoil a latency comparison."""
    on_unknown: OnUnknown = "hold"
    unknown_settle_s: Annotated[Whole, Field(ge=1, le=86400)] = 120
    """How long a submission without an answer may take to appear in the provider's list."""
    media_dir: Text | None = None
    render: RenderWords = RenderWords()
    """Contact sheets and previews; `fal-exp render` takes the same words later."""


def matrix_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a matrix file, for editors."""
    schema = MatrixSpec.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "fal-exp matrix"
    schema["$defs"]["Exclude"] = {
        "type": "object",
        "description": Exclude.__doc__,
        "properties": {
            "reason": {"type": "string", "minLength": 1},
            "preset": {},
            "prompt": {},
            "input": {},
            "seed": {},
        },
        "required": ["reason"],
        "minProperties": 2,
    }
    return schema

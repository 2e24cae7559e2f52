"""A preset: one provider endpoint with explicit arguments, its controls, price rule and sources."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from fal_experiments.core.matrix import HOLD_KEYS, HoldKey, Task
from fal_experiments.core.model import Json, Record, Slug, Text, Whole, read_record
from fal_experiments.core.money import Usd
from fal_experiments.core.strict_yaml import Document
from fal_experiments.errors import BadInput


class Fact(Record):
    """Where something about a model was read, and when."""

    source: Text
    as_of: Text
    note: str = ""


class Choice(Record):
    """One value of a knob and what it means in the words of `hold`."""

    send: Json
    means: Json


def _choice(value: Any) -> Any:
    return value if isinstance(value, dict) else {"send": value, "means": value}


class KnobControl(Record):
    """The model has a knob with listed values: `{knob: duration, choices: [{send: "6", means: 6}]}`

    A plain value in `choices` means itself.
    """

    knob: Text
    choices: Annotated[tuple[Annotated[Choice, BeforeValidator(_choice)], ...], Field(min_length=1)]


class TextControl(Record):
    """The model takes free text under this knob: `{text_knob: negative_prompt}`."""

    text_knob: Text


class FixedControl(Record):
    """The model has no knob and always gives one value: `{fixed: 6}`."""

    fixed: Json


class FollowsControl(Record):
    """The model has no knob; the value is that of its input: `{follows: image}`."""

    follows: Literal["image"]


class UnstatedControl(Record):
    """The model has no knob and its vendor does not say what it gives: `{unstated: …why…}`."""

    unstated: Text


Control = KnobControl | TextControl | FixedControl | FollowsControl | UnstatedControl


class SeedSupport(Record):
    """What the model does with a seed. One that has no knob is never sent a seed."""

    support: Literal["accepted", "accepted-not-returned", "none", "undocumented"]
    knob: Text | None = None
    note: str = ""

    @model_validator(mode="after")
    def _knob_where_accepted(self) -> "SeedSupport":
        if self.support.startswith("accepted") != (self.knob is not None):
            raise ValueError("knob is given when, and only when, seeds are accepted")
        return self


class InputKnobs(Record):
    """The argument that takes each input. None: the model does not take it."""

    prompt: Text = "prompt"
    image: Text | None = None
    last_frame: Text | None = None


class Output(Record):
    """Where the result JSON holds the file: `video.url`, `images.0.url`."""

    kind: Literal["video", "image"] = "video"
    path: Text = "video.url"


class PriceRule(Record):
    """A rate that holds when every argument in `when` has the given value."""

    when: dict[str, Json] = {}
    usd: Usd
    low_usd: Usd | None = None
    high_usd: Usd | None = None
    """The highest rate that a source gives; reserved against the budget."""

    @model_validator(mode="after")
    def _ordered(self) -> "PriceRule":
        if not (self.low_usd or self.usd) <= self.usd <= (self.high_usd or self.usd):
            raise ValueError("low_usd ≤ usd ≤ high_usd does not hold")
        return self


class TokenCount(Record):
    """Tokens of one clip: pixels × fps × seconds ÷ 1024 (fal's page of the Seedance models)."""

    fps: Annotated[Whole, Field(gt=0)]
    pixels: dict[str, Whole]
    """Pixels of one frame for each value of `resolution`."""


class Price(Record):
    """How the provider prices this endpoint, with the source of every figure."""

    unit: Literal["second", "video", "image", "token"]
    rules: Annotated[tuple[PriceRule, ...], Field(min_length=1)]
    tokens: TokenCount | None = None
    source: Text
    as_of: Text
    note: str = ""

    @model_validator(mode="after")
    def _tokens_are_counted(self) -> "Price":
        if (self.unit == "token") != (self.tokens is not None):
            raise ValueError("tokens is given when, and only when, the unit is token")
        return self


class Preset(Record):
    """One endpoint, told truthfully. The file format is shown in docs/presets.md."""

    id: Slug
    title: Text
    provider: Slug
    endpoint: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*[A-Za-z0-9]$")]
    family: Slug
    task: Task
    status: Literal["current", "retired"] = "current"
    successor: Slug | None = None
    facts: dict[str, Fact] = {}
    arguments: dict[str, Json] = {}
    """Sent exactly as written, unless hold or an axis replaces a value."""
    inputs: InputKnobs = InputKnobs()
    controls: dict[HoldKey, Control] = {}
    seed: SeedSupport
    output: Output = Output()
    price: Price | None = None
    usual_s: Annotated[Decimal, Field(gt=0)] | None = None
    """Typical time from submit to result, if known: paces the polling."""

    @property
    def takes_seed(self) -> bool:
        """True when a seed may be sent; otherwise the matrix's seeds become repeats."""
        return self.seed.knob is not None

    @property
    def takes_image(self) -> bool:
        """True when the endpoint needs an input image."""
        return self.inputs.image is not None


def read_preset(document: Document, *, file_stem: str) -> Preset:
    """Return the preset in a parsed file.

    Raises: BadInput with file and line for wrong fields, and when the id is not the file's name.
    """
    preset = read_record(Preset, document)
    if preset.id != file_stem:
        raise BadInput(
            f"{document.where(('id',))}: the id is {preset.id}, the file is {file_stem}.yaml",
            fix="give both the same name: presets are found by file name",
        )
    missing = [key for key in HOLD_KEYS[:4] if key not in preset.controls]
    if missing and preset.status == "current":
        raise BadInput(
            f"{document.where(('controls',))}: nothing is said of {', '.join(missing)}",
            fix="add a knob, `fixed`, `follows`, or `unstated` with the reason for each",
        )
    return preset

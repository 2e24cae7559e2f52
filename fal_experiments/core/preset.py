"""A preset: one provider endpoint with explicit arguments, its controls, price rule and sources."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from fal_experiments.core.control_kinds import Control, spelled_out
from fal_experiments.core.entries import Task
from fal_experiments.core.json_values import OwnJson
from fal_experiments.core.matrix import HOLD_KEYS, HoldKey
from fal_experiments.core.model import Record, Slug, Text, read_record
from fal_experiments.core.price import Price
from fal_experiments.core.strict_yaml import Document
from fal_experiments.errors import BadInput


class Fact(Record):
    """Where something about a model was read, and when."""

    source: Text
    """An address, or in words what was read where it has none."""
    as_of: Text
    note: str = ""
    """Begins with `inferred` where the source does not say it outright."""


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


TAKES_FIRST = "[0]"
"""At the end of `references`: the argument takes one file, not a list."""


def argument_name(knob: str) -> str:
    """Return the argument that an input is sent as, without the mark of a list or of its first."""
    return knob.removesuffix("[]").removesuffix(TAKES_FIRST)


class ElementKnobs(Record):
    """A list of characters or objects, each with pictures of its own (Kling's `elements`)."""

    knob: Text
    image: Text
    references: Text | None = None
    video: Text | None = None


class ShotKnobs(Record):
    """A list of shots in place of one prompt (Kling's `multi_prompt`)."""

    knob: Text
    text: Text
    duration: Text | None = None


class InputKnobs(Record):
    """The argument that takes each input. None: the model does not take it.

    `image` is the first frame, or the picture that is edited. `image_urls[]` puts a single file
    into a list, for endpoints that have only a list. `reference_image_url[0]` takes the first of
    the references, for endpoints that take one: more are then refused, never dropped.
    """

    prompt: Text | None = "prompt"
    image: Text | None = None
    last_frame: Text | None = None
    references: Text | None = None
    elements: ElementKnobs | None = None
    video: Text | None = None
    audio: Text | None = None
    shots: ShotKnobs | None = None

    @property
    def names(self) -> frozenset[str]:
        """The arguments that carry the prompt and the inputs."""
        plain = (
            self.prompt,
            self.image,
            self.last_frame,
            self.references,
            self.video,
            self.audio,
            self.elements.knob if self.elements else None,
            self.shots.knob if self.shots else None,
        )
        return frozenset(argument_name(name) for name in plain if name is not None)


class Output(Record):
    """Where the result JSON holds the file: `video.url`, `images.0.url`."""

    kind: Literal["video", "image"] = "video"
    path: Text = "video.url"


class Preset(Record):
    """One endpoint, told truthfully. The file format is shown in docs/preset-file.md."""

    id: Slug
    title: Text
    provider: Slug
    endpoint: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*[A-Za-z0-9]$")]
    family: Slug
    task: Task
    status: Literal["current", "retired"] = "current"
    status_note: str = ""
    """Since when, and why, an endpoint is retired, or what is not certain about a current one."""
    successor: Slug | None = None
    """What to use in place of a retired one."""
    dialect: Slug | None = None
    """The idiom of prompt that the model was made for, where it is not that of its family."""
    facts: dict[str, Fact] = {}
    arguments: dict[str, OwnJson] = {}
    """Sent exactly as written, unless hold or an axis replaces a value."""
    inputs: InputKnobs = InputKnobs()
    controls: dict[HoldKey, Control] = {}
    stands_for: dict[str, HoldKey] = {}
    """Further knobs that decide what a key of hold decides: `{num_frames: duration}`."""
    seed: SeedSupport
    output: Output = Output()
    price: Price | None = None
    usual_s: Annotated[Decimal, Field(gt=0)] | None = None
    """Typical time from submit to result, if known: paces the polling."""

    @field_validator("controls", mode="before")
    @classmethod
    def _spell_out_choices(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: spelled_out(key, control) for key, control in value.items()}

    @property
    def takes_seed(self) -> bool:
        """True when a seed may be sent; otherwise the matrix's seeds become repeats."""
        return self.seed.knob is not None

    @property
    def takes_image(self) -> bool:
        """True when the endpoint starts from an input image."""
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

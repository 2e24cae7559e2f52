"""The ways in which a model can meet what a task holds: a knob, a fixed value, its input, none."""

import re
from collections.abc import Set as AbstractSet
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from fal_experiments.core.json_values import OwnJson
from fal_experiments.core.model import Json, Record, Text, Whole, WrongValue

_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)s?")
_RATIO = re.compile(r"[1-9][0-9]{0,3}:[1-9][0-9]{0,3}")
_COUNTED = {"duration", "fps"}
_SWITCHED = {"audio", "prompt_enhancement"}
_TEXTS = {"resolution", "negative_prompt"}


class Choice(Record):
    """One value of a knob and what it means in the words of `hold`."""

    send: OwnJson
    means: Json


def _choice(value: Any) -> Any:
    return value if isinstance(value, dict) else {"send": value, "means": value}


class KnobControl(Record):
    """The model has a knob with listed values: `{knob: duration, choices: ["5", "10"]}`

    A plain value in `choices` means itself; a length that is text ("5", "8s") means that number.
    A length that means `video` is that of the input video: `{send: 0, means: video}`.
    """

    knob: Text
    choices: Annotated[tuple[Annotated[Choice, BeforeValidator(_choice)], ...], Field(min_length=1)]


class RangeControl(Record):
    """The model takes any number in a range: `{knob: duration, least: 1, most: 15}`"""

    knob: Text
    least: Annotated[Decimal, Field(ge=0)]
    most: Decimal | None = None
    """None: the vendor states no bound."""
    step: Annotated[Decimal, Field(gt=0)] | None = None
    """None: any number; 1: whole numbers, sent as such."""

    @model_validator(mode="after")
    def _ordered(self) -> "RangeControl":
        if self.most is not None and self.least > self.most:
            raise ValueError("least is above most")
        return self

    def nearest(self, asked: Decimal) -> Decimal:
        """Return the number of the range that is nearest to what is asked; a tie goes up."""
        most = max(asked, self.least) if self.most is None else self.most
        inside = min(max(asked, self.least), most)
        if self.step is None:
            return inside
        steps = (inside - self.least + self.step / 2) // self.step
        return min(self.least + steps * self.step, most)


class FramesControl(Record):
    """The length is a number of frames: `{frames_knob: num_frames, least: 17, most: 161, fps: 16}`

    A length within half a frame of what is asked is met exactly.
    """

    frames_knob: Text
    least: Annotated[Whole, Field(ge=1)]
    most: Whole
    fps: Annotated[Whole, Field(ge=1)]
    """Frames per second where `fps_knob` is not sent."""
    fps_knob: Text | None = None


class TextControl(Record):
    """The model takes free text under this knob: `{text_knob: negative_prompt}`."""

    text_knob: Text


class FixedControl(Record):
    """The model has no knob and always gives one value: `{fixed: 6}`."""

    fixed: Json


class FollowsControl(Record):
    """The model has no knob; the value is that of its input: `{follows: image}`."""

    follows: Literal["image", "video"]


class UnstatedControl(Record):
    """The model has no knob and its vendor does not say what it gives: `{unstated: …why…}`."""

    unstated: Text


_KINDS: tuple[type[Record], ...] = (
    KnobControl,
    RangeControl,
    FramesControl,
    TextControl,
    FixedControl,
    FollowsControl,
    UnstatedControl,
)
_FIELDS = {
    kind: (
        frozenset(kind.model_fields),
        frozenset(name for name, field in kind.model_fields.items() if field.is_required()),
    )
    for kind in _KINDS
}


def _kind_of(value: Any) -> str:
    """Return the kind that a control is meant to be, so that a typo is told of that kind alone."""
    if isinstance(value, Record):
        return type(value).__name__
    keys = set(value) if isinstance(value, dict) else set()
    for kind, (fields, required) in _FIELDS.items():
        if required <= keys <= fields:
            return kind.__name__
    return max(_KINDS, key=lambda kind: _likeness(keys, *_FIELDS[kind])).__name__


def _likeness(keys: AbstractSet[str], fields: frozenset[str], required: frozenset[str]) -> float:
    """Return how well field names, perhaps misspelt, fit a kind: 1 each, less what is missing."""
    found, missing = 0.0, set(required)
    for key in keys:
        alike, field = max((SequenceMatcher(None, str(key), name).ratio(), name) for name in fields)
        found += alike if alike > 0.6 else -1.0
        missing -= {field} if alike > 0.6 else set()
    return found - len(missing) / 2


Control = Annotated[
    Annotated[KnobControl, Tag("KnobControl")]
    | Annotated[RangeControl, Tag("RangeControl")]
    | Annotated[FramesControl, Tag("FramesControl")]
    | Annotated[TextControl, Tag("TextControl")]
    | Annotated[FixedControl, Tag("FixedControl")]
    | Annotated[FollowsControl, Tag("FollowsControl")]
    | Annotated[UnstatedControl, Tag("UnstatedControl")],
    Discriminator(_kind_of),
]


def spelled_out(key: str, control: Any) -> Any:
    """Return a control as written, its text lengths with the number of seconds that they mean.

    Raises: WrongValue for a fixed value that is none of its key.
    """
    if isinstance(control, dict) and "fixed" in control:
        _check_fixed(key, control["fixed"])
    if key not in _COUNTED or not isinstance(control, dict):
        return control
    choices = control.get("choices")
    if not isinstance(choices, list | tuple):
        return control
    return control | {"choices": [_with_number(choice) for choice in choices]}


def _check_fixed(key: str, value: Any) -> None:
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if key in _COUNTED:
        is_right, expected = number and value > 0, "a number, such as 24 or 5"
    elif key in _SWITCHED:
        is_right, expected = isinstance(value, bool), "true or false"
    elif key == "aspect_ratio":
        is_right = isinstance(value, str) and _RATIO.fullmatch(value) is not None
        expected = 'an aspect ratio such as "16:9"'
    else:
        is_right = isinstance(value, str) or key not in _TEXTS
        expected = "text, such as 720p"
    if is_right:
        return
    found = _SECONDS.fullmatch(value) if key in _COUNTED and isinstance(value, str) else None
    raise WrongValue(
        f"expected {expected}, found {'null' if value is None else repr(value)}",
        fix=f"write {found[1]}" if found else "where it is not known, write unstated: and why",
        path=(key, "fixed"),
    )


def _with_number(choice: Any) -> Any:
    found = _SECONDS.fullmatch(choice) if isinstance(choice, str) else None
    if found is None:
        return choice
    number = Decimal(found[1])
    whole = number == number.to_integral_value()
    return {"send": choice, "means": int(number) if whole else float(number)}

"""The ways in which a model can meet what a task holds: a knob, a fixed value, its input, none."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from fal_experiments.core.model import Json, Record, Text, Whole

_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)s?")
_COUNTED = {"duration", "fps"}


class Choice(Record):
    """One value of a knob and what it means in the words of `hold`."""

    send: Json
    means: Json


def _choice(value: Any) -> Any:
    return value if isinstance(value, dict) else {"send": value, "means": value}


class KnobControl(Record):
    """The model has a knob with listed values: `{knob: duration, choices: ["5", "10"]}`

    A plain value in `choices` means itself; a length that is text ("5", "8s") means that number.
    """

    knob: Text
    choices: Annotated[tuple[Annotated[Choice, BeforeValidator(_choice)], ...], Field(min_length=1)]


class RangeControl(Record):
    """The model takes any number in a range: `{knob: duration, least: 1, most: 15}`"""

    knob: Text
    least: Annotated[Decimal, Field(ge=0)]
    most: Decimal
    step: Annotated[Decimal, Field(gt=0)] | None = None
    """None: any number; 1: whole numbers, sent as such."""

    @model_validator(mode="after")
    def _ordered(self) -> "RangeControl":
        if self.least > self.most:
            raise ValueError("least is above most")
        return self

    def nearest(self, asked: Decimal) -> Decimal:
        """Return the number of the range that is nearest to what is asked; a tie goes up."""
        inside = min(max(asked, self.least), self.most)
        if self.step is None:
            return inside
        steps = (inside - self.least + self.step / 2) // self.step
        return min(self.least + steps * self.step, self.most)


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


Control = (
    KnobControl
    | RangeControl
    | FramesControl
    | TextControl
    | FixedControl
    | FollowsControl
    | UnstatedControl
)


def spelled_out(key: str, control: Any) -> Any:
    """Return a control as written, its text lengths with the number of seconds that they mean."""
    if key not in _COUNTED or not isinstance(control, dict):
        return control
    choices = control.get("choices")
    if not isinstance(choices, list | tuple):
        return control
    return control | {"choices": [_with_number(choice) for choice in choices]}


def _with_number(choice: Any) -> Any:
    found = _SECONDS.fullmatch(choice) if isinstance(choice, str) else None
    if found is None:
        return choice
    number = Decimal(found[1])
    whole = number == number.to_integral_value()
    return {"send": choice, "means": int(number) if whole else float(number)}

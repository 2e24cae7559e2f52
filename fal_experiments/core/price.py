"""How a provider prices an endpoint, as data: units, rates with conditions, where each was read."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fal_experiments.core.json_values import same_json
from fal_experiments.core.model import Json, Record, Text, Whole
from fal_experiments.core.money import Usd

GIVEN = "$given"
"""In `when`: the argument is sent, whatever its value."""
Seconds = Literal["output", "input", "both", "audio"]
"""Whose length is billed: the clip that is made, the video that is given, both, the given sound."""


class PriceRule(Record):
    """A rate that holds when every argument in `when` has the given value."""

    when: dict[str, Json] = {}
    usd: Usd
    low_usd: Usd | None = None
    high_usd: Usd | None = None
    """The highest rate that a source gives; reserved against the budget."""
    seconds: Seconds | None = None
    """Whose length counts under this rule, where it differs from the price's own."""

    @model_validator(mode="after")
    def _ordered(self) -> "PriceRule":
        if not (self.low_usd or self.usd) <= self.usd <= (self.high_usd or self.usd):
            raise ValueError("low_usd ≤ usd ≤ high_usd does not hold")
        return self

    def holds(self, arguments: dict[str, Json]) -> bool:
        """Tell whether the arguments meet every condition of the rule."""
        for knob, value in self.when.items():
            if arguments.get(knob) is None:
                return False
            if value != GIVEN and not same_json(arguments[knob], value):
                return False
        return True


class FrameSizes(Record):
    """Pixels of one frame or picture for each value of a knob."""

    knob: Text = "resolution"
    pixels: dict[str, Annotated[Whole, Field(ge=1)]]


class TokenCount(FrameSizes):
    """Tokens of one clip: pixels × fps × seconds ÷ 1024 (fal's page of the Seedance models)."""

    fps: Annotated[Whole, Field(gt=0)]


class Price(Record):
    """How the provider prices this endpoint, with the source of every figure."""

    unit: Literal["second", "video", "image", "token", "megapixel"]
    rules: Annotated[tuple[PriceRule, ...], Field(min_length=1)]
    """The first whose conditions hold is taken."""
    seconds: Seconds = "output"
    """Whose length is billed, where that is by length."""
    tokens: TokenCount | None = None
    megapixels: FrameSizes | None = None
    """Each picture is rounded up to whole megapixels (fal's pages of the FLUX models, such as
    https://fal.ai/models/fal-ai/flux/schnell)."""
    billed_fps: Annotated[Whole, Field(gt=0)] | None = None
    """Frames that are billed as one second, whatever the clip's own rate (Wan 2.2)."""
    count_knob: Text | None = None
    """The argument that says how many pictures one request makes, each of which is billed."""
    step: Annotated[Usd, Field(gt=0)] | None = None
    """Units are billed in multiples of this, rounded up: 5.72 s of a step of 1 are 6."""
    least: Usd | None = None
    """The fewest units that a request is billed for."""
    least_usd: Annotated[Usd, Field(gt=0)] | None = None
    """The least that a request costs, however few its units."""
    request_usd: Usd | None = None
    """What each request costs on top."""
    currency: Text = "USD"
    """Of every rate; another one than USD is never converted, so its price is unknown."""
    unit_price_usd: Usd | None = None
    """The pricing API's unit price as of `as_of`, where it is known. For several families it is a
    base that the billable units scale, not the price of a second."""
    source: Text
    """What was read: the page that states the price, or in words whatever else it is known from."""
    as_of: Text
    note: str = ""

    @model_validator(mode="after")
    def _units_are_counted(self) -> "Price":
        for unit, table, name in (
            ("token", self.tokens, "tokens"),
            ("megapixel", self.megapixels, "megapixels"),
        ):
            if (self.unit == unit) != (table is not None):
                raise ValueError(f"{name} is given when, and only when, the unit is {unit}")
        return self

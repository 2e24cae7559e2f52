"""What the walk-cycle lab is asked for and what it finds and makes of one clip, as records."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from fal_experiments.core.model import Record, Truth, Whole, worded

SPRITE_VERSION = 1
"""Raised whenever the same order would give other numbers or other pictures."""

MOST_FRAMES = 120
"""A loop of more frames is a film; the sheet would not fit a texture."""

RECORD_FILE = "sprite.json"
SPRITE_FOLDER = "sprite"
"""Beside the clip of an attempt."""
_KEY = r"auto|none|#[0-9a-fA-F]{6}"

Key = Annotated[str, worded(_KEY, "auto, none or a colour such as #d9d6ce")]
Packing = Literal["tight", "pow2"]


class SpriteOrder(Record):
    """What is wanted of a clip. The defaults give every frame of the best loop, keyed."""

    frames: Annotated[Whole, Field(ge=2, le=MOST_FRAMES)] | None = None
    """So many, evenly spaced over the loop; None: each frame of it."""
    key: Key = "auto"
    """Colour of the ground: `auto` takes it from the border, `none` leaves the frames opaque."""
    tolerance: Annotated[Whole, Field(ge=1, le=128)] | None = None
    """Levels of 255 by which ground may differ from the key; None: from the noise of the border."""
    packing: Packing = "tight"
    padding_px: Annotated[Whole, Field(ge=0, le=64)] = 2
    """Clear pixels between two frames on the sheet, and around all."""
    extrude_px: Annotated[Whole, Field(ge=0, le=16)] = 0
    """How far the outermost pixels of a frame are repeated around it."""
    steady: Truth = False
    """Take out how the feet and the body wander away from their place."""


class Reading(Record):
    """One measured number, or why there is none. What it means stands in `sprite_readings`."""

    value: Decimal | None = None
    why_not: str = ""


class Loop(Record):
    """Which frames make the loop. `end_frame` is the first one that is not in it any more."""

    first_frame: int
    end_frame: int
    start_s: Decimal
    length_s: Decimal
    """As long as the clip shows these frames, the last one included."""
    found_by: Literal["period", "whole clip"]
    steps: Literal[1, 2]
    """2 where the figure looks nearly alike half a period later, as a walk does."""


class SpriteFile(Record):
    """A file of the hand-off, with `/` in its path on every system."""

    file: str
    size_bytes: int
    sha256: str


class SpriteRecord(Record):
    """Everything that was measured and made of one clip with one order, or why it was not."""

    v: Literal[1] = 1
    asset_sha256: str
    anchor_sha256: str | None = None
    """The picture that the figure was compared with."""
    order: SpriteOrder = SpriteOrder()
    version: int = SPRITE_VERSION
    failed: str | None = None
    """Why nothing could be measured; the other fields then mean nothing."""
    width_px: int = 0
    height_px: int = 0
    frames: int = 0
    """How many frames were looked at."""
    fps: Decimal = Decimal(0)
    key_colour: str | None = None
    """The ground that was taken away, None when the background is not flat."""
    plate_first: str = ""
    """What stands behind the figure in the first frame: flat, gradient, checkerboard, busy."""
    plate_last: str = ""
    loop: Loop | None = None
    no_loop: str = ""
    """Why there is no loop."""
    readings: dict[str, Reading] = {}
    facing_frames: tuple[int, ...] = ()
    """The frames at which the figure turns round."""
    notes: tuple[str, ...] = ()
    """What a person should know before using the frames."""
    frame_width_px: int = 0
    frame_height_px: int = 0
    """Of the canvas that all cut frames share; 0 where there is no loop."""
    files: tuple[SpriteFile, ...] = ()
    """What lies beside this record; none where there is no loop."""

    def is_of(self, asset_sha256: str, anchor_sha256: str | None, order: SpriteOrder) -> bool:
        """Tell whether this can stand for doing the same work on the same files again."""
        wanted = (asset_sha256, anchor_sha256, order, SPRITE_VERSION)
        same = wanted == (self.asset_sha256, self.anchor_sha256, self.order, self.version)
        return same and self.failed is None

    def value(self, name: str) -> float | None:
        """Return a reading as a number, None when it could not be taken."""
        reading = self.readings.get(name)
        return None if reading is None or reading.value is None else float(reading.value)


def read(values: Mapping[str, float | str]) -> dict[str, Reading]:
    """Return readings of numbers, rounded to three places, and of reasons why there is none."""
    return {
        name: Reading(why_not=value)
        if isinstance(value, str)
        else Reading(value=round(Decimal(repr(float(value))), 3))
        for name, value in values.items()
    }


def colour_of(key: str) -> tuple[int, int, int] | None:
    """Return a colour that is written `#d9d6ce`; None for `auto` and `none`.

    Raises: ValueError when it is none of these.
    """
    if re.fullmatch(_KEY, key) is None:
        raise ValueError(f"{key!r} is no colour such as #d9d6ce")
    if not key.startswith("#"):
        return None
    red, green, blue = (int(key[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def colour_name(colour: tuple[int, int, int]) -> str:
    """Return a colour as `#d9d6ce`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def spread_evenly(first: int, end: int, count: int | None) -> tuple[int, ...]:
    """Return `count` frames from `first` to before `end`, evenly over the loop and from its start.

    All of them when `count` is None or not smaller than the loop.
    """
    length = end - first
    if count is None or count >= length:
        return tuple(range(first, end))
    return tuple(first + index * length // count for index in range(count))

"""What was measured of one clip: numbers, why others are missing, spans, and courses over time."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from fal_experiments.core.model import Record

MEASURES_VERSION = 1
"""Raised whenever the same clip would give other numbers."""

UNTOLD = "not told"
"""What a tag says where the file says nothing."""


class Span(Record):
    """A part of a clip, in seconds from its first frame (of sound: from its first sample)."""

    start_s: Decimal
    end_s: Decimal

    @property
    def length_s(self) -> Decimal:
        """How long it lasts."""
        return self.end_s - self.start_s


class Course(Record):
    """How a value went over a clip: one point every `step_s`, the first at `first_s`.

    The points are text, numbers separated by spaces, because a list of them would take four times
    the room in a record that is written for people too.
    """

    first_s: Decimal
    step_s: Decimal
    points: str

    @property
    def values(self) -> tuple[float, ...]:
        """The points as numbers."""
        return tuple(float(point) for point in self.points.split())


class Tags(Record):
    """What the file says of its picture; `not told` where it says nothing.

    Nearly all AI clips tell no colours, and players then guess, not all of them alike.
    """

    colour_range: str = UNTOLD
    """`limited` (16 to 235) or `full` (0 to 255)."""
    colour_matrix: str = UNTOLD
    colour_primaries: str = UNTOLD
    colour_transfer: str = UNTOLD
    pixel_aspect: str = UNTOLD
    """`1:1` for square pixels."""


class Measures(Record):
    """What was measured of one clip. The names are those of `core.metrics`."""

    v: Literal[1] = 1
    version: int = MEASURES_VERSION
    anchor_sha256: str | None = None
    """The input picture that the clip was compared with; None where it started from none."""
    values: dict[str, Decimal] = {}
    missing: dict[str, str] = {}
    """Why a measurement makes no sense for this clip; such a one is never 0."""
    spans: dict[str, tuple[Span, ...]] = {}
    """Where it was frozen, black or silent; of many spans the longest, in order."""
    courses: dict[str, Course] = {}
    tags: Tags = Tags()

    def value(self, name: str) -> Decimal | None:
        """Return a measurement, None where there is none; `why` tells why."""
        return self.values.get(name)

    def why(self, name: str) -> str:
        """Return why a measurement is missing; empty where it is there."""
        if name in self.values:
            return ""
        return self.missing.get(name, "not measured by the version that made this record")

    def is_of(self, anchor_sha256: str | None) -> bool:
        """Tell whether these are today's measurements against that input picture."""
        return (self.version, self.anchor_sha256) == (MEASURES_VERSION, anchor_sha256)


class PairMeasures(Record):
    """Two clips against each other, or why they could not be compared."""

    v: Literal[1] = 1
    failed: str | None = None
    """Why nothing was measured; the other fields mean nothing then."""
    values: dict[str, Decimal] = {}
    missing: dict[str, str] = {}
    courses: dict[str, Course] = {}
    width_px: int = 0
    height_px: int = 0
    """The size at which they were compared: the smaller of the two."""
    notes: tuple[str, ...] = ()
    """What a reader must know: that one was scaled, that one is longer."""


SPANS_KEPT = 12


def longest_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the longest of many spans, in the order of time."""
    kept = sorted(spans, key=lambda span: -span.length_s)[:SPANS_KEPT]
    return tuple(sorted(kept, key=lambda span: span.start_s))

"""Which moments of a clip to show, and the frame nearest to each. Pure."""

from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from fal_experiments.core.sheet import sample_times_s

T = TypeVar("T")
P = TypeVar("P")


def sheet_moments_s(times_s: Sequence[Fraction], tiles: int) -> tuple[Fraction, ...]:
    """Return the moments of a contact sheet: evenly from the first frame to the last.

    A clip with no more frames than tiles shows each frame once, and leaves the rest of the
    tiles away rather than repeat itself.
    """
    if len(times_s) <= tiles:
        return tuple(times_s)
    first_s, last_s = times_s[0], times_s[-1]
    offsets = sample_times_s(decimal_s(last_s - first_s), tiles)
    # The last moment is the last frame exactly, whatever the division rounded away.
    return (*(first_s + Fraction(offset) for offset in offsets[:-1]), last_s)


def steady_moments_s(
    first_s: Fraction, duration_s: Fraction, fps: int, most: int
) -> tuple[Fraction, ...]:
    """Return moments every 1/`fps` s, from the first until the clip ends; at most `most`.

    A clip that would need more is sampled at a lower, still steady rate.
    """
    count = max(1, -(-duration_s * fps // 1))
    step_s = Fraction(1, fps) if count <= most else duration_s / most
    return tuple(first_s + step_s * index for index in range(min(int(count), most)))


class Taken(NamedTuple, Generic[P]):
    """What was made of the frame that stood nearest to a moment, and that frame's own time."""

    at_s: Fraction
    picture: P


class Nearest(Generic[T, P]):
    """Takes, for each of some moments, the frame nearest to it, from frames offered in order.

    Only the frame before the current one is kept, so memory does not grow with the clip, and
    only frames that are wanted are worked on: `make` is called once for each of them.
    """

    def __init__(self, moments_s: Sequence[Fraction], make: Callable[[T], P]) -> None:
        self._open = deque(moments_s)
        self._make = make
        self._before: tuple[Fraction, T] | None = None
        self.taken: list[Taken[P]] = []

    def offer(self, at_s: Fraction, frame: T) -> None:
        """Look at the next frame."""
        while self._open and self._open[0] <= at_s:
            moment_s = self._open.popleft()
            before = self._before
            if before is not None and moment_s - before[0] <= at_s - moment_s:
                self._take(*before)
            else:
                self._take(at_s, frame)
        self._before = (at_s, frame)

    def finish(self) -> list[Taken[P]]:
        """Return what was taken, in order; a frame nearest to two moments stands there twice.

        Where the frames ended too early, the last one stands once for the moments that are left.
        """
        if self._open and self._before is not None:
            at_s, frame = self._before
            if not self.taken or self.taken[-1].at_s != at_s:
                self._take(at_s, frame)
        self._open.clear()
        self._before = None
        return self.taken

    def _take(self, at_s: Fraction, frame: T) -> None:
        if self.taken and self.taken[-1].at_s == at_s:
            self.taken.append(self.taken[-1])
        else:
            self.taken.append(Taken(at_s, self._make(frame)))


def decimal_s(seconds: Fraction) -> Decimal:
    """Return seconds as a decimal, to the microsecond, without zeros at its end."""
    return short_decimal(Decimal(seconds.numerator) / seconds.denominator, 6)


def short_decimal(value: Decimal, places: int) -> Decimal:
    """Return a number rounded to `places`, without zeros at its end and without an exponent."""
    rounded = round(value, places)
    return rounded.quantize(Decimal(1)) if rounded == int(rounded) else rounded.normalize()

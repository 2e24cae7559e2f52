"""Contact-sheet geometry: which moments to show, where each tile stands, how a time is written."""

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T", Decimal, Fraction)


def sample_times_s(duration_s: Decimal, count: int) -> tuple[Decimal, ...]:
    """Return `count` moments from the first frame to the last, evenly apart.

    A clip of one frame, or of no length, gives the first frame once.
    """
    if count < 1 or duration_s < 0:
        raise ValueError(f"cannot take {count} moments of {duration_s} s")
    if count == 1 or duration_s == 0:
        return (Decimal(0),)
    return tuple(duration_s * index / (count - 1) for index in range(count))


def scene_moments(times_s: Sequence[T], cuts_s: Sequence[T], count: int) -> tuple[T, ...]:
    """Choose `count` of some moments so that every scene is shown. Both are in order.

    The first moment, the last, and the first of every scene are chosen; when these are too many,
    an even selection of them. The tiles that are left go one by one to the longest stretch
    between chosen moments, and stand evenly in it.
    """
    if count >= len(times_s):
        return tuple(times_s)
    last = len(times_s) - 1
    begins = {bisect_left(times_s, cut_s) for cut_s in cuts_s}
    fixed = sorted({0, last} | {index for index in begins if index < last})
    if len(fixed) >= count:
        steps = max(1, count - 1)
        return tuple(times_s[fixed[i * (len(fixed) - 1) // steps]] for i in range(count))
    stretches = list(pairwise(fixed))
    inside = [0] * len(stretches)
    for _ in range(count - len(fixed)):
        room = [i for i, (a, b) in enumerate(stretches) if inside[i] < b - a - 1]
        longest = max(room, key=lambda i: (stretches[i][1] - stretches[i][0]) / (inside[i] + 1))
        inside[longest] += 1
    chosen = set(fixed)
    for (a, b), many in zip(stretches, inside, strict=True):
        chosen |= {a + (b - a) * step // (many + 1) for step in range(1, many + 1)}
    return tuple(times_s[index] for index in sorted(chosen))


def tile_origin_px(
    index: int, *, columns: int, tile_width_px: int, tile_height_px: int, gap_px: int
) -> tuple[int, int]:
    """Return the left and top of tile `index`, counted left to right, top to bottom."""
    row, column = divmod(index, columns)
    return column * (tile_width_px + gap_px), row * (tile_height_px + gap_px)


def even_height_px(width_px: int, *, of_width_px: int, of_height_px: int) -> int:
    """Return the height of a picture shrunk to `width_px`, even, and at least 2."""
    return max(2, round(width_px * of_height_px / of_width_px / 2) * 2)


def time_label(seconds: Decimal) -> str:
    """Return `0.33 s` below a minute, `1:05.3` from then on."""
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:04.1f}"

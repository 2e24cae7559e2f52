"""What a person asks of a wall, and the command that asks for the same again."""

import re
import shlex
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from fal_experiments.core.wall import End, Sync, Window
from fal_experiments.core.wall_grid import Layout
from fal_experiments.core.wall_selection import Filters
from fal_experiments.errors import BadInput

FORMATS = ("mp4", "gif", "webp")


class Wish(NamedTuple):
    """How a wall is to look and play. None: chosen for the clips at hand."""

    layout: Layout | None = None
    sync: Sync = "absolute"
    end: End = "hold"
    fps: int | None = None
    width_px: int | None = None
    """Of the whole wall; `pane_px` is the other way to say it."""
    pane_px: int | None = None
    duration_s: Fraction | None = None
    speed: Fraction = Fraction(1)
    captions: bool = True
    audio: str | None = None
    """A pane by number, cell id or file name."""
    windows: tuple[tuple[str, Window], ...] = ()
    """By pane, as in `audio`."""
    offsets: tuple[tuple[str, Fraction], ...] = ()
    """Seconds by pane; the empty name stands for all panes."""
    wipe: tuple[str, str] | None = None
    side_by_side: tuple[str, str] | None = None


USUAL = Wish()
EVERY_CELL = Filters()


def parse_window(text: str) -> tuple[str, Window]:
    """Return `CELL=0.5-1.46` as a pane and its window. Raises: BadInput."""
    found = re.fullmatch(r"(.+)=(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", text)
    if found is None or Fraction(found[2]) >= Fraction(found[3]):
        raise BadInput(
            f"--window {text!r} is not a pane and two moments in seconds",
            fix="write --window CELL=0.5-1.46",
        )
    return found[1], Window(Fraction(found[2]), Fraction(found[3]))


def parse_offset(text: str) -> tuple[str, Fraction]:
    """Return `CELL=-0.5` as a pane and seconds; `0.5` is for all panes. Raises: BadInput."""
    found = re.fullmatch(r"(?:(.+)=)?([+-]?\d+(?:\.\d+)?)s?", text)
    if found is None:
        raise BadInput(
            f"--offset {text!r} is not a pane and seconds",
            fix="write --offset CELL=0.5 for a clip that is to be ahead, CELL=-0.5 for later",
        )
    return found[1] or "", Fraction(found[2])


def found_window(sprite_record: Any) -> Window | None:
    """Return the loop that the sprite lab found in a clip, told by its record (`sprite.json`)."""
    try:
        loop = sprite_record["loop"]
        start_s, length_s = Fraction(str(loop["start_s"])), Fraction(str(loop["length_s"]))
    except (KeyError, TypeError, ValueError):
        return None
    return Window(start_s, start_s + length_s) if length_s > 0 else None


def wall_command(
    selection: Sequence[str], filters: Filters = EVERY_CELL, wish: Wish = USUAL, output: str = ""
) -> str:
    """Return the command line that makes a wall, with nothing in it that is usual anyway.

    Args:
        selection: a batch (its name or folder), or clip files.
    """
    words = ["fal-exp", "wall", *selection]
    words += _repeated("--preset", filters.presets) + _repeated("--prompt", filters.prompts)
    words += _repeated("--seed", filters.seeds) + _repeated("--input", filters.inputs)
    words += _repeated("--cell", filters.cells)
    words += _given("--rows", filters.rows) + _given("--columns", filters.columns)
    words += ["--with-gaps"] * filters.with_gaps
    words += _given("--layout", wish.layout)
    words += _given("--sync", wish.sync if wish.sync != USUAL.sync else None)
    words += _given("--end", wish.end if wish.end != USUAL.end else None)
    words += _given("--fps", wish.fps) + _given("--width", wish.width_px)
    words += _given("--pane", wish.pane_px)
    words += _given("--duration", _number(wish.duration_s))
    words += _given("--speed", _number(wish.speed) if wish.speed != 1 else None)
    words += ["--no-captions"] * (not wish.captions) + _given("--audio", wish.audio)
    for pane, window in wish.windows:
        span = f"{_number(window.start_s)}-{_number(window.end_s)}"
        words += ["--window", f"{pane}={span}"]
    for pane, offset_s in wish.offsets:
        words += ["--offset", f"{pane}={_number(offset_s)}" if pane else str(_number(offset_s))]
    for flag, pair in (("--wipe", wish.wipe), ("--side-by-side", wish.side_by_side)):
        words += [flag, *pair] if pair else []
    return shlex.join(words + _given("--out", output or None))


def _given(flag: str, value: object) -> list[str]:
    return [] if value is None else [flag, str(value)]


def _repeated(flag: str, values: Iterable[object]) -> list[str]:
    return [word for value in values for word in (flag, str(value))]


def _number(value: Fraction | None) -> str | None:
    return None if value is None else f"{float(value):.6f}".rstrip("0").rstrip(".")


def pane_named(written: str, names: Sequence[str], aliases: Sequence[str] = ()) -> int:
    """Return which pane is meant, from 0: by its number from 1, its name or how that begins.

    `aliases` are other names (presets), for panes that are the only one of theirs.
    Raises: BadInput when none or several fit.
    """
    if written.isdecimal() and 1 <= int(written) <= len(names):
        return int(written) - 1
    for found in (
        [i for i, name in enumerate(names) if name == written],
        [i for i, alias in enumerate(aliases) if alias == written],
        [i for i, name in enumerate(names) if name.startswith(written)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            break
    problem = "fits several panes" if found else "is no pane of this wall"
    shown = ", ".join(f"{number} {name}" for number, name in enumerate(names, 1))
    raise BadInput(f"{written} {problem}", fix=f"the panes are: {shown}")

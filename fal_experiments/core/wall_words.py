"""What a wall says of itself: a caption for each pane, what was done to lengths and rates."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from fal_experiments.core.labels import Tone, value_label
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell, Coordinates
from fal_experiments.core.wall import Clock, Strip

NEAR = Fraction(1, 50)
"""Lengths that differ by no more than this are told as one: it is less than a frame."""


class Caption(NamedTuple):
    """What stands below a pane."""

    title: str
    text: str = ""
    """The prompt, for one that can be drawn."""
    instead: str = ""
    """What stands there when no letters at hand can write `text`: the prompt's id."""
    facts: tuple[str, ...] = ()
    problem: str = ""
    """Why only a part of the clip is shown."""


class Gap(NamedTuple):
    """Why a pane has no picture."""

    state: str
    reason: str
    tone: Tone


def caption_of(at: Coordinates, title: str, cell: Cell | None, nano_usd: int | None) -> Caption:
    """Return the caption of a combination; `cell` is None for one that was left out."""
    axes = [f"{name} {value_label(value)}" for name, value in (at.axes | at.vars).items()]
    run = cell.run_label if cell is not None else f"seed {at.seed}" if at.seed is not None else ""
    cost = [] if cell is None or nano_usd is None else [format_usd(nano_usd)]
    facts = [at.prompt, *([at.input] if at.input else []), *([run] if run else []), *axes, *cost]
    text = cell.prompt_text if cell is not None else ""
    return Caption(title, text, f"prompt {at.prompt}", tuple(facts))


def length_words(strip: Strip) -> str:
    """Return `5.04 s at 24 fps`, or `still picture`."""
    if strip.duration_s <= 0:
        return "still picture"
    return f"{float(strip.duration_s):.2f} s at {_rate(strip.fps)} fps"


def pane_words(clock: Clock, strip: Strip) -> str:
    """Return what is done to one clip so that it fits the wall: `held from 5.04 s`, or nothing."""
    if strip.duration_s <= 0:
        return ""
    if clock.sync == "absolute":
        return ", ".join(filter(None, (_offset(strip), _end(clock, strip))))
    speed = _speed(_speed_of(clock, strip))
    window = strip.round
    loop = f"loop {float(window.start_s):.2f}–{float(window.end_s):.2f} s"
    if clock.sync == "percent":
        return speed
    return f"{loop} {speed}".strip() if strip.window else speed


def _offset(strip: Strip) -> str:
    if not strip.offset_s:
        return ""
    return f"{float(abs(strip.offset_s)):.2f} s {'ahead' if strip.offset_s > 0 else 'later'}"


def _end(clock: Clock, strip: Strip) -> str:
    own_end_s = strip.over_s(clock.speed)
    if own_end_s > clock.length_s + NEAR:
        return f"cut at {float(clock.length_s * clock.speed + strip.offset_s):.2f} s"
    if own_end_s >= clock.length_s - NEAR:
        return ""
    what = {"hold": "held", "loop": "repeated", "blank": "empty"}[clock.end]
    return f"{what} from {float(own_end_s):.2f} s"


def _speed_of(clock: Clock, strip: Strip) -> Fraction:
    """Return how much faster than by itself a clip that moves plays."""
    if clock.sync == "percent":
        return strip.duration_s / clock.length_s
    return strip.round.length_s / clock.round_s if clock.sync == "phase" else clock.speed


def footer_words(clock: Clock, strips: Sequence[Strip]) -> tuple[str, ...]:
    """Return how the clips are laid on one time, and what that did to lengths and rates."""
    moving = [strip for strip in strips if strip.duration_s > 0]
    return tuple(part for part in (_sync(clock), _lengths(clock, moving), _rates(clock, moving)))


def _sync(clock: Clock) -> str:
    speed = f" at {_rate(clock.speed)}× speed" if clock.speed != 1 else ""
    if clock.sync == "absolute":
        return f"One clock for all{speed}"
    if clock.sync == "percent":
        return "Equal progress: every clip is stretched to the same length"
    return "Equal phase: every loop is stretched to the same round"


def _lengths(clock: Clock, strips: Sequence[Strip]) -> str:
    if clock.sync == "phase":
        rounds = [strip.round.length_s for strip in strips]
        return _shown_in("rounds of" if len(strips) > 1 else "round of", rounds, clock.round_s)
    lengths = [strip.duration_s for strip in strips]
    ends_s = [strip.over_s(clock.speed) for strip in strips]
    name = "lengths" if max(lengths) - min(lengths) > NEAR else "length"
    if clock.sync == "percent":
        return _shown_in(name, lengths, clock.length_s)
    told = f"{name} {_span(lengths)}"
    short = any(end_s < clock.length_s - NEAR for end_s in ends_s)
    cut = any(end_s > clock.length_s + NEAR for end_s in ends_s)
    ends = {
        "hold": "shorter ones hold their last frame",
        "loop": "shorter ones start again",
        "blank": "shorter ones go empty",
    }
    parts = [ends[clock.end]] * short + [f"cut at {float(clock.length_s):.2f} s"] * cut
    return ": ".join([told, ", ".join(parts)]) if parts else told


def _shown_in(name: str, lengths_s: Sequence[Fraction], shown_s: Fraction) -> str:
    told = f"{name} {_span(lengths_s)}"
    as_they_are = all(abs(length_s - shown_s) <= NEAR for length_s in lengths_s)
    return told if as_they_are else f"{told} shown in {float(shown_s):.2f} s"


def _rates(clock: Clock, strips: Sequence[Strip]) -> str:
    rates = sorted({_rate(strip.fps) for strip in strips}, key=float)
    own_speed = not any(_speed(_speed_of(clock, strip)) for strip in strips)
    if rates == [str(clock.fps)] and own_speed:
        return f"{clock.fps} fps"
    return f"{', '.join(rates)} fps shown at {clock.fps} fps"


def _span(lengths_s: Sequence[Fraction]) -> str:
    low, high = float(min(lengths_s)), float(max(lengths_s))
    if high - low <= NEAR:
        return f"{high:.2f} s"
    return f"{low:.2f}–{high:.2f} s"


def _speed(factor: Fraction) -> str:
    return "" if abs(factor - 1) < NEAR / 4 else f"at {float(factor):.2f}× speed"


def _rate(fps: Fraction) -> str:
    return f"{float(fps):.2f}".rstrip("0").rstrip(".")

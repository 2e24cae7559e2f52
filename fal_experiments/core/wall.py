"""The time of a wall: which moment of its clip each pane shows at each moment of the wall."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, pi, sin
from typing import Literal, NamedTuple

from fal_experiments.errors import BadInput

Sync = Literal["absolute", "percent", "phase"]
"""`absolute`: one clock. `percent`: equal progress. `phase`: equal place in each clip's loop."""
End = Literal["hold", "loop", "blank"]
"""What a pane shows on one clock after its clip has ended."""

MOST_FRAMES = 3600
MOST_FPS = 60
MOST_OFFSET_S = 60
USUAL_MOST_FPS = 30
"""Without a wish, a wall is as fast as its fastest clip, up to this."""


class Window(NamedTuple):
    """A part of a clip that repeats, such as one walk cycle; the end belongs to the next round."""

    start_s: Fraction
    end_s: Fraction

    @property
    def length_s(self) -> Fraction:
        """How long one round takes."""
        return self.end_s - self.start_s


class Strip(NamedTuple):
    """A clip as a stretch of time. A still picture lasts 0 s and is always shown."""

    duration_s: Fraction
    fps: Fraction = Fraction(0)
    window: Window | None = None
    offset_s: Fraction = Fraction(0)
    """On one clock, how far ahead of the others it is; below 0 it begins later."""

    def over_s(self, speed: Fraction) -> Fraction:
        """Return when it is over on one clock of that speed."""
        return (self.duration_s - self.offset_s) / speed

    @property
    def round(self) -> Window:
        """The part that repeats: its window, else the whole clip."""
        return self.window or Window(Fraction(0), self.duration_s)


class Timing(NamedTuple):
    """How the clips of a wall are laid on one time, as it was asked for."""

    sync: Sync = "absolute"
    end: End = "hold"
    fps: int | None = None
    length_s: Fraction | None = None
    """None: until the longest clip ends; in phase, as many whole rounds as last `least_s`."""
    speed: Fraction = Fraction(1)
    least_s: Fraction = Fraction(0)


class Clock(NamedTuple):
    """The time of a wall, worked out."""

    sync: Sync
    end: End
    fps: int
    frames: int
    speed: Fraction
    length_s: Fraction
    round_s: Fraction
    """How long a round takes on the wall, in phase; the whole length otherwise."""

    def moment_s(self, frame: int) -> Fraction:
        """Return the moment that a frame of the wall stands for: the middle of its time.

        A player would show the clip's frame that began last before it. Asked in the middle, a
        clip of the wall's own rate gives each frame once, however its times were rounded.
        """
        return Fraction(2 * frame + 1, 2 * self.fps)


def wall_clock(timing: Timing, strips: Sequence[Strip]) -> Clock:
    """Return the clock of clips, of which at least one must move.

    Raises: BadInput when none does, a window is not inside its clip, or the wall gets too long.
    """
    moving = [strip for strip in strips if strip.duration_s > 0]
    if not moving:
        raise BadInput(
            "none of the chosen files is a clip that can be shown, so there is nothing to play",
            fix="choose at least one clip that plays",
        )
    for strip in moving:
        _check_window(strip)
        _check_offset(timing, strip)
    fps = timing.fps or min(USUAL_MOST_FPS, max(1, round(max(strip.fps for strip in moving))))
    longest_s = max(strip.over_s(timing.speed) for strip in moving)
    round_s = length_s = timing.length_s or longest_s
    if timing.sync == "phase":
        round_s = max(strip.round.length_s for strip in moving) / timing.speed
        length_s = timing.length_s or round_s * max(1, ceil(timing.least_s / round_s))
    frames = max(1, round(length_s * fps))
    if frames > MOST_FRAMES:
        raise BadInput(
            f"{float(length_s):.1f} s at {fps} fps are {frames:,} frames, at most {MOST_FRAMES:,} "
            "are made",
            fix="lower --fps or --duration",
        )
    return Clock(timing.sync, timing.end, fps, frames, timing.speed, length_s, round_s)


def _check_window(strip: Strip) -> None:
    start_s, end_s = strip.round
    # Ends are often told in rounded seconds.
    if start_s < 0 or end_s <= start_s or end_s > strip.duration_s + Fraction(1, 10):
        raise BadInput(
            f"--window {float(start_s):g}-{float(end_s):g} does not lie in a clip of "
            f"{float(strip.duration_s):.2f} s",
            fix="write seconds from its first frame, as in --window CELL=0.5-1.46",
        )


def _check_offset(timing: Timing, strip: Strip) -> None:
    if strip.offset_s and timing.sync != "absolute":
        raise BadInput(
            f"--offset moves clips against one clock, and --sync is {timing.sync}",
            fix="leave --offset away, or take --sync absolute",
        )
    if strip.offset_s >= strip.duration_s or strip.offset_s < -MOST_OFFSET_S:
        raise BadInput(
            f"--offset {float(strip.offset_s):g} leaves nothing of a clip of "
            f"{float(strip.duration_s):.2f} s",
            fix=f"write seconds from {-MOST_OFFSET_S} to less than the clip lasts",
        )


def clip_moment_s(clock: Clock, strip: Strip, at_s: Fraction) -> Fraction | None:
    """Return which moment of a clip, from its first frame, is shown at a moment of the wall.

    A moment at or after its end means its last frame; None means an empty pane.
    """
    if strip.duration_s <= 0:
        return Fraction(0)
    if clock.sync == "percent":
        return min(strip.duration_s, strip.duration_s * at_s / clock.length_s)
    if clock.sync == "phase":
        window = strip.round
        return window.start_s + window.length_s * (at_s / clock.round_s % 1)
    own_s = at_s * clock.speed + strip.offset_s
    if clock.end == "loop":
        return own_s % strip.duration_s
    within_s = min(strip.duration_s, max(Fraction(0), own_s))
    is_over = own_s < 0 or own_s >= strip.duration_s
    return None if is_over and clock.end == "blank" else within_s


def has_ended(clock: Clock, strip: Strip, at_s: Fraction) -> bool:
    """Tell whether a clip is over by then, and its pane holds or is empty."""
    on_one_clock = clock.sync == "absolute" and clock.end != "loop"
    return on_one_clock and 0 < strip.duration_s <= at_s * clock.speed + strip.offset_s


def progress(clock: Clock, strip: Strip, at_s: Fraction) -> Fraction:
    """Return how far a pane has come in its clip, or in its round, from 0 to 1."""
    moment_s = clip_moment_s(clock, strip, at_s)
    if moment_s is None or strip.duration_s <= 0:
        return Fraction(1)
    start_s, end_s = strip.round if clock.sync == "phase" else (Fraction(0), strip.duration_s)
    return min(Fraction(1), max(Fraction(0), (moment_s - start_s) / (end_s - start_s)))


def frame_at(times_s: Sequence[Fraction], moment_s: Fraction) -> int:
    """Return which frame a player shows at a moment: the last one that has begun, else the first.

    `times_s`: when each frame begins, from the first, in order.
    """
    return max(0, bisect_right(times_s, moment_s) - 1)


def wipe_share(clock: Clock, at_s: Fraction) -> float:
    """Return how much of the width the left clip of a wipe has, 0 to 1.

    The line starts in the middle, goes to the right, to the left and back, in about 5 s, a whole
    number of times, so that the wall can loop. It moves like a pendulum: slow where it turns.
    """
    swings = max(1, round(clock.length_s / 5))
    turn = at_s / clock.length_s * swings % 1
    return 0.5 + 0.42 * sin(2 * pi * turn)

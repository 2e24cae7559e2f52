"""What clips of one prompt, input and seed are made into, so that no fact of a file tells them
apart: one canvas, one rate, one loudness, sound for all or for none. Pure.

Nothing is made up to get there: pictures are only made smaller, frames are held as a screen holds
them, and nothing is cut off unless that is asked for.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

SAME_SHAPE = Fraction(2, 100)
"""A picture that is narrower or wider by less than this is stretched; nobody sees it."""
SAME_RATE = Fraction(5, 1000)
SCREEN_FPS = Fraction(60)
"""Clips of different rates are shown at the usual rate of a screen, each frame held as a screen
would hold it: no clip loses a frame to the rate of another."""
USUAL_LUFS = -18.0
LEAST_LUFS = -36.0
MOST_PEAK_DBTP = -1.0


class ClipFacts(NamedTuple):
    """What a clip is, as a player shows it."""

    width_px: int
    height_px: int
    fps: Fraction
    duration_s: Fraction
    has_sound: bool = False
    loudness_lufs: float | None = None
    """None: silent, or too short to tell."""
    peak_dbtp: float | None = None


class Target(NamedTuple):
    """What a clip is made into. The picture stands in the middle of the canvas."""

    canvas_px: tuple[int, int]
    picture_px: tuple[int, int]
    fps: Fraction
    duration_s: Fraction
    has_sound: bool
    gain_db: float = 0.0


def made_alike(clips: Sequence[ClipFacts], *, trim: bool) -> list[Target]:
    """Return what clips that may meet become; `trim`: as long as the shortest."""
    height_px = _even(min(clip.height_px for clip in clips))
    widths = [_even(clip.width_px * height_px / clip.height_px) for clip in clips]
    wide = max(widths)
    pictures = [wide if abs(width - wide) <= SAME_SHAPE * wide else width for width in widths]
    fps = common_fps([clip.fps for clip in clips])
    heard = all(clip.has_sound for clip in clips)
    gains = _gains_db(clips) if heard else [0.0] * len(clips)
    shortest_s = min(clip.duration_s for clip in clips)
    return [
        Target(
            canvas_px=(wide, height_px),
            picture_px=(width, height_px),
            fps=fps,
            duration_s=shortest_s if trim else clip.duration_s,
            has_sound=heard,
            gain_db=gain,
        )
        for clip, width, gain in zip(clips, pictures, gains, strict=True)
    ]


def made_plain(clips: Sequence[ClipFacts]) -> list[Target]:
    """Return clips with their own picture and length; sound is for all or for none, as above."""
    return [
        made_alike([clip], trim=False)[0]._replace(has_sound=to.has_sound, gain_db=to.gain_db)
        for clip, to in zip(clips, made_alike(clips, trim=False), strict=True)
    ]


def common_fps(rates: Sequence[Fraction]) -> Fraction:
    """Return the rate of all where they have one, else that of a screen."""
    first = rates[0]
    if all(abs(rate - first) <= SAME_RATE * first for rate in rates):
        whole = Fraction(max(1, round(first)))
        return whole if abs(first - whole) <= SAME_RATE * whole else first
    return SCREEN_FPS


def differences(clips: Sequence[ClipFacts]) -> tuple[str, ...]:
    """Return which facts differ among clips that meet: `length`, `shape`, `size`, `rate`, `sound`.

    `shape` is width by height beyond what is stretched.
    """
    shapes = [Fraction(clip.width_px, clip.height_px) for clip in clips]
    told = {
        "length": len({round(clip.duration_s, 1) for clip in clips}) > 1,
        "shape": max(shapes) - min(shapes) > SAME_SHAPE * max(shapes),
        "size": len({(clip.width_px, clip.height_px) for clip in clips}) > 1,
        "rate": len({common_fps([clip.fps, clips[0].fps]) for clip in clips}) > 1
        or common_fps([clip.fps for clip in clips]) != common_fps([clips[0].fps]),
        "sound": len({clip.has_sound for clip in clips}) > 1,
    }
    return tuple(name for name, differs in told.items() if differs)


def _gains_db(clips: Sequence[ClipFacts]) -> list[float]:
    """Return how much louder each becomes, so that all are equally loud and none is clipped."""
    reach = [
        clip.loudness_lufs + MOST_PEAK_DBTP - (clip.peak_dbtp or 0.0)
        for clip in clips
        if clip.loudness_lufs is not None
    ]
    loud = max(LEAST_LUFS, min([USUAL_LUFS, *reach]))
    return [
        0.0
        if clip.loudness_lufs is None
        else min(loud - clip.loudness_lufs, MOST_PEAK_DBTP - (clip.peak_dbtp or 0.0))
        for clip in clips
    ]


def _even(pixels: float | Decimal | Fraction) -> int:
    return max(2, round(pixels / 2) * 2)

"""What each number of the walk-cycle lab means: unit, which way is better, and where it ends."""

from typing import Literal, NamedTuple

Better = Literal["lower", "higher", "near 1", "neither"]


class ReadingKind(NamedTuple):
    """A measure, in words. `fair` and `poor` are where a person begins to see it."""

    title: str
    unit: str
    better: Better
    meaning: str
    limits: str
    fair: float | None = None
    """From here on it is worth a look; None: never judged alone."""
    poor: float | None = None
    """From here on it spoils the sprite."""


READINGS: dict[str, ReadingKind] = {
    "period_s": ReadingKind(
        "period",
        "s",
        "neither",
        "after how long the figure looks the same again, to a fraction of a frame",
        "0.25 to 3.5 s; the clip must show it twice, at least in part; where both legs look alike "
        "it is one step",
    ),
    "confidence": ReadingKind(
        "confidence",
        "",
        "higher",
        "1 - (difference after a period ÷ largest difference before it); 1 is an exact repetition",
        "below 0.35 no period is reported; a pattern that repeats by chance in a short clip can "
        "pass",
    ),
    "seam": ReadingKind(
        "seam",
        "×",
        "near 1",
        "difference from the last frame of the loop to its first ÷ the usual difference between "
        "neighbours in it",
        "below 1 the figure hesitates at the seam; without a flat ground the whole picture is "
        "compared",
        1.5,
        2.5,
    ),
    "foot_slide_px": ReadingKind(
        "foot slide",
        "px/frame",
        "lower",
        "how far the part of a foot that stands on the ground usually is from moving steadily; "
        "walking in place the ground moves under the foot, walking through the picture it does not",
        "half a pixel of the 320 px picture is noise; needs feet that come apart; a steady slide "
        "in place cannot be told from another walking speed",
        2.0,
        5.0,
    ),
    "baseline_drift_px_s": ReadingKind(
        "baseline drift",
        "px/s",
        "lower",
        "how fast the lowest row of the figure sinks (positive) or rises, whole periods apart",
        "a figure cut off by the lower border has no baseline; a contact shadow counts as figure",
        4.0,
        12.0,
    ),
    "travel_px_s": ReadingKind(
        "travel",
        "px/s",
        "lower",
        "how fast the figure moves across the picture, positive to the right",
        "a walk through the picture is meant to travel; a cape that swings far moves the centre",
        6.0,
        30.0,
    ),
    "growth_percent_s": ReadingKind(
        "growth",
        "%/s",
        "lower",
        "how fast the figure gets taller (positive) or smaller: a sign of a camera that moves in "
        "or out",
        "poses of different height within one period even out only where a period was found",
        1.0,
        3.0,
    ),
    "facing_flips": ReadingKind(
        "facing flips",
        "",
        "lower",
        "how often the figure turns into its own mirror image, judged by head and body",
        "two frames at least; a figure that looks the same mirrored has no facing",
        1.0,
        1.0,
    ),
    "plate_drift": ReadingKind(
        "plate drift",
        "levels",
        "lower",
        "largest change of the ground's colour since the first frame, in levels of 255",
        "judged at the border only; 2 levels are what a codec does",
        6.0,
        16.0,
    ),
    "plate_spread": ReadingKind(
        "plate spread",
        "levels",
        "lower",
        "how far apart the colours of the ground are within one frame at worst: 95 % lie so near "
        "to their median",
        "judged at the border only, and a label that was burnt in counts",
        10.0,
        20.0,
    ),
    "palette_growth": ReadingKind(
        "palette growth",
        "×",
        "near 1",
        "colours of the figure in the last tenth of the clip ÷ in the first frame, at 16 levels a "
        "channel",
        "noise and colours that come into view by a turn look the same to it",
        1.3,
        1.8,
    ),
    "identity_shape": ReadingKind(
        "same outline",
        "",
        "higher",
        "how much the outlines of anchor and figure overlap (of their union), usual frame",
        "a stride differs from a standing figure: 0.6 to 0.8 is usual for the same knight",
    ),
    "identity_colour": ReadingKind(
        "same colours",
        "",
        "higher",
        "share of the colours of the anchor that the figure still has, in the tenth of the frames "
        "that has least",
        "other light counts as other colours; where they are on the figure is not looked at",
    ),
    "cut_off_percent": ReadingKind(
        "cut off",
        "%",
        "lower",
        "share of frames in which the figure touches the border of the picture",
        "an object that only lies near the figure may count as a part of it",
        1.0,
        20.0,
    ),
    "camera_px": ReadingKind(
        "camera drift",
        "px",
        "lower",
        "how far the picture around the middle has moved from the first to the last frame, a hint",
        "needs a ground with something on it: on a flat plate a camera leaves no trace, see growth "
        "and travel; turns and zooms are not seen",
        3.0,
        12.0,
    ),
}
"""By name in the record. Pixels are those of the clip, not of the small picture measured on."""

NEAR_ONE = {name for name, kind in READINGS.items() if kind.better == "near 1"}


def level(name: str, value: float) -> Literal["good", "fair", "poor"]:
    """Return how bad a reading is. Its size counts, not its sign."""
    kind = READINGS[name]
    if kind.fair is None or kind.poor is None:
        return "good"
    size = abs(value)
    if size >= kind.poor:
        return "poor"
    return "fair" if size >= kind.fair else "good"


def label(name: str, value: float | None) -> str:
    """Return a reading for a person: `1.12 ×`; `–` when there is none."""
    if value is None:
        return "–"
    kind = READINGS[name]
    digits = 0 if name == "facing_flips" else 1 if kind.unit in {"px", "px/s", "%"} else 2
    number = f"{value:.{digits}f}"
    number = number.replace("-0.0", "0.0") if float(number) == 0 else number
    return f"{number} {kind.unit}".rstrip()

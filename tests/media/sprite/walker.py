"""Draws a knight who walks, with every fact about him planted: period, slide, drift, turns."""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]
Point = tuple[float, float]

DRAWN = 3
"""How many times larger he is drawn than shown, so that his edges are soft."""


@dataclass(frozen=True)
class Walker:
    """What is planted. Lengths are pixels of the frame, times are frames."""

    period: float = 24.0
    phase: float = 0.0
    """Shares of a period."""
    size_px: tuple[int, int] = (640, 360)
    ground: tuple[int, int, int] = (217, 214, 206)
    ground_later: tuple[int, int, int] | None = None
    """Colour at the end; it changes evenly."""
    height_px: float = 220.0
    stride_px: float = 72.0
    """How far a planted foot moves back, half a period long."""
    sinks_px: float = 0.0
    """A frame."""
    travels_px: float = 0.0
    """A frame."""
    starts_at_px: float | None = None
    """From the left; None: in the middle."""
    grows: float = 0.0
    """Share of the height a frame."""
    slips_px: float = 0.0
    """Planted feet go so much too far and come back again, every other frame."""
    flips_at: tuple[int, ...] = ()
    noise_at_end: float = 0.0
    """Standard deviation of colour noise on the figure, growing evenly."""
    same_legs: bool = False
    label: bool = False
    """A text burnt into a corner."""
    near_leg: tuple[int, int, int] = (150, 160, 178)
    far_leg: tuple[int, int, int] = (74, 82, 104)


def walk(walker: Walker, count: int) -> list[Pixels]:
    """Return frames of the walk."""
    return [_frame(walker, index, count) for index in range(count)]


def _frame(w: Walker, index: int, count: int) -> Pixels:
    part = index / max(1, count - 1)
    later = w.ground_later or w.ground
    ground = tuple(round(a + (b - a) * part) for a, b in zip(w.ground, later, strict=True))
    size = (w.size_px[0] * DRAWN, w.size_px[1] * DRAWN)
    figure = Image.new("RGBA", size, (0, 0, 0, 0))
    _draw(ImageDraw.Draw(figure), w, index)
    if sum(index >= at for at in w.flips_at) % 2:
        x = _x(w, index) * DRAWN
        figure = figure.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        shifted = Image.new("RGBA", size, (0, 0, 0, 0))
        shifted.paste(figure, (round(2 * x - size[0]), 0))
        figure = shifted
    small = figure.resize(w.size_px, Image.Resampling.BOX)
    picture = Image.new("RGBA", w.size_px, (*ground, 255))
    picture.alpha_composite(small)
    if w.label:
        ImageDraw.Draw(picture).rectangle((6, w.size_px[1] - 22, 150, w.size_px[1] - 6), (0, 0, 0))
    pixels = np.asarray(picture.convert("RGB"))
    if w.noise_at_end:
        grain = np.random.default_rng(index).normal(0, w.noise_at_end * part, pixels.shape)
        solid = np.asarray(small)[..., 3:] > 200
        pixels = np.where(solid, np.clip(pixels + grain, 0, 255), pixels).astype(np.uint8)
    return pixels


def _x(w: Walker, index: int) -> float:
    start = w.starts_at_px if w.starts_at_px is not None else w.size_px[0] / 2
    return start + w.travels_px * index


def _draw(draw: ImageDraw.ImageDraw, w: Walker, index: int) -> None:
    scale = (1 + w.grows * index) * w.height_px / 220 * DRAWN
    x = _x(w, index) * DRAWN
    floor = (w.size_px[1] * 0.9 + w.sinks_px * index) * DRAWN
    at = w.phase + index / w.period
    hip = (x, floor - 104 * scale)
    bob = 3 * scale * cos(4 * pi * at)
    far, near = _foot(w, index, at + 0.5, scale), _foot(w, index, at, scale)
    _leg(draw, (hip[0], hip[1] + bob), (x + far[0], floor - far[1]), scale, w, near=False)
    _body(draw, x, floor - 104 * scale + bob, scale, at)
    _leg(draw, (hip[0], hip[1] + bob), (x + near[0], floor - near[1]), scale, w, near=True)


def _foot(w: Walker, index: int, at: float, scale: float) -> Point:
    """Return how far a foot is in front of the hip and above the ground.

    For 55 % of the period it stands, and moves back evenly as the ground does; then it swings.
    """
    stride = w.stride_px * w.height_px / 220 * DRAWN
    part = at % 1.0
    if part < 0.55:
        slip = w.slips_px * DRAWN * (1 if index % 2 else -1) / 2
        return stride * (0.5 - part / 0.55) + slip, 0.0
    swing = (part - 0.55) / 0.45
    return stride * (-0.5 + (1 - cos(pi * swing)) / 2), 26 * scale * sin(pi * swing)


def _leg(
    draw: ImageDraw.ImageDraw, hip: Point, foot: Point, scale: float, w: Walker, *, near: bool
) -> None:
    colour = w.near_leg if near or w.same_legs else w.far_leg
    ankle = (foot[0] - 6 * scale, foot[1] - 10 * scale)
    knee = ((hip[0] + ankle[0]) / 2 + 12 * scale, (hip[1] + ankle[1]) / 2)
    for width, fill in ((22, (24, 26, 40)), (17, colour)):
        draw.line([hip, knee, ankle], fill=(*fill, 255), width=round(width * scale), joint="curve")
        for spot in (hip, knee, ankle):
            r = width / 2 * scale
            draw.ellipse((spot[0] - r, spot[1] - r, spot[0] + r, spot[1] + r), (*fill, 255))
    sole = (foot[0] - 16 * scale, foot[1] - 14 * scale, foot[0] + 24 * scale, foot[1])
    draw.rounded_rectangle(sole, 5 * scale, (24, 26, 40, 255))
    inner = (sole[0] + 3 * scale, sole[1] + 3 * scale, sole[2] - 3 * scale, sole[3] - 3 * scale)
    draw.rounded_rectangle(inner, 3 * scale, (*colour, 255))


def _body(draw: ImageDraw.ImageDraw, x: float, hip_y: float, scale: float, at: float) -> None:
    def box(left: float, top: float, right: float, bottom: float, fill: tuple[int, ...]) -> None:
        place = (x + left * scale, hip_y + top * scale, x + right * scale, hip_y + bottom * scale)
        draw.rounded_rectangle(place, 8 * scale, (*fill, 255))

    sway = 6 * sin(2 * pi * at)
    box(-44 - sway, -66, -18, 16, (176, 30, 44))
    box(-26, -76, 28, 12, (24, 26, 40))
    box(-23, -73, 25, 9, (42, 84, 168))
    box(8, -60, 21, -40, (226, 178, 58))
    box(-22, -116, 30, -70, (24, 26, 40))
    box(-19, -113, 27, -73, (150, 160, 178))
    box(8, -102, 34, -94, (18, 20, 30))
    box(-50, -124, -16, -100, (200, 36, 50))

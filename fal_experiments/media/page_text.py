"""Text on a light page: wrapped at words, cut with an ellipsis, and never in empty boxes."""

from typing import NamedTuple

from PIL import Image, ImageDraw

from fal_experiments.core.wall_grid import wrap
from fal_experiments.media.typeface import Weight, covers, font

LINE = 1.3
"""Height of a line ÷ size of its letters."""


class Ink(NamedTuple):
    """Size, colour and weight of letters."""

    size_px: int
    colour: tuple[int, int, int]
    weight: Weight = "Regular"

    @property
    def line_px(self) -> int:
        """Height of a line."""
        return round(self.size_px * LINE)


def printable(text: str, instead: str) -> str:
    """Return a text when every letter of it can be drawn, else what stands for it."""
    return text if covers(text) else instead


def draw_wrapped(
    page: Image.Image,
    text: str,
    ink: Ink,
    place_px: tuple[int, int],
    room: tuple[int, int],
) -> int:
    """Draw a text from its left top; `room` is the width in pixels and the most lines.

    Returns where the next text may begin.
    """
    face = font(ink.size_px, ink.weight)
    draw = ImageDraw.Draw(page)
    left_px, top_px = place_px
    for line in wrap(text, room[0], face.getlength, room[1]):
        draw.text((left_px, top_px + ink.line_px * 0.78), line, ink.colour, face, anchor="ls")
        top_px += ink.line_px
    return top_px


def lines_of(text: str, ink: Ink, room: tuple[int, int]) -> int:
    """Return how many lines a text takes in a width in pixels, at most so many."""
    return len(wrap(text, room[0], font(ink.size_px, ink.weight).getlength, room[1]))

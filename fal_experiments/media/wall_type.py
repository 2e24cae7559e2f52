"""The lettering of a wall: which text can be drawn, its lines, and captions, notes and badges."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from fal_experiments.core.labels import Tone
from fal_experiments.core.wall_grid import Box, wrap
from fal_experiments.core.wall_words import Caption, Gap
from fal_experiments.media.typeface import Weight, covers, font

Colour = tuple[int, int, int]

GROUND: Colour = (24, 24, 27)
PANE_GROUND: Colour = (10, 10, 12)
TRACK: Colour = (52, 52, 58)
BRIGHT: Colour = (244, 244, 245)
PLAIN: Colour = (205, 205, 211)
QUIET: Colour = (152, 152, 162)
TONES: dict[Tone, Colour] = {
    "good": (134, 214, 150),
    "bad": (248, 132, 132),
    "warn": (240, 196, 104),
    "busy": (130, 180, 250),
    "idle": (190, 190, 198),
    "person": (226, 160, 250),
}

LINE = 1.32
"""Height of a line ÷ size of its letters."""
TITLE_LINES, TEXT_LINES, FACT_LINES = 2, 2, 3
REPLACED = {"→": ">", "–": "-", "—": "-", "−": "-", "‑": "-", "≥": ">=", "≤": "<="}
OVERSAMPLING = 4
"""Pillow draws round corners without smoothing them; drawn larger and shrunk they are smooth."""


class Line(NamedTuple):
    """A line of text, its size and colour."""

    text: str
    size_px: int
    colour: Colour
    weight: Weight = "Regular"
    above_px: int = 0
    """Room between it and the line before."""

    @property
    def height_px(self) -> int:
        """Room that it takes."""
        return self.above_px + round(self.size_px * LINE)


def drawable(text: str) -> str | None:
    """Return text in letters that the typeface has, marks left out (é as e); None if it cannot be.

    Signs that are no letters, such as emoji, are left out. One letter that is missing is enough for
    None: a word with a hole in it is another word.
    """
    drawn = []
    for char in " ".join(text.split()):
        form = _form(char)
        if not form and char.isalnum():
            return None
        drawn.append(form)
    return " ".join("".join(drawn).split())


@cache
def _form(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char)[0]
    for form in (char, REPLACED.get(char, ""), plain):
        if form and covers(form):
            return form
    return ""


def title_size_px(pane_width_px: int) -> int:
    """Return the size of the letters of a title; other text is smaller by a quarter."""
    return min(34, max(14, round(pane_width_px / 24)))


def text_size_px(pane_width_px: int) -> int:
    """Return the size of the letters of all but titles."""
    return min(26, max(12, round(title_size_px(pane_width_px) * 0.8)))


def caption_lines(caption: Caption, width_px: int, pane_width_px: int) -> list[Line]:
    """Return a caption in lines of at most `width_px`, its letters sized for a pane."""
    size_px = text_size_px(pane_width_px)
    text = drawable(caption.text)
    facts = [drawable(fact) or "?" for fact in caption.facts]
    title = Line(drawable(caption.title) or "?", title_size_px(pane_width_px), BRIGHT, "Semibold")
    parts = (
        (title, TITLE_LINES),
        (Line(caption.instead if text is None else text, size_px, PLAIN), TEXT_LINES),
        *((Line(fact, size_px, QUIET), FACT_LINES) for fact in facts),
        (Line(drawable(caption.problem) or "", size_px, TONES["bad"]), FACT_LINES),
    )
    above_px = round(size_px * 0.2)
    return [
        part._replace(text=text, above_px=0 if index else above_px)
        for part, most in parts
        for index, text in enumerate(wrapped(part, width_px, most))
    ]


def wrapped(line: Line, width_px: float, most_lines: int) -> tuple[str, ...]:
    """Return the text of a line that may be too long, in lines that fit."""
    return wrap(line.text, width_px, font(line.size_px, line.weight).getlength, most_lines)


def lines_height_px(lines: Sequence[Line]) -> int:
    """Return the height of lines below each other."""
    return sum(line.height_px for line in lines)


def draw_lines(
    picture: Image.Image, lines: Sequence[Line], place_px: tuple[float, float], anchor: str = "l"
) -> None:
    """Draw lines from `place_px` down, which is their left, middle or right end (`l`, `m`, `r`)."""
    draw = ImageDraw.Draw(picture)
    x, y = place_px
    for line in lines:
        middle = (x, y + (line.height_px + line.above_px) / 2)
        draw.text(
            middle, line.text, line.colour, font(line.size_px, line.weight), anchor=f"{anchor}m"
        )
        y += line.height_px


def draw_gap(picture: Image.Image, pane: Box, gap: Gap) -> None:
    """Write in the middle of an empty pane what its state is, and why, as much as fits."""
    title, text = title_size_px(pane.width_px), text_size_px(pane.width_px)
    room_px = pane.width_px * 0.84
    lines = [Line(gap.state, title, TONES[gap.tone], "Semibold")]
    most = max(1, int((pane.height_px * 0.9 - lines[0].height_px) / (text * LINE)))
    reason = Line(drawable(gap.reason) or "", text, QUIET)
    lines += [reason._replace(text=line) for line in wrapped(reason, room_px, most)]
    top = pane.top_px + (pane.height_px - lines_height_px(lines)) / 2
    draw_lines(picture, lines, (pane.left_px + pane.width_px / 2, top), "m")


def badge(text: str, pane_width_px: int) -> Image.Image:
    """Return white letters on a dark pill that lets the picture shine through; its sides even."""
    size_px = text_size_px(pane_width_px)
    face = font(size_px, "Semibold")
    width_px = round((face.getlength(text) + size_px * 1.1) / 2) * 2
    height_px = round(size_px * 1.6 / 2) * 2
    large = Image.new("RGBA", (width_px * OVERSAMPLING, height_px * OVERSAMPLING))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1), radius=large.height * 0.3, fill=(0, 0, 0, 165)
    )
    pill = large.resize((width_px, height_px), Image.Resampling.BOX)
    centre = (width_px / 2, height_px / 2)
    ImageDraw.Draw(pill).text(centre, text, (255, 255, 255, 255), face, anchor="mm")
    return pill


def footer_lines(text: str, width_px: int, pane_width_px: int) -> list[Line]:
    """Return the last lines of a wall; at their right the wall's time has its place."""
    words = Line(drawable(text) or "", text_size_px(pane_width_px), QUIET)
    room_px = width_px - font(words.size_px).getlength("0000.00 s")
    return [words._replace(text=line) for line in wrapped(words, room_px, 3)]

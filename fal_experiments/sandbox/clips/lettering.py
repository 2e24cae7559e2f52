"""Letters: a prompt set in lines that fit, a note on a plate, the watermark's words.

The only typeface is the one inside Pillow, so that a clip looks the same on every machine. It has
no glyphs for many scripts; a prompt in one of them is shown by its length and a digest.
"""

import hashlib
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

_MOST_CHARS = 260
_NOTE_INK = (70, 76, 90)
_MISSING_GLYPH = "\U000e0fff"


class Word(NamedTuple):
    """One word of a prompt: its text and the left top corner of its line box."""

    text: str
    x_px: float
    y_px: float


class Setting(NamedTuple):
    """A prompt set in lines."""

    words: tuple[Word, ...]
    font: ImageFont.FreeTypeFont
    width_px: int
    height_px: int


@lru_cache(maxsize=32)
def typeface(size_px: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's built-in typeface at a size."""
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError(  # noqa: TRY004  it is the installation that is wrong
            "Pillow was built without FreeType; install the wheel from PyPI"
        )
    return font


def readable(prompt: str) -> str:
    """Return the prompt as it can be drawn, shortened at a word, or a line that stands for it."""
    text = " ".join(prompt.split())
    if not text:
        return "no prompt"
    letters = [char for char in text if char.isalnum()]
    missing = sum(not _drawable(char) for char in letters)
    if not letters or missing * 4 > len(letters):
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        return f"a prompt of {len(text)} characters · {digest}"
    drawable = "".join(_drawable(char) for char in text)
    if len(drawable) <= _MOST_CHARS:
        return drawable
    return drawable[:_MOST_CHARS].rsplit(" ", 1)[0] + " …"


def set_in_lines(text: str, *, width_px: int, height_px: int) -> Setting:
    """Return `text` in the largest size whose lines fit into the box."""
    for size_px in _sizes(height_px):
        setting = _set(text, typeface(size_px), width_px)
        if setting.height_px <= height_px and setting.width_px <= width_px:
            return setting
    return setting


def draw_note(image: Image.Image, note: str, *, centre_y_px: int) -> None:
    """Write a few small lines in the middle of a picture."""
    width_px, height_px = image.size
    draw = ImageDraw.Draw(image)
    size_px = max(9, height_px // 28)
    widest = max(typeface(size_px).getlength(line) for line in note.splitlines() or [""])
    size_px = max(7, int(size_px * min(1, width_px * 0.9 / max(1, widest))))
    place = (width_px / 2, centre_y_px)
    font = typeface(size_px)
    draw.multiline_text(place, note, _NOTE_INK, font, anchor="mm", align="center")


def _sizes(height_px: int) -> list[int]:
    largest = max(12, int(height_px * 0.34))
    return [*range(largest, 9, -max(1, largest // 24)), 9]


def _set(text: str, font: ImageFont.FreeTypeFont, width_px: int) -> Setting:
    space, line_px = font.getlength(" "), font.size * 1.22
    words: list[Word] = []
    x = y = widest = 0.0
    for token in text.split():
        length = font.getlength(token)
        if x and x + length > width_px:
            x, y = 0.0, y + line_px
        words.append(Word(token, x, y))
        widest = max(widest, x + length)
        x += length + space
    return Setting(tuple(words), font, int(widest + 1), int(y + line_px + 1))


@lru_cache(maxsize=1024)
def _drawable(char: str) -> str:
    """Return a character, or its letter without marks (ö as o), or nothing."""
    plain = unicodedata.normalize("NFKD", char)[0]
    return next((form for form in (char, plain) if form == " " or _has_glyph(form)), "")


def _has_glyph(char: str) -> bool:
    font = typeface(20)
    return bytes(font.getmask(char)) != bytes(font.getmask(_MISSING_GLYPH))

"""The letters on sheets: Source Sans Pro, which comes as a package, in three weights.

It covers Latin, Greek and Cyrillic. Whoever draws words asks `covers` first, because what a font
lacks comes out as empty boxes.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from PIL import ImageFont

Weight = Literal["Regular", "Semibold", "Bold"]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

PACKAGE = "font_source_sans_pro"
UNASSIGNED = "\U0010fffe"
"""No font has a glyph for it: what is drawn for it is what is drawn for every lacking one."""


@cache
def font(size_px: int, weight: Weight = "Regular") -> Font:
    """Return the typeface in a size; Pillow's own, ASCII only, where the package is missing."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return ImageFont.load_default(size=size_px)
    file = Path(spec.origin).parent / "files" / f"SourceSansPro-{weight}.ttf"
    return ImageFont.truetype(file, size_px, layout_engine=ImageFont.Layout.BASIC)


def covers(text: str) -> bool:
    """Tell whether every character of a text can be drawn."""
    return all(_has(character) for character in set(text) if not character.isspace())


@cache
def _has(character: str) -> bool:
    face = font(24)
    drawn, lacking = face.getmask(character), face.getmask(UNASSIGNED)
    return (drawn.size, bytes(drawn)) != (lacking.size, bytes(lacking))

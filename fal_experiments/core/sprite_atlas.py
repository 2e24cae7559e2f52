"""Where frames lie on a sprite sheet, and the JSON that game engines read. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import isqrt
from typing import Any, NamedTuple

from fal_experiments.core.sprite import Packing
from fal_experiments.errors import BadInput

LARGEST_SHEET_PX = 16_384
"""No graphics card in use takes a larger texture, most phones take 4096."""


SPARE_AREA = 1.04
"""A sheet may be so much larger than the smallest for the sake of its shape."""


class Cut(NamedTuple):
    """A frame on the common canvas: its trimmed box there, and how long it is shown."""

    name: str
    x_px: int
    y_px: int
    width_px: int
    height_px: int
    duration_ms: int


class Canvas(NamedTuple):
    """What all frames of a sprite share: size, and the point between the feet on the ground."""

    width_px: int
    height_px: int
    pivot_x_px: float
    pivot_y_px: float


class Sheet(NamedTuple):
    """A packed sheet: its size, and the corner of each frame in the order of the frames."""

    width_px: int
    height_px: int
    corners: tuple[tuple[int, int], ...]


class Margins(NamedTuple):
    """Room around each frame on the sheet."""

    padding_px: int
    extrude_px: int


def pack(sizes: Sequence[tuple[int, int]], margins: Margins, packing: Packing) -> Sheet:
    """Return a sheet in which frames of these sizes lie without touching each other.

    Frames stand on shelves in their order, so that a person can read the sheet. Of the widths that
    need hardly more than the least area, the one nearest to a square is taken. `pow2` rounds both
    sides up to powers of two.
    Raises: BadInput when no sheet that a graphics card takes holds them.
    """
    border = margins.padding_px + 2 * margins.extrude_px
    boxes = [(width + border, height + border) for width, height in sizes]
    widest = max(width for width, _ in boxes)
    area = sum(width * height for width, height in boxes)
    start = max(widest, isqrt(area))
    step = max(1, start // 24)
    widths = {widest, *range(widest, 3 * start + widest, step), *_row_widths(boxes)}
    tried = (_shelved(boxes, width, margins, packing) for width in sorted(widths))
    fitting = [s for s in tried if max(s.width_px, s.height_px) <= LARGEST_SHEET_PX]
    if not fitting:
        raise BadInput(
            f"{len(sizes)} frames do not fit on a sheet of {LARGEST_SHEET_PX:,} px",
            fix="take fewer with --frames, or a smaller clip",
        )
    enough = SPARE_AREA * min(s.width_px * s.height_px for s in fitting)
    small = [s for s in fitting if s.width_px * s.height_px <= enough]
    return min(small, key=lambda s: max(s.width_px, s.height_px) / min(s.width_px, s.height_px))


def _row_widths(boxes: Sequence[tuple[int, int]]) -> set[int]:
    """Return how wide the sheet is when the first 1, 2, 3, … frames make a row."""
    found, total = set(), 0
    for width, _ in boxes:
        total += width
        found.add(total)
    return found


def _shelved(
    boxes: Sequence[tuple[int, int]], width_px: int, margins: Margins, packing: Packing
) -> Sheet:
    pad, inner = margins.padding_px, margins.padding_px + margins.extrude_px
    corners = [(0, 0)] * len(boxes)
    x = y = shelf = used = 0
    for index, (width, height) in enumerate(boxes):
        if x and x + width > width_px:
            x, y, shelf = 0, y + shelf, 0
        corners[index] = (x + inner, y + inner)
        x += width
        used, shelf = max(used, x), max(shelf, height)
    size = (used + pad, y + shelf + pad)
    if packing == "pow2":
        size = (_power_of_two(size[0]), _power_of_two(size[1]))
    return Sheet(*size, tuple(corners))


def _power_of_two(length: int) -> int:
    return 1 << (length - 1).bit_length()


def atlas_json(
    sheet: Sheet, cuts: Sequence[Cut], canvas: Canvas, image: str, tag: str
) -> dict[str, Any]:
    """Return the atlas in the hash format of Aseprite and TexturePacker.

    `frameTags` is Aseprite's, `pivot` (0 to 1 of the whole frame, y down) TexturePacker's; each
    reader leaves away what it does not know.
    """
    pivot = {
        "x": round(canvas.pivot_x_px / canvas.width_px, 6),
        "y": round(canvas.pivot_y_px / canvas.height_px, 6),
    }
    frames = {
        cut.name: {
            "frame": {"x": x, "y": y, "w": cut.width_px, "h": cut.height_px},
            "rotated": False,
            "trimmed": (cut.width_px, cut.height_px) != (canvas.width_px, canvas.height_px),
            "spriteSourceSize": {
                "x": cut.x_px,
                "y": cut.y_px,
                "w": cut.width_px,
                "h": cut.height_px,
            },
            "sourceSize": {"w": canvas.width_px, "h": canvas.height_px},
            "duration": cut.duration_ms,
            "pivot": pivot,
        }
        for cut, (x, y) in zip(cuts, sheet.corners, strict=True)
    }
    return {
        "frames": frames,
        "meta": {
            "app": "fal-exp sprite",
            "version": "1.0",
            "image": image,
            "format": "RGBA8888",
            "size": {"w": sheet.width_px, "h": sheet.height_px},
            "scale": "1",
            "frameTags": [
                {"name": tag, "from": 0, "to": len(cuts) - 1, "direction": "forward"},
            ],
        },
    }


def durations_ms(starts_s: Sequence[float]) -> tuple[int, ...]:
    """Return whole milliseconds for frames that start at these times; the last entry is the end.

    Starts are rounded, not lengths, so that errors never add up. No frame is shorter than 1 ms.
    """
    marks = [round((at - starts_s[0]) * 1000) for at in starts_s]
    return tuple(max(1, end - start) for start, end in pairwise(marks))

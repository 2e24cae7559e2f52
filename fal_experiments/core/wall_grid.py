"""The space of a wall: how many columns, where panes, captions and footer stand, lines of text."""

import re
from collections.abc import Callable, Sequence
from math import log
from typing import NamedTuple

from fal_experiments.core.sheet import tile_origin_px
from fal_experiments.errors import BadInput

MOST_PANES = 64
LONGEST_SIDE_PX = 4096
"""H.264 players in hardware go no further."""
LEAST_PANE_PX = 96
CUT = "…"


class Layout(NamedTuple):
    """Columns × rows."""

    columns: int
    rows: int

    @property
    def places(self) -> int:
        """How many panes fit."""
        return self.columns * self.rows

    def __str__(self) -> str:
        return f"{self.columns}x{self.rows}"


class Box(NamedTuple):
    """A rectangle, its numbers even where colour is stored at half size."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int


class Grid(NamedTuple):
    """A wall's size and where everything stands on it."""

    width_px: int
    height_px: int
    panes: tuple[Box, ...]
    captions: tuple[Box, ...]
    footer: Box


def parse_layout(text: str) -> Layout:
    """Return `3x2` as 3 columns and 2 rows. Raises: BadInput."""
    found = re.fullmatch(r"([1-9]\d?)[xX×]([1-9]\d?)", text.strip())
    if found is None:
        raise BadInput(
            f"--layout {text!r} is not columns × rows", fix="write 3x2 for 3 columns and 2 rows"
        )
    layout = Layout(int(found[1]), int(found[2]))
    if layout.places > MOST_PANES:
        raise BadInput(
            f"--layout {layout} has {layout.places} panes, a wall has at most {MOST_PANES}",
            fix="choose fewer, or make several walls with --prompt or --preset",
        )
    return layout


def usual_layout(panes: int, ratio: float) -> Layout:
    """Return columns and rows for some panes: few empty places, and about the shape of a screen.

    `ratio`: width ÷ height of a pane.
    """
    if panes > MOST_PANES:
        raise BadInput(
            f"{panes} clips are chosen, a wall has at most {MOST_PANES} panes",
            fix="choose fewer with --prompt, --preset, --seed or --cell",
        )

    def misfit(columns: int) -> float:
        rows = -(-panes // columns)
        # A pane with its caption is a fifth higher.
        shape = columns * ratio / (rows * 1.2)
        return abs(log(shape / 1.6)) + 0.5 * (columns * rows - panes) / panes

    columns = min(range(1, panes + 1), key=misfit)
    return Layout(columns, -(-panes // columns))


def pane_ratio(sizes_px: Sequence[tuple[int, int]]) -> float:
    """Return the width ÷ height, among those of the clips, that leaves the least of panes empty.

    Of equally good ones the widest, since screens are wide.
    """
    ratios = [width / height for width, height in sizes_px] or [16 / 9]

    def filled(ratio: float) -> tuple[float, float]:
        return round(sum(min(ratio / own, own / ratio) for own in ratios), 6), ratio

    return max(ratios, key=filled)


def pane_size_px(width_px: int, ratio: float) -> tuple[int, int]:
    """Return an even size of panes, at most three times as high as wide."""
    even = max(2, width_px // 2 * 2)
    return even, min(3 * even, max(2, round(even / ratio / 2) * 2))


def pane_width_px(wall_px: int, columns: int) -> int:
    """Return how wide panes may be on a wall of a width. Raises: BadInput when that is too small.

    The gap depends on the pane, so this is found by trying: the widest that fits.
    """
    for width_px in range(wall_px // columns // 2 * 2, LEAST_PANE_PX - 1, -2):
        if _width_px(width_px, columns) <= wall_px:
            return width_px
    raise BadInput(
        f"{columns} columns on {wall_px} px leave less than {LEAST_PANE_PX} px for each pane",
        fix="raise --width or choose fewer columns with --layout",
    )


def gap_px(pane_width: int) -> int:
    """Return the space between panes, and around the wall."""
    return max(8, round(pane_width / 28 / 2) * 2)


def _width_px(pane_width: int, columns: int) -> int:
    return columns * (pane_width + gap_px(pane_width)) + gap_px(pane_width)


def lay_out(layout: Layout, pane_px: tuple[int, int], caption_px: int, footer_px: int) -> Grid:
    """Return where everything stands. Caption and footer heights are made even.

    Raises: BadInput when a side is longer than H.264 allows.
    """
    gap = gap_px(pane_px[0])
    caption, footer = (-(-height // 2) * 2 for height in (caption_px, footer_px))
    row_px = pane_px[1] + caption
    width = _width_px(pane_px[0], layout.columns)
    height = gap + layout.rows * (row_px + gap) + (footer + gap if footer else 0)
    if max(width, height) > LONGEST_SIDE_PX:
        raise BadInput(
            f"the wall would have {width} × {height} px, at most {LONGEST_SIDE_PX} a side can be "
            "played everywhere",
            fix="lower --pane or --width",
        )
    panes, captions = [], []
    for index in range(layout.places):
        left, top = tile_origin_px(
            index,
            columns=layout.columns,
            tile_width_px=pane_px[0],
            tile_height_px=row_px,
            gap_px=gap,
        )
        panes.append(Box(gap + left, gap + top, *pane_px))
        captions.append(Box(gap + left, gap + top + pane_px[1], pane_px[0], caption))
    bottom = Box(gap, height - footer - gap, width - 2 * gap, footer)
    return Grid(width, height, tuple(panes), tuple(captions), bottom)


def letterbox(pane: Box, size_px: tuple[int, int]) -> Box:
    """Return where a picture of a size stands in a pane: whole, as large as it goes, centred."""
    scale = min(pane.width_px / size_px[0], pane.height_px / size_px[1])
    width, height = (
        _snapped(round(side * scale), room)
        for side, room in zip(size_px, (pane.width_px, pane.height_px), strict=True)
    )
    left = pane.left_px + (pane.width_px - width) // 4 * 2
    top = pane.top_px + (pane.height_px - height) // 4 * 2
    return Box(left, top, width, height)


def _snapped(side_px: int, room_px: int) -> int:
    """Return a side made even; a line of 2 px beside it would look like a mistake, so it fills."""
    even_px = max(2, side_px // 2 * 2)
    return room_px if room_px - even_px <= 2 else even_px


def wrap(
    text: str, width_px: float, measure: Callable[[str], float], most_lines: int
) -> tuple[str, ...]:
    """Return text in lines that fit, broken at spaces, inside words only where one is too long.

    What does not fit into `most_lines` is cut, which an ellipsis at the end shows.
    """
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and measure(joined) <= width_px:
            lines[-1] = joined
            continue
        while len(word) > 1 and measure(word) > width_px:
            fits = next(
                (n for n in range(len(word) - 1, 1, -1) if measure(word[:n]) <= width_px), 1
            )
            lines.append(word[:fits])
            word = word[fits:]  # noqa: PLW2901 - the rest of it is the word now
        lines.append(word)
    if len(lines) <= most_lines:
        return tuple(lines)
    last = lines[most_lines - 1]
    while last and measure(last + CUT) > width_px:
        last = last[:-1]
    return (*lines[: most_lines - 1], last.rstrip(" .,;:…") + CUT)

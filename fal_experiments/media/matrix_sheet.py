"""Draws a matrix sheet, page by page: light ground, headings, a place for each combination."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from fal_experiments.core.matrix_lanes import Lane, Words
from fal_experiments.core.matrix_sheet import MatrixSheet, SheetCell
from fal_experiments.errors import BadInput
from fal_experiments.media.matrix_cells import (
    CAPTION_PX,
    INK,
    QUIET,
    Shown,
    draw_cell,
    frame_box_px,
    place_width_px,
)
from fal_experiments.media.page_text import Ink, draw_wrapped, lines_of, printable

MOST_PIXELS = 100_000_000
MOST_SIDE_PX = 16_383
"""What WebP can have; no viewer is happy with more in the other formats."""

MARGIN_PX = 56
TITLE, SUBTITLE = Ink(44, INK, "Bold"), Ink(21, QUIET)
GROUP, NOTE, LABEL = Ink(25, INK, "Semibold"), Ink(19, QUIET), Ink(21, INK, "Semibold")
FAINT = Ink(19, (161, 161, 170))
NOT_THERE = "not in the matrix"
SIDE_PX = 300
"""Width of the headings of rows."""

COLUMN_GAP_PX, ROW_GAP_PX, SIDE_GAP_PX = 32, 22, 28
GROUP_LINES, NOTE_LINES, LABEL_LINES = 2, 1, 2
RULE = (228, 228, 231)
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
QUALITY = 90


class Page(NamedTuple):
    """Which rows and columns one picture has: from, up to but without."""

    rows: range
    columns: range


class Grid(NamedTuple):
    """Sizes that are the same on all pages."""

    place_px: tuple[int, int]
    head_px: int
    columns_px: int

    def size_px(self, page: Page) -> tuple[int, int]:
        """Return width and height of a page."""
        across, down = len(page.columns), len(page.rows)
        width_px = SIDE_PX + SIDE_GAP_PX + across * (self.place_px[0] + COLUMN_GAP_PX)
        height_px = self.head_px + self.columns_px + down * (self.place_px[1] + ROW_GAP_PX)
        return 2 * MARGIN_PX + width_px - COLUMN_GAP_PX, 2 * MARGIN_PX + height_px - ROW_GAP_PX


def write_matrix_sheet(
    sheet: MatrixSheet, clips: Mapping[str, Shown], target: Path, *, frames: int = 3
) -> list[Path]:
    """Draw a sheet into `target`, or into `target-1`, `target-2`, … when it needs several pages.

    The suffix tells the format. Raises: BadInput for another one than PNG, JPEG and WebP;
    OSError.
    """
    form = FORMATS.get(target.suffix.lower())
    if form is None:
        raise BadInput(
            f"{target.name}: its suffix is that of no picture",
            fix=f"end the name in {', '.join(FORMATS)}",
        )
    box_px = frame_box_px(list(clips.values()))
    grid = _grid(sheet, (place_width_px(box_px, frames), box_px[1] + CAPTION_PX))
    pages = pages_of(len(sheet.rows), len(sheet.columns), grid)
    names = [target]
    if len(pages) > 1:
        names = [target.with_stem(f"{target.stem}-{n}") for n in range(1, len(pages) + 1)]
    for number, (page, name) in enumerate(zip(pages, names, strict=True), start=1):
        told = f"page {number} of {len(pages)}" if len(pages) > 1 else ""
        picture = _draw_page(sheet, page, grid, told)
        _mark_empty(picture, sheet, page, grid)
        for cell in _cells_of(sheet.cells, page):
            clip = clips.get(cell.cell_id or "")
            place_px = _origin(cell.row, cell.column, page, grid)
            picture.paste(draw_cell(cell, clip, box_px, frames), place_px)
        name.parent.mkdir(parents=True, exist_ok=True)
        picture.save(name, form, quality=QUALITY)
    return names


def pages_of(rows: int, columns: int, grid: Grid) -> list[Page]:
    """Return as few pages as there can be, filled evenly; rows are cut first, then columns.

    A page has at most MOST_PIXELS and no side above MOST_SIDE_PX.
    """
    for across in range(1, columns + 1):
        for down in range(1, rows + 1):
            tallest, widest = -(-rows // down), -(-columns // across)
            if _fits(grid.size_px(Page(range(tallest), range(widest)))):
                return [
                    Page(down_range, across_range)
                    for across_range in _even(columns, across)
                    for down_range in _even(rows, down)
                ]
    return [Page(range(r, r + 1), range(c, c + 1)) for c in range(columns) for r in range(rows)]


def _fits(size_px: tuple[int, int]) -> bool:
    return max(size_px) <= MOST_SIDE_PX and size_px[0] * size_px[1] < MOST_PIXELS


def _even(count: int, parts: int) -> list[range]:
    cuts = [count * index // parts for index in range(parts + 1)]
    return [range(a, b) for a, b in pairwise(cuts) if a < b]


def _grid(sheet: MatrixSheet, place_px: tuple[int, int]) -> Grid:
    head_px = TITLE.line_px + SUBTITLE.line_px + 36
    columns_px = max(_column_head_px(lane, place_px[0]) for lane in sheet.columns) + 24
    return Grid(place_px, head_px, columns_px)


def _column_head_px(lane: Lane, width_px: int) -> int:
    return sum(
        lines_of(_shown(words), ink, (width_px, most)) * ink.line_px
        for words, ink, most in _column_head(lane)
    )


def _column_head(lane: Lane) -> tuple[tuple[Words, Ink, int], ...]:
    return (
        (lane.group, GROUP, GROUP_LINES),
        (lane.note, NOTE, NOTE_LINES),
        (lane.label, LABEL, LABEL_LINES),
    )


def _shown(words: Words) -> str:
    return printable(words.text, words.instead)


def _cells_of(cells: Sequence[SheetCell], page: Page) -> Iterator[SheetCell]:
    return (cell for cell in cells if cell.row in page.rows and cell.column in page.columns)


def _origin(row: int, column: int, page: Page, grid: Grid) -> tuple[int, int]:
    across = column - page.columns.start
    left = MARGIN_PX + SIDE_PX + SIDE_GAP_PX + across * (grid.place_px[0] + COLUMN_GAP_PX)
    return left, _top(row - page.rows.start, grid)


def _mark_empty(picture: Image.Image, sheet: MatrixSheet, page: Page, grid: Grid) -> None:
    """Say of combinations that are no part of the matrix that they are none."""
    taken = {(cell.row, cell.column) for cell in sheet.cells}
    for row in page.rows:
        for column in page.columns:
            if (row, column) not in taken:
                place_px = _origin(row, column, page, grid)
                draw_wrapped(picture, NOT_THERE, FAINT, place_px, (grid.place_px[0], 1))


def _top(down: int, grid: Grid) -> int:
    return MARGIN_PX + grid.head_px + grid.columns_px + down * (grid.place_px[1] + ROW_GAP_PX)


def _draw_page(sheet: MatrixSheet, page: Page, grid: Grid, told: str) -> Image.Image:
    size_px = grid.size_px(page)
    picture = Image.new("RGB", size_px, (255, 255, 255))
    inner_px = size_px[0] - 2 * MARGIN_PX
    below_px = draw_wrapped(
        picture, _shown(sheet.title), TITLE, (MARGIN_PX, MARGIN_PX), (inner_px, 1)
    )
    subtitle = " · ".join(filter(None, (sheet.subtitle, told)))
    draw_wrapped(picture, printable(subtitle, told), SUBTITLE, (MARGIN_PX, below_px), (inner_px, 1))
    for index in page.columns:
        lane = sheet.columns[index]
        left, _ = _origin(page.rows.start, index, page, grid)
        top = MARGIN_PX + grid.head_px
        for words, ink, most in _column_head(lane):
            top = draw_wrapped(picture, _shown(words), ink, (left, top), (grid.place_px[0], most))
    _draw_rows(picture, sheet, page, grid)
    return picture


def _draw_rows(picture: Image.Image, sheet: MatrixSheet, page: Page, grid: Grid) -> None:
    draw = ImageDraw.Draw(picture)
    before: Words | None = None
    for index in page.rows:
        lane, top = sheet.rows[index], _top(index - page.rows.start, grid)
        bottom = top + grid.place_px[1]
        begins = lane.group != before
        rule_left = MARGIN_PX if begins else MARGIN_PX + SIDE_PX + SIDE_GAP_PX
        draw.line(
            (
                rule_left,
                top - ROW_GAP_PX // 2 - 1,
                picture.width - MARGIN_PX,
                top - ROW_GAP_PX // 2 - 1,
            ),
            fill=RULE,
            width=2 if begins else 1,
        )
        if begins:
            top = draw_wrapped(picture, _shown(lane.group), GROUP, (MARGIN_PX, top), (SIDE_PX, 2))
        top = draw_wrapped(picture, _shown(lane.label), LABEL, (MARGIN_PX, top), (SIDE_PX, 2))
        if begins:
            most = max(0, (bottom - top) // NOTE.line_px)
            draw_wrapped(picture, _shown(lane.note), NOTE, (MARGIN_PX, top + 2), (SIDE_PX, most))
        before = lane.group

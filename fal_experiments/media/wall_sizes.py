"""How large panes are when nobody says, and where everything of a wall or a wipe stands."""

from collections.abc import Sequence

from fal_experiments.core.wall_grid import (
    LEAST_PANE_PX,
    Box,
    Grid,
    Layout,
    lay_out,
    pane_ratio,
    pane_size_px,
    pane_width_px,
)
from fal_experiments.core.wall_wish import Wish
from fal_experiments.media.wall_scene import BAR_PX, caption_pad_px
from fal_experiments.media.wall_type import Line, lines_height_px

USUAL_WALL_PX = {"mp4": 1920, "webp": 1280, "gif": 960}
USUAL_HEIGHT_PX = {"mp4": 1600, "webp": 1100, "gif": 800}
LEAST_USUAL_PX, MOST_USUAL_PX = 320, 1280
"""Captions want some room, and no clip gets sharper by being enlarged."""


def pane_for(
    wish: Wish, kind: str, layout: Layout, sizes_px: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """Return the size of all panes, for clips of these sizes. Raises: BadInput."""
    ratio = pane_ratio(sizes_px)
    if wish.pane_px is not None:
        return pane_size_px(wish.pane_px, ratio)
    if wish.width_px is not None:
        return pane_size_px(pane_width_px(wish.width_px, layout.columns), ratio)
    widest_px = max((width for width, _ in sizes_px), default=MOST_USUAL_PX)
    limit_px = min(MOST_USUAL_PX, max(LEAST_USUAL_PX, widest_px))
    fit_px = min(limit_px, pane_width_px(USUAL_WALL_PX[kind], layout.columns))
    # A row is as high as its pane and, roughly, five lines.
    high_px = USUAL_HEIGHT_PX[kind] / layout.rows - 100
    return pane_size_px(max(LEAST_PANE_PX, min(fit_px, round(high_px * ratio))), ratio)


def captions_px(captions: Sequence[Sequence[Line]], pane_px: int, *, shown: bool) -> int:
    """Return the height of the room for captions: that of the longest."""
    if not shown:
        return 0
    return BAR_PX + caption_pad_px(pane_px) + max(map(lines_height_px, captions), default=0)


def wall_grid(
    layout: Layout, pane_px: tuple[int, int], heights_px: tuple[int, int], places: Sequence[int]
) -> Grid:
    """Return the grid of a wall, with its boxes in the order of the panes that stand in them."""
    grid = lay_out(layout, pane_px, *heights_px)
    return grid._replace(
        panes=tuple(grid.panes[place] for place in places),
        captions=tuple(grid.captions[place] for place in places),
    )


def wipe_grid(pane_px: tuple[int, int], heights_px: tuple[int, int]) -> Grid:
    """Return the grid of a wipe: one pane for two clips, and below it a caption for each."""
    grid = lay_out(Layout(1, 1), pane_px, *heights_px)
    (pane,), (caption,) = grid.panes, grid.captions
    half_px = wipe_caption_px(pane_px[0])
    right = caption.left_px + caption.width_px - half_px
    captions = tuple(
        Box(left, caption.top_px, half_px, caption.height_px) for left in (caption.left_px, right)
    )
    return grid._replace(panes=(pane, pane), captions=captions)


def wipe_caption_px(pane_width: int) -> int:
    """Return how wide each of the two captions of a wipe is."""
    return round(pane_width * 0.485 / 2) * 2

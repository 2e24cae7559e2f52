"""Puts a wall together: what never changes is drawn once, then frame by frame what does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageDraw

from fal_experiments.core.wall import Clock, Strip, has_ended, progress, wipe_share
from fal_experiments.core.wall_grid import Box, Grid
from fal_experiments.core.wall_words import Gap
from fal_experiments.media.typeface import font
from fal_experiments.media.wall_planes import Film, Mark, Planes, grey_luma, planes_of
from fal_experiments.media.wall_type import (
    BRIGHT,
    GROUND,
    PANE_GROUND,
    QUIET,
    TRACK,
    Line,
    badge,
    draw_gap,
    draw_lines,
    text_size_px,
)

BAR_PX = 4
"""Below each pane: how far it has come."""
INSET = 0.02
"""How far badges stand from the corner of a pane, as a share of its width."""


@dataclass(frozen=True)
class Reel:
    """The frames of one pane and when they are shown."""

    strip: Strip
    film: Film
    picture: Box
    """Where in the pane, which begins at 0, 0."""
    frames: Sequence[int | None]
    """For each frame of the wall, which of the film; None for an empty pane."""


class PaneArt(NamedTuple):
    """What a pane shows: its clip, or why there is none; and the lines below."""

    lines: Sequence[Line]
    reel: Reel | None = None
    gap: Gap | None = None


class Scene:
    """A wall that can be drawn frame by frame."""

    def __init__(
        self, grid: Grid, panes: Sequence[PaneArt], clock: Clock, footer: Sequence[Line]
    ) -> None:
        self.grid, self.panes, self.clock = grid, panes, clock
        ground = Image.new("RGB", (grid.width_px, grid.height_px), GROUND)
        self._draw_still(ground, footer)
        self.still = planes_of(ground)
        self.planes = Planes(grid.width_px, grid.height_px)
        pane_px = grid.panes[0].width_px
        self._ended = Mark(badge("ended", pane_px))
        self._time_px = text_size_px(pane_px) if footer else 0
        self._inset_px = max(4, round(pane_px * INSET / 2) * 2)

    def _draw_still(self, ground: Image.Image, footer: Sequence[Line]) -> None:
        draw = ImageDraw.Draw(ground)
        for pane, caption, art in zip(
            self.grid.panes, self.grid.captions, self.panes, strict=False
        ):
            right, bottom = pane.left_px + pane.width_px, pane.top_px + pane.height_px
            draw.rectangle((pane.left_px, pane.top_px, right - 1, bottom - 1), PANE_GROUND)
            if art.gap is not None:
                draw_gap(ground, pane, art.gap)
            if caption.height_px:
                top = caption.top_px + BAR_PX + (caption_pad_px(pane.width_px) if art.lines else 0)
                draw_lines(ground, art.lines, (caption.left_px, top))
        draw_lines(ground, footer, (self.grid.footer.left_px, self.grid.footer.top_px))

    def frame(self, index: int) -> Planes:
        """Return a frame of the wall; it is valid until the next one is drawn."""
        self.planes.flat[:] = self.still.flat
        for pane, caption, art in zip(
            self.grid.panes, self.grid.captions, self.panes, strict=False
        ):
            if art.reel is not None:
                self._draw_reel(art.reel, index, pane)
                if caption.height_px:
                    self._draw_bar(art.reel, index, caption)
        self._draw_time(index)
        return self.planes

    def _draw_reel(self, reel: Reel, index: int, pane: Box) -> None:
        chosen = reel.frames[index]
        if chosen is not None:
            self.planes.paste(reel.film[chosen], moved(reel.picture, pane))
        if has_ended(self.clock, reel.strip, self.clock.moment_s(index)):
            top = pane.top_px + pane.height_px - self._ended.alpha.shape[0] - self._inset_px
            left = pane.left_px + pane.width_px - self._ended.alpha.shape[1] - self._inset_px
            self.planes.stamp(self._ended, left, top)

    def _draw_bar(self, reel: Reel, index: int, caption: Box) -> None:
        bar = Box(caption.left_px, caption.top_px, caption.width_px, BAR_PX)
        self.planes.fill(grey_luma(TRACK), bar)
        share = progress(self.clock, reel.strip, self.clock.moment_s(index))
        width_px = round(share * caption.width_px / 2) * 2
        ended = has_ended(self.clock, reel.strip, self.clock.moment_s(index))
        ink = QUIET if ended else BRIGHT
        self.planes.fill(grey_luma(ink), bar._replace(width_px=width_px))

    def _draw_time(self, index: int) -> None:
        """Write the wall's own time at the right of the footer."""
        if not self._time_px:
            return
        face = font(self._time_px)
        text = f"{index / self.clock.fps:.2f} s"
        # Digits have no equal widths: the number stands flush right, so that `s` stands still.
        width_px = round(face.getlength("000.00 s") / 2) * 2
        height_px = round(self._time_px * 1.3 / 2) * 2
        picture = Image.new("L", (width_px, height_px), 0)
        ImageDraw.Draw(picture).text((width_px, height_px / 2), text, 255, face, anchor="rm")
        mark = Image.merge("LA", (Image.new("L", picture.size, BRIGHT[0]), picture))
        footer = self.grid.footer
        left = (footer.left_px + footer.width_px - width_px) // 2 * 2
        self.planes.stamp(Mark(mark), left, footer.top_px)


class Wipe(Scene):
    """Two clips in one pane; a line between them swings from side to side."""

    def frame(self, index: int) -> Planes:
        """Return a frame; the first pane of the wall is left of the line."""
        self.planes.flat[:] = self.still.flat
        pane = self.grid.panes[0]
        share = wipe_share(self.clock, self.clock.moment_s(index))
        split_px = round(share * pane.width_px / 2) * 2
        left, right = (art.reel for art in self.panes[:2])
        if left is not None:
            self._draw_side(left, index, pane, 0)
        rest = pane._replace(left_px=pane.left_px + split_px, width_px=pane.width_px - split_px)
        self.planes.fill(grey_luma(PANE_GROUND), rest)
        if right is not None:
            self._draw_side(right, index, pane, split_px)
        self._draw_line(pane, pane.left_px + split_px)
        for reel, caption in zip((left, right), self.grid.captions, strict=False):
            if reel is not None and caption.height_px:
                self._draw_bar(reel, index, caption)
        self._draw_time(index)
        return self.planes

    def _draw_side(self, reel: Reel, index: int, pane: Box, from_px: int) -> None:
        chosen = reel.frames[index]
        if chosen is not None:
            place = moved(reel.picture, pane)
            inside_px = max(0, from_px - reel.picture.left_px)
            self.planes.paste(reel.film[chosen], place, inside_px)

    def _draw_line(self, pane: Box, at_px: int) -> None:
        for width_px, luma in ((6, 40), (2, 235)):
            left = max(pane.left_px, at_px - width_px // 2 // 2 * 2)
            self.planes.fill(luma, Box(left, pane.top_px, width_px, pane.height_px))
        for text, side in (("A", -1), ("B", 1)):
            mark = Mark(badge(text, pane.width_px))
            width_px = mark.alpha.shape[1]
            left = at_px + (self._inset_px if side > 0 else -self._inset_px - width_px)
            left = min(max(left, pane.left_px), pane.left_px + pane.width_px - width_px)
            self.planes.stamp(mark, left, pane.top_px + self._inset_px)


def caption_pad_px(pane_width_px: int) -> int:
    """Return the space between a pane's bar and the first line below."""
    return max(4, round(pane_width_px / 70))


def moved(box: Box, pane: Box) -> Box:
    """Return where a box stands that is told from the corner of its pane."""
    return box._replace(left_px=pane.left_px + box.left_px, top_px=pane.top_px + box.top_px)

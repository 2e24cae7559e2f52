"""The cut frames of a loop on one common canvas: their sheet, and loops at true speed."""

import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from fal_experiments.core.sprite_atlas import Canvas, Cut, Sheet
from fal_experiments.media.gif import shared_palette
from fal_experiments.media.sprite.cutout import Cutout
from fal_experiments.media.sprite.kept import Pixels

WEBP_QUALITY = 90
WEBP_EFFORT = 4
OPAQUE_FROM = 128
"""GIF knows clear and opaque only."""


class Strip(NamedTuple):
    """The frames of a sprite in their order."""

    canvas: Canvas
    cuts: tuple[Cut, ...]
    pixels: tuple[Pixels, ...]
    """Of each cut: row, column, red green blue alpha."""

    def frame(self, index: int) -> Image.Image:
        """Return a frame on the whole canvas."""
        cut = self.cuts[index]
        picture = Image.new("RGBA", (self.canvas.width_px, self.canvas.height_px), (0, 0, 0, 0))
        picture.paste(Image.fromarray(self.pixels[index]), (cut.x_px, cut.y_px))
        return picture


class Stance(NamedTuple):
    """Where the figure stands in the clip, and how far each frame is moved to hold it there."""

    foot_x_px: float
    foot_y_px: float
    moves_px: tuple[tuple[int, int], ...]
    """Right and down."""


def make_strip(cutouts: Sequence[Cutout], stance: Stance, durations_ms: Sequence[int]) -> Strip:
    """Return frames on the smallest canvas that holds them all, and the point of the feet too."""
    boxes = [
        (c.left_px + right, c.top_px + down, c.pixels.shape[1], c.pixels.shape[0])
        for c, (right, down) in zip(cutouts, stance.moves_px, strict=True)
    ]
    foot_x, foot_y = round(stance.foot_x_px), round(stance.foot_y_px)
    left = min(*(box[0] for box in boxes), foot_x)
    top = min(box[1] for box in boxes)
    width = max(*(box[0] + box[2] for box in boxes), foot_x + 1) - left
    height = max(*(box[1] + box[3] for box in boxes), foot_y) - top
    canvas = Canvas(width, height, stance.foot_x_px - left, stance.foot_y_px - top)
    cuts = tuple(
        Cut(f"{index + 1:04d}.png", box[0] - left, box[1] - top, box[2], box[3], duration)
        for index, (box, duration) in enumerate(zip(boxes, durations_ms, strict=True))
    )
    return Strip(canvas, cuts, tuple(cutout.pixels for cutout in cutouts))


def draw_sheet(strip: Strip, sheet: Sheet, extrude_px: int) -> Image.Image:
    """Return the packed sheet; with `extrude_px` the border of each frame is repeated around it.

    Engines that sample between pixels then find the frame's own colour beyond its edge.
    """
    drawn = np.zeros((sheet.height_px, sheet.width_px, 4), np.uint8)
    for pixels, (x, y) in zip(strip.pixels, sheet.corners, strict=True):
        ends = (extrude_px, extrude_px)
        wide = np.pad(pixels, (ends, ends, (0, 0)), mode="edge")
        rows, columns = wide.shape[:2]
        top, left = y - extrude_px, x - extrude_px
        drawn[top : top + rows, left : left + columns] = wide
    return Image.fromarray(drawn)


def loop_webp(strip: Strip) -> bytes:
    """Return an animated WebP with alpha that loops for ever, each frame as long as in the clip."""
    first, *others = [strip.frame(index) for index in range(len(strip.cuts))]
    output = io.BytesIO()
    first.save(
        output,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=[cut.duration_ms for cut in strip.cuts],
        loop=0,
        quality=WEBP_QUALITY,
        method=WEBP_EFFORT,
    )
    return output.getvalue()


def loop_gif(strip: Strip) -> bytes:
    """Return a GIF with a clear ground; it counts in 1/100 s, and starts are rounded to these."""
    frames = [strip.frame(index) for index in range(len(strip.cuts))]
    flat = [_on_own_colour(frame) for frame in frames]
    palette = shared_palette(flat)
    chart = Image.new("P", (1, 1))
    # The entry that means `clear` repeats a colour; the first of two equal ones is chosen.
    chart.putpalette(np.vstack([palette, palette[:1]]).tobytes())
    indexed = []
    for frame, opaque in zip(frames, flat, strict=True):
        chosen = np.array(opaque.quantize(palette=chart, dither=Image.Dither.NONE))
        chosen[np.asarray(frame)[..., 3] < OPAQUE_FROM] = 255
        picture = Image.fromarray(chosen, "P")
        picture.putpalette(np.vstack([palette, palette[:1]]).tobytes())
        indexed.append(picture)
    output = io.BytesIO()
    indexed[0].save(
        output,
        "GIF",
        save_all=True,
        append_images=indexed[1:],
        duration=_hundredths_ms([cut.duration_ms for cut in strip.cuts]),
        loop=0,
        disposal=2,
        transparency=255,
        optimize=False,
    )
    return output.getvalue()


def _hundredths_ms(durations_ms: Sequence[int]) -> list[int]:
    """Return lengths in whole 1/100 s whose sum is that of the true ones."""
    ends = np.rint(np.cumsum([0, *durations_ms]) / 10).astype(int)
    return [max(20, int(length) * 10) for length in np.diff(ends)]


def _on_own_colour(frame: Image.Image) -> Image.Image:
    """Return a frame without alpha, clear parts in the mean colour of the rest.

    So that no place in the palette is spent on them.
    """
    pixels = np.asarray(frame)
    shown = pixels[..., 3] >= OPAQUE_FROM
    mean = pixels[shown][:, :3].mean(axis=0) if shown.any() else np.zeros(3)
    return Image.fromarray(np.where(shown[..., None], pixels[..., :3], mean).astype(np.uint8))

"""What a matrix sheet has in one place: the first, middle and last frame of a clip, or its state.

Frames are cut from the contact sheets that are there already, which costs a fiftieth of decoding
the clips again; their times come along.
"""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from fal_experiments.core.derived import Derived, Sheet
from fal_experiments.core.labels import Tone
from fal_experiments.core.matrix_sheet import SheetCell
from fal_experiments.core.sheet import tile_origin_px
from fal_experiments.media.page_text import Ink, draw_wrapped, printable

FRAME_PIXELS = 288 * 162
"""Area of a frame's place; its shape is that of the clips."""

FRAME_GAP_PX = 4
PANEL = (244, 244, 245)
TONES: dict[Tone, tuple[int, int, int]] = {
    "good": (22, 128, 61),
    "bad": (200, 30, 30),
    "warn": (180, 83, 9),
    "busy": (29, 78, 216),
    "idle": (82, 82, 91),
    "person": (126, 34, 206),
}
INK = (24, 24, 27)
QUIET = (98, 98, 107)
CAPTION = Ink(19, QUIET)
CAPTION_PX = 36


class Shown(NamedTuple):
    """A clip's record and the folder in which its pictures are."""

    derived: Derived
    folder: Path


def frame_box_px(shown: list[Shown]) -> tuple[int, int]:
    """Return the place of one frame: of the shape of the middle clip, 16:9 where there is none."""
    shapes = sorted(
        probe.width_px / probe.height_px
        for clip in shown
        if (probe := clip.derived.probe) is not None
    )
    shape = min(3.0, max(1 / 3, shapes[len(shapes) // 2] if shapes else 16 / 9))
    width_px = round((FRAME_PIXELS * shape) ** 0.5)
    return width_px, round(width_px / shape)


def place_width_px(box_px: tuple[int, int], frames: int) -> int:
    """Return the width of some frames side by side."""
    return frames * (box_px[0] + FRAME_GAP_PX) - FRAME_GAP_PX


def draw_cell(
    cell: SheetCell, clip: Shown | None, box_px: tuple[int, int], frames: int
) -> Image.Image:
    """Return a place of the sheet: frames side by side and a caption, or a panel with the state."""
    width_px = place_width_px(box_px, frames)
    place = Image.new("RGB", (width_px, box_px[1] + CAPTION_PX), (255, 255, 255))
    pictures = _frames(clip, frames) if clip is not None else []
    if not pictures:
        _draw_state(place, cell, box_px[1])
        return place
    for index in range(frames):
        spot = Image.new("RGB", box_px, PANEL)
        if index < len(pictures):
            fitted = _fitted(pictures[index], box_px)
            left, top = (box_px[0] - fitted.width) // 2, (box_px[1] - fitted.height) // 2
            spot.paste(fitted, (left, top))
        place.paste(spot, (index * (box_px[0] + FRAME_GAP_PX), 0))
    draw_wrapped(place, cell.caption, CAPTION, (0, box_px[1] + 5), (width_px, 1))
    return place


def _fitted(picture: Image.Image, box_px: tuple[int, int]) -> Image.Image:
    part = min(box_px[0] / picture.width, box_px[1] / picture.height, 1.0)
    size_px = max(1, round(picture.width * part)), max(1, round(picture.height * part))
    fits = size_px == picture.size
    return picture if fits else picture.resize(size_px, Image.Resampling.LANCZOS)


def _draw_state(place: Image.Image, cell: SheetCell, height_px: int) -> None:
    tone = TONES[cell.tone]
    draw = ImageDraw.Draw(place)
    draw.rectangle((0, 0, place.width - 1, height_px - 1), fill=PANEL)
    draw.rectangle((0, 0, 5, height_px - 1), fill=tone)
    inner_px, size_px = place.width - 48, 22
    below_px = draw_wrapped(
        place, cell.state_label, Ink(size_px, tone, "Semibold"), (24, 18), (inner_px, 1)
    )
    most = max(1, (height_px - below_px - 16) // 25)
    draw_wrapped(
        place, printable(cell.why, ""), Ink(19, QUIET), (24, below_px + 4), (inner_px, most)
    )
    draw_wrapped(place, cell.caption, CAPTION, (0, height_px + 5), (place.width, 1))


def _frames(clip: Shown, count: int) -> list[Image.Image]:
    """Return the first, the middle and the last frame; fewer of a shorter clip; the poster else."""
    sheet, poster = clip.derived.sheet, clip.derived.poster
    try:
        if sheet is not None and count > 1:
            return _cut(clip.folder / sheet.picture.file, sheet, count)
        if poster is not None:
            with Image.open(clip.folder / poster.file) as picture:
                return [picture.convert("RGB")]
    except OSError:  # removed or cut since it was made
        return []
    return []


def _cut(path: Path, sheet: Sheet, count: int) -> list[Image.Image]:
    last = len(sheet.times_s) - 1
    wanted = sorted({round(last * step / (count - 1)) for step in range(count)})
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    found = []
    for index in wanted:
        left, top = tile_origin_px(
            index,
            columns=sheet.columns,
            tile_width_px=sheet.tile_width_px,
            tile_height_px=sheet.tile_height_px,
            gap_px=sheet.gap_px,
        )
        found.append(
            whole.crop((left, top, left + sheet.tile_width_px, top + sheet.tile_height_px))
        )
    return found

"""Small real clips for the report: H.264 video, poster and contact sheet, in plain colours."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from PIL import Image

from fal_experiments.core.report_model import PictureView, SheetView

SHEET_COLUMNS, SHEET_ROWS = 4, 2
GAP_PX = 2
FPS = 12


class Clip(NamedTuple):
    """One clip and its pictures, with links as the report has them."""

    video_href: str
    poster: PictureView
    sheet: SheetView
    duration_s: float


def make_clip(
    folder: Path, name: str, *, width_px: int, height_px: int, duration_s: float, hue: int
) -> Clip:
    """Draw a bar that crosses a coloured field, and return it with links relative to a sibling.

    `hue` is 0 to 255. The files are `folder/name.mp4`, `.jpg` and `-sheet.png`.
    """
    count = round(duration_s * FPS)
    frames = [_frame(width_px, height_px, hue, index / max(1, count - 1)) for index in range(count)]
    with av.open(str(folder / f"{name}.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for picture in frames:
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24"))
            )
        container.mux(stream.encode())
    frames[0].save(folder / f"{name}.jpg")
    return Clip(
        video_href=f"../{folder.name}/{name}.mp4",
        poster=PictureView(
            href=f"../{folder.name}/{name}.jpg", width_px=width_px, height_px=height_px
        ),
        sheet=_sheet(folder, name, frames, duration_s),
        duration_s=duration_s,
    )


def _frame(width_px: int, height_px: int, hue: int, progress: float) -> Image.Image:
    field = Image.new("HSV", (width_px, height_px), (hue, 150, 120)).convert("RGB")
    pixels = np.asarray(field).copy()
    left = int(progress * (width_px - 8))
    pixels[:, left : left + 8] = (240, 240, 240)
    return Image.fromarray(pixels)


def _sheet(folder: Path, name: str, frames: list[Image.Image], duration_s: float) -> SheetView:
    count = SHEET_COLUMNS * SHEET_ROWS
    width_px, height_px = frames[0].size
    whole = Image.new(
        "RGB",
        (
            SHEET_COLUMNS * width_px + (SHEET_COLUMNS - 1) * GAP_PX,
            SHEET_ROWS * height_px + (SHEET_ROWS - 1) * GAP_PX,
        ),
    )
    for index in range(count):
        down, across = divmod(index, SHEET_COLUMNS)
        moment = frames[round(index * (len(frames) - 1) / (count - 1))]
        whole.paste(moment, (across * (width_px + GAP_PX), down * (height_px + GAP_PX)))
    whole.save(folder / f"{name}-sheet.png")
    return SheetView(
        picture=PictureView(
            href=f"../{folder.name}/{name}-sheet.png", width_px=whole.width, height_px=whole.height
        ),
        columns=SHEET_COLUMNS,
        rows=SHEET_ROWS,
        tile_width_px=width_px,
        tile_height_px=height_px,
        times_s=tuple(round(duration_s * index / (count - 1), 3) for index in range(count)),
    )

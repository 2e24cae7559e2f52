"""An input picture made ready to be moved: cut to the clip's shape.

Where no picture can be had (a foreign URL: the sandbox never reaches out) a plain plate is drawn.
"""

from PIL import Image, ImageDraw, ImageOps

from fal_experiments.sandbox.clips.lettering import draw_note
from fal_experiments.sandbox.clips.order import ClipOrder
from fal_experiments.sandbox.clips.yuv import Planes, planes_from_image

_LARGEST_PX = 3840 * 2160
_SMALLEST_SIDE_PX = 64


def clip_size_px(order: ClipOrder, picture: Image.Image | None) -> tuple[int, int]:
    """Return width and height, both even: those asked for, or the label's number of pixels.

    fal's models read a resolution label as a pixel count, not as a short side: 480p at 1:1 comes
    back as 640×640 (references/presets-notes.md 4).
    """
    if order.size_px is not None:
        return _within_limits(*order.size_px)
    ratio = order.ratio
    if ratio is None:
        ratio = picture.width / picture.height if picture else 16 / 9
    ratio = min(4.0, max(0.25, ratio))
    area = min(_LARGEST_PX, order.lines * order.lines * 16 / 9)
    height = (area / ratio) ** 0.5
    return _even(height * ratio), _even(height)


def plate_for(picture: Image.Image | None, size_px: tuple[int, int], *, note: str) -> Planes:
    """Return the picture cut to cover the clip, or a plain plate that carries the note."""
    if picture is None:
        return planes_from_image(_plain_plate(size_px, note))
    method = Image.Resampling.LANCZOS
    return planes_from_image(ImageOps.fit(picture, size_px, method, centering=(0.5, 0.5)))


def _within_limits(width_px: int, height_px: int) -> tuple[int, int]:
    shrink = min(1.0, (_LARGEST_PX / max(1, width_px * height_px)) ** 0.5)
    return _even(width_px * shrink), _even(height_px * shrink)


def _even(pixels: float) -> int:
    return max(_SMALLEST_SIDE_PX, 2 * round(pixels / 2))


def _plain_plate(size_px: tuple[int, int], note: str) -> Image.Image:
    width, height = size_px
    plate = Image.new("RGB", size_px, (214, 216, 221))
    floor = Image.new("RGB", (width, height // 3), (196, 199, 206))
    plate.paste(floor, (0, height - height // 3))
    draw = ImageDraw.Draw(plate)
    tall, middle = height * 0.42, width / 2
    left, right = middle - tall * 0.42, middle + tall * 0.42
    top, foot = height * 0.20, height * 0.20 + tall
    draw.rounded_rectangle((left, top, right, foot), tall * 0.09, fill=(148, 155, 170))
    sun = tall * 0.10
    draw.ellipse((left + sun, top + sun, left + 3 * sun, top + 3 * sun), fill=(226, 229, 236))
    hills = [(left, foot - tall * 0.08), (middle - sun, foot - tall * 0.52)]
    hills += [(middle + sun, foot - tall * 0.26), (right - 2 * sun, foot - tall * 0.44)]
    draw.polygon(
        [*hills, (right, foot - tall * 0.14), (right, foot - sun), (left, foot - sun)],
        fill=(112, 120, 138),
    )
    draw_note(plate, note, centre_y_px=int(height * 0.77))
    return plate

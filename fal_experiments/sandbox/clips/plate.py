"""An input picture made ready to be moved: decoded within limits, cut to the clip's shape.

Where no picture can be had (a foreign URL: the sandbox never reaches out) a plain plate is drawn.
"""

import io
import warnings

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from fal_experiments.sandbox.clips.lettering import draw_note
from fal_experiments.sandbox.clips.order import MAX_PICTURE_PX, ClipOrder, Picture
from fal_experiments.sandbox.clips.yuv import Planes, planes_from_image

_LARGEST_PX = 3840 * 2160
_SMALLEST_SIDE_PX = 64


class CannotUse(Exception):
    """A picture that cannot be used: `type` is fal's name of the reason."""

    def __init__(self, type_: str, message: str, **ctx: int) -> None:
        self.type = type_
        self.ctx = ctx
        super().__init__(message)


def open_picture(picture: Picture) -> Image.Image | None:
    """Return the decoded picture in RGB, turned as its EXIF data says; None for a foreign URL.

    Raises: CannotUse when it is not a picture, or too large to be decoded.
    """
    if picture.path is None and picture.data is None:
        return None
    source = io.BytesIO(picture.data) if picture.data is not None else picture.path
    assert source is not None  # noqa: S101  one of the two is given
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source) as image:
                _check_size(image, picture)
                return _on_white(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise CannotUse("image_too_large", str(error)) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise CannotUse("image_load_error", "Failed to load the image") from error


def clip_size_px(order: ClipOrder, picture: Image.Image | None) -> tuple[int, int]:
    """Return width and height, both even: the label's number of pixels in the wanted shape.

    fal's models read a resolution label as a pixel count, not as a short side: 480p at 1:1 comes
    back as 640×640 (references/presets-notes.md 4).
    """
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


def _check_size(image: Image.Image, picture: Picture) -> None:
    found = f"{image.width}×{image.height} px"
    if image.width * image.height > MAX_PICTURE_PX:
        raise CannotUse("image_too_large", f"{found}; at most {MAX_PICTURE_PX:,} are decoded")
    least = (picture.least_width_px, picture.least_height_px)
    if image.width < least[0] or image.height < least[1]:
        message = f"The image is {found}; at least {least[0]}×{least[1]} px are needed"
        raise CannotUse("image_too_small", message, min_width=least[0], min_height=least[1])


def _even(pixels: float) -> int:
    return max(_SMALLEST_SIDE_PX, 2 * round(pixels / 2))


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    with_alpha = image.convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(ground, with_alpha).convert("RGB")


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

"""Pictures as files: decoded whole and under limits, then turned into plain RGB."""

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
"""No others: some of Pillow's readers start programs (EPS), and no model makes such files."""

UNDER_TRANSPARENT = (200, 200, 200)
"""Neither black nor white, so that dark and light drawings both show on it."""


def read_still(path: Path, limits: Limits) -> Image.Image:
    """Return a picture, decoded; of an animated one the first frame.

    Raises: BadMedia when it is none of FORMATS, too large, cut off or damaged; OSError when the
    file cannot be read.
    """
    data = io.BytesIO(path.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(data, formats=FORMATS)
            _refuse_large(picture, limits)
            picture.load()
        except (BadMedia, MemoryError):
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
            raise BadMedia("too_large", f"more pixels than the limit: {exc}") from exc
        except UnidentifiedImageError as exc:
            raise BadMedia(
                "not_playable", "its beginning is that of a picture, but it cannot be opened"
            ) from exc
        except Exception as exc:  # on damaged files Pillow's decoders raise errors of all kinds
            raise _damaged(exc) from exc
    return picture


def _refuse_large(picture: Image.Image, limits: Limits) -> None:
    if picture.width * picture.height > limits.max_still_pixels:
        raise BadMedia(
            "too_large",
            f"{picture.width:,} × {picture.height:,} pixels are more than the limit of "
            f"{limits.max_still_pixels:,}",
        )


def _damaged(exc: Exception) -> BadMedia:
    said = str(exc) or type(exc).__name__
    if "truncated" in said.lower():
        return BadMedia("truncated", f"the picture is cut off ({said})")
    return BadMedia("damaged", f"the picture is damaged ({said})")


def plain_rgb(picture: Image.Image) -> Image.Image:
    """Turn a picture the way up that its camera noted; return it in 8-bit RGB, on grey if clear.

    Copies are avoided, because a picture may have hundreds of megabytes.
    """
    ImageOps.exif_transpose(picture, in_place=True)
    return opaque_rgb(picture)


def opaque_rgb(picture: Image.Image) -> Image.Image:
    """Return a picture as it is stored in 8-bit RGB, on grey where it is clear."""
    if picture.mode.startswith("I"):  # 16 bits a channel; `convert` would cut it off at 255
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, UNDER_TRANSPARENT)
    ground.paste(layer, mask=layer)
    return ground

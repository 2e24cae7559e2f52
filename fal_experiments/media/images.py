"""The input images of a matrix: a local file becomes the facts that a plan needs of it."""

import hashlib
from pathlib import Path
from typing import Literal

from fal_experiments.core.plan import InputImage
from fal_experiments.errors import BadInput
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia, Sniffed, sniff
from fal_experiments.media.still import read_still

EXPECTED = "give a PNG, JPEG, WebP, GIF or AVIF file"


def read_input_image(
    path: Path,
    *,
    id: str,  # noqa: A002 - the field of the record has this name
    role: Literal["image", "last_frame"],
    shown_path: str,
) -> InputImage:
    """Return the facts of an input image, which has been decoded whole.

    Width and height are those of the stored pixels; a note to turn them (EXIF) is not followed,
    since what a service makes of it is its own affair. `shown_path` stands in the result and in
    errors. Raises: BadInput when the file is missing, a folder, not an image, or damaged.
    """
    where = shown_path
    if path.is_dir():
        raise BadInput(f"{where}: this is a folder, expected an image file", fix=EXPECTED)
    if path.exists() and not path.is_file():
        raise BadInput(f"{where}: not a regular file, expected an image file", fix=EXPECTED)
    limits = Limits()
    try:
        sniffed = _sniffed_still(path, limits)
        picture = read_still(path, limits)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError as exc:
        raise BadInput(
            f"{where}: there is no such file",
            fix="paths are relative to the project root; check the spelling",
        ) from exc
    except OSError as exc:
        raise BadInput(f"{where}: it cannot be read: {exc.strerror or exc}", fix=EXPECTED) from exc
    except BadMedia as exc:
        raise BadInput(f"{where}: not a usable image: {exc.reason}", fix=EXPECTED) from exc
    return InputImage(
        id=id,
        role=role,
        sha256=sha256,
        path=shown_path,
        width_px=picture.width,
        height_px=picture.height,
        size_bytes=sniffed.size_bytes,
        media_type=sniffed.media_type,
    )


def _sniffed_still(path: Path, limits: Limits) -> Sniffed:
    sniffed = sniff(path, limits)
    if sniffed.kind == "clip":
        raise BadMedia("not_media", f"this is a video ({sniffed.media_type})")
    if sniffed.media_type == "image/heic":
        raise BadMedia("not_media", "HEIC is not supported; save it as PNG or JPEG")
    return sniffed

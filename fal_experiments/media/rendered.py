"""The files of one rendered asset: written whole, `derived.json` last, found again later."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from fal_experiments.core.derived import PARTS, Derived, Part, Picture, Recipe

POSTER = "poster.jpg"
SHEETS = {"jpeg": "sheet.jpg", "webp": "sheet.webp", "png": "sheet.png"}
GIF = "preview.gif"
WEBP = "preview.webp"
PROXY = "proxy.mp4"
DERIVED = "derived.json"
PART = ".part"
MADE_HERE = (POSTER, *SHEETS.values(), GIF, WEBP, PROXY)


def read_record(folder: Path) -> Derived | None:
    """Return what the record of a folder says; None where there is none that can be read."""
    try:
        return Derived.model_validate_json((folder / DERIVED).read_bytes())
    except (OSError, ValidationError):
        return None


def read_rendered(
    folder: Path, asset_sha256: str, recipe: Recipe, anchor_sha256: str | None = None
) -> Derived | None:
    """Return what was rendered of this asset with this recipe, if it is there and complete."""
    derived = read_record(folder)
    if derived is None or not derived.is_of(asset_sha256, recipe, anchor_sha256):
        return None
    pictures = [p for p in map(derived.picture_of, PARTS) if p is not None]
    return derived if all(_is_there(folder, picture) for picture in pictures) else None


def parts_at_hand(earlier: Derived | None, folder: Path, wanted: Derived) -> set[Part]:
    """Return the parts that an earlier rendering left and that this one would make just so.

    `wanted` tells asset and recipe.
    """
    if earlier is None:
        return set()
    reusable = earlier.reusable(wanted.asset_sha256, wanted.recipe)
    return {
        part
        for part in reusable
        if (picture := earlier.picture_of(part)) is not None and _is_there(folder, picture)
    }


def _is_there(folder: Path, picture: Picture) -> bool:
    try:
        return (folder / picture.file).stat().st_size == picture.size_bytes
    except OSError:
        return False


def write_rendered(folder: Path, derived: Derived, files: Mapping[str, bytes]) -> None:
    """Write pictures, then the record that says that they are complete.

    While old pictures are being replaced there is no record, so that a record never stands
    beside pictures of another recipe, wherever the power fails. Pictures of parts that the record
    has no longer are removed; those of a failed rendering stay. Raises: OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        _write_part(folder / name, data)
    (folder / DERIVED).unlink(missing_ok=True)
    for name in files:
        _finish_part(folder / name)
    if derived.failed is None:
        told = {picture.file for part in PARTS if (picture := derived.picture_of(part))}
        for name in set(MADE_HERE) - told - set(files):
            (folder / name).unlink(missing_ok=True)
    _write_part(folder / DERIVED, derived.model_dump_json(indent=1).encode() + b"\n")
    _finish_part(folder / DERIVED)


def _write_part(path: Path, data: bytes) -> None:
    with path.with_name(path.name + PART).open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _finish_part(path: Path) -> None:
    path.with_name(path.name + PART).replace(path)

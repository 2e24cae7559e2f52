"""The files of one rendered asset: written whole, `derived.json` last, found again later."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from fal_experiments.core.derived import Derived, Picture, Recipe

POSTER = "poster.jpg"
SHEET = "sheet.jpg"
GIF = "preview.gif"
DERIVED = "derived.json"
PART = ".part"


def read_rendered(folder: Path, asset_sha256: str, recipe: Recipe) -> Derived | None:
    """Return what was rendered of this asset with this recipe, if it is there and complete."""
    try:
        derived = Derived.model_validate_json((folder / DERIVED).read_bytes())
    except (OSError, ValidationError):
        return None
    if not derived.is_of(asset_sha256, recipe):
        return None
    sheet = derived.sheet.picture if derived.sheet else None
    pictures = [p for p in (derived.poster, sheet, derived.gif) if p is not None]
    return derived if all(_is_there(folder, picture) for picture in pictures) else None


def _is_there(folder: Path, picture: Picture) -> bool:
    try:
        return (folder / picture.file).stat().st_size == picture.size_bytes
    except OSError:
        return False


def write_rendered(folder: Path, derived: Derived, files: Mapping[str, bytes]) -> None:
    """Write pictures, then the record that says that they are complete.

    While old pictures are being replaced there is no record, so that a record never stands
    beside pictures of another recipe, wherever the power fails. Raises: OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        _write_part(folder / name, data)
    (folder / DERIVED).unlink(missing_ok=True)
    for name in files:
        _finish_part(folder / name)
    _write_part(folder / DERIVED, derived.model_dump_json(indent=1).encode() + b"\n")
    _finish_part(folder / DERIVED)


def _write_part(path: Path, data: bytes) -> None:
    with path.with_name(path.name + PART).open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _finish_part(path: Path) -> None:
    path.with_name(path.name + PART).replace(path)

"""Measured input files for tests of the core."""

from typing import Any

from fal_experiments.core.inputs import InputFile


def file(role: str, mark: str, **facts: Any) -> InputFile:
    """A measured local file."""
    known: dict[str, Any] = {"width_px": 1280, "height_px": 720, "size_bytes": 1000}
    return InputFile(
        id="plate", role=role, sha256=mark * 32, path=f"{mark}.bin", **{**known, **facts}
    )

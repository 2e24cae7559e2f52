"""The picture that a clip started from, as a file; named here so that nobody loads a decoder."""

from pathlib import Path
from typing import NamedTuple


class Anchor(NamedTuple):
    """The input picture of a clip: a local file, known by its content."""

    path: Path
    sha256: str

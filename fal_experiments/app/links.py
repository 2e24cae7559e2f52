"""Links from the folder of a page to files beside it."""

import os
from pathlib import Path
from urllib.parse import quote


def href(path: Path, base: Path) -> str:
    """Return a link from a folder to a path, safe for names with spaces or `#`."""
    return quote(Path(os.path.relpath(path.resolve(), base.resolve())).as_posix())

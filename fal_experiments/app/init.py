"""`fal-exp init`: a project with the quickstart in it. Never replaces a file."""

from pathlib import Path

from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import write_bytes, write_text
from fal_experiments.storage.bundled import QUICKSTART, bundled_root

GITIGNORE = """\
# keys
.env
# sandbox batches cost nothing to make again
experiments/sandbox/
"""


def init(folder: Path) -> list[str]:
    """Make a project; returns the files written, from its root.

    Raises: BadInput when the folder holds the quickstart's files already; StorageFailed.
    """
    existing = [name for name in QUICKSTART if (folder / name).exists()]
    if existing:
        raise BadInput(
            f"{folder / existing[0]} exists already; nothing was changed",
            fix="choose another folder, or delete it first",
        )
    for name in QUICKSTART:
        write_bytes(folder / name, (bundled_root() / name).read_bytes())
    written = list(QUICKSTART)
    if not (folder / ".gitignore").exists():
        write_text(folder / ".gitignore", GITIGNORE)
        written.append(".gitignore")
    for name in ("presets", "learnings"):
        (folder / name).mkdir(exist_ok=True)
    return written

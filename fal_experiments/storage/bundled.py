"""What travels with the program: presets, their schema snapshots, the quickstart.

In an installed wheel they stand in `fal_experiments/bundled/`; in a checkout, at its root.
"""

from pathlib import Path

import fal_experiments
from fal_experiments.errors import BadInput

QUICKSTART = (
    "experiments/quickstart.yaml",
    "experiments/assets/knight-east-1280x720.png",
    "prompts/idle.md",
    "prompts/castle.md",
)


def bundled_root() -> Path:
    """Return the folder that holds `presets/` and the quickstart.

    Raises: BadInput when the installation is broken.
    """
    package = Path(fal_experiments.__file__).parent
    for root in (package / "bundled", package.parent):
        if (root / "presets" / "schemas").is_dir():
            return root
    raise BadInput(
        f"{package}: the presets that come with the program are missing",
        fix="install it again: pip install --force-reinstall fal-experiments",
    )


def bundled_presets() -> Path:
    """Return the folder of presets that come with the program."""
    return bundled_root() / "presets"

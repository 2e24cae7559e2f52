"""Jobs for worker processes: what the tests of odd files ask one for."""

import resource
from pathlib import Path
from typing import NamedTuple

from fal_experiments.core.derived import Derived, Moving, Recipe
from fal_experiments.media.derive import derive_file
from fal_experiments.media.limits import Limits

SHA = "ab" * 32
ALL_PARTS = Recipe(
    tile_width_px=64, gif=Moving(width_px=64), webp=Moving(width_px=64), proxy_height_px=64
)
DERIVE = f"{__name__}:derive_and_weigh"


class Weighed(NamedTuple):
    """A record, and the largest memory of the process that made it."""

    derived: Derived
    peak_mib: float


def derive_and_weigh(clip: Path, folder: Path, limits: Limits) -> Weighed:
    """Make every part of a clip."""
    derived = derive_file(clip, folder, SHA, ALL_PARTS, limits)
    return Weighed(derived, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

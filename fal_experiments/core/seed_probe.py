"""Seed probes: one cell of each seeded preset is bought twice, to see whether the seed decides.

A vendor that lists a seed may ignore it, or add noise of its own; only two clips can tell.
"""

from collections.abc import Sequence

from fal_experiments.core.ids import cell_id
from fal_experiments.core.likeness import Likeness
from fal_experiments.core.plan import Cell


def seed_probes(cells: Sequence[Cell], repeats: int) -> tuple[Cell, ...]:
    """Return for each preset that is sent seeds one more cell, equal to its first one.

    Args:
        repeats: how often the matrix buys each cell; the probe is one more.
    """
    firsts: dict[str, Cell] = {}
    for cell in cells:
        if cell.seed_sent is not None:
            firsts.setdefault(cell.at.preset, cell)
    return tuple(_twin(cell, repeats + 1) for cell in firsts.values())


def finding(likeness: Likeness) -> str:
    """Return what a probe showed, as it stands in the fairness sheet."""
    words = likeness.in_words
    if likeness.verdict == "different":
        return f"probed: ignored ({words.removeprefix('different: ')})"
    return f"probed: {words}"


def _twin(cell: Cell, repeat: int) -> Cell:
    return cell.model_copy(
        update={
            "cell_id": cell_id(
                provider=cell.provider,
                endpoint=cell.endpoint,
                arguments=cell.arguments,
                repeat=repeat,
            ),
            "at": cell.at.model_copy(update={"repeat": repeat}),
            "repeat": repeat,
            "probe_of": cell.cell_id,
        }
    )

"""A plan → the plan of some of its cells: money and counts of these alone, the others named."""

from collections.abc import Sequence

from fal_experiments.core.model import listed, nearest
from fal_experiments.core.plan import Cell, NotAsked, Plan
from fal_experiments.errors import BadInput

MOST_NAMED = 5
"""Of the cells that an unclear id may mean."""


def narrowed(plan: Plan, wanted: Sequence[str], source: str) -> Plan:
    """Return the plan of the cells whose ids are, or begin with, what is wanted.

    They keep the order of the plan, however they are asked for. Prompts, presets and inputs that
    none of them uses are not part of the new plan, so that every denominator counts what was asked
    for alone; the cells that were not asked for are kept by name.

    Args:
        source: what the plan was made of, for messages.

    Raises: BadInput for an id that no cell has, or that fits several.
    """
    ids = {_the_one(plan.cells, text, source).cell_id for text in wanted}
    cells = tuple(cell for cell in plan.cells if cell.cell_id in ids)
    before = plan.not_asked or NotAsked()
    others = (cell.cell_id for cell in plan.cells if cell.cell_id not in ids)
    return plan.model_copy(
        update={
            "cells": cells,
            "left_out": (),
            "not_asked": NotAsked(
                cells=(*before.cells, *others), left_out=before.left_out + len(plan.left_out)
            ),
            **_used_by(plan, cells),
        }
    )


def _used_by(plan: Plan, cells: Sequence[Cell]) -> dict[str, object]:
    prompts = {cell.at.prompt for cell in cells}
    presets = {cell.at.preset for cell in cells}
    inputs = {cell.at.input for cell in cells}
    return {
        "prompts": tuple(prompt for prompt in plan.prompts if prompt.id in prompts),
        "presets": {name: use for name, use in plan.presets.items() if name in presets},
        "inputs": tuple(file for file in plan.inputs if file.id in inputs),
    }


def _the_one(cells: Sequence[Cell], text: str, source: str) -> Cell:
    """Return the cell that an id or its beginning means. Raises: BadInput."""
    start = text.strip().lower()
    fitting = [cell for cell in cells if start and cell.cell_id.startswith(start)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        named = listed([f"{cell.cell_id} ({cell.label})" for cell in fitting[:MOST_NAMED]])
        raise BadInput(
            f"--cell {text} fits {len(fitting)} cells of {source}: {named}",
            fix="write more of the id",
        )
    meant = nearest(start, [cell.cell_id for cell in cells], most=MOST_NAMED)
    raise BadInput(
        f"there is no cell {text!r} in {source}{meant}",
        fix=f"`fal-exp plan {source} --cells` lists the ids",
    )

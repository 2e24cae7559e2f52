"""A part of a plan counts itself alone, keeps the order, and names what was not asked for."""

import pytest

from fal_experiments.core.changes import Changes
from fal_experiments.core.money import Band
from fal_experiments.core.narrow import narrowed
from fal_experiments.core.plan import Plan
from fal_experiments.core.report_header import varied_lines
from fal_experiments.errors import BadInput
from tests.unit.core.materials import plan_of, spec


def _plan() -> Plan:
    return plan_of(
        spec(
            prompts=[{"id": "walk", "text": "He walks."}, {"id": "idle", "text": "He rests."}],
            presets=["seeded", "seedless"],
            seeds="1-2",
            exclude=[{"preset": "seedless", "seed": 2, "reason": "too dear"}],
        )
    )


def test_money_and_every_denominator_are_those_of_the_asked_cells_alone() -> None:
    plan = _plan()
    wanted = next(cell for cell in plan.cells if cell.at.preset == "seedless")

    part = narrowed(plan, [wanted.cell_id[:6]], "m.yaml")

    assert [cell.cell_id for cell in part.cells] == [wanted.cell_id]
    assert part.cells == (wanted,)
    assert part.left_out == ()
    assert list(part.presets) == ["seedless"]
    assert [prompt.id for prompt in part.prompts] == [wanted.at.prompt]
    assert part.estimate == wanted.estimate != Band(low=0, expected=0, high=0)
    assert part.not_asked is not None
    assert set(part.not_asked.cells) == {c.cell_id for c in plan.cells} - {wanted.cell_id}
    assert part.not_asked.combinations == len(plan.cells) - 1 + len(plan.left_out)


def test_asked_cells_keep_the_order_of_the_plan_and_are_bought_once() -> None:
    plan = _plan()
    first, *_, last = (cell.cell_id for cell in plan.cells)

    part = narrowed(plan, [last, first.upper(), last[:8]], "m.yaml")

    assert [cell.cell_id for cell in part.cells] == [first, last]


def test_a_part_of_a_part_still_names_all_that_was_not_asked_for() -> None:
    plan = _plan()
    first, second = (cell.cell_id for cell in plan.cells[:2])

    part = narrowed(narrowed(plan, [first, second], "m.yaml"), [second], "m.yaml")

    assert part.not_asked is not None
    assert part.not_asked.combinations == len(plan.cells) - 1 + len(plan.left_out)
    assert set(part.not_asked.cells) == {c.cell_id for c in plan.cells} - {second}


def test_the_report_of_a_part_says_that_it_is_one() -> None:
    plan = _plan()
    part = narrowed(plan, [plan.cells[0].cell_id], "m.yaml")

    asked = next(line for line in varied_lines(part) if line.label == "asked for")

    assert asked.value == f"1 of {len(plan.cells) + len(plan.left_out)} combinations"
    assert not any(line.label == "asked for" for line in varied_lines(plan))


def test_a_whole_plan_says_nothing_of_what_was_not_asked_for() -> None:
    assert "not_asked" not in _plan().snapshot()
    part = narrowed(_plan(), [_plan().cells[0].cell_id], "m.yaml")
    assert Plan.model_validate(part.snapshot()) == part


def test_an_unknown_id_is_told_with_the_near_ones() -> None:
    plan = _plan()
    wrong = plan.cells[0].cell_id[:-1] + "!"

    with pytest.raises(BadInput, match=f"no cell '{wrong}' in m.yaml") as caught:
        narrowed(plan, [wrong], "m.yaml")

    assert plan.cells[0].cell_id in caught.value.message
    assert "--cells" in str(caught.value.fix)


@pytest.mark.parametrize("empty", ["", "  "])
def test_nothing_is_the_beginning_of_no_id(empty: str) -> None:
    with pytest.raises(BadInput, match="there is no cell"):
        narrowed(_plan(), [empty], "m.yaml")


def test_a_beginning_that_fits_several_names_them() -> None:
    plan = _plan()
    alike = tuple(
        cell.model_copy(update={"cell_id": f"abc{n}"}) for n, cell in enumerate(plan.cells)
    )

    with pytest.raises(BadInput, match=f"fits {len(alike)} cells") as caught:
        narrowed(plan.model_copy(update={"cells": alike}), ["abc"], "m.yaml")

    assert alike[0].label in caught.value.message


def test_a_cell_is_told_only_of_changes_in_what_it_is_made_of() -> None:
    cell = _plan().cells[0]
    sha256 = next(stamp.sha256 for stamp in cell.inputs.values())
    changes = Changes(
        prompts={cell.at.prompt: "prompts/walk.md", "other": "prompts/other.md"},
        inputs={sha256 or "": "a.png", "ff": "b.png"},
    )

    assert changes.of_cell(cell) == ("prompts/walk.md", "a.png")
    assert Changes().of_cell(cell) == ()

"""A matrix sheet has a place for every combination, in the order that was asked for."""

import pytest

from fal_experiments.core.derived import Derived, Recipe
from fal_experiments.core.fold import BatchState
from fal_experiments.core.matrix_lanes import Sides, Words, groups, read_sides
from fal_experiments.core.matrix_sheet import MatrixSheet, SheetCell, build_matrix_sheet
from fal_experiments.core.plan import Plan
from fal_experiments.errors import BadInput
from tests.unit.core.histories import History, done, failure
from tests.unit.core.materials import plan_of, spec
from tests.unit.core.test_report import DERIVED

USUAL = read_sides(None, None)


def _plan(**changes: object) -> Plan:
    plan = plan_of(spec(**changes))
    cells = tuple(
        cell.model_copy(update={"cell_id": f"c{n}"}) for n, cell in enumerate(plan.cells, start=1)
    )
    return plan.model_copy(update={"cells": cells})


def _sheet(plan: Plan, sides: Sides = USUAL, **derived: Derived) -> MatrixSheet:
    state = BatchState()
    state.apply_all(done().events)
    return build_matrix_sheet(plan, state, derived, sides, "20261120T093000Z-a-test")


def _at(sheet: MatrixSheet, row: int, column: int) -> SheetCell:
    return next(cell for cell in sheet.cells if (cell.row, cell.column) == (row, column))


def test_presets_go_across_and_the_rest_goes_down() -> None:
    two = [{"id": "walk", "text": "He walks."}, {"id": "idle", "text": "He waits."}]

    sheet = _sheet(_plan(prompts=two))

    assert [lane.group.text for lane in sheet.columns] == ["Seeded", "Seedless"]
    assert [lane.note.text for lane in sheet.columns] == ["seeded", "seedless"]
    rows = [(lane.group.text, lane.label.text) for lane in sheet.rows]
    assert rows == [
        ("walk", "seed 1"),
        ("walk", "seed 2"),
        ("idle", "seed 1"),
        ("idle", "seed 2"),
    ]
    assert sheet.rows[0].note == Words("He walks.")
    assert groups(sheet.rows) == [(0, 2), (2, 2)]
    assert {(cell.row, cell.column) for cell in sheet.cells} == {
        (row, column) for row in range(4) for column in range(2)
    }


def test_any_dimension_can_go_across() -> None:
    sheet = _sheet(_plan(), read_sides("presets", "prompts, seeds"))

    assert [lane.group.text for lane in sheet.rows] == ["Seeded", "Seedless"]
    assert [lane.label.text for lane in sheet.columns] == ["seed 1", "seed 2"]


def test_an_axis_splits_the_columns_and_is_named() -> None:
    sheet = _sheet(_plan(presets=["seeded"], seeds=1, axes={"cfg": [0.7, 0.3]}))

    assert [lane.label.text for lane in sheet.columns] == ["cfg 0.7", "cfg 0.3"]


def test_a_clip_is_told_by_its_run_length_and_size() -> None:
    cell = _at(_sheet(_plan(), c1=DERIVED), 0, 0)

    assert cell.cell_id == "c1"
    assert cell.caption == "seed 1 · 5.00 s · 1280 × 720"


def test_what_has_no_clip_says_why() -> None:
    rules = [{"preset": "seedless", "seed": 2, "reason": "too dear"}]
    plan = _plan(exclude=rules)
    state = BatchState()
    state.apply_all(done().events)
    broken = Derived(asset_sha256="z", recipe=Recipe(), failed="cut off")

    sheet = build_matrix_sheet(plan, state, {"c1": broken}, USUAL, "b")

    told = {(c.row, c.column): (c.state_label, c.why, c.cell_id) for c in sheet.cells}
    assert told[0, 0] == ("not rendered", "cut off", None)
    assert told[1, 1] == ("excluded", "too dear", None)
    assert told[0, 1][:2] == ("not submitted", "not submitted yet")
    missing = _at(_sheet(plan), 0, 0)
    assert (missing.tone, missing.cell_id) == ("warn", None)
    assert "fal-exp render" in missing.why


def test_a_failed_cell_shows_the_error_of_the_provider() -> None:
    state = BatchState()
    state.apply_all(History().started().intended().accepted().failed(failure()).events)

    cell = _at(build_matrix_sheet(_plan(), state, {}, USUAL, "b"), 0, 0)

    assert (cell.state_label, cell.tone) == ("failed", "bad")
    assert cell.why == failure().label()


def test_words_of_a_person_have_something_that_stands_for_them() -> None:
    prompts = [{"id": "walk", "text": "A {{ subject }} walks."}]
    plan = _plan(prompts=prompts, vars={"subject": ["knight", "骑士"]}, name="骑士", seeds=1)

    sheet = _sheet(plan)

    assert sheet.title == Words("骑士", plan.slug)
    assert [lane.group for lane in sheet.rows] == [
        Words("walk · subject knight", "walk · subject 1"),
        Words("walk · subject 骑士", "walk · subject 2"),
    ]


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ("prompt", None, "--rows: there is no dimension 'prompt'; did you mean prompts?"),
        (None, "models", "--columns: there is no dimension 'models'"),
        ("presets", "presets", "presets cannot go down and across at once"),
    ],
)
def test_sides_that_cannot_be_are_refused(
    rows: str | None, columns: str | None, words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_sides(rows, columns)

    assert words in caught.value.message


def test_what_is_not_named_goes_down() -> None:
    assert read_sides("seeds", None) == Sides(
        ("seeds", "prompts", "inputs", "repeats"), ("presets", "axes")
    )
    assert read_sides("presets", None).columns == ("axes",)

"""A matrix becomes every combination once, and whatever is left out keeps its reason."""

from typing import Any

import pytest

from fal_experiments.core.matrix import Exclude
from fal_experiments.errors import BadInput
from tests.unit.core.materials import (
    PLATE,
    SCHEMAS,
    SEEDED,
    SEEDLESS,
    plan_of,
    preset,
    schema,
    spec,
)


def test_every_prompt_meets_every_preset_and_every_seed() -> None:
    plan = plan_of(spec(prompts=[{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]))

    assert len(plan.cells) == 2 * 2 * 2
    assert plan.left_out == ()


def test_a_model_without_a_seed_knob_gets_repeats_and_is_never_sent_a_seed() -> None:
    cells = [c for c in plan_of(spec(repeats=2)).cells if c.at.preset == "seedless"]

    assert [cell.run_label for cell in cells] == ["repeat 1", "repeat 2", "repeat 3", "repeat 4"]
    assert all("seed" not in cell.arguments and cell.seed_sent is None for cell in cells)


def test_a_seed_reaches_the_knob_of_a_model_that_has_one() -> None:
    cells = [c for c in plan_of(spec()).cells if c.at.preset == "seeded"]

    assert [cell.arguments["seed"] for cell in cells] == [1, 2]


def test_the_order_of_the_matrix_changes_no_cell_id() -> None:
    forward = plan_of(spec(prompts=[{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]))
    backward = plan_of(
        spec(
            prompts=[{"id": "b", "text": "B"}, {"id": "a", "text": "A"}],
            presets=["seedless", "seeded"],
            seeds="2, 1",
        ),
        presets=(SEEDLESS, SEEDED),
    )

    assert {c.cell_id for c in forward.cells} == {c.cell_id for c in backward.cells}


def test_a_cell_id_follows_the_picture_and_not_its_name() -> None:
    renamed = PLATE.model_copy(update={"id": "other", "path": "elsewhere/b.png"})
    changed = PLATE.model_copy(update={"sha256": "cd" * 32})
    ids = [
        {c.cell_id for c in plan_of(spec(), images=(image,)).cells}
        for image in (PLATE, renamed, changed)
    ]

    assert ids[0] == ids[1]
    assert ids[0].isdisjoint(ids[2])


def test_interleaved_takes_one_of_each_preset_in_turn() -> None:
    plan = plan_of(spec(order="interleaved"))

    assert [c.at.preset for c in plan.cells] == ["seeded", "seedless", "seeded", "seedless"]


def test_cheapest_first_puts_what_has_no_price_last() -> None:
    dear = preset("seedless", price=None, seed={"support": "none"})
    plan = plan_of(
        spec(order="cheapest-first", presets=["seedless", "seeded"]), presets=(dear, SEEDED)
    )

    assert [c.at.preset for c in plan.cells] == ["seeded", "seeded", "seedless", "seedless"]


def test_an_axis_applies_to_presets_that_have_the_knob_and_others_keep_one_cell() -> None:
    plan = plan_of(spec(axes={"cfg": [0.3, 0.7]}, seeds=1))

    got = [(c.at.preset, c.arguments.get("cfg")) for c in plan.cells]
    assert got == [("seeded", 0.3), ("seeded", 0.7), ("seedless", None)]


def test_a_hold_key_as_an_axis_turns_each_models_own_knob() -> None:
    plan = plan_of(spec(axes={"duration": [5, 10]}, seeds=1, presets=["seeded"]))

    assert [c.arguments["duration"] for c in plan.cells] == ["5", "10"]


def test_two_combinations_that_send_the_same_request_are_bought_once() -> None:
    plan = plan_of(spec(axes={"duration": [4, 5]}, seeds=1, presets=["seeded"]))

    assert len(plan.cells) == 1
    assert plan.left_out[0].state == "duplicate"
    assert plan.left_out[0].cell_id == plan.cells[0].cell_id


def test_an_excluded_cell_keeps_its_reason() -> None:
    plan = plan_of(spec(exclude=[{"preset": "seedless", "seed": 2, "reason": "too dear"}]))

    assert len(plan.cells) == 3
    assert [(c.state, c.reason) for c in plan.left_out] == [("excluded", "too dear")]


def test_an_exclude_rule_may_list_values() -> None:
    rule = Exclude.model_validate({"seed": [1, 2], "preset": "seedless", "reason": "later"})

    assert rule.match == {"seed": [1, 2], "preset": ["seedless"]}
    assert len(plan_of(spec(exclude=[rule])).left_out) == 2


def test_a_rule_that_leaves_nothing_out_is_a_mistake() -> None:
    with pytest.raises(BadInput, match=r"seedles.* leaves nothing out"):
        plan_of(spec(exclude=[{"preset": "seedles", "reason": "x"}]))


@pytest.mark.parametrize("selector", [{"seed": True}, {"seed": "1"}, {"cfg": None}])
def test_a_rule_matches_by_type_and_never_a_value_that_a_cell_does_not_have(
    selector: dict[str, Any],
) -> None:
    rule = {**selector, "reason": "x"}

    with pytest.raises(BadInput, match="leaves nothing out"):
        plan_of(spec(seeds="1-2", axes={"cfg": [0.5]}, exclude=[rule]))


def test_what_the_model_cannot_give_is_sent_as_near_as_it_goes_and_recorded() -> None:
    cell = plan_of(spec(hold={"duration": 6, "audio": True}, seeds=1, presets=["seeded"])).cells[0]

    assert cell.arguments["duration"] == "5"
    assert [d.label() for d in cell.deviations] == ["duration 6 → 5", "audio on → off"]


def test_on_mismatch_unsupported_leaves_the_cell_out_with_the_reason() -> None:
    with pytest.raises(BadInput, match="duration 6 → 5"):
        plan_of(spec(hold={"duration": 6}, on_mismatch="unsupported"))


def test_on_mismatch_error_refuses_the_matrix() -> None:
    with pytest.raises(BadInput, match="seeded cannot meet this: audio on → off"):
        plan_of(spec(hold={"audio": True}, on_mismatch="error"))


def test_arguments_that_the_schema_refuses_make_an_unsupported_cell_in_its_words() -> None:
    odd = preset("seeded", arguments={"duration": "5", "cfg": 3})
    plan = plan_of(spec(), presets=(odd, SEEDLESS))

    assert {c.state for c in plan.left_out} == {"unsupported"}
    assert "cfg: 3 is greater than the maximum of 1" in plan.left_out[0].reason


def test_prompts_of_another_task_go_to_presets_of_that_task_only() -> None:
    t2v = preset("t2v", task="text-to-video", inputs={}, endpoint="vendor/seeded")
    matrix = spec(
        presets=["seeded", "t2v"],
        seeds=1,
        prompts=[
            {"id": "walk", "text": "He walks."},
            {"id": "castle", "text": "A castle.", "task": "text-to-video"},
        ],
    )

    plan = plan_of(matrix, presets=(SEEDED, t2v))

    assert [(c.at.prompt, c.at.preset) for c in plan.cells] == [
        ("walk", "seeded"),
        ("castle", "t2v"),
    ]
    assert "image_url" not in plan.cells[1].arguments


def test_a_dialect_is_used_by_its_family_and_said_so() -> None:
    prompt = {"id": "walk", "text": "He walks.", "dialects": {"seedless": "Static. He walks."}}
    plan = plan_of(spec(prompts=[prompt], seeds=1))

    assert [(c.prompt_text, c.prompt_dialect) for c in plan.cells] == [
        ("He walks.", None),
        ("Static. He walks.", "seedless"),
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"axes": {"cgf": [1]}}, "no preset of this matrix has this knob; did you mean cfg"),
        ({"axes": {"cfg": [2, 3]}}, "seeded refuses 2: cfg: 2 is greater"),
        ({"axes": {"cfg": ["0.5"]}}, 'is not of type "number"'),
        ({"task": "text-to-video"}, "seeded does image-to-video, and no prompt has that task"),
    ],
)
def test_what_no_preset_could_take_is_refused_before_anything_else(
    changes: dict[str, object], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        plan_of(spec(**changes))


def test_image_to_video_without_an_image_is_refused() -> None:
    with pytest.raises(BadInput, match="seeded needs an image, and the matrix gives none"):
        plan_of(spec(inputs=[]), images=())


def test_a_retired_preset_names_its_successor() -> None:
    old = preset("seeded", status="retired", successor="seedless")

    with pytest.raises(BadInput) as caught:
        plan_of(spec(), presets=(old, SEEDLESS))

    assert caught.value.fix == "use seedless"


def test_an_endpoint_without_a_schema_snapshot_is_used_with_a_warning() -> None:
    without = {k: v for k, v in SCHEMAS.items() if k != "vendor/seedless"}

    plan = plan_of(spec(), schemas=without)

    assert plan.warnings == (
        "seedless: no schema snapshot of vendor/seedless; arguments are not checked",
    )


def test_a_picture_of_another_shape_than_the_one_that_is_held_is_pointed_out() -> None:
    controls = SEEDED.model_dump()["controls"] | {
        "aspect_ratio": {"knob": "aspect_ratio", "choices": [{"send": "16:9", "means": "16:9"}]}
    }
    wide = preset("seeded", controls=controls)
    portrait = PLATE.model_copy(update={"width_px": 900, "height_px": 1200})
    held = spec(hold={"aspect_ratio": "16:9"}, presets=["seeded"])
    knobs = {"duration": {"type": "string"}, "seed": {"type": "integer"}}
    known = {
        "vendor/seeded": schema("vendor/seeded", aspect_ratio={"type": "string"}, **knobs),
    }

    assert plan_of(held, presets=(wide,), schemas=known).warnings == ()
    assert plan_of(held, presets=(wide,), images=(portrait,), schemas=known).warnings == (
        "input plate is 3:4 and 16:9 is held: seeded will crop or extend it",
    )


def test_a_plan_survives_the_way_to_disk_and_back() -> None:
    plan = plan_of(spec(axes={"cfg": [0.3]}, hold={"duration": 6}, budget={"max_usd": "12.50"}))

    assert type(plan).model_validate_json(plan.model_dump_json()) == plan


def test_null_needs_a_schema_that_says_it_is_taken() -> None:
    with pytest.raises(
        BadInput, match=r"null is sent only where a schema says .* seedless has"
    ) as e:
        plan_of(
            spec(axes={"duration_of_it": ["5", None]}),
            presets=(preset("seedless", arguments={"duration_of_it": "5"}),),
            schemas={},
        )

    assert e.value.path == ("axes", "duration_of_it", 1)

"""Variables and shots: one prompt becomes many, and many shots become one clip."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.matrix_file import read_matrix
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput
from tests.unit.core.materials import SEEDED, plan_of, preset, schema, spec

HERO = {"id": "walk", "text": "The {{ subject }} walks in {{place}}."}
SHOTS = [{"text": "She turns.", "duration": 4}, {"text": "He laughs.", "duration": 3}]
MULTI = preset(
    "multi",
    inputs={
        "image": "image_url",
        "shots": {"knob": "multi_prompt", "text": "prompt", "duration": "duration"},
    },
    controls={"duration": {"knob": "duration", "choices": ["5", "7", "10"]}},
)
MULTI_SCHEMA = schema(
    "vendor/multi",
    duration={"type": "string", "enum": ["5", "7", "10"]},
    seed={"type": "integer"},
    multi_prompt={"type": "array", "items": {"type": "object"}},
)
RULES = {
    "constraints": [{"rule": "exactly_one_of", "fields": ["prompt", "multi_prompt"]}],
    "input": MULTI_SCHEMA.input | {"required": []},
}
STRICT = type(MULTI_SCHEMA).model_validate(MULTI_SCHEMA.model_dump() | RULES)


def test_each_prompt_meets_every_value_of_the_variables_that_it_names() -> None:
    plan = plan_of(
        spec(
            prompts=[HERO, {"id": "plain", "text": "Nobody moves."}],
            vars={"subject": ["knight", "wizard"], "place": ["fog", 7]},
            presets=["seeded"],
            seeds=1,
        )
    )

    texts = [cell.prompt_text for cell in plan.cells]
    assert texts == [
        "The knight walks in fog.",
        "The knight walks in 7.",
        "The wizard walks in fog.",
        "The wizard walks in 7.",
        "Nobody moves.",
    ]
    assert plan.cells[1].at.vars == {"subject": "knight", "place": "7"}
    assert plan.cells[4].at.vars == {}


def test_dialects_are_filled_in_too() -> None:
    hero = HERO | {"dialects": {"seeded": "VISUAL: {{ subject }}"}}
    plan = plan_of(spec(prompts=[hero], vars={"subject": ["owl"], "place": ["fog"]}))

    said = {cell.at.preset: cell.prompt_text for cell in plan.cells}
    assert said == {"seeded": "VISUAL: owl", "seedless": "The owl walks in fog."}


def test_a_rule_can_leave_out_one_value_of_a_variable() -> None:
    plan = plan_of(
        spec(
            prompts=[HERO],
            vars={"subject": ["knight", "wizard"], "place": ["fog"]},
            exclude=[{"subject": "wizard", "reason": "not drawn yet"}],
        )
    )

    assert {cell.at.vars["subject"] for cell in plan.cells} == {"knight"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompts": [HERO], "vars": {"subject": ["a"]}}, "prompt walk names {{ place }}"),
        ({"prompts": [HERO]}, "vars gives no value for it"),
        ({"vars": {"colour": ["red"]}}, "no prompt names {{ colour }}"),
    ],
)
def test_a_variable_without_a_value_or_a_use_is_refused(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words.replace("{", r"\{").replace("}", r"\}")):
        plan_of(spec(**changes))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("vars: {seed: [a]}", r"m.yaml:5: vars.seed: the name seed is taken"),
        ("vars: {subject: [a, a]}", r"a value stands twice"),
        ("vars: {Subject: [a]}", "is not a name such as subject"),
    ],
)
def test_a_bad_variable_is_named_with_its_line(line: str, words: str) -> None:
    text = f"name: x\ntask: text-to-video\nprompts: [{{id: a, text: b}}]\npresets: [p]\n{line}\n"

    with pytest.raises(BadInput, match=words):
        read_matrix(load(text, "m.yaml"))


def test_shots_go_to_a_model_that_takes_them_in_place_of_the_prompt() -> None:
    plan = plan_of(
        spec(prompts=[{"id": "talk", "shots": SHOTS}], presets=["multi"], seeds=1),
        presets=(MULTI,),
        schemas={"vendor/multi": STRICT},
    )

    (cell,) = plan.cells
    assert cell.arguments["multi_prompt"] == [
        {"prompt": "She turns.", "duration": "4"},
        {"prompt": "He laughs.", "duration": "3"},
    ]
    assert "prompt" not in cell.arguments
    assert cell.arguments["duration"] == "7"
    assert cell.prompt_text == "[4 s] She turns.\n[3 s] He laughs."


def test_a_held_length_that_the_shots_do_not_add_up_to_is_a_deviation() -> None:
    plan = plan_of(
        spec(prompts=[{"id": "t", "shots": SHOTS}], presets=["multi"], hold={"duration": 5}),
        presets=(MULTI,),
        schemas={"vendor/multi": STRICT},
    )

    assert [d.label() for d in plan.cells[0].deviations] == ["duration 5 → 7"]


def test_a_model_without_shots_gets_the_text_and_says_so() -> None:
    plan = plan_of(spec(prompts=[{"id": "t", "text": "They talk.", "shots": SHOTS}], seeds=1))

    for cell in plan.cells:
        assert cell.arguments["prompt"] == "They talk."
        assert [d.label() for d in cell.deviations] == ["shots 2 → one prompt"]


def test_a_model_without_shots_cannot_run_a_prompt_that_has_nothing_else() -> None:
    plan = plan_of(
        spec(prompts=[{"id": "t", "shots": SHOTS}], presets=["multi", "seeded"], seeds=1),
        presets=(MULTI, SEEDED),
        schemas={"vendor/multi": STRICT},
    )

    (left,) = plan.left_out
    assert (left.at.preset, left.state) == ("seeded", "unsupported")
    assert left.reason == "the model takes one prompt, and this one has only shots"


def test_prompt_together_with_shots_is_refused_in_the_rules_own_words() -> None:
    both = preset("multi", inputs={"image": "image_url"}, arguments={"multi_prompt": [{}]})

    with pytest.raises(BadInput, match="exactly one of prompt, multi_prompt may be given"):
        plan_of(
            spec(prompts=[{"id": "t", "text": "They talk."}], presets=["multi"]),
            presets=(both,),
            schemas={"vendor/multi": STRICT},
        )


def test_a_shot_keeps_its_exact_length() -> None:
    (prompt,) = plan_of(
        spec(prompts=[{"id": "t", "text": "x", "shots": SHOTS}], presets=["seeded"])
    ).prompts

    assert [shot.duration for shot in prompt.shots] == [Decimal(4), Decimal(3)]


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        (
            "{{ hero-name }} walks",
            "prompt a: “{{ hero-name }}” is no variable; write {{ name }}",
            "write {{ hero_name }}, and vars: {hero_name: [...]}",
        ),
        (
            "{{ Hero }} walks",
            "prompt a: “Hero” cannot be a name in vars: lower-case letters, digits and _",
            "write {{ hero }}, and vars: {hero: [...]}",
        ),
        (
            "{{ hero walks",
            "prompt a: “{{” is no variable; write {{ name }}",
            "close the braces around a name of vars, or leave them out",
        ),
    ],
)
def test_braces_that_nothing_fills_stop_the_plan_with_a_mend_that_can_be_followed(
    text: str, said: str, fix: str
) -> None:
    with pytest.raises(BadInput) as caught:
        plan_of(spec(prompts=[{"id": "a", "text": text}]))

    assert (caught.value.message, caught.value.fix) == (said, fix)
    assert caught.value.path == ("prompts", 0)


def test_braces_of_a_dialect_are_told_with_its_name() -> None:
    prompt = {"id": "a", "text": "He walks.", "dialects": {"seeded": "{{ }} walks"}}

    with pytest.raises(BadInput, match=r"prompt a \(dialects\.seeded\): “\{\{ \}\}” is no varia"):
        plan_of(spec(prompts=[prompt]))

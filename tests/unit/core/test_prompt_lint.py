"""Each rule speaks up where it should, and keeps silent where a person would shake their head."""

from typing import Any

import pytest

from fal_experiments.core.lint_rules import RULES
from fal_experiments.core.matrix import Hold
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.prompt_advice import advice_of, lint_matrix
from fal_experiments.core.prompt_findings import Finding
from fal_experiments.core.prompt_lint import lint, lint_alone, unknown_dialects
from tests.unit.core.materials import SEEDED, plan_of, preset, schema, spec

LOUD = {"knob": "sound", "choices": [True, False]}
SHOTS = {"knob": "multi_prompt", "text": "prompt", "duration": "duration"}


def told(text: str, family: str = "wan", **prompt: Any) -> tuple[Finding, ...]:
    """The findings of a text in a clip of 5 s with sound."""
    task = prompt.pop("task", "text-to-video")
    reader = preset("p", family=family, task=task, controls=controls(sound=True))
    return lint(Prompt(id="p", text=text, **prompt), [(reader, None)], hold=Hold(duration=5))


def controls(*, sound: bool) -> dict[str, Any]:
    choices = [{"send": str(n), "means": n} for n in (5, 8, 10)]
    return {"duration": {"knob": "duration", "choices": choices}, "audio": {"fixed": sound}}


def rules(findings: tuple[Finding, ...]) -> list[str]:
    return [one.rule for one in findings]


@pytest.mark.parametrize(
    ("text", "rule", "family"),
    [
        ("The camera pans left, then zooms in on him.", "camera-moves", "wan"),
        ("Slow push-in on the knight. Crane shot over the wall.", "camera-moves", "wan"),
        ("镜头缓慢推近，然后镜头环绕骑士。", "camera-moves", "seedance"),
        ("Locked camera, the camera pans right with him.", "camera-contradiction", "wan"),
        ("He walks to the gate. He opens the door.", "actions", "wan"),
        ("He sits down, then draws his sword.", "actions", "wan"),
        ("固定镜头，骑士拔剑，然后转身。", "actions", "seedance"),
        ('She says "We have to leave before he comes home again."', "dialogue-length", "wan"),
        ("她说：“我们必须在他回家之前离开这个地方。”", "dialogue-length", "seedance"),
        ("The man says: Where is she? (no subtitles) {name}", "placeholder", "veo"),
        ("The man says: Where is she?", "no-subtitles", "veo"),
        ("He walks in place.", "camera-missing", "kling"),
        ("0-3s: he walks. 2-5s: he turns.", "time-axis", "seedance"),
        ("0-3秒：骑士拔剑。3-8秒：骑士转身。", "time-axis", "seedance"),
        ("[3s-2s] he walks.", "time-axis", "seedance"),
        ("A cliff. [Push in, Pan left, Tilt up, Shake]", "hailuo-commands", "hailuo"),
        ("A cliff. [Pan lft]", "hailuo-unknown", "hailuo"),
        ("A cliff. [Push in]", "foreign-idiom", "kling"),
        ("VISUAL: a cliff.", "foreign-idiom", "wan"),
        ("[Camera: wide shot] A cliff.", "foreign-idiom", "veo"),
        ("A cliff. SFX: waves.", "foreign-idiom", "seedance"),
        (
            "The man says: Go. SFX: a door. Ambient: wind. Music: slow strings. (no subtitles)",
            "audio-layers",
            "veo",
        ),
        ("A stunning 8k masterpiece of a cliff.", "marketing", "wan"),
        ("绝美的悬崖，大师级画面。", "marketing", "wan"),
        ("A cliff by the {{ sea-side }}.", "unfilled-variable", "wan"),
        ("A cliff by the {{ sea }}.", "unfilled-variable", "wan"),
    ],
)
def test_a_rule_speaks_up(text: str, rule: str, family: str) -> None:
    assert rule in rules(told(text, family))


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("The camera does not pan, zoom or tilt while he walks in place.", "wan"),
        ("Slow push-in. The push-in ends on his face.", "kling"),
        ("Slow dolly push-in on a woman as she lifts her gaze.", "kling"),
        ("A chef lifts the pan over the fire, static camera.", "kling"),
        ("She tilts her head up and pulls back the curtain, camera locked.", "kling"),
        ("He pulls out a sword and never turns, the camera holds steady.", "kling"),
        ("He walks. He walks faster, and the cape sways.", "wan"),
        ("The stone steps are wet, snow falls, leaves drift over the road.", "wan"),
        ('A sign reads "OPEN FOR EVERYBODY WHO COMES HERE AFTER TEN AT NIGHT".', "veo"),
        ('She whispers "You never listen."', "wan"),
        ('[Elena, whispering]: "You never listen." Static camera.', "kling"),
        ("0-3s: he walks. 3-5s: he stands, the camera pans left.", "seedance"),
        ("It takes 3-5 s until the door is open.", "seedance"),
        ("A cliff. [Push in, Pan left, Tilt up]", "hailuo"),
        ("[Camera: slow push-in] VISUAL: a cliff. AUDIO: waves.", "kling"),
        ("The smith mutters: Almost there. SFX: a hammer. Ambient: fire. (no subtitles)", "veo"),
        ("固定镜头。骑士原地行走，侧面视角，纯色背景。", "kling"),
        ("镜头前的男人推开门，回头看。", "kling"),
        ("Der Ritter geht an der Mauer entlang, die Kamera folgt ihm.", "kling"),
        ("El pan a la izquierda, luego zoom.", "kling"),
        ("騎士がその場で歩く。カメラは固定。", "kling"),
        ("Рыцарь идёт на месте.", "kling"),
        ("Der Mann sagt leise etwas.", "veo"),
    ],
)
def test_a_rule_keeps_silent(text: str, family: str) -> None:
    assert told(text, family) == ()


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("The knight, wearing red armour, walks in place.", True),
        ("A woman with long brown hair turns her head.", True),
        ("The red dress and the blue coat sway.", True),
        ("身穿盔甲的骑士原地行走。", True),
        ("Her red scarf trails behind in the wind.", False),
        ("Her hair blows in the wind while the light is wearing down.", False),
        ("The plume and the cape sway a little.", False),
    ],
)
def test_only_what_moves_is_described_beside_an_image(text: str, is_found: bool) -> None:
    assert ("describes-image" in rules(told(text, task="image-to-video"))) is is_found
    assert "describes-image" not in rules(told(text, task="text-to-video"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The knight walks in place on a checkerboard.", "sprite-grid"),
        ("The knight walks in place, slow push-in.", "sprite-camera"),
        ("Two knights walk in place.", "sprite-subjects"),
        ("The knight walks in place in a forest.", "sprite-background"),
        ("The knight walks in place, cinematic, bokeh.", "sprite-flourish"),
        ("骑士在森林里行走，镜头固定。", "sprite-background"),
    ],
)
def test_a_sprite_is_one_figure_before_a_flat_background(text: str, rule: str) -> None:
    assert rules(told(text, tags=("sprite",))) == [rule]
    assert rule not in rules(told(text))


def test_a_sprite_that_denies_a_grid_is_left_alone() -> None:
    text = "The knight walks in place, no checkerboard, no second figure. Flat grey background."

    assert told(text, tags=("sprite",)) == ()


def test_a_grid_is_welcome_in_a_still() -> None:
    text = "A sprite sheet of the knight in a grid, cinematic light."

    assert told(text, tags=("sprite",), task="text-to-image") == ()


def test_a_clip_that_is_to_be_extended_says_how_it_ends() -> None:
    tags = ("extend",)

    assert rules(told("He walks off to the left.", tags=tags)) == ["stable-end"]
    assert told("He walks to the gate and stops.", tags=tags) == ()


def test_a_longer_clip_has_room_for_more() -> None:
    prompt = Prompt(
        id="p", text='He walks to the gate. He opens the door. She says "Wait for me, I am coming."'
    )
    reader = preset("p", controls=controls(sound=True))

    short, long = (lint(prompt, [(reader, None)], hold=Hold(duration=s)) for s in (5, 8))

    assert rules(short) == ["actions"]
    assert short[0].told_to == "p (5 s)"
    assert long == ()


def test_the_length_is_that_which_the_model_gives_not_that_which_was_asked() -> None:
    prompt = Prompt(id="p", text="He walks to the gate. He opens the door.")
    fixed = preset("p", controls=controls(sound=True) | {"duration": {"fixed": 6}})

    assert lint(prompt, [(fixed, None)], hold=Hold(duration=5)) == ()


def test_sound_is_asked_of_no_clip_that_has_none() -> None:
    prompt = Prompt(id="p", text="A cliff. The man says: Go. (no subtitles)")
    silent = preset("silent", family="veo", controls=controls(sound=False))
    knob = preset("knob", family="veo", controls=controls(sound=True) | {"audio": LOUD})
    always = preset("always", family="veo", controls=controls(sound=True))

    found = lint(prompt, [(p, None) for p in (silent, knob, always)], hold=Hold(audio=False))

    assert [(one.rule, one.presets) for one in found] == [
        ("audio-without-sound", ("silent", "knob"))
    ]


def test_the_schema_says_how_long_a_text_may_be_in_its_own_words() -> None:
    short = schema("e", prompt={"type": "string", "maxLength": 10})

    (found,) = lint(Prompt(id="p", text="四个字" * 4), [(SEEDED, short)])

    assert (found.level, found.message) == ("error", "prompt: 12 characters, the limit is 10")
    assert lint(Prompt(id="p", text="四个字" * 3), [(SEEDED, short)]) == ()


def test_a_prompt_for_an_endpoint_without_one_is_an_error() -> None:
    mute = preset("mute", inputs={"prompt": None, "image": "image_url"})

    assert rules(lint(Prompt(id="p", text="He walks."), [(mute, None)])) == ["no-prompt-knob"]


def test_shots_alone_are_an_error_where_the_model_takes_none() -> None:
    shots = ({"text": "Static camera, he walks.", "duration": 5},)
    prompt = Prompt.model_validate({"id": "p", "shots": shots})

    (found,) = lint(prompt, [(SEEDED, None)])

    assert (found.level, found.rule) == ("error", "shots-only")


def test_shots_are_counted_timed_and_looked_at_one_by_one() -> None:
    texts = ["Static camera, a cliff."] * 6 + ["He walks. He turns."]
    shots = [{"text": text, "duration": 3} for text in texts]
    prompt = Prompt.model_validate({"id": "p", "shots": shots})
    reader = preset("k", family="kling", inputs={"shots": SHOTS})

    found = lint(prompt, [(reader, None)])

    assert [(one.rule, one.where) for one in found] == [
        ("actions", "shots[6]"),
        ("shots", "shots"),
        ("shots", "shots"),
    ]


def test_a_value_that_leaves_nothing_is_an_error() -> None:
    prompt = Prompt(id="p", text="{{ subject }}").filled({"subject": " "})

    assert rules(lint(prompt, [(SEEDED, None)])) == ["empty"]


def test_one_finding_names_everybody_it_concerns() -> None:
    readers = [(preset(name, family="kling"), None) for name in ("a", "b")]

    (found,) = lint(Prompt(id="p", text="He walks in place."), readers)

    assert (found.rule, found.presets) == ("camera-missing", ("a", "b"))


def test_alone_each_text_is_read_in_its_own_idiom() -> None:
    prompt = Prompt(
        id="p",
        text="A cliff. [Push in]",
        dialects={"hailuo": "A cliff. [Push in]", "kling": "Static camera."},
    )

    found = lint_alone(prompt)

    assert [(one.rule, one.where) for one in found] == [("foreign-idiom", "text")]


def test_a_variable_that_vars_could_not_name_is_an_error() -> None:
    assert rules(lint_alone(Prompt(id="p", text="{{ Subject }} walks."))) == ["unfilled-variable"]


def test_a_dialect_for_nobody_names_the_nearest() -> None:
    prompt = Prompt(id="p", text="x", dialects={"klng": "x", "kling": "x", "seeded": "x"})

    (found,) = unknown_dialects(prompt, [SEEDED])

    assert found.message == "nobody is called “klng”; did you mean kling?"


def test_a_matrix_is_looked_at_under_every_length_and_with_every_value() -> None:
    reader = preset("p", controls=controls(sound=True))
    short = schema("e", prompt={"type": "string", "maxLength": 24})
    matrix = spec(
        prompts=[{"id": "walk", "text": "{{ who }} walks. He turns."}],
        presets=["p"],
        axes={"duration": [8, 5]},
        vars={"who": ["Ada", "Bartholomew the Younger"]},
    )

    found = lint_matrix(
        matrix, [Prompt(id="walk", text="{{ who }} walks. He turns.")], [(reader, short)]
    )

    assert [(one.rule, one.told_to) for one in found["walk"]] == [
        ("schema", "p"),
        ("actions", "p (5 s)"),
    ]


def test_a_variable_without_a_value_is_an_error() -> None:
    found = lint_matrix(spec(), [Prompt(id="walk", text="{{ who }} walks.")], [(SEEDED, None)])

    assert rules(found["walk"]) == ["unfilled-variable"]


def test_a_plan_has_one_line_of_advice_for_a_prompt_and_a_rule() -> None:
    text = "A stunning walk. He walks. He turns. Then he kneels."
    matrix = spec(prompts=[{"id": "walk", "text": text}, {"id": "idle", "text": "He breathes."}])

    actions, marketing = advice_of(plan_of(matrix))

    assert actions.startswith(
        "prompt walk: 3 actions one after the other: “walks”, “turns”, “kneels” "
        "(seeded (5 s), seedless (5 s)); one action takes"
    )
    assert marketing.endswith("[marketing]")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_has_a_reason_and_a_source(rule: Any) -> None:
    assert rule.reason
    assert rule.source

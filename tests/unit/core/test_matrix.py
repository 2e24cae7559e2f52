"""A matrix is read as it is written: nothing is turned into what it merely looks like."""

import pytest

from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.matrix_file import read_matrix
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput

HEAD = "name: x\ntask: image-to-video\nprompts: [{id: a, text: b}]\npresets: [p]\n"


@pytest.mark.parametrize("text", ["hold: {duration: '5'}", "axes: {duration: ['5']}"])
def test_a_length_as_text_is_refused_and_not_turned_into_a_number(text: str) -> None:
    with pytest.raises(BadInput, match=r'm.yaml:5: .*such as 5, found the text "5"'):
        read_matrix(load(HEAD + text, "m.yaml"))


def test_the_tools_own_copy_of_a_matrix_is_read_again_as_it_was() -> None:
    spec = read_matrix(load(HEAD + "hold: {duration: 5.5}", "m.yaml"))

    assert MatrixSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("inputs: [{id: a}]", "an input gives image, last_frame, references"),
        ("inputs: [{id: a, elements: [{references: [b.png]}]}]", "an element has an image or a"),
        ("inputs: [{id: a, image: b.png, lastframe: c.png}]", "did you mean last_frame"),
        ("inputs: [{id: a, elements: [{frontal: b.png}]}]", "there is no such field"),
    ],
)
def test_an_input_that_gives_nothing_or_something_unknown_is_named(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=f"m.yaml:5: .*{words}"):
        read_matrix(load(HEAD + text, "m.yaml"))


def test_a_prompt_paired_with_an_input_that_is_not_there_names_the_nearest() -> None:
    text = (
        HEAD.replace("text: b", "text: b, inputs: [plat]") + "inputs: [{id: plate, image: a.png}]"
    )

    with pytest.raises(BadInput, match=r"there is no input plat; did you mean plate\?"):
        read_matrix(load(text, "m.yaml"))


MISTAKES = {
    "hold: {sound: true}": "m.yaml:5: hold.sound: there is no such field; did you mean audio?",
    "hold: {generate_audio: true}": "hold.generate_audio: there is no such field; did you mean aud",
    "hold: {length: 5}": "hold.length: there is no such field; did you mean duration?",
    "hold: {ratio: '1:1'}": "hold.ratio: there is no such field; did you mean aspect_ratio?",
    "hold: {cfg: 1}": "hold.cfg: there is no such field; a model's own knob goes below axes: {cfg:",
    "seed: 3": "m.yaml:5: seed: there is no such field; did you mean seeds?",
    "variables: {a: [b]}": "m.yaml:5: variables: there is no such field; did you mean vars?",
    "budget: {reason: 5}": "budget.reason: there is no such field; the fields here are allow_unpri",
    "hold: {duration: 5s}": 'such as 5, found the text "5s"\n  → write 5',
    "hold: {resolution: 720}": "found the number 720\n  → write 720p",
    "axes: {resolution: [720]}": "m.yaml:5: axes.resolution[0]: expected a resolution such as 720p",
    "axes: {aspect_ratio: ['16:9', null]}": "m.yaml:5: axes.aspect_ratio[1]: null is no aspect_ra",
    "axes: {duration: [null, 5]}": "m.yaml:5: axes.duration[0]: null is no duration",
    "axes: {fps: [fast]}": "m.yaml:5: axes.fps[0]: expected a whole number, found 'fast'",
    "axes: {audio: ['true']}": "m.yaml:5: axes.audio[0]: expected true or false, found 'true'",
    "hold: {fps: 1.5}": "m.yaml:5: hold.fps: expected a whole number, found 1.5",
    "axes: {cfg: [1, 1.0]}": "m.yaml:5: axes.cfg: a value stands twice",
    "axes: {url: [{'$input': ab}]}": "m.yaml:5: axes.url[0]: $input stands for a file that the",
    "axes: {a: [{b: [{'$input': c, d: e}]}]}": "m.yaml:5: axes.a[0]: $input stands for a file",
    "axes: {cfg: [1.0e999]}": "m.yaml:5: 1.0e999 is out of the range of numbers",
    "vars: {hero: ['{{ x }}']}": "m.yaml:5: vars.hero[0]: a value is put into the prompt as it is",
    "vars: {hero: [' ']}": "m.yaml:5: vars.hero[0]: expected text, found none",
    "exclude: [{typo_key: null, reason: x}]": "exclude[0].typo_key: there is no typo_key to select",
    "exclude: [{presets: p, reason: x}]": "there is no presets to select by; did you mean preset?",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_told_at_its_place_with_what_was_meant(line: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_matrix(load(f"{HEAD}{line}", "m.yaml"))

    assert MISTAKES[line] in str(caught.value)


def test_a_prompt_of_spaces_is_one_mistake_and_not_two() -> None:
    with pytest.raises(BadInput) as caught:
        read_matrix(load(HEAD.replace("text: b", "text: '  '"), "m.yaml"))

    assert str(caught.value) == (
        "m.yaml:3: prompts[0].text: expected text that says something, found '  '"
    )


def test_several_mistakes_each_have_their_mend() -> None:
    with pytest.raises(BadInput) as caught:
        read_matrix(load(HEAD + "hold: {duration: 5s, resolution: 720}", "m.yaml"))

    assert [line.rpartition("; ")[2] for line in str(caught.value).splitlines()] == [
        "write 5",
        "write 720p",
    ]


def test_one_and_true_are_two_values_of_an_axis() -> None:
    spec = read_matrix(load(HEAD + "axes: {cfg: [1, true, '1']}", "m.yaml"))

    assert spec.axes["cfg"] == (1, True, "1")

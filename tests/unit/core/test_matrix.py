"""A matrix is read as it is written: nothing is turned into what it merely looks like."""

import pytest

from fal_experiments.core.matrix import MatrixSpec, read_matrix
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

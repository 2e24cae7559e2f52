"""One JSON object with two fields is an answer; everything else is none, whatever it says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.judge_answer import Said, read_answer
from fal_experiments.core.judging import Side


@pytest.mark.parametrize("winner", ["A", "B", "tie"])
@pytest.mark.parametrize("form", ["{}", "  {}\n", "```json\n{}\n```", "```\n{}```"])
def test_an_answer_may_be_bare_or_in_one_fence(winner: Side, form: str) -> None:
    body = json.dumps({"winner": winner, "reason": "it walks"})

    assert read_answer(form.replace("{}", body)) == Said(winner, "it walks")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON object"),
        ("A", "no JSON object"),
        ('["A"]', "no JSON object"),
        ('{"winner": "A", "reason": "x"} {"winner": "B", "reason": "x"}', "no JSON object"),
        ('Here: ```json\n{"winner": "A", "reason": "x"}\n```', "no JSON object"),
        ("{}", "found none"),
        ('{"winner": "A"}', "found winner"),
        ('{"winner": "A", "reason": "x", "confidence": 1}', "confidence"),
        ('{"winner": "a", "reason": "x"}', "winner is “a”"),
        ('{"winner": ["A"], "reason": "x"}', "winner is"),
        ('{"winner": "A", "reason": 3}', "reason is not text"),
    ],
)
def test_what_is_no_answer_says_why(text: str, why: str) -> None:
    said = read_answer(text)

    assert isinstance(said, str)
    assert why in said


def test_a_reason_is_one_line_without_control_signs_and_not_endless() -> None:
    said = read_answer(json.dumps({"winner": "A", "reason": "a\x1b[31m\n" + "b" * 9000}))

    assert isinstance(said, Said)
    assert said.reason.startswith("a [31m b")
    assert len(said.reason) == 500


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_no_text_breaks_it(text: str) -> None:
    said = read_answer(text)

    assert isinstance(said, str)
    assert said.isprintable()

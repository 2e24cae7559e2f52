"""Knobs in words: short where a list is a row of numbers, exact everywhere else."""

from typing import Any

import pytest

from fal_experiments.core.knobs import Knob, knobs_of


def only(field: dict[str, Any]) -> Knob:
    first, *_ = knobs_of({"properties": {"knob": field}})
    return first


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "string"}, "–"),
        ({"enum": [str(n) for n in range(3, 16)]}, '"3" … "15"'),
        ({"enum": [4, 8, 12, 16, 20]}, "4, 8, 12, 16, 20"),
        ({"enum": ["5", "10"]}, '"5", "10"'),
        ({"const": "7s"}, '"7s"'),
        ({"minimum": 0, "maximum": 1}, "0 … 1"),
        ({"exclusiveMinimum": 0, "maximum": 14142}, "at most 14142, above 0"),
        ({"minItems": 1, "maxItems": 9}, "1 … 9 items"),
        ({"minLength": 2, "multipleOf": 8}, "at least 2 characters, multiples of 8"),
        (
            {"x-fal": {"max_file_size": 10_485_760, "min_fps": 24, "max_fps": 60, "timeout": 20}},
            "fps 24 … 60, file size at most 10.5 MB, timeout 20 s",
        ),
        ({"x-fal": {"mystery": [1]}}, "mystery [1]"),
    ],
)
def test_what_a_knob_takes(field: dict[str, Any], said: str) -> None:
    assert only(field).allowed_label() == said


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "string", "nullable": True}, "string or null"),
        ({"type": "array", "items": {"type": "string"}}, "array of string"),
        ({"type": "array"}, "array"),
        ({"anyOf": [{"properties": {}}, {"type": "string", "enum": ["a"]}]}, "object or string"),
        ({}, "any"),
    ],
)
def test_what_type_a_knob_has(field: dict[str, Any], said: str) -> None:
    assert only(field).type == said


def test_values_are_listed_only_where_nothing_else_is_taken() -> None:
    assert only({"anyOf": [{"type": "string"}, {"type": "string", "enum": ["a"]}]}).values == ()
    assert only({"anyOf": [{"type": "object"}, {"enum": ["a", None]}]}).values == ("a",)


def test_a_default_of_null_is_a_default() -> None:
    assert only({"default": None}).default_label() == "null"
    assert only({}).default_label() == "–"

"""What the runner lets through and what it refuses, as pydantic's models at fal do."""

from typing import Any

import pytest

from fal_experiments.core.constraints import Constraint
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.sandbox.validation import errors_in, known_arguments, with_defaults

_SHOT = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string"},
        "duration": {"type": "string", "enum": ["1", "2"], "default": "1"},
    },
    "required": ["prompt"],
}
_PIXELS = {
    "type": "object",
    "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
    "required": ["width", "height"],
}
SCHEMA = EndpointSchema(
    endpoint="lab/strict",
    as_of="2026-11-20",
    source="made up for tests",
    input={
        "type": "object",
        "properties": {
            "prompt": {"type": "string", "minLength": 2, "maxLength": 10, "nullable": True},
            "steps": {"type": "integer", "multipleOf": 4, "minimum": 4, "maximum": 20},
            "cfg": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            "loop": {"type": "boolean", "default": False},
            "length": {"type": "integer", "enum": [5, 10]},
            "mode": {"type": "string", "const": "fast"},
            "name": {"type": "string", "pattern": "^[a-z]+$"},
            "shots": {"type": "array", "items": _SHOT, "minItems": 1, "maxItems": 2},
            "size": {"anyOf": [{"type": "string", "enum": ["square"]}, _PIXELS]},
            "free": {"type": "object"},
        },
    },
    output={},
    constraints=(
        Constraint(rule="not_both", fields=("prompt", "shots")),
        Constraint(rule="sum_max", field="shots[].duration", max=3),
        Constraint.model_validate({"rule": "if_then", "if": {"loop": True}, "then": {"steps": 8}}),
    ),
)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"promt": "a boy", "seed": 3}, {}),
        ({"shots": [{"prompt": "a", "camera": "still"}]}, {"shots": [{"prompt": "a"}]}),
        ({"size": {"width": 1, "height": 2, "depth": 3}}, {"size": {"width": 1, "height": 2}}),
        ({"free": {"anything": {"goes": 1}}}, {"free": {"anything": {"goes": 1}}}),
    ],
)
def test_what_the_endpoint_does_not_have_is_gone_at_any_depth(
    sent: dict[str, Any], read: dict[str, Any]
) -> None:
    assert errors_in(SCHEMA, sent) == []
    assert known_arguments(SCHEMA, sent) == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"steps": "8"}, {"steps": 8}),
        ({"steps": 8.0}, {"steps": 8}),
        ({"cfg": "0.5"}, {"cfg": 0.5}),
        ({"loop": "yes", "steps": "8"}, {"loop": True, "steps": 8}),
        ({"loop": 0}, {"loop": False}),
        ({"size": {"width": "64", "height": 64}}, {"size": {"width": 64, "height": 64}}),
        ({"prompt": None}, {"prompt": None}),
    ],
)
def test_text_that_is_a_number_or_a_switch_is_read_as_one(
    sent: dict[str, Any], read: dict[str, Any]
) -> None:
    assert errors_in(SCHEMA, sent) == []
    assert known_arguments(SCHEMA, sent) == read


@pytest.mark.parametrize(
    ("sent", "type_", "loc"),
    [
        ({"length": "5"}, "literal_error", ["length"]),
        ({"length": 6}, "literal_error", ["length"]),
        ({"mode": "slow"}, "literal_error", ["mode"]),
        ({"shots": [{"prompt": "a", "duration": 1}]}, "literal_error", ["shots", 0, "duration"]),
        ({"shots": [{"duration": "1"}]}, "missing", ["shots", 0, "prompt"]),
        ({"shots": []}, "sequence_too_short", ["shots"]),
        ({"shots": [{"prompt": "a"}] * 3}, "sequence_too_long", ["shots"]),
        ({"shots": "a"}, "list_type", ["shots"]),
        ({"prompt": 5}, "string_type", ["prompt"]),
        ({"prompt": "a"}, "string_too_short", ["prompt"]),
        ({"prompt": "a" * 11}, "string_too_long", ["prompt"]),
        ({"name": "A1"}, "string_pattern_mismatch", ["name"]),
        ({"steps": "many"}, "int_parsing", ["steps"]),
        ({"steps": 8.5}, "int_from_float", ["steps"]),
        ({"steps": None}, "int_type", ["steps"]),
        ({"steps": 6}, "multiple_of", ["steps"]),
        ({"steps": "24"}, "less_than_equal", ["steps"]),
        ({"steps": 0}, "greater_than_equal", ["steps"]),
        ({"cfg": 1}, "less_than", ["cfg"]),
        ({"cfg": "nan"}, "finite_number", ["cfg"]),
        ({"cfg": 10**400}, "less_than", ["cfg"]),
        ({"loop": "perhaps"}, "bool_parsing", ["loop"]),
        ({"loop": []}, "bool_type", ["loop"]),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(
    sent: dict[str, Any], type_: str, loc: list[Any]
) -> None:
    (item,) = errors_in(SCHEMA, sent)

    assert (item["type"], item["loc"]) == (type_, ["body", *loc])
    assert item["url"].endswith(f"#{type_}")


def test_a_value_that_fits_no_alternative_is_told_what_each_says() -> None:
    items = errors_in(SCHEMA, {"size": {"width": "wide", "height": 4}})

    assert [(item["type"], item["loc"]) for item in items] == [
        ("literal_error", ["body", "size"]),
        ("int_parsing", ["body", "size", "width"]),
    ]


@pytest.mark.parametrize(
    ("sent", "loc"),
    [
        ({"prompt": "a boy", "shots": [{"prompt": "a"}]}, ["body"]),
        ({"shots": [{"prompt": "a", "duration": "2"}] * 2}, ["body", "shots"]),
        ({"loop": True, "steps": 4}, ["body"]),
    ],
)
def test_a_broken_rule_between_fields_is_a_value_error(
    sent: dict[str, Any], loc: list[Any]
) -> None:
    (item,) = errors_in(SCHEMA, sent)

    assert (item["type"], item["loc"]) == ("value_error", loc)
    assert item["msg"].startswith("Value error, ")


def test_rules_are_asked_of_what_the_provider_fills_in() -> None:
    sent = {"shots": [{"prompt": "a"}, {"prompt": "b", "duration": "2"}]}

    assert errors_in(SCHEMA, sent) == []
    assert with_defaults(SCHEMA, sent) == {
        "loop": False,
        "shots": [{"prompt": "a", "duration": "1"}, {"prompt": "b", "duration": "2"}],
    }


def test_wrong_fields_are_told_before_any_rule() -> None:
    items = errors_in(SCHEMA, {"prompt": 5, "shots": [{"prompt": "a"}]})

    assert [item["type"] for item in items] == ["string_type"]

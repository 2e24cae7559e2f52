"""A snapshot that nothing can be checked by is refused where it is read, with the place in it."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from fal_experiments.core.schema import read_schema, refusal
from tests.unit.core.materials import schema


def _refused(**knobs: Any) -> str:
    text = schema("vendor/model").model_dump(mode="json")
    text["input"]["properties"] |= knobs
    with pytest.raises(ValidationError) as caught:
        read_schema(json.dumps(text))
    return refusal(caught.value)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"$ref": "file:///etc/passwd"}, ".$ref: references are not followed"),
        ({"$ref": "#/components/x"}, ".$ref: references are not followed"),
        ({"items": {"$ref": "http://a.b/c"}}, ".items.$ref: references are not followed"),
        ({"anyOf": [{"$dynamicRef": "#x"}]}, ".anyOf[0].$dynamicRef: references are not followed"),
        ({"if": {"$ref": "http://a.b/c"}}, ".if.$ref: references are not followed"),
        ({"properties": None}, ".properties: expected fields, such as {prompt: {type: string}}"),
        ({"required": "prompt"}, ".required: expected a list of names, such as [prompt], found"),
        ({"enum": None}, ".enum: expected a list of values, found null"),
        ({"enum": None, "nullable": True}, ".enum: expected a list of values, found null"),
        ({"nullable": "yes"}, ".nullable: expected true or false, found 'yes'"),
        ({"type": "strin"}, ".type: expected one of string, number, integer"),
        ({"type": []}, ".type: expected one of string, number, integer"),
        ({"anyOf": {}}, ".anyOf: expected a list of schemas, found an object"),
        ({"x-fal": "a"}, ".x-fal: expected limits, such as {min_width: 300}, found 'a'"),
        ({"x-fal": {"min_width": "a"}}, ".x-fal.min_width: expected a number, found 'a'"),
        (None, ": expected a schema, such as {type: string}, found null"),
    ],
)
def test_a_malformed_field_is_named_with_what_was_expected(field: Any, said: str) -> None:
    assert _refused(knob=field).startswith(f"input.properties.knob{said}")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"pattern": "("}, 'input: no JSON Schema: properties.knob.pattern: "(" is not a "regex"'),
        ({"minimum": "a"}, 'input: no JSON Schema: properties.knob.minimum: "a" is not of type'),
    ],
)
def test_what_only_a_compiler_sees_is_told_by_it(field: Any, said: str) -> None:
    assert _refused(knob=field).startswith(said)


@pytest.mark.parametrize(
    "field",
    [
        {"type": ["string", "null"], "x-mine": {"$ref": "kept as it is"}},
        {"type": "object", "properties": {"$ref": {"type": "string"}}},
        {"type": "array", "items": True, "x-fal": {"timeout": 20, "kind": "image"}},
        {"default": {"$ref": "a value, no reference"}, "enum": [{"$ref": 1}]},
    ],
)
def test_names_and_values_that_only_look_like_references_are_none(field: dict[str, Any]) -> None:
    assert schema("vendor/model", knob=field).knobs == {"prompt", "image_url", "knob"}

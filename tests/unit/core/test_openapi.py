"""A document leads to input and output, every reference replaced, nothing believed by its name."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.core.drift import schema_drift
from fal_experiments.core.openapi import schema_from_openapi
from fal_experiments.core.schema import EndpointSchema, read_schema
from fal_experiments.errors import BadInput
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.openapi import openapi_document
from tests.sandbox.lab import CATALOGUE
from tests.unit.core.documents import ENDPOINT, document, ref

SNAPSHOTS = sorted((Path(__file__).parents[3] / "presets" / "schemas").glob("*.json"))
PROMPT = {"type": "string", "title": "Prompt", "description": "What to show", "examples": ["x"]}


def read(doc: Any, endpoint: str = ENDPOINT) -> EndpointSchema:
    return schema_from_openapi(doc, endpoint=endpoint, as_of="2026-11-20", source="a test")


def field(given: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    """What becomes of one field."""
    made: dict[str, Any] = read(document({"knob": given}, **schemas)).input["properties"]["knob"]
    return made


def test_input_is_what_the_post_takes_and_output_what_the_result_is() -> None:
    schema = read(document({"prompt": PROMPT}))

    assert schema.input == {
        "type": "object",
        "properties": {"prompt": {"type": "string"}},
        "required": ["prompt"],
    }
    video = {"type": "object", "properties": {"url": {"type": "string"}}}
    assert schema.output == {"type": "object", "properties": {"video": video}}
    assert (schema.endpoint, schema.as_of, schema.source) == (ENDPOINT, "2026-11-20", "a test")


def test_what_decides_over_values_is_kept_and_words_for_people_are_not() -> None:
    kept = {
        "type": "integer",
        "enum": [1, 2],
        "default": 1,
        "nullable": True,
        "minimum": 0,
        "maximum": 9,
        "x-fal": {"min_width": 300},
    }

    assert field({**kept, "title": "T", "description": "D", "x-unheard-of": 1}) == kept


def test_a_field_that_is_called_title_is_a_field() -> None:
    schema = read(document({"title": {"type": "string"}, "examples": {"type": "string"}}))

    assert schema.knobs == {"title", "examples"}


def test_knobs_stand_in_the_order_of_the_page() -> None:
    doc = document({"seed": {}, "prompt": {}, "new": {}})
    doc["components"]["schemas"]["Film"]["x-fal-order-properties"] = ["prompt", "seed", "gone", 7]

    assert list(read(doc).input["properties"]) == ["prompt", "seed", "new"]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}], "default": "a"},
            {"type": "string", "enum": ["a"], "default": "a", "nullable": True},
        ),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"allOf": [{"type": "integer"}], "default": 3}, {"type": "integer", "default": 3}),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            {"type": "number", "exclusiveMinimum": 0},
        ),
        (
            {"type": "number", "maximum": 1, "exclusiveMaximum": False},
            {"type": "number", "maximum": 1},
        ),
    ],
)
def test_the_ways_to_say_one_thing_become_one(
    written: dict[str, Any], read_as: dict[str, Any]
) -> None:
    assert field(written) == read_as


def test_several_alternatives_stay_several() -> None:
    size = {"type": "object", "title": "Size", "properties": {"width": {"type": "integer"}}}

    made = field({"anyOf": [{"$ref": ref("Size")}, {"enum": ["square"]}]}, Size=size)

    assert made["anyOf"] == [
        {"type": "object", "properties": {"width": {"type": "integer"}}},
        {"enum": ["square"]},
    ]


def test_what_stands_beside_a_reference_wins() -> None:
    made = field({"$ref": ref("Ratio"), "default": "1:1"}, Ratio={"type": "string", "default": "a"})

    assert made == {"type": "string", "default": "1:1"}


def test_a_schema_that_contains_itself_is_cut_where_it_begins_again() -> None:
    node = {"type": "object", "properties": {"children": {"type": "array", "items": {}}}}
    node["properties"] = {"child": {"$ref": ref("Node")}, "name": {"type": "string"}}

    made = field({"$ref": ref("Node")}, Node=node)

    assert made == {"type": "object", "properties": {"child": {}, "name": {"type": "string"}}}


def test_references_that_multiply_without_end_are_refused() -> None:
    bomb = {
        f"L{n}": {"type": "object", "properties": {k: {"$ref": ref(f"L{n + 1}")} for k in "abcd"}}
        for n in range(20)
    }

    with pytest.raises(BadInput, match="nested without end"):
        field({"$ref": ref("L0")}, **bomb, L20={})


def test_schemas_that_nest_without_end_are_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"type": "array", "items": deep}

    with pytest.raises(BadInput, match="nested without end"):
        field(deep)


def without(path: str, step: str) -> dict[str, Any]:
    doc = document({"prompt": PROMPT})
    del doc["paths"][path][step]
    return doc


@pytest.mark.parametrize(
    ("doc", "why"),
    [
        (None, "it has no paths"),
        ({}, "it has no paths"),
        ({"paths": []}, "it has no paths"),
        ({"paths": {}}, "it speaks of no path at all"),
        ({"paths": {"/lab/other": {}}}, "it speaks of /lab/other"),
        (without(f"/{ENDPOINT}", "post"), "no body of its POST"),
        (without(f"/{ENDPOINT}/requests/{{request_id}}", "get"), "no answer of GET"),
        (document({"knob": 5}), "a int stands where a schema should"),
        (document({"knob": {"$ref": ref("None")}}), "leads nowhere"),
        (document({"knob": {"$ref": "https://example.org/x.json"}}), "leads out of it"),
        (document({"knob": {"$ref": 7}}), "leads out of it"),
        (document({"knob": {"type": "strnig"}}), "input.properties.knob.type: expected one of"),
        (document({"knob": {"pattern": "("}}), "input: no JSON Schema: properties"),
        (document({}, {"video": {"required": 5}}), "required: expected a list of names"),
    ],
)
def test_a_document_that_is_none_is_refused_with_the_reason(doc: Any, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(doc)

    assert caught.value.message.startswith(f"this is not the OpenAPI document of {ENDPOINT}: ")
    assert why in caught.value.message


def test_reading_changes_nothing_in_the_document() -> None:
    doc = document({"prompt": PROMPT, "size": {"anyOf": [{"type": "string"}, {"type": "null"}]}})
    before = copy.deepcopy(doc)

    read(doc)

    assert doc == before


@pytest.mark.parametrize("path", SNAPSHOTS, ids=lambda path: path.stem)
def test_a_snapshot_that_went_through_a_document_is_still_itself(path: Path) -> None:
    snapshot = read_schema(path.read_text())
    preset = next(iter(CATALOGUE.values())).preset.model_copy(
        update={"endpoint": snapshot.endpoint}
    )
    doc = json.loads(json.dumps(openapi_document(CataloguedEndpoint(preset, snapshot), "http://q")))

    assert schema_drift(snapshot, read(doc, snapshot.endpoint)) == ()

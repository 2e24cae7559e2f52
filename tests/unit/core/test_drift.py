"""What changed at an endpoint since the snapshot: every kind of change, said in one line."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.drift import price_drift, schema_drift, status_drift
from fal_experiments.core.request import Quote
from fal_experiments.core.schema import EndpointSchema

SHOT = {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]}


def schema(properties: dict[str, Any], required: list[str] | None = None) -> EndpointSchema:
    taken = {"type": "object", "properties": properties, "required": required or []}
    return EndpointSchema(endpoint="a/b", as_of="2026-11-20", source="s", input=taken, output={})


def drift(before: Any, after: Any) -> list[tuple[str, str, str]]:
    found = schema_drift(schema({"knob": before}), schema({"knob": after}))
    return [(d.kind, d.path, d.words) for d in found]


@pytest.mark.parametrize(
    ("before", "after", "kind", "words"),
    [
        ({"type": "string"}, {"type": "integer"}, "type_changed", "type was string, is integer"),
        (
            {"type": "string"},
            {"type": "string", "nullable": True},
            "type_changed",
            "type was string, is string or null",
        ),
        ({"enum": ["a", "b"]}, {"enum": ["b"]}, "values_gone", 'values gone: "a"'),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "values_added", 'values added: "b"'),
        ({"enum": ["5"]}, {"enum": ["5", 5]}, "values_added", "values added: 5"),
        ({}, {"enum": ["a"]}, "values_gone", 'took any value, takes only "a"'),
        ({"enum": ["a"]}, {}, "values_added", 'took only "a", takes any value'),
        ({"default": 0.5}, {"default": 0.7}, "default_changed", "default was 0.5, is 0.7"),
        ({"default": True}, {"default": 1}, "default_changed", "default was true, is 1"),
        ({}, {"default": None}, "default_changed", "default was none, is null"),
        (
            {"minimum": 0, "maximum": 1},
            {"minimum": 0, "maximum": 2},
            "range_changed",
            "range was 0 … 1, is 0 … 2",
        ),
        (
            {"maxLength": 2500},
            {},
            "range_changed",
            "range was at most 2500 characters, is open",
        ),
        (
            {"x-fal": {"min_width": 300}},
            {"x-fal": {"min_width": 512, "timeout": 20}},
            "limits_changed",
            "limits were: width at least 300 px; are: width at least 512 px, timeout 20 s",
        ),
    ],
)
def test_each_kind_of_change_is_told_apart(before: Any, after: Any, kind: str, words: str) -> None:
    assert drift(before, after) == [(kind, "knob", words)]


def test_fields_that_come_go_and_become_required_are_told() -> None:
    before = schema({"seed": {"type": "integer"}, "a": {}, "b": {}}, ["a"])
    after = schema({"camera": {"type": "string", "default": "x"}, "a": {}, "b": {}}, ["b"])

    assert [d.label() for d in schema_drift(before, after)] == [
        "seed: gone; fal drops it without an error",
        "a: is not required any more",
        "b: is required now",
        'camera: new: string, default "x"',
    ]


def test_nested_fields_have_paths_and_a_list_that_goes_takes_them_along() -> None:
    shots = {"type": "array", "items": SHOT}
    longer = {**SHOT["properties"], "duration": {"type": "string"}}  # type: ignore[dict-item]
    more = {"type": "array", "items": {**SHOT, "properties": longer}}

    assert drift(shots, more) == [("field_added", "knob[].duration", "new: string")]
    (gone,) = schema_drift(schema({"knob": more, "x": {}}), schema({"x": {}}))
    assert (gone.kind, gone.path) == ("field_gone", "knob")


def test_fields_of_alternatives_count() -> None:
    def size(most: int) -> dict[str, Any]:
        wide = {"type": "integer", "maximum": most}
        return {"anyOf": [{"type": "object", "properties": {"width": wide}}, {"enum": ["square"]}]}

    assert drift(size(512), size(1024)) == [
        ("range_changed", "knob.width", "range was at most 512, is at most 1024")
    ]


def test_the_output_is_compared_too() -> None:
    url = {"type": "object", "properties": {"video": {"properties": {"url": {}}}}}
    before = schema({}).model_copy(update={"output": url})

    (gone,) = schema_drift(before, schema({}))

    assert (gone.part, gone.label()) == ("output", "output video: gone")


def test_the_same_in_another_order_or_with_other_words_is_no_change() -> None:
    before = {"type": "number", "default": 1, "minimum": 0, "maximum": 9}
    after = {"maximum": 9.0, "minimum": 0.0, "default": 1.0, "type": "number", "description": "x"}

    assert drift(before, after) == []
    assert schema_drift(schema({"a": {}, "b": {}}), schema({"b": {}, "a": {}})) == ()


def test_a_status_changes_or_does_not() -> None:
    assert status_drift("active", "active") == ()
    (change,) = status_drift("active", "deprecated")
    assert (change.kind, change.label()) == (
        "status_changed",
        "status: was active, is deprecated",
    )


def test_a_price_changes_appears_and_vanishes_but_is_never_zero() -> None:
    def quote(usd: str, unit: str = "seconds") -> Quote:
        return Quote(unit_price_usd=Decimal(usd), unit=unit, source="s", as_of="2026-11-20")

    assert price_drift(quote("0.140"), quote("0.14")) == ()
    assert price_drift(None, None) == ()
    labels = [
        change.label()
        for pair in (
            (quote("0.14"), quote("0.15")),
            (quote("0.14"), quote("0.14", "units")),
            (quote("0.14"), None),
            (None, quote("10")),
        )
        for change in price_drift(*pair)
    ]
    assert labels == [
        "unit price: was $0.14 a unit (seconds), is $0.15 a unit (seconds)",
        "unit price: was $0.14 a unit (seconds), is $0.14 a unit (units)",
        "unit price: was $0.14 a unit (seconds), is unknown",
        "unit price: was unknown, is $10 a unit (seconds)",
    ]


def test_a_label_is_one_line_whatever_the_provider_writes() -> None:
    hostile = schema({"a\n\x1b[31mb": {"enum": ["\u202ex\x9b1m"]}})

    (added,) = schema_drift(schema({}), hostile)

    assert added.label().isprintable()

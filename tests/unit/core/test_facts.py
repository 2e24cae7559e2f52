"""Facts files become snapshots, and what their sources get wrong is handled and said."""

import copy
from typing import Any

import pytest

from fal_experiments.core.facts import read_facts, snapshot_json, snapshot_of
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.media_limits import broken_limits
from fal_experiments.core.schema import EndpointSchema, read_schema
from fal_experiments.core.schema_sources import read_sources
from fal_experiments.errors import BadInput

LIMITS = {"min_width": 300, "max_file_size": 10_485_760}
ENTRY: dict[str, Any] = {
    "title": "Lab",
    "source": "fal-js@381105e (2026-08-02) + openapi 2026-06-11",
    "input": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string", "description": "Text", "nullable": True},
            "resolution": {
                "type": "string",
                "enum": ["720p", "1080p"],
                "default": "1080p",
                "x-default-from": "openapi 2026-06-11",
            },
            "duration": {"type": "integer", "enum": [6, 8, 10], "default": "6"},
            "steps": {"type": "integer", "enum": [1, 2], "default": 28},
            "sync_mode": {"type": "boolean"},
            "count": {"type": "integer", "x-integer-inferred": True},
            "seed": {"type": "integer", "minimum": 0, "maximum": 9, "x-range-from": "doc text"},
            "mode": {"type": "string", "const": "auto", "default": "auto"},
            "multi_prompt": {"type": "array", "items": {"type": "object", "properties": {}}},
            "elements": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "front": {"type": "string", "x-fal": LIMITS},
                        "others": {
                            "type": "array",
                            "items": {"type": "string", "x-fal": LIMITS, "description": "One"},
                        },
                    },
                },
            },
        },
        "required": ["duration"],
    },
    "output": {"type": "object", "properties": {"video": {"description": "The clip"}}},
    "constraints": [
        {"rule": "exactly_one_of", "fields": ["prompt", "multi_prompt"]},
        {"rule": "if_then", "if": {"duration": {"gt": 8}}, "then": {"resolution": "1080p"}},
    ],
}
REQUEST = {"prompt": "x", "duration": 6}


def _snapshot(**changes: Any) -> EndpointSchema:
    facts = read_facts({"lab/a": ENTRY | changes}, "facts.json")
    return snapshot_of(facts["lab/a"], "facts.json")


def _field(name: str, **changes: Any) -> Any:
    return _snapshot(**changes).input["properties"][name]


def test_a_snapshot_says_where_it_is_from_and_of_which_day() -> None:
    schema = _snapshot()

    assert schema.as_of == "2026-08-02"
    assert schema.source == (
        "https://github.com/fal-ai/fal-js/tree/381105e (type definitions, 2026-08-02); "
        "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=lab/a "
        "(defaults and limits, 2026-06-11)"
    )
    assert [tuple(place) for place in read_sources(schema.source)] == [
        ("https://github.com/fal-ai/fal-js/tree/381105e", "type definitions", "2026-08-02", False),
        (
            "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=lab/a",
            "defaults and limits",
            "2026-06-11",
            False,
        ),
    ]


@pytest.mark.parametrize(
    ("source", "as_of", "expected", "page"),
    [
        (
            "openapi 2026-06-11",
            None,
            "2026-06-11",
            (
                "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=lab/a "
                "(OpenAPI document, 2026-06-11)"
            ),
        ),
        (
            "llms.txt copy, index id 68417610085",
            "~2026-09",
            "2026-09",
            "https://fal.ai/models/lab/a/llms.txt (a copy, about 2026-09)",
        ),
        (
            "public research note over llms.txt + openapi, index id 71105103052",
            "2026-10-04",
            "2026-10-04",
            "https://fal.ai/models/lab/a/llms.txt (read by a public research note, 2026-10-04)",
        ),
        ("a letter of 2025-01-02", "2026-10-04", "2026-10-04", "a letter of 2025-01-02"),
    ],
)
def test_the_day_is_the_stated_one_and_an_approximate_one_stays_so(
    source: str, as_of: str | None, expected: str, page: str
) -> None:
    schema = _snapshot(source=source, **({"as_of": as_of} if as_of else {}))

    assert (schema.as_of, schema.source) == (expected, page)


def test_facts_without_any_day_are_refused() -> None:
    with pytest.raises(BadInput, match=r"facts\.json: lab/a: neither as_of nor source"):
        _snapshot(source="somewhere")


def test_a_default_that_was_corrected_is_kept_and_noted() -> None:
    assert _field("resolution")["default"] == "1080p"
    assert "x-default-from" not in _field("resolution")
    assert any(
        note.startswith('resolution: the default "1080p" is that of openapi 2026-06-11')
        for note in _snapshot().notes
    )


def test_an_integer_enum_gets_the_number_that_its_printed_default_means() -> None:
    assert _field("duration")["default"] == 6
    assert 'duration: the default was printed as "6"' in _snapshot().notes
    assert _snapshot().violations(REQUEST | {"duration": "6"})


def test_a_default_that_is_none_of_the_values_is_another_models() -> None:
    assert "default" not in _field("steps")
    assert "steps: the stated default 28 is none of its values" in _snapshot().notes


def test_a_boolean_without_a_default_gets_none_and_is_noted() -> None:
    assert "default" not in _field("sync_mode")
    assert "sync_mode: no default is stated; generators leave out `false`" in _snapshot().notes


def test_an_inferred_whole_number_is_not_enforced() -> None:
    assert _field("count") == {"type": "number"}
    assert _snapshot().violations(REQUEST | {"count": 1.5}) == ()


def test_a_range_from_prose_is_enforced_unless_it_may_be_another_models() -> None:
    doubt = {"defaults_uncertain": "type merged with 1 other endpoint(s) of equal shape"}

    assert _snapshot().violations(REQUEST | {"seed": 10})
    assert _snapshot(**doubt).violations(REQUEST | {"seed": 10}) == ()
    assert any("not enforced" in note for note in _snapshot(**doubt).notes)


def test_null_and_one_possible_value_are_kept() -> None:
    assert _snapshot().violations({"duration": 6, "multi_prompt": [{}], "prompt": None}) == ()
    assert _snapshot().violations(REQUEST | {"mode": "manual"})


def test_rules_between_fields_are_carried() -> None:
    both = REQUEST | {"multi_prompt": [{}]}

    assert "exactly one of prompt, multi_prompt" in _snapshot().violations(both)[0]
    assert _snapshot().violations(REQUEST | {"duration": 10, "resolution": "720p"}) == (
        'duration above 8 needs resolution "1080p"',
    )


def test_limits_of_files_stay_where_they_stand_also_inside_lists() -> None:
    file = InputFile(id="a", role="image", sha256="ab", path="a.png", width_px=100, height_px=900)
    element = {"front": {"$input": "ab"}, "others": [{"$input": "ab"}]}

    said = broken_limits(_snapshot().input, {"elements": [element]}, {"ab": file})

    assert [words.split(":")[0] for words in said] == [
        "elements[0].front",
        "elements[0].others[0]",
    ]


def test_what_the_file_itself_doubts_becomes_a_note() -> None:
    schema = _snapshot(
        status="not-in-latest-types",
        last_seen="2026-06-11",
        warning="type name shared by several endpoints",
        completeness="partial",
    )

    assert "type name shared by several endpoints" in schema.notes
    assert any("does not prove removal" in note for note in schema.notes)
    assert any("may not name every field" in note for note in schema.notes)


def test_the_same_facts_give_the_same_file_and_are_left_alone() -> None:
    before = copy.deepcopy(ENTRY)
    first, second = snapshot_json(_snapshot()), snapshot_json(_snapshot())

    assert first == second
    assert before == ENTRY
    assert "description" not in str(first)
    assert read_schema(_snapshot().model_dump_json(by_alias=True)) == _snapshot()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "expected an object of endpoint → facts"),
        ({}, "expected an object of endpoint → facts"),
        ({"lab/a": {"input": {}}}, "lab/a: `output` is missing"),
        ({"lab/a": ENTRY | {"constraints": [{"rule": "odd"}]}}, r"constraints\.0\.rule"),
    ],
)
def test_a_file_of_another_kind_says_what_was_expected(data: Any, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        snapshot_of(read_facts(data, "facts.json")["lab/a"], "facts.json")

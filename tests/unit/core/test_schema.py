"""What fal would drop in silence or refuse after a download is said before anything is sent."""

from typing import Any

import pytest

from tests.unit.core.materials import schema

SHOT = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string"},
        "duration": {"type": "string", "enum": ["3", "5"]},
    },
    "required": ["prompt"],
}
KLING = schema(
    "vendor/kling",
    duration={"type": "string", "enum": ["5", "10"]},
    fps={"type": "integer", "enum": [24, 25]},
    multi_prompt={"type": "array", "items": SHOT, "nullable": True},
    image_size={"anyOf": [{"type": "string"}, {"type": "object"}], "nullable": True},
)
LINK = {"type": "string", "format": "uri"}
LINKED = schema(
    "vendor/linked",
    link=LINK | {"nullable": True},
    links={"type": "array", "items": LINK},
    loose={},
)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seed": 7}, "seed: the endpoint has no such knob"),
        ({"durations": "5"}, "durations: the endpoint has no such knob; did you mean duration?"),
        (
            {"multi_prompt": [{"prompt": "x", "durration": "3"}]},
            "multi_prompt.0.durration: the endpoint has no such knob; did you mean duration?",
        ),
        ({"multi_prompt": [{"duration": "3"}]}, 'multi_prompt.0: "prompt" is a required property'),
        ({"duration": 5}, 'duration: 5 is not one of "5", "10"; it is text there: write "5"'),
        ({"fps": "24"}, 'fps: "24" is not one of 24, 25'),
        ({"multi_prompt": [{"prompt": "x", "duration": "4"}]}, 'is not one of "3", "5"'),
    ],
)
def test_what_the_endpoint_would_drop_or_refuse_is_said(
    arguments: dict[str, Any], words: str
) -> None:
    said = "; ".join(KLING.violations({"prompt": "p"} | arguments))

    assert words in said


@pytest.mark.parametrize(
    "arguments",
    [
        {"multi_prompt": None},
        {"image_size": None},
        {"image_size": {"width": 10, "height": 20}},
        {"image_url": {"$input": "ab" * 32}},
    ],
)
def test_what_the_endpoint_takes_is_silent(arguments: dict[str, Any]) -> None:
    assert KLING.violations({"prompt": "p"} | arguments) == ()


@pytest.mark.parametrize(
    "address",
    [
        "plate.png",
        "",
        "file:///etc/passwd",
        "https://",
        "https:///a.png",
        "http://[::1",
        "https://a.b/c d.png",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
    ],
)
def test_a_field_of_addresses_takes_only_what_a_provider_can_fetch(address: str) -> None:
    (said,) = LINKED.violations({"prompt": "p", "link": address})

    assert said == (
        f'link: "{address}" is not an http(s) address; a file of yours goes below inputs'
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"link": "https://a.b/c.png?x=1"},
        {"link": "http://127.0.0.1:8000/c.png"},
        {"link": {"$input": "ab" * 32}},
        {"links": ["https://a.b/c.png", {"$input": "ab" * 32}]},
        {"link": None},
    ],
)
def test_addresses_and_files_of_the_matrix_are_taken(arguments: dict[str, Any]) -> None:
    assert LINKED.violations({"prompt": "p"} | arguments) == ()


def test_an_address_in_a_list_is_told_with_its_place() -> None:
    (said,) = LINKED.violations({"prompt": "p", "links": ["https://a.b/c", "c.png"]})

    assert said.startswith('links.1: "c.png" is not an http(s) address')


def test_null_is_taken_only_where_the_schema_says_so() -> None:
    said = LINKED.violations({"prompt": "p", "loose": None, "image_url": None})

    assert said == (
        'image_url: null is not of type "string"',
        "loose: null is no value of it; leave it out",
    )

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

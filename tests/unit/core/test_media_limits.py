"""A file that the endpoint would refuse after downloading it is refused before it is uploaded."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.inputs import InputFile
from fal_experiments.core.media_limits import broken_limits

PICTURE = {
    "type": "string",
    "x-fal": {
        "min_width": 300,
        "min_height": 300,
        "max_width": 4000,
        "min_aspect_ratio": 0.4,
        "max_aspect_ratio": 2.5,
        "max_file_size": 10485760,
    },
}
CLIP = {
    "type": "string",
    "x-fal": {"min_duration": 3, "max_duration": 10.05, "min_fps": 24, "max_fps": 60},
}
SCHEMA: dict[str, Any] = {
    "properties": {
        "image_url": PICTURE,
        "image_urls": {"type": "array", "items": PICTURE},
        "elements": {
            "type": "array",
            "items": {"type": "object", "properties": {"frontal_image_url": PICTURE}},
        },
        "video_url": CLIP,
    }
}
SHA = "ab" * 32
REF = {"$input": SHA}


def _said(arguments: dict[str, Any], **facts: Any) -> tuple[str, ...]:
    good: dict[str, Any] = {"width_px": 1280, "height_px": 720, "size_bytes": 10**6}
    file = InputFile(id="plate", role="image", sha256=SHA, path="plate.png", **{**good, **facts})
    return broken_limits(SCHEMA, arguments, {SHA: file})


def test_a_good_file_is_silent() -> None:
    assert (
        _said({"image_url": REF, "image_urls": [REF], "elements": [{"frontal_image_url": REF}]})
        == ()
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"width_px": 200, "height_px": 400},
            "plate.png: width is 200 px, the endpoint asks for at least 300",
        ),
        (
            {"width_px": 5000, "height_px": 2500},
            "width is 5000 px, the endpoint takes at most 4000",
        ),
        (
            {"width_px": 1600, "height_px": 400},
            "height is 4, the endpoint takes at most 2.5",
        ),
        (
            {"width_px": 300, "height_px": 900},
            "height is 0.333, the endpoint asks for at least 0.4",
        ),
        ({"size_bytes": 20_000_000}, "plate.png has 20.0 MB, the endpoint takes at most 10.5 MB"),
    ],
)
def test_a_picture_out_of_bounds_is_named_with_its_knob(facts: dict[str, Any], words: str) -> None:
    (said,) = _said({"image_url": REF}, **facts)

    assert said.startswith("image_url: ")
    assert words in said


def test_a_file_deep_inside_the_arguments_is_found() -> None:
    places = {
        "image_urls": ["https://example.com/a.png", REF],
        "elements": [{"frontal_image_url": REF}],
    }

    said = _said(places, width_px=100, height_px=100)

    assert [words.split(":")[0] for words in said] == [
        "image_urls[1]",
        "image_urls[1]",
        "elements[0].frontal_image_url",
        "elements[0].frontal_image_url",
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"duration_s": Decimal("2.5")}, "lasts 2.5 s, the endpoint asks for at least 3 s"),
        ({"duration_s": Decimal("10.2")}, "lasts 10.2 s, the endpoint takes at most 10.05 s"),
        ({"fps": Decimal(12)}, "has 12 fps, the endpoint asks for at least 24 fps"),
    ],
)
def test_a_clip_out_of_bounds_is_named(facts: dict[str, Any], words: str) -> None:
    (said,) = _said({"video_url": REF}, **facts)

    assert words in said


def test_what_was_not_measured_is_not_judged() -> None:
    assert _said({"image_url": REF}, width_px=None, height_px=None, size_bytes=None) == ()

"""A typo in a price or in the place of the result is found before a request is priced by it."""

from typing import Any

import pytest

from fal_experiments.core.model import read_record
from fal_experiments.core.preset_check_facts import fact_faults
from fal_experiments.core.price import Price
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput
from tests.unit.core.materials import preset, schema

SCHEMA = schema(
    "vendor/model",
    resolution={"type": "string", "enum": ["720p", "1080p"]},
    audio={"type": "boolean"},
    video_url={"type": "string", "format": "uri"},
    num_images={"type": "integer", "minimum": 1},
).model_copy(
    update={
        "output": {
            "properties": {
                "video": {"properties": {"url": {}}},
                "images": {"type": "array", "items": {"properties": {"url": {}}}},
                "anything": {},
            }
        }
    }
)


def _faults(*rules: dict[str, Any], **more: Any) -> list[str]:
    price = {"unit": "second", "rules": list(rules), "source": "x", "as_of": "2026-08-02"} | more
    return [fault.label() for fault in fact_faults(preset("model", price=price), SCHEMA)]


DEAR = {"when": {"resolution": "1080p"}, "usd": "0.30"}
REST = {"usd": "0.10"}


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (
            {"resolutoin": "1080p"},
            "price.rules[0].when.resolutoin: the endpoint has no knob resolutoin; did you mean",
        ),
        (
            {"resolution": "1080"},
            'price.rules[0].when.resolution: "1080" is not one of "720p", "1080p"',
        ),
        ({"audio": 1}, 'price.rules[0].when.audio: 1 is not of type "boolean"'),
        ({"audio": None}, "price.rules[0].when.audio: null holds for no request"),
        ({"video": "$given"}, "price.rules[0].when.video: the endpoint has no knob video"),
    ],
)
def test_a_condition_that_can_never_hold_is_a_fault(when: dict[str, Any], said: str) -> None:
    (found,) = _faults({"when": when, "usd": "0.30"}, REST)

    assert found.startswith(said)


def test_a_rule_behind_one_that_always_holds_is_a_fault() -> None:
    assert _faults(REST, DEAR) == [
        "price.rules[1]: it is never reached: rules[0] holds wherever it does"
    ]


def test_conditions_that_the_endpoint_can_meet_are_none() -> None:
    given = {"when": {"video_url": "$given", "audio": True}, "usd": "0.20"}

    assert _faults(DEAR, given, REST) == []


def test_what_counts_or_measures_pictures_is_a_knob_with_such_values() -> None:
    tokens = {"fps": 24, "pixels": {"720p": 921600, "180p": 2073600}}

    assert _faults(REST, unit="token", tokens=tokens, count_knob="num_image") == [
        "price.count_knob: the endpoint has no knob num_image; did you mean num_images?",
        "price.tokens.pixels.180p: resolution is never 180p; did you mean 1080p?",
    ]


@pytest.mark.parametrize("pixels", ["{1080p: -1}", "{1080p: 0}"])
def test_a_frame_has_at_least_one_pixel(pixels: str) -> None:
    text = f"""
unit: token
rules: [{{usd: 0.1}}]
tokens: {{fps: 24, pixels: {pixels}}}
source: x
as_of: "2026-08-02"
"""
    with pytest.raises(BadInput, match=r"p.yaml:4: tokens.pixels"):
        read_record(Price, load(text, "p.yaml"))


def test_a_rule_for_true_does_not_hold_for_one() -> None:
    (rule, *_) = Price.model_validate(
        {
            "unit": "second",
            "rules": [{"when": {"audio": True}, "usd": "0.1"}],
            "source": "x",
            "as_of": "2026-08-02",
        }
    ).rules

    assert rule.holds({"audio": True})
    assert not rule.holds({"audio": 1})


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("vidoe.url", ["output.path: the endpoint's result has no vidoe; did you mean video?"]),
        ("video.uri", ["output.path: the endpoint's result has no uri; did you mean url?"]),
        ("images.0.ulr", ["output.path: the endpoint's result has no ulr; did you mean url?"]),
        ("images.0.url", []),
        ("anything.file.url", []),
    ],
)
def test_the_result_is_looked_for_where_it_can_be(path: str, said: list[str]) -> None:
    told = preset("model", price=None, output={"path": path})

    assert [fault.label() for fault in fact_faults(told, SCHEMA)] == said

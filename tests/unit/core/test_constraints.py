"""Rules between fields are said in words that name the fields, before anything is sent."""

import re
from typing import Any

import pytest

from fal_experiments.core.constraints import Constraint

ONE = {"rule": "exactly_one_of", "fields": ["prompt", "multi_prompt"]}
NOT_BOTH = {"rule": "not_both", "fields": ["image_url", "video_url"]}
COMPANY = {"rule": "requires_any", "if": "audio_urls", "fields": ["image_urls", "video_urls"]}
FEW = {"rule": "max_items", "field": "video_urls", "max": 3}
TOGETHER = {"rule": "max_items_total", "fields": ["image_urls", "video_urls"], "max": 4}
LENGTH = {
    "rule": "sum_max",
    "field": "multi_prompt[].duration",
    "max": 15,
    "stated_on": "turbo endpoints only",
}
LONG = {"rule": "if_then", "if": {"duration": {"gt": 10}}, "then": {"fps": 25}}
PRESENT = {
    "rule": "if_then",
    "if": {"elements": "present"},
    "then": {"character_orientation": "video"},
}
SHOTS = {"rule": "if_then", "if": {"multi_shots": True}, "then": {"enable_prompt_expansion": True}}


@pytest.mark.parametrize(
    ("rule", "body", "words"),
    [
        (ONE, {"prompt": "x", "multi_prompt": [{}]}, "found prompt and multi_prompt"),
        (ONE, {}, "exactly one of prompt, multi_prompt may be given, found none"),
        (NOT_BOTH, {"image_url": "a", "video_url": "b"}, "image_url, video_url exclude each other"),
        (COMPANY, {"audio_urls": ["a"]}, "audio_urls needs one of image_urls, video_urls"),
        (FEW, {"video_urls": list("abcd")}, "video_urls: 4 files, the limit is 3"),
        (TOGETHER, {"image_urls": list("abc"), "video_urls": list("ab")}, "5 files together"),
        (
            LENGTH,
            {"multi_prompt": [{"duration": "10"}, {"duration": "6"}]},
            r"adds up to 16, the limit is 15 \(stated on turbo endpoints only\)",
        ),
        (LONG, {"duration": 12, "fps": 50}, "duration above 10 needs fps 25"),
        (PRESENT, {"elements": [{}]}, 'elements given needs character_orientation "video"'),
        (SHOTS, {"multi_shots": True}, "multi_shots true needs enable_prompt_expansion true"),
    ],
)
def test_a_broken_rule_is_said(rule: dict[str, Any], body: dict[str, Any], words: str) -> None:
    said = Constraint.model_validate(rule).broken_by(body)

    assert said is not None
    assert re.search(words, said)


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        (ONE, {"prompt": "x", "multi_prompt": None}),
        (ONE, {"multi_prompt": [{"prompt": "x"}]}),
        (NOT_BOTH, {"image_url": "a"}),
        (COMPANY, {"audio_urls": [], "image_urls": []}),
        (COMPANY, {"audio_urls": ["a"], "video_urls": ["b"]}),
        (FEW, {"video_urls": list("abc")}),
        (TOGETHER, {"image_urls": list("abcd")}),
        (LENGTH, {"multi_prompt": [{"duration": "15"}, {"duration": "not a number"}]}),
        (LONG, {"duration": 10, "fps": 50}),
        (LONG, {"duration": "12"}),
        (PRESENT, {"elements": [], "character_orientation": "image"}),
        (SHOTS, {"multi_shots": 1}),
    ],
)
def test_a_kept_rule_is_silent(rule: dict[str, Any], body: dict[str, Any]) -> None:
    assert Constraint.model_validate(rule).broken_by(body) is None


def test_a_rule_survives_the_frozen_plan() -> None:
    rule = Constraint.model_validate(COMPANY)

    assert Constraint.model_validate_json(rule.model_dump_json()) == rule
    assert Constraint.model_validate_json(rule.model_dump_json(by_alias=True)) == rule

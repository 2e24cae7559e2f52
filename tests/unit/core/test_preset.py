"""A preset file with a mistake names file, line, and the nearest valid field."""

import json
from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.aliases import alias_of, read_aliases
from fal_experiments.core.control_kinds import RangeControl
from fal_experiments.core.preset import read_preset
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput

GOOD = """\
id: lab
title: Lab
provider: fal
endpoint: lab/a
family: kling
task: image-to-video
status: current
arguments: {duration: "6"}
inputs: {prompt: prompt, image: image_url}
controls:
  duration: {knob: duration, choices: ["6", "10"]}
  aspect_ratio: {follows: image}
  resolution: {unstated: nobody says}
  audio: {fixed: false}
  fps: {knob: fps, least: 4, most: 60}
  negative_prompt: {text_knob: negative_prompt}
seed: {support: none}
price:
  unit: second
  rules:
    - {when: {resolution: 768P}, usd: "0.045", high_usd: "0.05"}
  source: https://fal.ai/models/lab/a
  as_of: 2026-09-30
facts:
  schema: {source: https://fal.ai, as_of: 2026-08-02}
"""


def _refused(old: str, new: str) -> str:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        read_preset(load(GOOD.replace(old, new), "presets/lab.yaml"), file_stem="lab")
    return caught.value.message


def test_the_file_without_a_mistake_is_read() -> None:
    assert read_preset(load(GOOD, "presets/lab.yaml"), file_stem="lab").id == "lab"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("family:", "familly:", ":5: familly: there is no such field; did you mean family?"),
        ("image: image_url", "imag: image_url", ":9: inputs.imag: there is no such field; did you"),
        (
            "choices:",
            "choies:",
            ":11: controls.duration.choies: there is no such field; did you mean",
        ),
        ("follows: image", "follow: image", ":12: controls.aspect_ratio.follow: there is no such"),
        ("follows: image", "follows: imag", "expected one of image, video, found 'imag'; did you"),
        (
            "unstated:",
            "unstatd:",
            ":13: controls.resolution.unstatd: there is no such field; did you",
        ),
        (
            "fixed: false",
            "fixd: false",
            ":14: controls.audio.fixd: there is no such field; did you",
        ),
        ("audio: {fixed: false}", "audio: false", ":14: controls.audio: expected fields"),
        ("audio: {fixed", "audo: {fixed", ":14: controls.audo: expected one of duration, aspect"),
        (
            "most: 60",
            "moost: 60",
            ":15: controls.fps.moost: there is no such field; did you mean most?",
        ),
        ("least: 4", "least: 90", "least is above most"),
        (
            "text_knob:",
            "text_nob:",
            ":16: controls.negative_prompt.text_nob: there is no such field",
        ),
        ("unit: second", "unit: secnd", ":19: price.unit: expected one of second, video"),
        (
            "high_usd",
            "hgh_usd",
            ":21: price.rules[0].hgh_usd: there is no such field; did you mean",
        ),
        ('usd: "0.045"', 'usd: "cheap"', ":21: price.rules[0].usd"),
        (
            "as_of: 2026-09-30",
            "asof: 2026-09-30",
            ":23: price.asof: there is no such field; did you",
        ),
        ("as_of: 2026-08-02", "as_off: 2026-08-02", ":25: facts.schema.as_off: there is no such"),
        ("support: none", "support: maybe", ":17: seed.support: expected one of accepted"),
        (
            "status: current",
            "status: curent",
            ":7: status: expected one of current, retired, found",
        ),
    ],
)
def test_a_typo_names_file_line_and_the_nearest_field(old: str, new: str, said: str) -> None:
    message = _refused(old, new)

    assert "presets/lab.yaml" in message
    assert said in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '{knob: duration, choices: ["6", "10"]}',
            "{fixed: 5s}",
            ".duration.fixed: expected a number, such as 24 or 5, found '5s'\n  → write 5",
        ),
        (
            '{knob: duration, choices: ["6", "10"]}',
            "{fixed: long}",
            ":11: controls.duration.fixed: expected a number, such as 24 or 5, found 'long'\n  → ",
        ),
        ("{fixed: false}", "{fixed: null}", ":14: controls.audio.fixed: expected true or false, f"),
        ("{follows: image}", "{fixed: wide}", ":12: controls.aspect_ratio.fixed: expected an aspe"),
        ("{unstated: nobody says}", "{fixed: 720}", "controls.resolution.fixed: expected text, su"),
        (
            'arguments: {duration: "6"}',
            "arguments: {image_url: {$input: ab}}",
            ":8: arguments.image_url: $input stands for a file that the program uploads",
        ),
    ],
)
def test_a_value_that_cannot_be_meant_is_told_at_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_preset(load(GOOD.replace(old, new), "presets/lab.yaml"), file_stem="lab")

    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["knob", "frames_knob", "text_knob"])
def test_a_control_with_a_typo_is_told_of_one_kind_only(key: str) -> None:
    message = _refused('{knob: duration, choices: ["6", "10"]}', f"{{{key}: a, leest: 1, most: 2}}")

    assert message.count("is missing") <= 2
    assert "fixed" not in message
    assert "follows" not in message


def test_a_number_without_an_upper_bound_is_taken_as_it_is() -> None:
    control = RangeControl(knob="duration", least=Decimal(3), step=Decimal(1))

    assert [control.nearest(Decimal(asked)) for asked in ("1", "7.4", "90")] == [3, 7, 90]


ALIASES: list[dict[str, Any]] = [
    {"id": "lab/b*", "truth": "a pattern", "use": ["x"], "source": "s", "as_of": "2026-08-02"},
    {"id": "lab/b/c", "truth": "exact", "source": "s", "as_of": "2026-08-02"},
]


def test_an_exact_wrong_id_goes_before_a_pattern() -> None:
    aliases = read_aliases(load(json.dumps({"aliases": ALIASES}), "aliases.yaml"))
    exact, pattern = alias_of("lab/b/c", aliases), alias_of("lab/b/d", aliases)

    assert exact is not None
    assert pattern is not None
    assert (exact.truth, exact.advice) == ("exact", "no preset takes its place")
    assert (pattern.truth, pattern.advice) == ("a pattern", "use x")
    assert alias_of("lab/c", aliases) is None


def test_a_typo_in_a_file_of_aliases_names_the_line() -> None:
    text = "aliases:\n  - {id: a, thruth: b, source: s, as_of: 2026-08-02}\n"

    with pytest.raises(BadInput, match=r"a\.yaml:2: aliases\[0\]\.thruth: .* did you mean truth\?"):
        read_aliases(load(text, "a.yaml"))

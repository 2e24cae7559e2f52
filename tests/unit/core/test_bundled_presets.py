"""The presets that come with the program agree with the schemas of their endpoints."""

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.control_kinds import KnobControl, RangeControl
from fal_experiments.core.controls import Circumstances, meet
from fal_experiments.core.estimate import estimate
from fal_experiments.core.known_rules import KNOWN_RULES, with_known_rules
from fal_experiments.core.matrix import HOLD_KEYS
from fal_experiments.core.preset import Preset
from fal_experiments.core.preset_check import (
    Finding,
    age_findings,
    check_preset,
    requests_of,
    unsent_defaults,
)
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.skeleton import NEUTRAL, facts_of
from fal_experiments.core.skeleton_controls import choices_of
from fal_experiments.storage.bundled import bundled_presets, bundled_root
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

SHELF = PresetShelf(Project(bundled_root()))
IDS = SHELF.ids()
IDS_THAT_STAY = {
    "seedance-pro-i2v": "fal-ai/bytedance/seedance/v1/pro/image-to-video",
    "kling-v3-pro-i2v": "fal-ai/kling-video/v3/pro/image-to-video",
    "hailuo-02-standard-i2v": "fal-ai/minimax/hailuo-02/standard/image-to-video",
    "seedance-2-i2v": "bytedance/seedance-2.0/image-to-video",
    "kling-v3-pro-t2v": "fal-ai/kling-video/v3/pro/text-to-video",
    "veo-3-1-fast-t2v": "fal-ai/veo3.1/fast",
}
RETIRED = {
    "seedance-lite-t2v", "seedance-lite-i2v", "seedance-lite-r2v",
    "sora-2-t2v", "sora-2-i2v", "sora-2-pro-t2v", "sora-2-pro-i2v",
}  # fmt: skip
LINKS_OF_PEOPLE = re.compile(r"https://(fal\.ai|github\.com)/\S+")
WITHOUT_ADDRESS = {
    "a public registry that is checked against bills",
    "a public table of credits that are made from fal's prices",
    (
        "a public table of credits, which are what fal asks with 20 % on top: "
        "its figures divided by 1.2"
    ),
    "a public table of prices",
    "public price tests that quote fal's worked examples",
    (
        "the public price tables and copies of fal's pages that we read; "
        "none gives the price of this endpoint"
    ),
}
"""What was read and has no address that people could open: said in words, never as a page."""
WHAT_NO_SCHEMA_SAYS = ("fixed", "follows")
INPUT_S = Decimal(5)


def _both(preset_id: str) -> tuple[Preset, EndpointSchema]:
    preset = SHELF.read(preset_id)
    schema = SHELF.schema(preset.endpoint)
    assert schema is not None, f"{preset_id} has no snapshot"
    return preset, schema


def test_there_are_presets_for_every_family_that_people_name() -> None:
    families = Counter(SHELF.read(preset_id).family for preset_id in IDS)

    assert len(IDS) >= 90
    assert {"seedance", "kling", "veo", "sora", "hailuo", "minimax", "wan"} <= set(families)
    assert sum(SHELF.read(preset_id).task.endswith("image") for preset_id in IDS) >= 8


@pytest.mark.parametrize("preset_id", IDS_THAT_STAY)
def test_an_id_that_is_in_use_keeps_its_endpoint(preset_id: str) -> None:
    assert SHELF.read(preset_id).endpoint == IDS_THAT_STAY[preset_id]


@pytest.mark.parametrize("preset_id", IDS)
def test_nothing_in_a_preset_contradicts_the_snapshot_of_its_endpoint(preset_id: str) -> None:
    preset, schema = _both(preset_id)

    assert list(check_preset(preset, schema)) == []


@pytest.mark.parametrize("preset_id", IDS)
def test_a_whole_request_with_each_input_and_the_seed_passes_the_schema(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    requests = list(requests_of(preset, schema))
    filled = {knob for request in requests for knob in request}

    assert [schema.violations(request) for request in requests] == [()] * len(requests)
    assert preset.inputs.names - {"multi_prompt"} <= filled
    assert preset.seed.knob is None or preset.seed.knob in filled


@pytest.mark.parametrize("preset_id", IDS)
def test_every_key_of_hold_is_spoken_of(preset_id: str) -> None:
    assert set(SHELF.read(preset_id).controls) == set(HOLD_KEYS)


@pytest.mark.parametrize("preset_id", IDS)
def test_a_control_offers_every_value_of_its_enum_but_auto(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    for control in preset.controls.values():
        if isinstance(control, KnobControl):
            listed = choices_of(schema.input["properties"][control.knob]) or [True, False]
            assert [str(value) for value in listed] == [str(c.send) for c in control.choices]


@pytest.mark.parametrize("preset_id", IDS)
def test_every_default_of_the_vendor_is_sent_and_rewriting_is_off(preset_id: str) -> None:
    preset, schema = _both(preset_id)

    assert unsent_defaults(preset, schema) == ()
    for knob in NEUTRAL.keys() & schema.knobs:
        assert preset.arguments[knob] == NEUTRAL[knob]


def test_a_default_that_differs_is_a_choice_that_is_named() -> None:
    """Apart from what rewrites, and booleans that state no default, none is ours."""
    changed = {
        (preset_id, knob)
        for preset_id in IDS
        for preset, schema in [_both(preset_id)]
        for knob, value in preset.arguments.items()
        if knob not in NEUTRAL and schema.default_of(knob) not in (value, None)
    }

    assert changed == set()


@pytest.mark.parametrize("preset_id", IDS)
def test_seed_support_is_what_the_schema_says(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    returns = "seed" in schema.output["properties"]
    told = {
        (True, True): "accepted",
        (True, False): "accepted-not-returned",
        (False, True): "none",
        (False, False): "none",
    }

    assert preset.seed.support == told["seed" in schema.knobs, returns]
    assert preset.seed.note
    assert ("return" in preset.seed.note) == returns or preset.takes_seed


@pytest.mark.parametrize(
    "preset_id",
    [i for i in IDS if i.startswith(("kling-", "seedance-2-", "hailuo-", "minimax-", "grok-"))],
)
def test_families_without_a_seed_are_never_sent_one(preset_id: str) -> None:
    assert SHELF.read(preset_id).takes_seed == (preset_id == "seedance-2-5-r2v")


@pytest.mark.parametrize("preset_id", IDS)
def test_a_price_evaluates_for_a_typical_request_or_says_why_not(preset_id: str) -> None:
    preset, _ = _both(preset_id)
    if preset.price is None:
        assert preset.facts["price"].note.startswith("unknown: ")
        assert "no source states" not in preset.facts["price"].note
        return
    requests = (_typical(preset), preset.arguments)
    bands = [band for r in requests if (band := estimate(preset, r, INPUT_S).band)]

    assert bands
    assert all(0 < band.low <= band.expected <= band.high for band in bands)
    assert preset.price.source.startswith("https://fal.ai/models/") or (
        preset.price.source in WITHOUT_ADDRESS
    )


def test_a_price_that_is_worked_back_from_credits_names_them_and_reserves_more() -> None:
    prices = [price for preset_id in IDS if (price := SHELF.read(preset_id).price)]
    derived = [price for price in prices if "divided by 1.2" in price.source]

    assert len(derived) >= 12
    for price in derived:
        dearest = max(rule.high_usd or rule.usd for rule in price.rules)
        assert dearest >= max(rule.usd for rule in price.rules)
        assert all(
            (rule.high_usd or 0) >= rule.usd * Decimal("1.2")
            for rule in price.rules
            if rule.when != {"image_size": "auto_2K"}  # seen on a bill
        )
        assert "reserved" in price.note


def _typical(preset: Preset) -> dict[str, Any]:
    """Return the preset's arguments with a length and a size where hold can set them."""
    arguments = dict(preset.arguments)
    for key, asked in (("resolution", "720p"), ("aspect_ratio", "1:1"), ("duration", 5)):
        control = preset.controls[key]  # type: ignore[index]
        if isinstance(control, KnobControl | RangeControl) or key == "duration":
            met = meet(preset, key, asked, Circumstances({}, arguments))  # type: ignore[arg-type]
            arguments |= met.arguments
    return arguments


@pytest.mark.parametrize("preset_id", IDS)
def test_every_fact_names_a_public_page_and_a_day(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    today = date(2026, 11, 24)
    faults = [f for f in age_findings(preset, schema, today) if not f.is_advice]
    text = SHELF.source(preset_id).read_text()

    assert faults == []
    assert "schema" in preset.facts
    assert all(
        LINKS_OF_PEOPLE.fullmatch(fact.source) or fact.source in WITHOUT_ADDRESS
        for fact in preset.facts.values()
    )
    assert "index id" not in text
    assert "references/" not in text


@pytest.mark.parametrize("preset_id", IDS)
def test_preset_and_snapshot_name_the_same_places_and_days(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    told = {
        name: {"source": fact.source, "as_of": fact.as_of}
        for name, fact in preset.facts.items()
        if name in {"schema", "defaults"}
    }
    read = {
        name: {"source": fact["source"], "as_of": fact["as_of"]}
        for name, fact in facts_of(schema).items()
    }

    assert told == read
    assert "https://" in schema.source


@pytest.mark.parametrize("preset_id", IDS)
def test_what_type_definitions_do_not_say_is_marked_as_inferred(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    places = {
        fact["source"] for fact in facts_of(schema).values() if "llms.txt" not in fact["source"]
    }
    for key, control in preset.controls.items():
        is_claim = any(hasattr(control, kind) for kind in WHAT_NO_SCHEMA_SAYS)
        fact = preset.facts.get(key)
        is_const = "const" in schema.input["properties"].get(key, {})
        if is_claim and fact is not None and fact.source in places and not is_const:
            assert "inferred" in fact.note, f"{key}: the types do not say so"


@pytest.mark.parametrize("preset_id", IDS)
def test_a_snapshot_carries_the_known_rules_of_its_endpoint(preset_id: str) -> None:
    """Importing it again changes nothing."""
    _, schema = _both(preset_id)

    assert with_known_rules(schema) == schema


@pytest.mark.parametrize(
    ("preset_id", "changes", "words"),
    [
        (
            "minimax-h3-r2v",
            {"reference_image_urls": ["https://a"] * 9, "reference_video_urls": ["https://a"] * 3}
            | {"reference_audio_urls": ["https://a"]},
            "13 files together, the limit is 12",
        ),
        ("wan-3-r2v", {"file_url": "https://a"}, "file_url given needs enable_thinking true"),
        ("wan-3-r2v", {"web_url": "https://a"}, "web_url given needs enable_thinking true"),
        (
            "kling-v3-pro-t2v",
            {"prompt": None, "multi_prompt": [{"prompt": "x", "duration": "1"}] * 7},
            "multi_prompt: 7 entries, the limit is 6 (stated on turbo endpoints only)",
        ),
    ],
)
def test_a_rule_that_a_source_states_in_words_is_checked(
    preset_id: str, changes: dict[str, Any], words: str
) -> None:
    preset, schema = _both(preset_id)
    request = preset.arguments | {"prompt": "x"} | changes

    assert [said for said in schema.violations(request) if words in said]


def test_every_known_rule_is_of_some_preset() -> None:
    endpoints = SHELF.endpoints()

    assert all(any(known.is_of(endpoint) for endpoint in endpoints) for known in KNOWN_RULES)


@pytest.mark.parametrize("preset_id", IDS)
def test_a_value_without_a_knob_is_told_with_its_source(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    for key, control in preset.controls.items():
        fixed = getattr(control, "fixed", None)
        consts = schema.input["properties"].get(key, {})
        if fixed is not None and "const" not in consts:
            assert key in preset.facts, f"{key} is always {fixed}: who says so?"


@pytest.mark.parametrize("preset_id", sorted(RETIRED))
def test_a_retired_preset_names_a_current_successor_of_its_task(preset_id: str) -> None:
    preset = SHELF.read(preset_id)

    assert preset.status == "retired"
    assert preset.status_note
    assert preset.successor is not None
    successor = SHELF.read(preset.successor)
    assert (successor.status, successor.task) == ("current", preset.task)


def test_only_what_is_closed_or_re_routed_is_retired() -> None:
    retired = {preset_id for preset_id in IDS if SHELF.read(preset_id).status == "retired"}

    assert retired == RETIRED


def test_what_is_only_missing_from_newer_type_definitions_says_so_and_stays() -> None:
    for preset_id in IDS:
        preset, schema = _both(preset_id)
        is_missing = any("not in the newest type definitions" in note for note in schema.notes)
        assert not is_missing or preset.status_note, preset_id


def test_no_two_presets_claim_one_endpoint() -> None:
    claims = Counter(SHELF.read(preset_id).endpoint for preset_id in IDS)

    assert max(claims.values()) == 1


def test_every_snapshot_belongs_to_a_preset() -> None:
    files = (bundled_presets() / "schemas").glob("*.json")

    assert {json.loads(path.read_text())["endpoint"] for path in files} == set(SHELF.endpoints())


def test_findings_are_told_for_a_preset_that_lies() -> None:
    preset, schema = _both("hailuo-02-standard-i2v")
    lying = preset.model_copy(
        update={
            "arguments": {"duration": 6, "colour": "red"},
            "seed": preset.seed.model_copy(update={"support": "accepted", "knob": "seed"}),
        }
    )

    said = [finding.what for finding in check_preset(lying, schema)]

    assert any("it is text there" in words for words in said)
    assert any("colour: the endpoint has no such knob" in words for words in said)
    assert "arguments.resolution: the vendor's default '768P' is not sent" in said
    assert "seed: the endpoint has no seed knob, the preset says accepted" in said


def test_an_old_fact_is_advice_and_one_without_a_day_is_not() -> None:
    preset, schema = _both("kling-v3-pro-i2v")
    vague = preset.facts["schema"].model_copy(update={"as_of": "last summer"})
    odd = preset.model_copy(update={"facts": {"schema": vague}})

    late = date(2027, 6, 1)

    assert [finding.is_advice for finding in age_findings(odd, schema, late)] == [False, True, True]
    assert list(age_findings(preset, schema, date(2026, 11, 1))) == []
    assert Finding("x", "y") == Finding("x", "y", is_advice=False)

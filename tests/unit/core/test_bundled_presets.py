"""The presets that come with the program agree with the schemas of their endpoints."""

import json
from decimal import Decimal

import pytest

from fal_experiments.core.control_kinds import KnobControl, TextControl
from fal_experiments.core.estimate import estimate
from fal_experiments.core.matrix import HOLD_KEYS
from fal_experiments.core.preset import Preset
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.storage.bundled import bundled_presets, bundled_root
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

SHELF = PresetShelf(Project(bundled_root()))
EXPECTED_ENDPOINTS = {
    "seedance-pro-i2v": "fal-ai/bytedance/seedance/v1/pro/image-to-video",
    "kling-v3-pro-i2v": "fal-ai/kling-video/v3/pro/image-to-video",
    "hailuo-02-standard-i2v": "fal-ai/minimax/hailuo-02/standard/image-to-video",
    "seedance-2-i2v": "bytedance/seedance-2.0/image-to-video",
    "kling-v3-pro-t2v": "fal-ai/kling-video/v3/pro/text-to-video",
    "veo-3-1-fast-t2v": "fal-ai/veo3.1/fast",
}
IDS = sorted(EXPECTED_ENDPOINTS)


def _both(preset_id: str) -> tuple[Preset, EndpointSchema]:
    preset = SHELF.read_checked(preset_id)
    schema = SHELF.schema(preset.endpoint)
    assert schema is not None
    return preset, schema


@pytest.mark.parametrize("preset_id", IDS)
def test_the_endpoint_is_the_one_that_exists(preset_id: str) -> None:
    assert SHELF.read(preset_id).endpoint == EXPECTED_ENDPOINTS[preset_id]


@pytest.mark.parametrize("preset_id", IDS)
def test_a_whole_request_passes_the_schema(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    body = dict(preset.arguments) | {str(preset.inputs.prompt): "x"}
    if preset.inputs.image:
        body[preset.inputs.image] = {"$input": "ab"}
    if preset.seed.knob:
        body[preset.seed.knob] = 7

    assert schema.violations(body) == ()


@pytest.mark.parametrize("preset_id", IDS)
def test_every_control_turns_a_knob_that_exists_to_values_that_it_has(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    for key in HOLD_KEYS:
        control = preset.controls.get(key)
        if isinstance(control, TextControl):
            assert control.text_knob in schema.knobs
        if isinstance(control, KnobControl):
            for choice in control.choices:
                said = schema.violations({control.knob: choice.send})
                assert not [words for words in said if words.startswith(control.knob)]


@pytest.mark.parametrize("preset_id", IDS)
def test_a_control_offers_every_value_of_its_enum_but_auto(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    for control in preset.controls.values():
        if isinstance(control, KnobControl):
            listed = set(schema.input["properties"][control.knob].get("enum", []))
            assert listed - {"auto"} <= {choice.send for choice in control.choices}


@pytest.mark.parametrize("preset_id", IDS)
def test_seed_support_is_what_the_schema_says(preset_id: str) -> None:
    preset, schema = _both(preset_id)

    assert preset.takes_seed == ("seed" in schema.knobs)
    if preset.seed.support == "accepted":
        assert "seed" in schema.output["properties"]


@pytest.mark.parametrize("preset_id", [name for name in IDS if name != "seedance-2-i2v"])
def test_every_default_of_the_vendor_is_sent_explicitly(preset_id: str) -> None:
    preset, schema = _both(preset_id)
    defaults = {k for k, v in schema.input["properties"].items() if "default" in v}

    assert defaults <= set(preset.arguments)


def test_seedance_2_sends_a_minimal_payload_without_sound() -> None:
    preset, _ = _both("seedance-2-i2v")

    assert preset.arguments == {"generate_audio": False}


@pytest.mark.parametrize("preset_id", IDS)
def test_prices_and_facts_name_source_and_date(preset_id: str) -> None:
    preset, _ = _both(preset_id)

    assert preset.price is not None
    assert preset.price.source.startswith("https://")
    assert preset.facts["schema"].as_of >= "2026"


@pytest.mark.parametrize(
    ("preset_id", "arguments", "usd"),
    [
        ("seedance-pro-i2v", {"resolution": "720p", "duration": "5"}, "0.27"),
        ("seedance-pro-i2v", {"resolution": "1080p", "duration": "5"}, "0.6075"),
        ("kling-v3-pro-i2v", {"duration": "5", "generate_audio": False}, "0.56"),
        ("kling-v3-pro-t2v", {"duration": "10", "generate_audio": True}, "1.68"),
        ("hailuo-02-standard-i2v", {"duration": "6", "resolution": "768P"}, "0.27"),
        ("hailuo-02-standard-i2v", {"duration": "10", "resolution": "512P"}, "0.17"),
        ("seedance-2-i2v", {"duration": "5", "resolution": "720p"}, "1.512"),
        ("veo-3-1-fast-t2v", {"duration": "8s", "resolution": "4k", "generate_audio": True}, "2.8"),
        ("veo-3-1-fast-t2v", {"duration": "4s", "generate_audio": False}, "0.4"),
    ],
)
def test_the_price_rule_gives_the_published_figure(
    preset_id: str, arguments: dict[str, object], usd: str
) -> None:
    band = estimate(SHELF.read(preset_id), arguments).band

    assert band is not None
    assert Decimal(band.expected) / 10**9 == Decimal(usd)


def test_every_snapshot_belongs_to_a_preset() -> None:
    endpoints = {SHELF.read(preset_id).endpoint for preset_id in SHELF.ids()}
    files = (bundled_presets() / "schemas").glob("*.json")

    assert {json.loads(path.read_text())["endpoint"] for path in files} == endpoints

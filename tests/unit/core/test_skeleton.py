"""An endpoint's snapshot becomes a draft that passes it, tells its gaps, and guesses nothing."""

from typing import Any

import pytest

from fal_experiments.core.preset import Preset, read_preset
from fal_experiments.core.preset_check import check_preset
from fal_experiments.core.preset_yaml import preset_yaml
from fal_experiments.core.price_facts import price_of, read_price_rows
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.skeleton import draft_of, facts_of, family_of, slug_of
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput

URL = {"type": "string", "format": "uri"}
URLS = {"type": "array", "items": URL}


def _schema(
    properties: dict[str, Any], *, endpoint: str = "lab/a/image-to-video", **more: Any
) -> EndpointSchema:
    return EndpointSchema(
        endpoint=endpoint,
        as_of="2026-08-02",
        source="made up for tests",
        input={
            "type": "object",
            "properties": {"prompt": {"type": "string"}, **properties},
            "required": more.get("required", ["prompt"]),
        },
        output={"type": "object", "properties": more.get("output", {"video": {}})},
    )


def _preset(schema: EndpointSchema) -> Preset:
    draft = draft_of(schema, preset_id="lab")
    return read_preset(load(preset_yaml(draft.fields, draft.remarks), "lab.yaml"), file_stem="lab")


def _controls(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        key: control.model_dump(exclude_none=True)
        for key, control in _preset(_schema(properties, **more)).controls.items()
    }


def test_every_default_is_sent_and_what_rewrites_is_neutral() -> None:
    preset = _preset(
        _schema(
            {
                "image_url": URL,
                "resolution": {"type": "string", "enum": ["720p"], "default": "720p"},
                "negative_prompt": {"type": "string", "default": ""},
                "prompt_optimizer": {"type": "boolean", "default": True},
                "auto_fix": {"type": "boolean", "default": True},
                "enable_prompt_expansion": {"type": "boolean", "default": True},
                "interpolator_model": {"type": "string", "enum": ["none", "film"]},
                "num_interpolated_frames": {"type": "integer", "default": 1},
                "sync_mode": {"type": "boolean"},
                "style": {"type": "string", "enum": ["clay"], "nullable": True},
            }
        )
    )

    assert preset.arguments == {
        "resolution": "720p",
        "negative_prompt": "",
        "prompt_optimizer": False,
        "auto_fix": False,
        "enable_prompt_expansion": False,
        "interpolator_model": "none",
        "num_interpolated_frames": 0,
        "sync_mode": False,
    }


@pytest.mark.parametrize(
    ("field", "control"),
    [
        (
            {"type": "string", "enum": ["auto", "5", "10s"]},
            [{"send": "5", "means": 5}, {"send": "10s", "means": 10}],
        ),
        (
            {"type": "integer", "enum": [0, 4]},
            [{"send": 0, "means": "video"}, {"send": 4, "means": 4}],
        ),
        (
            {"anyOf": [{"type": "integer", "enum": [6]}, {"type": "string", "enum": ["auto"]}]},
            [{"send": 6, "means": 6}],
        ),
    ],
)
def test_a_length_with_listed_values_leaves_out_what_leaves_it_to_the_model(
    field: dict[str, Any], control: list[Any]
) -> None:
    assert _controls({"duration": field})["duration"] == {
        "knob": "duration",
        "choices": tuple(control),
    }


@pytest.mark.parametrize(
    ("properties", "control"),
    [
        ({"duration": {"type": "string", "const": "8s"}}, {"fixed": 8}),
        (
            {"duration": {"type": "integer", "minimum": 1, "maximum": 15}},
            {"knob": "duration", "least": 1, "most": 15, "step": 1},
        ),
        ({"duration": {"type": "number"}}, {"knob": "duration", "least": 0}),
        (
            {
                "num_frames": {"type": "integer", "minimum": 17, "maximum": 161},
                "frames_per_second": {
                    "type": "integer",
                    "default": 16,
                    "minimum": 4,
                    "maximum": 60,
                },
            },
            {
                "frames_knob": "num_frames",
                "least": 17,
                "most": 161,
                "fps": 16,
                "fps_knob": "frames_per_second",
            },
        ),
        ({"video_url": URL}, {"follows": "video"}),
        ({}, {"unstated": "the endpoint has no length knob and its schema names no length"}),
    ],
)
def test_a_length_is_a_range_frames_fixed_or_told_to_be_unstated(
    properties: dict[str, Any], control: dict[str, Any]
) -> None:
    assert _controls(properties)["duration"] == control


def test_size_ratio_sound_and_rate_are_read_from_the_names_that_fal_uses() -> None:
    found = _controls(
        {
            "image_url": URL,
            "aspect_ratio": {"type": "string", "enum": ["auto", "16:9"], "default": "auto"},
            "resolution": {"type": "string", "enum": ["auto", "720p", "4k"]},
            "generate_audio_switch": {"type": "boolean", "default": False},
            "fps": {"type": "integer", "enum": [24, 25]},
            "negative_prompt": {"type": "string"},
            "prompt_expansion_mode": {
                "type": "string",
                "enum": ["disabled", "fast", "balanced"],
                "default": "balanced",
            },
        }
    )

    assert found["aspect_ratio"]["choices"] == ({"send": "16:9", "means": "16:9"},)
    assert [c["send"] for c in found["resolution"]["choices"]] == ["720p", "4k"]
    assert found["audio"]["knob"] == "generate_audio_switch"
    assert [c["means"] for c in found["fps"]["choices"]] == [24, 25]
    assert found["negative_prompt"] == {"text_knob": "negative_prompt"}
    assert [c["means"] for c in found["prompt_enhancement"]["choices"]] == [False, "fast", True]


def test_an_image_endpoint_names_shapes_and_speaks_of_no_length() -> None:
    sizes = {
        "anyOf": [
            {"type": "object"},
            {"type": "string", "enum": ["square", "landscape_16_9", "auto_2K"]},
        ]
    }
    schema = _schema(
        {"image_size": sizes, "image_urls": URLS},
        endpoint="lab/b/image-to-image",
        output={"images": {}},
    )
    preset = _preset(schema)

    assert preset.output.path == "images.0.url"
    assert (preset.inputs.image, preset.inputs.references) == ("image_urls[]", "image_urls")
    assert _controls({"image_size": sizes}, endpoint="lab/b/text-to-image")["aspect_ratio"] == {
        "knob": "image_size",
        "choices": (
            {"send": "square", "means": "1:1"},
            {"send": "landscape_16_9", "means": "16:9"},
        ),
    }
    assert preset.controls["duration"].model_dump() == {"unstated": "a picture has no length"}


def test_inputs_are_found_by_name() -> None:
    elements = {
        "type": "array",
        "items": {"type": "object", "properties": {"frontal_image_url": URL, "video_url": URL}},
    }
    preset = _preset(
        _schema(
            {
                "start_image_url": URL,
                "tail_image_url": URL,
                "image_urls": URLS,
                "video_urls": URLS,
                "audio_url": URL,
                "elements": elements,
                "multi_prompt": {"type": "array"},
            }
        )
    )

    assert preset.inputs.model_dump(exclude_none=True) == {
        "prompt": "prompt",
        "image": "start_image_url",
        "last_frame": "tail_image_url",
        "references": "image_urls",
        "elements": {"knob": "elements", "image": "frontal_image_url", "video": "video_url"},
        "video": "video_urls[]",
        "audio": "audio_url",
        "shots": {"knob": "multi_prompt", "text": "prompt", "duration": "duration"},
    }


@pytest.mark.parametrize(
    ("knob", "task"),
    [("subject_reference_image_url", "reference-to-video"), ("reference_image_url", None)],
)
def test_a_knob_that_takes_one_reference_is_marked_and_is_no_first_frame(
    knob: str, task: str | None
) -> None:
    schema = _schema({knob: URL}, required=["prompt", knob])
    other = schema.model_copy(update={"endpoint": "lab/subject-reference"})
    draft = draft_of(other)

    assert draft.fields["inputs"] == {"prompt": "prompt", "references": f"{knob}[0]"}
    assert task in {None, draft.fields["task"]}
    assert not any(knob in remark for remark in draft.remarks)


def test_a_draft_takes_its_sources_from_the_snapshot() -> None:
    line = "https://github.com/fal-ai/fal-js/tree/1 (type definitions, 2026-08-02); "
    line += "https://fal.ai/api/x (defaults and limits, 2026-06-11)"
    schema = _schema({}).model_copy(update={"source": line})

    assert facts_of(schema) == {
        "schema": {"source": "https://github.com/fal-ai/fal-js/tree/1", "as_of": "2026-08-02"},
        "defaults": {
            "source": "https://fal.ai/api/x",
            "as_of": "2026-06-11",
            "note": "defaults and limits",
        },
    }


@pytest.mark.parametrize(
    ("has_knob", "returns", "support"),
    [
        (True, True, "accepted"),
        (True, False, "accepted-not-returned"),
        (False, True, "none"),
        (False, False, "none"),
    ],
)
def test_seed_support_is_read_from_input_and_output(
    has_knob: bool, returns: bool, support: str
) -> None:
    schema = _schema(
        {"seed": {"type": "integer"}} if has_knob else {},
        output={"video": {}} | ({"seed": {}} if returns else {}),
    )
    preset = _preset(schema)

    assert preset.seed.support == support
    assert list(check_preset(preset, schema)) == []


def test_what_a_person_has_to_decide_stands_on_top_of_the_file() -> None:
    schema = _schema(
        {"image_url": URL, "mode": {"type": "string", "enum": ["image", "video"]}, "key": {}},
        required=["prompt", "image_url", "mode", "key"],
    )
    draft = draft_of(schema)
    text = preset_yaml(draft.fields, draft.remarks)

    assert text.splitlines()[:3] == [
        "# TODO arguments.mode: required without a default; choose one of image, video",
        "# TODO arguments.key: required, and no input fills it",
        "# TODO price: unknown; until it is here a budget blocks this preset",
    ]
    assert draft.fields["arguments"] == {"mode": "image"}


@pytest.mark.parametrize(
    ("endpoint", "slug", "family"),
    [
        ("fal-ai/kling-video/v3/pro/image-to-video", "kling-video-v3-pro-i2v", "kling"),
        ("bytedance/seedance-2.0/text-to-video", "bytedance-seedance-2-0-t2v", "seedance"),
        ("lab/odd_Thing", "lab-odd-thing", "lab"),
    ],
)
def test_an_endpoint_gives_an_id_and_a_family(endpoint: str, slug: str, family: str) -> None:
    assert (slug_of(endpoint), family_of(endpoint)) == (slug, family)


def test_text_is_quoted_where_a_reader_would_take_it_for_something_else() -> None:
    fields = {
        "a": "16:9",
        "b": "yes",
        "c": "plain words",
        "d": "5",
        "e": "x: y",
        "f": ["no", "1.50"],
    }

    assert load(preset_yaml(fields), "x").data == fields


ROW = {
    "endpoint_id": "lab/a/image-to-video",
    "unit": "second",
    "rules": [{"when": {"resolution": "720p"}, "usd": 0.1}],
    "billing_quirks": "Sound included.",
    "source": "https://fal.ai/x/llms.txt (copy of the page in a public repo, index id 123)",
    "as_of": "~2026-09",
    "confidence": "page",
    "preferred": True,
}


def _price(*rows: dict[str, Any]) -> Any:
    schema = _schema({"resolution": {"type": "string"}})
    return price_of(schema, read_price_rows(list(rows), "prices.json"))


def test_a_published_price_becomes_a_rule_that_says_who_read_it() -> None:
    assert _price(ROW).price == {
        "unit": "second",
        "rules": [{"when": {"resolution": "720p"}, "usd": "0.1"}],
        "source": "https://fal.ai/models/lab/a/image-to-video/llms.txt",
        "as_of": "2026-09",
        "note": "Sound included. Read from a copy of the page, about 2026-09",
    }


def test_started_blocks_of_five_seconds_become_seconds_in_steps() -> None:
    row = ROW | {"unit": "five_second_block", "rules": [{"when": {}, "usd": 0.014}]}

    price = _price(row).price

    assert price["rules"] == [{"usd": "0.0028"}]
    assert (price["unit"], price["seconds"], price["step"]) == ("second", "input", "5")


def test_a_derived_price_names_what_was_read_and_reserves_a_fifth_more() -> None:
    row = ROW | {
        "confidence": "derived",
        "source": "public repo credit table = fal cost x 1.2, divided back by 1.2 (index id 7)",
    }

    assert _price(row).price == {
        "unit": "second",
        "rules": [{"when": {"resolution": "720p"}, "usd": "0.1", "high_usd": "0.12"}],
        "source": "public repo credit table = fal cost x 1.2, divided back by 1.2",
        "as_of": "2026-09",
        "note": "Sound included. 20% more are reserved: it is derived",
    }


def test_where_sources_disagree_the_preferred_is_expected_and_the_dearest_reserved() -> None:
    other = ROW | {
        "rules": [{"when": {}, "usd": 0.12}],
        "confidence": "disagrees",
        "preferred": False,
    }
    old = other | {"rules": [{"when": {}, "usd": 0.9}], "confidence": "page (superseded)"}

    assert _price(ROW, other, old).price["rules"] == [
        {"when": {"resolution": "720p"}, "usd": "0.1", "high_usd": "0.12"}
    ]


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"endpoint_id": "lab/z"}, "no row speaks of this endpoint"),
        ({"confidence": "unverified"}, "only an unverified one"),
        ({"unit": "token"}, "by token"),
        ({"rules": [{"when": {"voice": True}, "usd": 1}]}, "1 with voice True, which no knob says"),
    ],
)
def test_a_price_that_cannot_be_told_is_left_out_with_the_reason(
    changes: dict[str, Any], remark: str
) -> None:
    found = _price(ROW | changes)

    assert found.price is None
    assert any(remark in text for text in found.remarks)


def test_a_file_that_is_no_price_list_is_refused() -> None:
    with pytest.raises(BadInput, match=r"prices\.json: expected a list of prices"):
        _price({"usd": 1})

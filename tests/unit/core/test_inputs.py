"""Each file of an input reaches the knob that the model has for it, or is said to be unused."""

from typing import Any

import pytest

from fal_experiments.core.inputs import InputFile
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.plan import Plan
from fal_experiments.errors import BadInput
from tests.unit.core.inputs_of_tests import file
from tests.unit.core.materials import plan_of, preset, schema, spec


def _plan(inputs: dict[str, Any], *files: InputFile, **changes: Any) -> Plan:
    model = preset("model", inputs=inputs, controls={}, price=None)
    matrix = spec(
        presets=["model"], seeds=1, budget={"allow_unpriced": ["model"], "per_cell_usd": 1}
    )
    return plan_of(matrix.model_copy(update=changes), presets=(model,), images=files, schemas={})


def test_every_file_goes_to_its_own_knob() -> None:
    knobs = {
        "image": "start_image_url",
        "last_frame": "end_image_url",
        "references": "image_urls",
        "video": "video_url",
        "audio": "audio_url",
    }
    files = [
        file("image", "aa"),
        file("last_frame", "bb"),
        file("references.1", "dd"),
        file("references.0", "cc"),
        file("video", "ee"),
        file("audio", "ff"),
    ]

    sent = _plan(knobs, *files).cells[0].arguments

    assert sent["start_image_url"] == {"$input": "aa" * 32}
    assert sent["end_image_url"] == {"$input": "bb" * 32}
    assert sent["image_urls"] == [{"$input": "cc" * 32}, {"$input": "dd" * 32}]
    assert sent["video_url"] == {"$input": "ee" * 32}
    assert sent["audio_url"] == {"$input": "ff" * 32}


def test_a_knob_that_takes_a_list_gets_a_list_of_one() -> None:
    sent = _plan({"image": "image_urls[]"}, file("image", "aa")).cells[0].arguments

    assert sent["image_urls"] == [{"$input": "aa" * 32}]


ONE_REFERENCE = {"image": "image_url", "references": "reference_image_url[0]"}


def test_a_knob_that_takes_one_reference_gets_the_file_itself() -> None:
    files = (file("image", "aa"), file("references.0", "bb"))

    sent = _plan(ONE_REFERENCE, *files).cells[0].arguments

    assert sent["reference_image_url"] == {"$input": "bb" * 32}


def test_more_references_than_the_one_that_a_model_takes_are_unsupported_and_never_dropped() -> (
    None
):
    files = (file("image", "aa"), file("references.0", "bb"), file("references.1", "cc"))

    with pytest.raises(
        BadInput, match="reference_image_url takes one reference image, 2 are given"
    ):
        _plan(ONE_REFERENCE, *files)


def test_a_reference_that_a_preset_needs_and_nobody_gives_is_named_with_its_knob() -> None:
    model = preset(
        "model",
        task="reference-to-video",
        inputs={"references": "subject_reference_image_url[0]"},
    )
    snapshot = schema("vendor/model", subject_reference_image_url={"type": "string"})
    required = {"required": ["subject_reference_image_url"]}
    needs = snapshot.model_copy(update={"input": snapshot.input | required})

    with pytest.raises(BadInput, match=r"model needs reference images \(subject_reference"):
        plan_of(
            spec(presets=["model"], task="reference-to-video"),
            presets=(model,),
            schemas={"vendor/model": needs},
        )


def test_elements_keep_their_own_views_together() -> None:
    knobs = {
        "image": "image_url",
        "elements": {
            "knob": "elements",
            "image": "frontal_image_url",
            "references": "reference_image_urls",
            "video": "video_url",
        },
    }
    files = [
        file("image", "aa"),
        file("elements.1.image", "11"),
        file("elements.0.image", "bb"),
        file("elements.0.references.0", "cc"),
        file("elements.0.references.1", "dd"),
    ]

    sent = _plan(knobs, *files).cells[0].arguments

    assert sent["elements"] == [
        {
            "frontal_image_url": {"$input": "bb" * 32},
            "reference_image_urls": [{"$input": "cc" * 32}, {"$input": "dd" * 32}],
        },
        {"frontal_image_url": {"$input": "11" * 32}},
    ]


def test_a_last_frame_that_the_model_cannot_take_is_a_deviation_and_no_silence() -> None:
    cell = _plan({"image": "image_url"}, file("image", "aa"), file("last_frame", "bb")).cells[0]

    assert [d.label() for d in cell.deviations] == ["last frame given → not used"]
    assert set(cell.inputs) == {"image"}


def test_what_may_not_deviate_is_unsupported_instead() -> None:
    with pytest.raises(BadInput, match="last frame given → not used: the model has no knob"):
        _plan(
            {"image": "image_url"},
            file("image", "aa"),
            file("last_frame", "bb"),
            on_mismatch="unsupported",
        )


def test_a_cell_says_which_files_it_starts_from_with_content_and_size() -> None:
    cell = _plan({"image": "image_url"}, file("image", "aa", size_bytes=4321)).cells[0]

    assert cell.inputs["image"].sha256 == "aa" * 32
    assert cell.inputs["image"].size_bytes == 4321


def test_a_video_that_a_preset_needs_and_nobody_gives_is_named_with_its_knob() -> None:
    editor = preset("editor", task="video-to-video", inputs={"video": "video_url"})
    snapshot = schema("vendor/editor", video_url={"type": "string"})
    needs = snapshot.model_copy(update={"input": snapshot.input | {"required": ["video_url"]}})

    with pytest.raises(BadInput, match=r"editor needs a video \(video_url\)"):
        plan_of(
            spec(presets=["editor"], task="video-to-video"),
            presets=(editor,),
            schemas={"vendor/editor": needs},
        )


def test_a_prompt_that_names_its_inputs_meets_only_those() -> None:
    matrix = MatrixSpec.model_validate(
        {
            "name": "shots",
            "task": "image-to-video",
            "prompts": [
                {"id": "a", "text": "A", "inputs": ["one"]},
                {"id": "b", "text": "B", "inputs": ["two"]},
                {"id": "c", "text": "C"},
            ],
            "presets": ["seeded"],
            "inputs": [{"id": "one", "image": "1.png"}, {"id": "two", "image": "2.png"}],
        }
    )
    files = tuple(
        file("image", mark).model_copy(update={"id": name})
        for name, mark in (("one", "11"), ("two", "22"))
    )

    plan = plan_of(matrix, images=files)

    pairs = [(cell.at.prompt, cell.at.input) for cell in plan.cells]
    assert sorted(pairs) == [("a", "one"), ("b", "two"), ("c", "one"), ("c", "two")]


@pytest.mark.parametrize(
    ("background", "tags", "warned"),
    [
        ("checkerboard", (), "stands before a checkerboard"),
        ("gradient", ("sprite",), "has a gradient background"),
        ("busy", ("sprite",), "has a busy background"),
        ("gradient", (), None),
        ("flat", ("sprite",), None),
    ],
)
def test_the_plate_of_a_sprite_is_looked_at(
    background: str, tags: tuple[str, ...], warned: str | None
) -> None:
    plan = plan_of(
        spec(prompts=[{"id": "walk", "text": "He walks.", "tags": list(tags)}]),
        images=(file("image", "aa", background=background),),
    )

    said = " ".join(plan.warnings)
    assert (warned in said) if warned else "background" not in said


def test_a_sprite_plate_of_another_size_than_1280_by_720_is_advised_against() -> None:
    sprite = [{"id": "walk", "text": "He walks.", "tags": ["sprite"]}]
    square = file("image", "aa", background="flat", width_px=1024, height_px=1024)

    assert "input plate is 1024×1024" in " ".join(
        plan_of(spec(prompts=sprite), images=(square,)).warnings
    )


PICTURES = {"unit": "image", "rules": [{"usd": "0.01"}], "source": "a test", "as_of": "2026-08"}
ELEMENTS = {"knob": "elements", "image": "frontal_image_url"}


def test_a_part_of_an_element_that_the_model_cannot_take_is_said_and_no_empty_one_is_sent() -> None:
    files = [
        file("image", "aa"),
        file("elements.0.image", "bb"),
        file("elements.0.video", "cc"),
        file("elements.1.video", "dd"),
    ]

    cell = _plan({"image": "image_url", "elements": ELEMENTS}, *files).cells[0]

    assert cell.arguments["elements"] == [{"frontal_image_url": {"$input": "bb" * 32}}]
    assert [d.label() for d in cell.deviations] == ["video of an element given → not used"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (file("references.0", "cc"), "input other gives no first frame"),
        (file("last_frame", "cc"), "input other gives no first frame"),
    ],
)
def test_an_input_without_what_a_model_starts_from_is_unsupported_and_not_left_out_in_silence(
    given: InputFile, reason: str
) -> None:
    other = given.model_copy(update={"id": "other"})
    knobs = {"image": "image_url", "last_frame": "end_image_url", "references": "image_urls"}

    plan = _plan(knobs, file("image", "aa"), other)

    (left,) = plan.left_out
    assert (left.at.input, left.state, left.reason) == ("other", "unsupported", reason)


def test_a_prompt_that_is_paired_with_no_input_of_use_starts_nothing() -> None:
    prompts = [{"id": "a", "text": "A", "inputs": []}, {"id": "b", "text": "B"}]
    plan = plan_of(spec(prompts=prompts, presets=["seeded"], seeds=1))

    (left,) = plan.left_out
    assert left.reason == "prompt a, without an input, gives no first frame"


def test_sound_that_a_text_to_video_model_cannot_take_is_a_deviation() -> None:
    silent = preset("silent", task="text-to-video", inputs={}, controls={})
    matrix = spec(presets=["silent"], seeds=1, task="text-to-video")
    voice, plate = file("audio", "aa"), file("image", "bb")

    with_voice = plan_of(matrix, presets=(silent,), images=(voice,), schemas={})
    with_plate = plan_of(matrix, presets=(silent,), images=(plate,), schemas={})

    assert [d.label() for d in with_voice.cells[0].deviations] == ["audio given → not used"]
    assert with_plate.cells[0].deviations == ()


def test_pictures_and_references_that_one_list_carries_are_needed_once() -> None:
    editor = preset(
        "editor",
        task="image-to-image",
        arguments={},
        seed={"support": "none"},
        price={**PICTURES},
        inputs={"image": "image_urls[]", "references": "image_urls"},
        controls={},
        output={"kind": "image", "path": "images.0.url"},
    )
    listed = schema("vendor/editor", image_urls={"type": "array"})
    needs = listed.model_copy(
        update={"input": listed.input | {"required": ["prompt", "image_urls"]}}
    )
    matrix = spec(presets=["editor"], seeds=1, task="image-to-image")

    for role in ("image", "references.0"):
        plan = plan_of(
            matrix, presets=(editor,), images=(file(role, "aa"),), schemas={"vendor/editor": needs}
        )
        assert plan.cells[0].arguments["image_urls"] == [{"$input": "aa" * 32}]

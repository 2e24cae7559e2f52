"""Hold turns each model's own knob; what cannot be met exactly is said with both values."""

import pytest

from fal_experiments.core.controls import CannotMeet, Circumstances, meet
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.preset import Preset
from tests.unit.core.materials import PLATE, preset


def _beside(image: InputFile) -> Circumstances:
    return Circumstances({"image": image}, {})


AROUND = _beside(PLATE)


def _with(control: dict[str, object], key: str = "duration") -> Preset:
    base = preset("p").model_dump()
    return Preset.model_validate(base | {"controls": base["controls"] | {key: control}})


@pytest.mark.parametrize(
    ("asked", "sent"), [(4, "4s"), (5, "6s"), (6, "6s"), (7, "8s"), (30, "8s"), (1, "4s")]
)
def test_the_nearest_length_is_taken_and_of_two_the_longer(asked: int, sent: str) -> None:
    choices = [{"send": f"{n}s", "means": n} for n in (4, 6, 8)]

    met = meet(_with({"knob": "d", "choices": choices}), "duration", asked, AROUND)

    assert met.arguments == {"d": sent}
    assert (met.deviation is None) == (f"{asked}s" == sent)


@pytest.mark.parametrize(
    ("asked", "sent"), [("720p", "768P"), ("480p", "512P"), ("4k", "768P"), ("768p", "768P")]
)
def test_a_resolution_is_compared_by_its_lines(asked: str, sent: str) -> None:
    choices = [{"send": "512P", "means": "512p"}, {"send": "768P", "means": "768p"}]
    met = meet(
        _with({"knob": "r", "choices": choices}, "resolution"),
        "resolution",
        asked,
        AROUND,
    )

    assert met.arguments == {"r": sent}
    assert (met.deviation is None) == (asked == "768p")


def test_a_truth_has_no_nearest() -> None:
    with pytest.raises(CannotMeet, match="audio False: the model offers True"):
        meet(_with({"knob": "a", "choices": [True]}, "audio"), "audio", False, AROUND)


def test_one_is_not_true() -> None:
    met = meet(_with({"knob": "a", "choices": [True, False]}, "audio"), "audio", True, AROUND)

    assert met.arguments == {"a": True}


def test_a_model_that_follows_its_image_meets_the_ratio_if_the_image_has_it() -> None:
    assert meet(preset("p"), "aspect_ratio", "16:9", AROUND).deviation is None

    square = PLATE.model_copy(update={"width_px": 640, "height_px": 640})
    deviation = meet(preset("p"), "aspect_ratio", "16:9", _beside(square)).deviation
    assert deviation is not None
    assert deviation.label() == "aspect ratio 16:9 → 1:1"


def test_a_ratio_of_an_image_by_url_is_not_known_before_the_run() -> None:
    remote = InputFile(id="r", role="image", url="https://example.com/a.png")

    deviation = meet(preset("p"), "aspect_ratio", "16:9", _beside(remote)).deviation

    assert deviation is not None
    assert deviation.got is None
    assert "not known before the run" in deviation.label()


def test_what_a_preset_does_not_speak_of_is_a_deviation_and_not_a_silence() -> None:
    deviation = meet(preset("p"), "fps", 24, AROUND).deviation

    assert deviation is not None
    assert deviation.why == "the preset says nothing about it"


def test_free_text_goes_to_its_knob() -> None:
    with_text = _with({"text_knob": "negative_prompt"}, "negative_prompt")

    met = meet(with_text, "negative_prompt", "blur", AROUND)

    assert met.arguments == {"negative_prompt": "blur"}

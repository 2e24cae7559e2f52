"""Hold turns each model's own knob; what cannot be met exactly is said with both values."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.controls import CannotMeet, Circumstances, meet
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.matrix import HoldKey
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


@pytest.mark.parametrize(
    ("key", "asked", "label"),
    [
        ("negative_prompt", "blur", "negative prompt blur → not taken"),
        ("prompt_enhancement", False, "prompt enhancement off → not stated"),
        ("fps", 24, "fps 24 → not known before the run"),
    ],
)
def test_what_no_clip_can_show_is_not_left_to_the_run(key: HoldKey, asked: Any, label: str) -> None:
    deviation = meet(_with({"unstated": "no knob"}, key), key, asked, AROUND).deviation

    assert deviation is not None
    assert deviation.label() == label


def test_no_negative_prompt_is_met_by_a_model_that_takes_none() -> None:
    silent = _with({"unstated": "no knob"}, "negative_prompt")

    assert meet(silent, "negative_prompt", "", AROUND).deviation is None


@pytest.mark.parametrize(
    ("asked", "sent", "got"), [(5, 5, None), (20, 15, 15), (0.5, 1, 1), (2.4, 2, 2), (2.5, 3, 3)]
)
def test_a_number_in_a_range_is_sent_as_near_as_it_goes(
    asked: float, sent: int, got: int | None
) -> None:
    knob = _with({"knob": "duration", "least": 1, "most": 15, "step": 1})

    met = meet(knob, "duration", asked, AROUND)

    assert met.arguments == {"duration": sent}
    assert type(met.arguments["duration"]) is int
    assert (met.deviation.got if met.deviation else None) == got


@pytest.mark.parametrize(
    ("asked", "rate", "frames", "got"),
    [(5, 16, 80, None), (5, 24, 120, None), (1, 16, 17, 1.06), (30, 16, 161, 10.06)],
)
def test_a_length_in_frames_follows_the_rate_that_is_sent(
    asked: int, rate: int, frames: int, got: float | None
) -> None:
    knobs = {"frames_knob": "num_frames", "least": 17, "most": 161, "fps": 16, "fps_knob": "rate"}
    around = Circumstances({"image": PLATE}, {"rate": rate})

    met = meet(_with(knobs), "duration", asked, around)

    assert met.arguments == {"num_frames": frames}
    assert (met.deviation.got if met.deviation else None) == got


def test_a_video_that_is_followed_decides_length_rate_size_and_sound() -> None:
    clip = InputFile(
        id="take",
        role="video",
        sha256="ef" * 32,
        width_px=1280,
        height_px=720,
        duration_s=Decimal("5.04"),
        fps=Decimal(24),
        has_audio=True,
    )
    around = Circumstances({"video": clip}, {})
    follows: dict[str, object] = {"follows": "video"}
    asked = {"duration": 5, "fps": 24, "resolution": "720p", "aspect_ratio": "16:9", "audio": True}

    for key, value in asked.items():
        assert meet(_with(follows, key), key, value, around).deviation is None  # type: ignore[arg-type]
    other = meet(_with(follows, "audio"), "audio", False, around).deviation
    longer = meet(_with(follows), "duration", 8, around).deviation
    assert other is not None
    assert longer is not None
    assert (other.got, longer.got) == (True, 5.04)


def test_free_text_goes_to_its_knob() -> None:
    with_text = _with({"text_knob": "negative_prompt"}, "negative_prompt")

    met = meet(with_text, "negative_prompt", "blur", AROUND)

    assert met.arguments == {"negative_prompt": "blur"}

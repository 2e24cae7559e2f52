"""An axis over an argument that something else decides is refused: it would be a lie."""

from typing import Any

import pytest

from fal_experiments.core.estimate import estimate
from fal_experiments.errors import BadInput
from tests.unit.core.inputs_of_tests import file
from tests.unit.core.materials import plan_of, preset, schema, spec

MODEL = preset(
    "model",
    arguments={"duration": "5", "generate_audio": False},
    inputs={"image": "start_image_url", "last_frame": "end_image_url"},
    controls={
        "duration": {"knob": "duration", "choices": ["5", "10"]},
        "audio": {"knob": "generate_audio", "choices": [True, False]},
    },
    stands_for={"num_frames": "duration"},
)
SCHEMA = schema(
    "vendor/model",
    duration={"type": "string", "enum": ["5", "10"]},
    generate_audio={"type": "boolean"},
    num_frames={"type": "integer"},
    start_image_url={"type": "string"},
    end_image_url={"type": "string"},
    seed={"type": "integer"},
)


def _plan(**changes: Any) -> Any:
    matrix = spec(presets=["model"], seeds=1, **changes)
    return plan_of(
        matrix, presets=(MODEL,), images=(file("image", "aa"),), schemas={"vendor/model": SCHEMA}
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"axes": {"start_image_url": ["a", "b"]}}, "carries the words or a file of model"),
        ({"axes": {"end_image_url": ["a"]}}, "carries the words or a file of model"),
        (
            {"axes": {"generate_audio": [True]}, "hold": {"audio": False}},
            "generate_audio is what meets audio for model, and audio is held or varied too",
        ),
        (
            {"axes": {"num_frames": [289]}, "hold": {"duration": 5}},
            "num_frames is what meets duration for model",
        ),
        (
            {"axes": {"generate_audio": [True], "audio": [True, False]}},
            "generate_audio is what meets audio for model",
        ),
    ],
)
def test_an_axis_over_what_something_else_decides_is_refused(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        _plan(**changes)


def test_a_knob_of_hold_may_vary_where_hold_says_nothing_of_it() -> None:
    plan = _plan(axes={"generate_audio": [True, False]})

    assert [cell.arguments["generate_audio"] for cell in plan.cells] == [True, False]


def test_a_length_that_no_price_counts_makes_the_price_unknown() -> None:
    priced = estimate(MODEL, {"duration": "5"})
    longer = estimate(MODEL, {"duration": "5", "num_frames": 289})

    assert priced.band is not None
    assert longer.band is None
    assert longer.note == "num_frames stands in place of duration, and no price counts it"

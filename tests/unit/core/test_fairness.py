"""The fairness sheet says what was held, what was not, and whether a preset may be compared."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.derived import Probe
from fal_experiments.core.events import ResultReceived
from fal_experiments.core.fairness import FairnessLine, fairness
from fal_experiments.core.fairness_outcomes import Outcomes
from fal_experiments.core.fold import BatchState
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.plan import Plan
from tests.unit.core.histories import History
from tests.unit.core.materials import PLATE, SCHEMAS, SEEDED, plan_of, preset, schema, spec

HOLD = {"duration": 5, "aspect_ratio": "16:9", "audio": False}
CLIP = Probe(
    width_px=1280,
    height_px=720,
    fps=Decimal(24),
    frames=121,
    duration_s=Decimal("5.04"),
    has_audio=False,
    video_codec="h264",
    pixel_format="yuv420p",
    size_bytes=1,
)


def _line(plan: Plan, name: str = "seeded", outcomes: Outcomes | None = None) -> FairnessLine:
    return next(line for line in fairness(plan, outcomes).lines if line.preset == name)


def _ran(
    plan: Plan,
    clip: Probe | None = CLIP,
    findings: dict[str, str] | None = None,
    done: int = 1000,
    **result: Any,
) -> Outcomes:
    """The first `done` cells went well, their results with these fields, their clips measured."""
    state = BatchState()
    for index, cell in enumerate(plan.cells):
        if index >= done:
            break
        history = History(cell.cell_id)
        if index == 0:
            history.started()
        history.intended().accepted().status("queued").status("running")
        history.status("completed", inference_s=Decimal("3.5")).result()
        last = history.events[-1]
        assert isinstance(last, ResultReceived)
        history.events[-1] = last.model_copy(update=result)
        history.stored()
        for event in history.events:
            state.apply(event.model_copy(update={"seq": state.next_seq}))
    probes = {cell.cell_id: clip for cell in plan.cells[:done]} if clip else {}
    return Outcomes(state, probes, findings or {})


def test_what_every_request_asks_for_exactly_is_held_with_its_knob() -> None:
    line = _line(plan_of(spec(hold=HOLD)))

    assert [(h.key, h.value, h.how) for h in line.held] == [
        ("duration", "5 s", 'duration "5"'),
        ("aspect ratio", "16:9", "follows the image"),
        ("audio", "off", "always"),
    ]
    assert line.quote() == "seeded: comparable: yes"


def test_a_deviation_is_named_in_the_line_that_people_quote() -> None:
    line = _line(plan_of(spec(hold=HOLD | {"duration": 6, "resolution": "720p"})))

    assert line.quote() == (
        "seeded: comparable: with deviations (duration 6 → 5; resolution 720p → not known before "
        "the run)"
    )
    assert [held.key for held in line.held] == ["aspect ratio", "audio"]


def test_knobs_that_nobody_holds_are_told_apart_by_whose_value_they_have() -> None:
    knobs = SCHEMAS["vendor/seeded"].input["properties"] | {
        "prompt_optimizer": {"type": "boolean", "default": True},
        "cfg": {"type": "number", "default": 0.5},
    }
    model = preset("m", arguments={"duration": "5", "prompt_optimizer": False, "cfg": 0.5})
    plan = plan_of(
        spec(presets=["m"], hold=HOLD),
        presets=(model,),
        schemas={"vendor/m": schema("vendor/m", **knobs)},
    )

    line = _line(plan, "m")

    assert [(k.knob, k.value, k.default) for k in line.neutral] == [
        ("prompt_optimizer", False, True)
    ]
    assert [(k.knob, k.value) for k in line.vendor_defaults] == [("cfg", 0.5)]


def test_a_model_without_seeds_says_so_and_is_comparable_all_the_same() -> None:
    line = _line(plan_of(spec(hold=HOLD)), "seedless")

    assert line.seeds == "none accepted, none sent: repeats instead"
    assert line.comparable == "yes"


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"strict": False}, "strict is off: another endpoint may serve a request unseen"),
        ({"exclude": [{"preset": "seeded", "reason": "too dear"}]}, "no cell of it can run"),
    ],
)
def test_what_makes_a_comparison_worthless_is_said(changes: dict[str, Any], because: str) -> None:
    line = _line(plan_of(spec(hold=HOLD, **changes)))

    assert line.quote().startswith(f"seeded: comparable: no, because {because}")


def test_arguments_that_were_not_checked_are_no_base_for_a_comparison() -> None:
    line = _line(plan_of(spec(presets=["seeded"], hold=HOLD), presets=(SEEDED,), schemas={}))

    assert line.comparable == "no"
    assert "there is no schema snapshot" in line.because[0]


def test_cells_that_cannot_run_are_counted_against_the_preset() -> None:
    strictly = {"axes": {"duration": [5, 6]}, "on_mismatch": "unsupported"}
    plan = plan_of(spec(presets=["seeded"], seeds=1, **strictly))

    assert "1 of 2 cells unsupported" in _line(plan).quote()


def test_a_clip_that_is_what_was_asked_settles_what_was_not_known_before() -> None:
    plan = plan_of(spec(hold=HOLD | {"resolution": "720p"}, presets=["seeded"]))

    line = _line(plan, outcomes=_ran(plan))

    assert line.quote() == "seeded: comparable: yes"
    assert ("resolution", "measured") in [(held.key, held.how) for held in line.held]
    assert {(m.what, m.right, m.clips) for m in line.measured} >= {
        ("duration", 2, 2),
        ("resolution", 2, 2),
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"duration_s": Decimal("10.0")}, "duration 5 s asked for, 10.00 s measured (2 of 2)"),
        ({"has_audio": True}, "audio off asked for, on measured (2 of 2)"),
        ({"width_px": 640, "height_px": 360}, "resolution 720p held, 640×360 measured (2 of 2)"),
        ({"width_px": 720, "height_px": 1280}, "aspect ratio 16:9 held, 0.562 : 1 measured"),
    ],
)
def test_a_clip_that_is_something_else_is_a_deviation(change: dict[str, Any], words: str) -> None:
    plan = plan_of(spec(hold=HOLD | {"resolution": "720p"}, presets=["seeded"]))

    line = _line(plan, outcomes=_ran(plan, CLIP.model_copy(update=change)))

    assert line.comparable == "with deviations"
    assert words in line.quote()


def test_a_result_of_another_endpoint_ends_the_comparison() -> None:
    plan = plan_of(spec(hold=HOLD, presets=["seeded"]))

    line = _line(plan, outcomes=_ran(plan, strict_breach="billed as other/model"))

    assert line.quote() == "seeded: comparable: no, because 2 results billed as other/model"


def test_a_prompt_that_came_back_reworded_is_a_deviation() -> None:
    plan = plan_of(spec(hold=HOLD, presets=["seeded"]))

    kept = _line(plan, outcomes=_ran(plan, prompt_returned="He  walks."))
    changed = _line(plan, outcomes=_ran(plan, prompt_returned="A hero strides."))

    assert kept.comparable == "yes"
    assert "2 of 2 prompts came back reworded" in changed.quote()


def test_waiting_and_working_are_told_apart() -> None:
    plan = plan_of(spec(presets=["seeded"]))

    line = _line(plan, outcomes=_ran(plan))

    assert line.latency == (
        "2.0 s in the queue (median of 2)",
        "3.5 s on the runner (median of 2)",
    )


def test_a_seed_probe_stands_beside_what_the_vendor_says_of_seeds() -> None:
    plan = plan_of(spec(presets=["seeded"]))

    line = _line(plan, outcomes=_ran(plan, findings={"seeded": "probed: identical"}))

    assert line.seeds == "accepted; 2 seeds sent; probed: identical"


def test_the_sheet_says_which_headers_keep_other_endpoints_out() -> None:
    strict = fairness(plan_of(spec()))
    loose = fairness(plan_of(spec(strict=False, platform_retries=True)))

    assert strict.routing == "x-app-fal-disable-fallback: true, X-Fal-No-Retry: 1"
    assert loose.routing == "fallback allowed (not strict), platform retries allowed"


def test_a_preset_that_gave_nothing_is_not_comparable() -> None:
    plan = plan_of(spec(hold=HOLD, presets=["seeded"]))

    line = _line(plan, outcomes=_ran(plan, done=0))

    assert line.quote() == "seeded: comparable: no, because none of its 2 cells is done"


def test_cells_that_are_not_done_and_clips_that_are_not_measured_are_said() -> None:
    plan = plan_of(spec(hold=HOLD | {"resolution": "720p"}, presets=["seeded"]))

    half = _line(plan, outcomes=_ran(plan, done=1))
    unmeasured = _line(plan, outcomes=_ran(plan, clip=None))

    assert "1 of 2 cells done" in half.quote()
    assert "resolution 720p → not known before the run" in half.quote()
    assert "2 clips not measured" in unmeasured.quote()


def test_excluded_cells_are_counted_against_the_preset() -> None:
    plan = plan_of(spec(hold=HOLD, exclude=[{"preset": "seeded", "seed": 2, "reason": "dear"}]))

    assert "1 of 2 cells excluded" in _line(plan).quote()


def test_a_deviation_of_some_cells_says_of_how_many() -> None:
    square = InputFile(
        id="square", role="image", sha256="cd" * 32, path="s.png", width_px=640, height_px=640
    )
    plan = plan_of(spec(hold=HOLD, presets=["seeded"]), images=(PLATE, square))

    assert "aspect ratio 16:9 → 1:1, 2 of 4 cells" in _line(plan).quote()


def test_a_picture_has_neither_length_nor_sound() -> None:
    painter = preset(
        "painter",
        task="text-to-image",
        arguments={},
        inputs={},
        controls={"aspect_ratio": {"fixed": "16:9"}},
        seed={"support": "none"},
        output={"kind": "image", "path": "images.0.url"},
        price=None,
    )
    plan = plan_of(
        spec(
            task="text-to-image",
            presets=["painter"],
            hold=HOLD,
            budget={"allow_unpriced": ["painter"], "per_cell_usd": 1},
        ),
        presets=(painter,),
        schemas={"vendor/painter": schema("vendor/painter")},
    )

    line = _line(plan, "painter")

    assert line.quote() == "painter: comparable: yes"
    assert [held.key for held in line.held] == ["aspect ratio"]


def test_a_list_of_shots_is_not_called_the_plain_text() -> None:
    director = preset(
        "director",
        inputs={"image": "image_url", "shots": {"knob": "multi_prompt", "text": "prompt"}},
    )
    shots = [{"text": "She turns.", "duration": 3}, {"text": "He laughs.", "duration": 2}]
    knobs = SCHEMAS["vendor/seeded"].input["properties"] | {"multi_prompt": {"type": "array"}}
    snapshot = schema("vendor/director", **knobs)
    free = snapshot.model_copy(update={"input": snapshot.input | {"required": []}})
    plan = plan_of(
        spec(presets=["director"], prompts=[{"id": "talk", "shots": shots}]),
        presets=(director,),
        schemas={"vendor/director": free},
    )

    assert _line(plan, "director").prompt == "2 shots"


def test_a_cell_says_after_the_run_what_its_clip_shows() -> None:
    (cell, _) = plan_of(spec(hold={"resolution": "720p", "fps": 30}, presets=["seeded"])).cells
    before = [deviation.label() for deviation in known_deviations(cell, None)]
    after = [deviation.label() for deviation in known_deviations(cell, CLIP)]

    assert before[0] == "resolution 720p → not known before the run"
    assert after == ["fps 30 → 24.00 fps"]

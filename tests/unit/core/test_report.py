"""The report says everything as labels, leaves no combination out and invents no number."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.derived import Derived, Picture, Probe, Recipe, Sheet
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Plan
from fal_experiments.core.report import ReportParts, build_report
from fal_experiments.core.report_cell import CellMedia
from fal_experiments.core.report_model import CellView, ReportModel
from fal_experiments.core.summary import summarise
from tests.unit.core.histories import History, done, failure
from tests.unit.core.materials import plan_of, spec

DERIVED = Derived(
    asset_sha256="z",
    recipe=Recipe(),
    probe=Probe(
        width_px=1280,
        height_px=720,
        fps=Decimal(24),
        frames=120,
        duration_s=Decimal("5.0"),
        has_audio=False,
        video_codec="h264",
        pixel_format="yuv420p",
        size_bytes=900_000,
    ),
    poster=Picture(file="poster.jpg", width_px=960, height_px=540, size_bytes=1),
    sheet=Sheet(
        picture=Picture(file="sheet.jpg", width_px=1280, height_px=720, size_bytes=1),
        columns=4,
        rows=4,
        tile_width_px=320,
        tile_height_px=180,
        times_s=(Decimal(0), Decimal("0.33")),
    ),
)
MEDIA = CellMedia(
    folder_href="../cells/c1/1/",
    clip_href="../cells/c1/1/clip.mp4",
    raw_files=("request.json", "response.json"),
    derived=DERIVED,
)


def _plan(**changes: Any) -> Plan:
    plan = plan_of(spec(**({"presets": ["seeded"], "seeds": "1-2"} | changes)))
    cells = tuple(
        cell.model_copy(update={"cell_id": f"c{n}"}) for n, cell in enumerate(plan.cells, start=1)
    )
    return plan.model_copy(update={"cells": cells})


def _report(plan: Plan, *histories: History, media: CellMedia | None = MEDIA) -> ReportModel:
    state = BatchState()
    for history in histories:
        state.apply_all(history.events)
    return build_report(
        ReportParts(
            plan=plan,
            state=state,
            summary=summarise(plan, state, "b"),
            media={"c1": media} if media else {},
            inputs={},
            files=(),
            made_with="fal-exp test",
            busy=False,
        )
    )


def _cell(report: ReportModel, key: str = "c1") -> CellView:
    return next(cell for cell in report.cells if cell.key == key)


def _axes(report: ReportModel) -> dict[str, list[str]]:
    return {axis.key: [value.label for value in axis.values] for axis in report.axes}


def _place(report: ReportModel, cell: CellView) -> str:
    """Return the labels of where a cell stands."""
    values = (
        axis.values[index].label
        for axis, index in zip(report.axes, cell.at, strict=True)
        if index >= 0
    )
    return ", ".join(values)


def _numbers(report: ReportModel) -> dict[str, float | None]:
    keys = [view.key for view in report.numbers]
    return dict(zip(keys, _cell(report).numbers, strict=False))


def test_every_combination_has_a_place_in_the_grid() -> None:
    plan = _plan(
        presets=["seeded", "seedless"],
        exclude=[{"preset": "seedless", "seed": 2, "reason": "too dear"}],
    )

    report = _report(plan, done())

    assert len(report.cells) == len(report.details) == 4
    assert _axes(report)["seed"] == ["seed 1", "seed 2"]
    assert [column.key for column in report.columns] == ["seeded", "seedless"]
    left_out = report.cells[-1]
    assert (left_out.state, left_out.reason) == ("excluded", "too dear")
    assert _place(report, left_out) == "walk, plate, seed 2, repeat 1, Seedless"


def test_an_axis_touches_only_the_preset_that_has_the_knob() -> None:
    report = _report(_plan(axes={"cfg": [0.7, 0.3]}, presets=["seeded", "seedless"], seeds=1))

    assert [axis.key for axis in report.axes][-1] == "axis:cfg"
    assert [_place(report, cell).partition("repeat 1, ")[2] for cell in report.cells] == [
        "Seeded, cfg 0.7",
        "Seeded, cfg 0.3",
        "Seedless",
    ]
    assert report.layout.rows == ("prompt", "input", "seed")
    assert report.layout.columns == ("preset", "axis:cfg")


def test_values_that_read_alike_have_keys_of_their_own() -> None:
    plan = _plan(prompts=[{"id": "walk", "text": "{{ pace }}!"}], vars={"pace": ["on", "off"]})
    spec = plan.spec.model_copy(update={"axes": {"loud": (True, "on", None, 1)}})
    first = plan.cells[0]
    cells = tuple(
        first.model_copy(
            update={"cell_id": f"c{n}", "at": first.at.model_copy(update={"axes": {"loud": value}})}
        )
        for n, value in enumerate(spec.axes["loud"], start=1)
    )
    report = _report(plan.model_copy(update={"spec": spec, "cells": cells}))

    loud = report.axes[-1]
    assert [value.key for value in loud.values] == ["true", '"on"', "null", "1"]
    assert [value.label for value in loud.values] == ["loud on", "loud on", "loud null", "loud 1"]
    assert len({cell.at for cell in report.cells}) == 4


def test_repeats_are_folded_and_a_prompt_is_told_once_for_each_of_its_wordings() -> None:
    report = _report(
        _plan(
            prompts=[
                {"id": "walk", "text": "A {{ hero }} walks."},
                {"id": "idle", "text": "Idle."},
            ],
            vars={"hero": ["knight", "squire"]},
            repeats=2,
            seeds=1,
        )
    )

    assert [(p.id, p.text) for p in report.prompts] == [
        ("walk · hero knight", "A knight walks."),
        ("walk · hero squire", "A squire walks."),
        ("idle", "Idle."),
    ]
    assert report.layout.fold == ("repeat",)
    assert _axes(report)["var:hero"] == ["hero knight", "hero squire"]
    assert [cell.prompt for cell in report.cells] == [0, 0, 1, 1, 2, 2]
    assert _place(report, report.cells[-1]) == "idle, plate, seed 1, repeat 2, Seeded"


def test_a_number_is_what_happened_and_never_an_estimate() -> None:
    known = _report(_plan(seeds=1), done(560_000_000))
    assert _numbers(known) == {
        "cost_usd": 0.56,
        "total_s": 7.0,
        "queue_s": 2.0,
        "run_s": 3.5,
        "mismatches": 0,
        "duration_s": 5.0,
    }
    unknown = _numbers(_report(_plan(seeds=1), done(None)))
    assert "cost_usd" not in unknown
    assert unknown["total_s"] == 7.0


def test_a_number_that_no_cell_has_is_not_a_number_of_the_report() -> None:
    report = _report(_plan(), History().started(), media=None)

    assert [view.key for view in report.numbers] == ["mismatches"]


def test_money_is_that_of_all_attempts() -> None:
    history = History().started().intended().accepted().failed(failure()).metered(40_000_000)
    history = history.intended().accepted().result().metered(20_000_000).stored()

    report = _report(_plan(), history)

    assert _cell(report).cost_label == "$0.06"
    assert _numbers(report)["cost_usd"] == 0.06


def test_a_billed_amount_goes_before_a_metered_one() -> None:
    history = done(560_000_000)
    event = history.events[-3].model_copy(
        update={"amount": "billed", "nano_usd": 500_000_000, "seq": len(history.events) + 1}
    )
    history.events.append(event)

    assert _cell(_report(_plan(), history)).cost_label == "$0.50"


def test_a_done_cell_shows_its_clip_cost_and_time() -> None:
    cell = _cell(_report(_plan(), done(560_000_000)))

    assert cell.state == "done"
    assert cell.cost_label == "$0.56"
    assert cell.time_label == "7.0 s"
    assert cell.video_href == "../cells/c1/1/clip.mp4"
    assert cell.poster is not None
    assert cell.poster.href == "../cells/c1/1/poster.jpg"
    assert cell.sheet is not None
    assert cell.sheet.times_s == (0.0, 0.33)
    assert (cell.fps, cell.frames, cell.has_audio) == (24.0, 120, False)


@pytest.mark.parametrize(
    ("history", "label"),
    [
        (History().started(), "≈ $0.50–$0.60"),
        (done(None), "≈ $0.50–$0.60"),
        (History().started().intended().rejected(), "$0.00"),
        (History().started().intended().accepted().failed(failure(billed="no")), "$0.00"),
        (History().started().intended().unknown(), "≈ $0.50–$0.60"),
    ],
)
def test_a_cost_that_is_not_known_is_an_estimate_and_marked_as_one(
    history: History, label: str
) -> None:
    assert _cell(_report(_plan(), history)).cost_label == label


def test_a_failure_is_shown_with_its_type_and_whether_it_was_billed() -> None:
    failed = History().started().intended().accepted().failed(failure("policy", billed="maybe"))

    report = _report(_plan(), failed)

    assert _cell(report).reason == "policy (may be billed): it broke"
    assert report.states["failed"].tone == "bad"


def test_an_unknown_submission_asks_for_a_person_in_the_head_of_the_page() -> None:
    report = _report(_plan(), History().started().intended().unknown().finished())

    assert (report.state.label, report.state.tone) == ("needs a person", "person")
    unknown = next(line for line in report.cost if line.label == "not known yet")
    assert unknown.note == "1 attempt, held at the worst case"


def test_totals_have_all_combinations_as_their_denominator() -> None:
    plan = _plan(exclude=[{"seed": 2, "reason": "later"}])
    report = _report(plan, done())

    assert [(line.label, line.value) for line in report.totals] == [
        ("done", "1 of 2"),
        ("excluded", "1 of 2"),
    ]


def test_what_was_held_says_how_many_presets_meet_it() -> None:
    report = _report(_plan(hold={"duration": 6, "aspect_ratio": "16:9"}), done())

    assert [(line.label, line.value, line.note) for line in report.held] == [
        ("duration", "6 s", "met exactly by 0 of 1 presets"),
        ("aspect ratio", "16:9", "met exactly by 1 of 1 presets"),
    ]
    assert _cell(report).deviations == ("duration 6 → 5",)


def test_a_clip_whose_pictures_could_not_be_made_says_why_and_is_still_playable() -> None:
    broken = MEDIA._replace(
        derived=Derived(asset_sha256="z", recipe=Recipe(), failed="the decoder gave up")
    )

    cell = _cell(_report(_plan(), done(), media=broken))

    assert "the decoder gave up" in cell.reason
    assert cell.video_href is not None


def test_the_drawer_has_the_exact_arguments_ids_and_links() -> None:
    report = _report(_plan(), done(56))

    detail = report.details[0]
    assert detail.arguments["image_url"] == {"$input": "ab" * 32}
    facts = {line.label: line.value for line in detail.facts}
    assert facts["request id"] == "req-1"
    assert facts["file"] == "900 kB"
    assert next(line for line in detail.checks if line.what == "seed").asked == "1"
    assert [link.label for link in detail.links] == ["clip", "request", "result"]
    assert [line.label for line in detail.money][:4] == [
        "estimate",
        "metered",
        "billed",
        "invoiced",
    ]


def test_another_endpoint_in_the_result_is_a_breach_that_shows_everywhere() -> None:
    history = done()
    state = BatchState()
    state.apply_all(history.events)
    attempt: Attempt | None = state.latest("c1")
    assert attempt is not None
    attempt.strict_breach = "billed as other/model"
    plan = _plan()

    report = build_report(
        ReportParts(plan, state, summarise(plan, state, "b"), {}, {}, (), "fal-exp", busy=False)
    )

    assert _cell(report).breach == "billed as other/model"
    served = next(line for line in report.strict if line.label == "served and billed as asked")
    assert (served.value, served.tone) == ("0 of 1", "bad")

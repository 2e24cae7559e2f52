"""The drawer of a cell says everything that is known of it, and nothing that is not."""

import shlex
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.changes import Changes
from fal_experiments.core.derived import Derived, Probe, Recipe
from fal_experiments.core.events import CellResolved, CostObserved, InputUploaded, ResultReceived
from fal_experiments.core.fold import BatchState
from fal_experiments.core.judging import Judgement, Outcome, Pair, Side, outcome_of
from fal_experiments.core.measures import Measures, Span, Tags
from fal_experiments.core.metric_plugins import MetricFacts, ValueFacts
from fal_experiments.core.metric_scores import Score
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.report_cell import Around, CellMedia, cell_detail
from fal_experiments.core.report_cell_http import MOST_CHARS, MOST_HEADERS
from fal_experiments.core.report_cell_judge import MOST_VERDICTS, Judged
from fal_experiments.core.report_cell_model import AttemptView, CellDetail, CheckLine
from fal_experiments.core.report_measures import metric_meanings
from tests.unit.core.histories import TICKET, History, done, failure
from tests.unit.core.materials import SCHEMAS, plan_of, preset, schema, spec


def _plan(**changes: Any) -> Plan:
    plan = plan_of(spec(**({"presets": ["seeded"]} | changes)))
    cells = [cell.model_copy(update={"cell_id": f"c{n}"}) for n, cell in enumerate(plan.cells, 1)]
    return plan.model_copy(update={"cells": tuple(cells)})


def _probe(**changes: Any) -> Probe:
    fields: dict[str, Any] = {
        "width_px": 1280,
        "height_px": 720,
        "fps": Decimal(24),
        "frames": 120,
        "duration_s": Decimal(5),
        "has_audio": False,
        "video_codec": "h264",
        "pixel_format": "yuv420p",
        "size_bytes": 900_000,
    }
    return Probe(**fields | changes)


def _media(probe: Probe | None = None, **changes: Any) -> CellMedia:
    derived = Derived(asset_sha256="z", recipe=Recipe(), probe=probe or _probe())
    raw = ("request.json", "response.json")
    return CellMedia("../cells/c1/1/", "../cells/c1/1/clip.mp4", raw, derived)._replace(**changes)


def _detail(
    plan: Plan, *histories: History, media: CellMedia | None = None, **around: Any
) -> CellDetail:
    state = BatchState()
    for history in histories:
        state.apply_all(history.events)
    return cell_detail(plan.cells[0], media or _media(), Around(plan, state, **around))


def _check(detail: CellDetail, what: str) -> CheckLine:
    return next(line for line in detail.checks if line.what == what)


# --- asked and got -------------------------------------------------------------------------------


def test_what_came_is_held_against_what_was_asked_and_against_what_is_held() -> None:
    plan = _plan(hold={"duration": 5, "aspect_ratio": "16:9", "audio": False})

    detail = _detail(plan, done(), media=_media(_probe(duration_s=Decimal("8.2"), has_audio=True)))

    assert _check(detail, "duration") == CheckLine(
        what="duration", held="5 s", asked="5 s", got="8.20 s", badge="≠ asked", tone="bad"
    )
    assert _check(detail, "audio").badge == "≠ asked"
    ratio = _check(detail, "aspect ratio")
    assert (ratio.held, ratio.asked, ratio.badge) == ("16:9", "", "as held")


def test_a_compromise_that_was_kept_is_no_fault_of_the_model() -> None:
    line = _check(_detail(_plan(hold={"duration": 6}), done()), "duration")

    assert (line.held, line.asked, line.got) == ("6 s", "5 s", "5.00 s")
    assert (line.badge, line.tone, line.note) == (
        "≠ held",
        "warn",
        "the nearest that the model offers",
    )


def test_before_the_run_a_deviation_is_told_and_nothing_is_claimed_to_have_come() -> None:
    plan = _plan(hold={"duration": 5, "resolution": "720p"})
    media = _media(derived=None)

    detail = _detail(plan, History().started(), media=media)

    resolution = _check(detail, "resolution")
    assert (resolution.asked, resolution.got, resolution.badge) == (
        "not known before the run",
        "",
        "≠ held",
    )
    assert (_check(detail, "duration").asked, _check(detail, "duration").got) == ("5 s", "")
    assert _check(detail, "seed").got == ""


@pytest.mark.parametrize(
    ("returned", "got", "badge"),
    [(None, "not returned", ""), (1, "1", "as sent"), (7, "7", "≠ sent")],
)
def test_the_seed_that_came_back_is_compared_with_the_one_that_was_sent(
    returned: int | None, got: str, badge: str
) -> None:
    line = _check(_detail(_plan(), _with_result(seed_returned=returned)), "seed")

    assert (line.asked, line.got, line.badge) == ("1", got, badge)


def test_spaces_alone_do_not_make_a_prompt_another_one() -> None:
    same = _detail(_plan(), _with_result(prompt_returned="He  walks.\n"))
    other = _detail(_plan(), _with_result(prompt_returned="He strolls."))

    assert (_check(same, "prompt").badge, same.prompt_returned) == ("as sent", "")
    assert (_check(other, "prompt").badge, other.prompt_returned) == ("reworded", "He strolls.")
    assert _check(_detail(_plan(), done()), "prompt").got == "not returned"


def test_colours_and_pixels_stand_beside_the_rest() -> None:
    derived = Derived(
        asset_sha256="z",
        recipe=Recipe(),
        probe=_probe(),
        measures=Measures(tags=Tags(pixel_aspect="4:3")),
    )

    detail = _detail(_plan(), done(), media=_media(derived=derived))

    assert _check(detail, "colours").got == "not told"
    assert _check(detail, "pixels").badge == "not square"
    assert _check(detail, "frames").got == "120"


# --- the payload ---------------------------------------------------------------------------------


def test_the_arguments_have_the_address_of_an_uploaded_input_as_it_was_sent() -> None:
    plan, history = _plan(), done()
    upload = InputUploaded(
        seq=len(history.events) + 1,
        at=history.events[-1].at,
        batch="b",
        provider="fal",
        input_sha256="ab" * 32,
        url="https://v3.fal.media/plate.png",
    )
    state = BatchState()
    state.apply_all([*history.events, upload])

    sent = cell_detail(plan.cells[0], _media(), Around(plan, state)).arguments

    assert sent["image_url"] == "https://v3.fal.media/plate.png"
    assert _detail(plan, done()).arguments["image_url"] == {"$input": "ab" * 32}


def test_every_argument_says_why_it_is_there() -> None:
    odd = preset("odd", arguments={"duration": "5", "enhance": False, "steps": 30})
    schemas = SCHEMAS | {
        "vendor/odd": schema(
            "vendor/odd",
            duration={"type": "string"},
            enhance={"type": "boolean", "default": True},
            steps={"type": "integer", "default": 30},
            cfg={"type": "number"},
            seed={"type": "integer"},
        )
    }
    matrix = spec(presets=["odd"], hold={"duration": 5}, axes={"cfg": [0.5]}, seeds=1)
    plan = plan_of(matrix, presets=(odd,), schemas=schemas)

    detail = cell_detail(plan.cells[0], None, Around(plan, BatchState()))

    assert {line.label: (line.value, line.note) for line in detail.origins} == {
        "duration": ("held", "duration 5 s"),
        "enhance": ("neutral", "the vendor’s own value is true"),
        "steps": ("preset", ""),
        "cfg": ("axis", ""),
        "prompt": ("prompt", ""),
        "image_url": ("input image", ""),
        "seed": ("seed", ""),
    }
    assert [line.label for line in detail.origins] == list(detail.arguments)


# --- attempts and money --------------------------------------------------------------------------


def _spans(view: AttemptView) -> list[tuple[str, float, float]]:
    return [(span.kind, span.start_s, span.end_s) for span in view.spans]


def test_a_cell_that_went_well_has_its_phases_one_after_the_other() -> None:
    (view,) = _detail(_plan(), done()).attempts

    assert _spans(view) == [
        ("submit", 0, 1),
        ("queue", 1, 3),
        ("run", 3, 4),
        ("download", 4, 7),
    ]
    assert (view.state_label, view.total_label, view.request_id) == ("done", "7.0 s", "req-1")
    assert view.spans[1].times_label == "09:30:03.000 – 09:30:05.000 UTC"
    assert [(line.label, line.value) for line in view.lines] == [("on the runner", "3.5 s")]


def test_a_second_attempt_stands_on_the_same_line_of_time() -> None:
    again = (
        History()
        .started()
        .intended()
        .accepted()
        .status("running")
        .failed(failure("runner_lost", billed="no", retry_can_help=True))
        .intended()
        .accepted()
    )

    first, second = _detail(_plan(), again).attempts

    assert _spans(first) == [("submit", 0, 1), ("queue", 1, 2), ("run", 2, 3)]
    assert first.reason.startswith("runner_lost (not billed)")
    assert _spans(second) == [("submit", 4, 5), ("queue", 5, 5)]
    assert second.spans[-1].goes_on
    assert second.total_label == "not ended"


def test_an_answer_that_never_came_is_a_wait_and_the_decision_is_told() -> None:
    lost = History().started().intended().unknown()
    state = BatchState()
    state.apply_all(lost.events)
    decided = CellResolved(
        seq=4,
        at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        batch="b",
        cell="c1",
        attempt=1,
        decision="adopt",
        reason="found on the dashboard",
        ticket=TICKET,
    )

    (waiting,) = _detail(_plan(), lost).attempts
    assert [span.label for span in waiting.spans] == ["waiting for an answer"]
    state.apply(decided)
    plan = _plan()
    (view,) = cell_detail(plan.cells[0], None, Around(plan, state)).attempts
    assert ("decided", "adopt, by a person") in [(line.label, line.value) for line in view.lines]


def test_a_result_that_was_never_seen_running_has_one_phase_for_both() -> None:
    quick = History().started().intended().accepted().status("completed").result().stored()

    (view,) = _detail(_plan(), quick).attempts

    assert [(span.kind, span.label) for span in view.spans][1] == (
        "run",
        "in the queue and running",
    )


def test_the_four_amounts_have_their_source_and_date_and_unknown_stays_unknown() -> None:
    lines = {line.label: (line.value, line.note) for line in _detail(_plan(), done()).money}

    assert lines["estimate"] == (
        "$0.50 expected",
        "$0.50 at least, $0.60 at most · 5 s × $0.1 (2026-08-02)",
    )
    assert lines["metered"] == ("<$0.0001", "units · seen 2026-11-20 09:30 UTC")
    assert lines["billed"] == lines["invoiced"] == ("unknown", "not reconciled")
    assert lines["counted against the cap"][0] == "<$0.0001"


def test_a_later_observation_keeps_the_earlier_one_in_sight() -> None:
    history = done(560_000_000)
    history.events.append(
        CostObserved(
            seq=len(history.events) + 1,
            at=datetime(2026, 11, 22, tzinfo=UTC),
            batch="b",
            cell="c1",
            attempt=1,
            amount="metered",
            nano_usd=600_000_000,
            source="the provider's list",
        )
    )

    metered = next(x for x in _detail(_plan(), history).money if x.label == "metered")

    assert metered.value == "$0.60"
    assert metered.note.endswith("before: $0.56 on 2026-11-20")


def test_money_of_all_attempts_is_counted_and_each_has_its_line() -> None:
    twice = (
        History(reserved=600_000_000)
        .started()
        .intended()
        .accepted()
        .failed(failure(billed="maybe"))
        .intended()
        .accepted()
        .result()
        .metered(500_000_000)
        .stored()
    )

    lines = {line.label: line for line in _detail(_plan(), twice).money}

    assert lines["metered · attempt 1"].value == "unknown"
    assert lines["metered · attempt 2"].value == "$0.50"
    counted = lines["counted against the cap"]
    assert (counted.value, counted.note) == ("$1.10", "2 attempts together")


# --- headers, measurements, scores, verdicts -----------------------------------------------------


def test_headers_are_bounded_and_a_key_that_should_not_be_there_is_not_shown() -> None:
    many = {f"x-{n}": "v" for n in range(MOST_HEADERS + 5)}
    headers = {
        "response": {":status": "200", "x-long": "a" * (MOST_CHARS + 1_500)} | many,
        "request": {"Authorization": "Key abc:s3cret", "X-Fal-Store-IO": "1"},
    }

    request, response = _detail(_plan(), done(), media=_media(headers=headers)).headers

    assert request.title == "sent with the request"
    assert [(line.label, line.value) for line in request.lines] == [
        ("Authorization", "not shown"),
        ("X-Fal-Store-IO", "1"),
    ]
    assert (response.lines[0].label, response.lines[0].value) == ("status", "200")
    assert len(response.lines[1].value) == MOST_CHARS
    assert response.lines[1].note == "and 1,500 more characters"
    assert (len(response.lines), response.left_out) == (MOST_HEADERS, 7)


def test_measurements_keep_their_digits_and_say_why_others_are_missing() -> None:
    measures = Measures(
        values={"flicker": Decimal("0.120"), "blockiness": Decimal("0.03")},
        missing={"loudness_lufs": "it has no sound", "silence_share": "it has no sound"},
        spans={"freeze": (Span(start_s=Decimal("1.5"), end_s=Decimal("4.5")),)},
    )
    derived = Derived(asset_sha256="z", recipe=Recipe(), probe=_probe(), measures=measures)

    detail = _detail(_plan(), done(), media=_media(derived=derived))

    assert {m.key: m.value for m in detail.metrics} == {"flicker": "0.120", "blockiness": "0.03"}
    notes = {line.label: (line.value, line.note) for line in detail.metric_notes}
    assert notes["frozen"] == ("1.5–4.5 s", "")
    assert notes["not measured"] == ("loudness, silence", "it has no sound")
    meanings = {meaning.key: meaning for meaning in metric_meanings([detail])}
    assert set(meanings) == {"flicker", "blockiness"}
    assert meanings["flicker"].better == "lower"
    assert meanings["blockiness"].unit == ""


def test_scores_of_plug_ins_are_told_with_their_version_or_why_there_are_none() -> None:
    scores = (
        Score(
            metric="clip_score",
            version="2",
            parameters={"model": "vit-b"},
            shots=8,
            values={"clip_score": Decimal("0.31"), "spread": Decimal("0.02")},
        ),
        Score(metric="musiq", version="1", parameters={}, failed="it ran out of memory"),
    )

    lines = _detail(_plan(), done(), media=_media(scores=scores)).scores

    assert [(line.label, line.value, line.note) for line in lines] == [
        ("clip_score", "0.31", "version 2, 8 frames · model vit-b"),
        ("clip_score · spread", "0.02", "version 2, 8 frames · model vit-b"),
        ("musiq", "no score", "it ran out of memory"),
    ]
    facts = MetricFacts(
        name="clip_score",
        version="2",
        title="CLIP score",
        values={"clip_score": ValueFacts(title="prompt fit", unit="points", direction="higher")},
        source="a paper",
        limits="It reads few words.",
    )
    plan, state = _plan(), BatchState()
    around = Around(plan, state, metric_facts={"clip_score": facts})
    first, second, _ = cell_detail(plan.cells[0], _media(scores=scores), around).scores
    assert (first.label, first.value) == ("prompt fit", "0.31 points")
    assert first.note.startswith("higher is better · version 2, 8 frames")
    assert second.label == "clip_score · spread"


def test_verdicts_are_told_from_the_side_of_the_cell_with_the_reasons() -> None:
    plan = plan_of(spec(seeds=1))
    own, rival = plan.cells
    pair = Pair(own, rival)
    won = _outcome(pair, "A", "B")
    tie = _outcome(pair, "tie", "tie")
    torn = _outcome(pair, "A", "A")
    unasked = Outcome(pair, "unjudged", None, "not asked", ())
    judged = [Judged("judged by toy with rubric v1", (won, tie, torn, unasked))]

    mine, theirs = (
        cell_detail(cell, None, Around(plan, BatchState(), judged=judged)).verdicts
        for cell in (own, rival)
    )

    assert [line.value for line in mine] == [
        "won",
        "tie",
        "a tie: each order was answered otherwise",
    ]
    assert theirs[0].value == "lost"
    assert theirs[0].label == f"against {own.at.preset}, {own.run_label}"
    assert theirs[0].note == "judged by toy with rubric v1 · steadier feet"


def test_of_very_many_verdicts_the_rest_is_counted() -> None:
    plan = plan_of(spec(seeds=1))
    pair = Pair(*plan.cells)
    judged = [Judged("toy", [_outcome(pair, "A", "B")] * (MOST_VERDICTS + 3))]

    lines = cell_detail(plan.cells[0], None, Around(plan, BatchState(), judged=judged)).verdicts

    assert len(lines) == MOST_VERDICTS + 1
    assert lines[-1].value == "3 more"


# --- making it again -----------------------------------------------------------------------------


def test_the_command_names_the_batch_and_the_cell_and_survives_a_shell() -> None:
    path = "experiments/fal/it's $HOME/matrix.yaml"

    remake = _detail(_plan(), done(), matrix_path=path).remake

    assert remake is not None
    assert shlex.split(remake.run) == ["fal-exp", "run", path, "--cell", "c1"]
    assert shlex.split(remake.plan) == ["fal-exp", "plan", path, "--cell", "c1"]
    sandbox = _detail(_plan(), done(), matrix_path=path, sandbox=True).remake
    assert sandbox is not None
    assert sandbox.run.endswith(" --sandbox")
    assert not sandbox.plan.endswith(" --sandbox")


def test_a_file_that_has_changed_since_is_named_in_the_drawers_it_concerns() -> None:
    plan = _plan()
    changes = Changes(prompts={"walk": "prompts/walk.md", "idle": "prompts/idle.md"})

    remake = _detail(plan, done(), matrix_path="m.yaml", changes=changes).remake

    assert remake is not None
    assert remake.changed == ("prompts/walk.md",)


def _with_result(**fields: Any) -> History:
    history = History().started().intended().accepted().status("running")
    history.events.append(
        ResultReceived(
            seq=len(history.events) + 1,
            at=history.events[-1].at,
            batch="b",
            cell="c1",
            attempt=1,
            http_status=200,
            billable_units=None,
            media_url="https://v3.fal.media/x.mp4",
            **fields,
        )
    )
    return history


def _outcome(pair: Pair, forward: Side, back: Side) -> Outcome:
    return outcome_of(
        pair, _said(pair.one, pair.other, forward), _said(pair.other, pair.one, back), ""
    )


def _said(first: Cell, second: Cell, answer: Side) -> Judgement:
    return Judgement(
        key=f"{first.cell_id}{second.cell_id}{answer}",
        at=datetime(2026, 11, 20, tzinfo=UTC),
        model="toy",
        rubric="v1",
        rubric_sha256="ab",
        first_cell=first.cell_id,
        second_cell=second.cell_id,
        first_preset=first.at.preset,
        second_preset=second.at.preset,
        first_sha256="1",
        second_sha256="2",
        evidence_sha256="3",
        answer=answer,
        reason="steadier feet",
        tries=1,
    )

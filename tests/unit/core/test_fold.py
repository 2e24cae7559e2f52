"""The state of a batch follows from its events, at every point where a process may die."""

from decimal import Decimal

import pytest

from fal_experiments.core.events import event_line, parse_event
from fal_experiments.core.fold import fold, settle_interrupted
from fal_experiments.core.schedule import remaining
from tests.unit.core.histories import TICKET, History, done, failure
from tests.unit.core.materials import plan_of, spec

CELL = plan_of(spec(seeds=1, presets=["seeded"])).cells[0].model_copy(update={"cell_id": "c1"})


def test_a_cell_that_went_well_has_its_times_units_and_file() -> None:
    attempt = fold(done().events).latest("c1")

    assert attempt is not None
    assert attempt.state == "done"
    assert attempt.ticket == TICKET
    assert attempt.inference_s == Decimal("3.5")
    assert attempt.units == Decimal(5)
    assert attempt.asset is not None
    assert attempt.running_at is not None
    assert attempt.ended_at is not None


@pytest.mark.parametrize("kept", range(len(done().events) + 1))
def test_every_prefix_of_a_log_is_a_state(kept: int) -> None:
    state = fold(done().events[:kept])

    assert state.cell_state("c1") in {
        "pending",
        "submitting",
        "queued",
        "running",
        "downloading",
        "done",
    }


def test_what_to_do_after_a_crash_at_each_event_never_submits_an_intended_cell_again() -> None:
    steps = []
    for kept in range(1, len(done().events)):
        state = fold(done().events[:kept])
        settle_interrupted(state)
        work = remaining([CELL], state)
        steps.append(
            "submit" if work.submit else "held" if work.held else "collect" if work.collect else "–"
        )

    assert steps == [
        "submit",  # only the start is known: nothing left this machine
        "held",  # the POST may have left
        *["collect"] * 6,  # from the ticket to the metered cost
        "–",  # the file is on disk
    ]


def test_a_submission_without_an_answer_is_unknown_once_nobody_works_on_it() -> None:
    state = fold(History().started().intended().events)
    assert state.cell_state("c1") == "submitting"

    settle_interrupted(state)

    assert state.cell_state("c1") == "submission_unknown"


@pytest.mark.parametrize(
    ("history", "counted"),
    [
        (History().started().intended(), 100),
        (History().started().intended().accepted(), 100),
        (History().started().intended().unknown(), 100),
        (History().started().intended().rejected(), 0),
        (done(56), 56),
        (done(None), 100),
        (done(0), 0),
        (History().started().intended().accepted().failed(failure(billed="no")), 0),
        (History().started().intended().accepted().failed(failure(billed="maybe")), 100),
        (History().started().intended().accepted().failed(failure(billed="unknown")), 100),
        (History().started().intended().accepted().metered(7).failed(failure(billed="yes")), 7),
        (History().started().intended().accepted().result().failed(failure(billed="yes")), 100),
    ],
)
def test_what_counts_against_the_cap_is_the_known_cost_or_the_worst_case(
    history: History, counted: int
) -> None:
    assert fold(history.events).counted_nano_usd == counted


def test_a_refusal_that_may_pass_later_is_submitted_again_and_a_final_one_is_not() -> None:
    busy = History().started().intended().rejected(failure(billed="no", retry_can_help=True))
    final = History().started().intended().rejected(failure(billed="no"))

    assert remaining([CELL], fold(busy.events)).submit == (CELL,)
    assert remaining([CELL], fold(final.events)) == ((), (), ())


def test_a_paid_result_whose_download_failed_is_collected_again_and_never_bought_again() -> None:
    lost = History().started().intended().accepted().result().failed(failure(billed="yes"))

    work = remaining([CELL], fold(lost.events))

    assert [cell.cell_id for cell, _ in work.collect] == ["c1"]
    assert work.submit == ()


def test_a_failed_job_without_a_result_is_left_alone() -> None:
    failed = History().started().intended().accepted().failed(failure(retry_can_help=True))

    assert remaining([CELL], fold(failed.events)) == ((), (), ())


def test_a_second_session_keeps_the_first_start_and_forgets_why_the_first_stopped() -> None:
    history = done()
    state = fold(history.started(session=2, cap=2000).events)

    assert state.sessions == 2
    assert state.cap_nano_usd == 2000
    assert state.finished is None
    assert state.first_started_at == history.events[0].at


def test_a_cell_that_did_not_fit_the_cap_is_over_budget_and_not_failed() -> None:
    state = fold(History().started().finished("budget", ("c9",)).events)

    assert state.cell_state("c9") == "over_budget"
    assert state.cell_state("c1") == "pending"


def test_an_event_of_an_attempt_that_was_never_intended_is_an_error() -> None:
    events = History().started().intended().accepted().events

    with pytest.raises(ValueError, match="never intended"):
        fold([events[0], events[2]])


def test_every_event_survives_the_way_to_disk_and_back() -> None:
    history = done().intended().unknown()

    for event in history.events:
        assert parse_event(event_line(event)) == event

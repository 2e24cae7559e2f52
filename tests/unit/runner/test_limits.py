"""Retries only where no money moved; limits that give way; presets that pause; jobs given up."""

import pytest

from fal_experiments.errors import DownloadFailed, ResultFailed, ResultNotReady, SubmitRejected
from tests.unit.runner.test_engine import WORST, Play, rejected


def flaky(kind: str = "runner_disconnected") -> ResultFailed:
    return ResultFailed("lost", kind=kind, billed="no", retry_can_help=True)


def test_an_unbilled_failure_gets_a_new_attempt_of_its_own() -> None:
    play = Play(seeds="1", on_fetch={1: [flaky()]})

    play.run(retries=1)

    tries = play.log.state.attempts[play.plan.cells[0].cell_id]
    assert [attempt.state for attempt in tries] == ["failed", "done"]
    assert tries[0].counted_nano_usd == 0


def test_no_more_attempts_are_made_than_the_matrix_allows() -> None:
    play = Play(seeds="1", on_fetch={1: [flaky() for _ in range(9)]})

    play.run(retries=2)

    assert len(play.log.state.attempts[play.plan.cells[0].cell_id]) == 3
    assert play.states() == ["failed"]


@pytest.mark.parametrize("billed", ["yes", "maybe"])
def test_a_failure_that_may_have_cost_money_is_never_tried_again(billed: str) -> None:
    error = ResultFailed("policy", kind="x", billed=billed, retry_can_help=True)
    play = Play(seeds="1", on_fetch={1: [error]})

    play.run(retries=5)

    assert play.provider.submitted == [1]


def test_equal_failures_in_a_row_pause_their_preset_and_say_why() -> None:
    failures = {
        seed: [ResultFailed("gone", kind="not_found", billed="no")] for seed in range(1, 10)
    }
    play = Play(seeds="1-9", on_fetch=failures)

    outcome = play.run(pause_after=3, concurrency=1)

    assert play.provider.submitted == [1, 2, 3]
    assert outcome.pauses == {"seeded": "3 times in a row not_found: gone"}
    assert len(outcome.paused) == 6


def test_a_success_between_failures_keeps_the_preset_going() -> None:
    error = ResultFailed("gone", kind="not_found", billed="no")
    play = Play(seeds="1-5", on_fetch={1: [error], 2: [error], 4: [error], 5: [error]})

    outcome = play.run(pause_after=3, concurrency=1)

    assert play.provider.submitted == [1, 2, 3, 4, 5]
    assert outcome.pauses == {}


def test_refusals_in_a_row_pause_a_preset_too() -> None:
    refused: dict[int, list[Exception | None]] = {
        seed: [SubmitRejected("no", kind="not_found", billed="no")] for seed in range(1, 10)
    }
    play = Play(seeds="1-9", on_submit=refused)

    play.run(pause_after=3, concurrency=1)

    assert play.provider.submitted == [1, 2, 3]


def test_too_many_requests_halve_how_many_jobs_are_submitted_at_once() -> None:
    busy: dict[int, list[Exception | None]] = {
        seed: [rejected(429, again=True)] for seed in range(1, 9)
    }
    play = Play(seeds="1-40", on_submit=busy, polls=3)

    play.run(concurrency=8)

    assert play.states() == ["done"] * 40
    assert play.limiter.round == 1
    assert play.limiter.allowed > 4


def test_an_endpoint_has_a_limit_of_its_own() -> None:
    play = Play(seeds="1-6")

    play.run(concurrency=6, per_endpoint=2)

    assert play.provider.most_at_once <= 2
    assert play.states() == ["done"] * 6


def test_a_job_that_takes_too_long_is_left_alone_and_collected_by_a_resume() -> None:
    play = Play(seeds="1", polls=50)

    play.run(timeout_s=5)

    attempt = play.log.state.attempts[play.plan.cells[0].cell_id][0]
    assert play.states() == ["timed_out"]
    assert attempt.ticket is not None
    assert attempt.counted_nano_usd == WORST
    play.provider.finish_all()
    play.run(timeout_s=5)
    assert (play.states(), play.provider.submitted) == (["done"], [1])


def test_a_job_that_was_given_up_is_only_looked_at_again() -> None:
    play = Play(seeds="1", polls=500)
    play.run(timeout_s=5)
    left = play.provider.polls_left()

    play.run(timeout_s=5)

    assert play.states() == ["timed_out"]
    assert left - play.provider.polls_left() == 1


def test_a_result_that_is_taken_back_is_waited_for() -> None:
    not_yet = ResultNotReady("still in progress", kind="not_ready")
    play = Play(seeds="1", on_fetch={1: [not_yet, not_yet]})

    play.run()

    assert (play.states(), play.provider.submitted) == (["done"], [1])


def test_a_file_that_the_provider_has_no_more_is_lost_with_its_money_shown() -> None:
    gone = [DownloadFailed("404", kind="media_gone", billed="yes") for _ in range(9)]
    play = Play(seeds="1", on_download={1: gone})

    play.run()

    attempt = play.log.state.attempts[play.plan.cells[0].cell_id][0]
    assert play.states() == ["download_lost"]
    assert attempt.counted_nano_usd == 500_000_000


def test_a_detached_run_submits_everything_and_waits_for_nothing() -> None:
    play = Play(seeds="1-6", polls=10**6)

    play.run(detached=True, concurrency=2)

    assert play.provider.submitted == [1, 2, 3, 4, 5, 6]
    assert play.states() == ["queued"] * 6
    play.provider.finish_all()
    play.run()
    assert play.states() == ["done"] * 6


def test_what_cost_more_than_declared_is_reserved_more_for_by_the_next_run() -> None:
    play = Play(seeds="1-2", units="9")
    outcome = play.run(cap=10 * WORST, concurrency=1)
    assert "more than its declared worst case" in outcome.troubles[0].message

    again = play.again_after_a_crash()
    again.run(cap=10 * WORST, concurrency=1)

    second = again.log.state.attempts[play.plan.cells[1].cell_id][0]
    assert second.reserved_nano_usd == 900_000_000
    assert again.states() == ["done", "done"]

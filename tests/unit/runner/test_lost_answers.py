"""A submission whose answer was lost is found again, or held, or sent again as the matrix says."""

from datetime import timedelta
from typing import Any

import pytest

from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.request import Ticket
from fal_experiments.core.unknowns import PastRequest
from fal_experiments.errors import SubmitUnknown
from tests.contract.scripted import InstantClock
from tests.unit.runner.fakes import MemoryFinder
from tests.unit.runner.test_engine import Play


def lost() -> SubmitUnknown:
    return SubmitUnknown("no answer", kind="no_answer")


def request_of(play: Play, seed: int, number: int = 1, **changes: Any) -> PastRequest:
    """A row of the provider's list for the cell of a seed."""
    uploads = {"ab" * 32: "https://cdn/plate.png"}
    body = play.provider.build(play.plan.cells[seed - 1], uploads, {}).body
    url = "https://queue.fal.run/x"
    ticket = Ticket(
        provider="fal",
        endpoint="vendor/seeded",
        request_id=f"job-{seed}{'' if number == 1 else f'0{number}'}",
        status_url=url,
        response_url=url,
        cancel_url=url,
    )
    row = PastRequest(ticket, InstantClock().now(), sha256_hex(canonical_json(body)))
    return row._replace(**changes)


def test_a_lost_submission_is_found_in_the_list_and_collected_without_another_post() -> None:
    play = Play(seeds="1-3", on_submit={2: [lost()]})
    finder = MemoryFinder(request_of(play, 2))

    play.run(finder=finder)

    assert play.states() == ["done"] * 3
    assert play.provider.submitted == [1, 2, 3]
    attempt = play.log.state.attempts[play.plan.cells[1].cell_id][0]
    assert attempt.resolved is not None
    assert (attempt.resolved.decision, attempt.resolved.by) == ("adopt", "tool")


def test_a_list_that_lags_is_asked_again_before_anything_is_concluded() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})
    finder = MemoryFinder(request_of(play, 1), lag=3)

    play.run(finder=finder)

    assert finder.searches == 4
    assert play.states() == ["done"]


def test_what_is_not_in_the_list_after_the_settle_time_is_held_and_says_so() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})

    play.run(finder=MemoryFinder(), settle_s=30)

    attempt = play.log.state.attempts[play.plan.cells[0].cell_id][0]
    assert attempt.state == "submission_unknown"
    assert attempt.searched is not None
    assert attempt.searched.note == "not found at the provider"
    assert attempt.counted_nano_usd == attempt.reserved_nano_usd
    assert play.provider.submitted == [1]


def test_only_a_matrix_that_says_so_sends_an_absent_submission_again() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})

    play.run(finder=MemoryFinder(), settle_s=30, resubmit=True)

    first, second = play.log.state.attempts[play.plan.cells[0].cell_id]
    assert (first.state, second.state) == ("abandoned", "done")
    assert first.counted_nano_usd == first.reserved_nano_usd
    assert play.provider.submitted == [1, 1]


def test_more_requests_than_lost_submissions_are_left_to_a_person() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})
    finder = MemoryFinder(request_of(play, 1), request_of(play, 1, number=2))

    play.run(finder=finder)

    attempt = play.log.state.attempts[play.plan.cells[0].cell_id][0]
    assert attempt.state == "submission_unknown"
    assert attempt.searched is not None
    assert attempt.searched.candidates == ("job-1", "job-102")


def test_a_request_of_another_input_or_another_hour_is_never_adopted() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})
    finder = MemoryFinder(
        request_of(play, 1, body_sha256="0" * 64),
        request_of(play, 1, sent_at=InstantClock().now() - timedelta(hours=1)),
        request_of(play, 1, body_sha256=None),
    )

    play.run(finder=finder)

    assert play.states() == ["submission_unknown"]


def test_a_request_whose_tags_name_another_attempt_is_never_adopted() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})
    tags = {"fal-exp.batch": "other", "fal-exp.cell": "c", "fal-exp.attempt": "1"}
    finder = MemoryFinder(request_of(play, 1, tags=tags))

    play.run(finder=finder)

    assert play.states() == ["submission_unknown"]


def test_a_request_that_belongs_to_an_attempt_already_is_not_adopted_again() -> None:
    play = Play(seeds="1-2", on_submit={2: [lost()]})
    done_already = request_of(play, 2)._replace(ticket=request_of(play, 1).ticket)

    play.run(finder=MemoryFinder(done_already), concurrency=1)

    assert play.states() == ["done", "submission_unknown"]


@pytest.mark.parametrize("found", [1, 2])
def test_equal_inputs_never_adopt_one_request_twice(found: int) -> None:
    play = Play(seeds="1", repeats=2, on_submit={1: [lost(), lost()]})
    rows = [request_of(play, 1), request_of(play, 1, number=2)][:found]

    play.run(finder=MemoryFinder(*rows), settle_s=30)

    tickets = [
        attempt.ticket.request_id
        for tries in play.log.state.attempts.values()
        for attempt in tries
        if attempt.ticket is not None
    ]
    assert tickets == ["job-1", "job-102"][:found]
    assert play.states().count("submission_unknown") == 2 - found


def test_without_a_list_to_search_a_lost_submission_is_held_at_once() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})

    play.run()

    attempt = play.log.state.attempts[play.plan.cells[0].cell_id][0]
    assert attempt.searched is not None
    assert attempt.searched.found == "unreadable"
    assert play.states() == ["submission_unknown"]


def test_a_resume_searches_for_what_an_earlier_process_left_without_an_answer() -> None:
    play = Play(seeds="1", on_submit={1: [lost()]})
    play.run()
    again = play.again_after_a_crash()

    again.run(finder=MemoryFinder(request_of(play, 1)))

    assert again.states() == ["done"]
    assert play.provider.submitted == [1]

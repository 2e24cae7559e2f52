"""The engine buys each cell at most once, never above the cap, and loses no answer."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.events import BatchStarted
from fal_experiments.core.fold import BatchState, fold, settle_interrupted
from fal_experiments.core.limits import Limiter
from fal_experiments.core.matrix import Budget
from fal_experiments.core.plan import Plan
from fal_experiments.core.schedule import remaining
from fal_experiments.errors import (
    Answer,
    DownloadFailed,
    ResultFailed,
    ServiceUnreachable,
    StorageFailed,
    SubmitNotSent,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.runner.engine import Outcome
from fal_experiments.runner.shutdown import Shutdown
from tests.contract.scripted import InstantClock
from tests.unit.core.materials import SEEDED, plan_of, spec
from tests.unit.runner.fakes import FakeProvider, MemoryLog, Way, engine

WORST = 600_000_000
COST = 500_000_000


class Play:
    """One run of the engine over seeds 1…n of one preset, in memory."""

    def __init__(self, seeds: str = "1-3", repeats: int = 1, **changes: Any) -> None:
        self.plan: Plan = plan_of(spec(presets=["seeded"], seeds=seeds, repeats=repeats))
        self.provider = FakeProvider(**changes)
        self.log = MemoryLog()
        self.shutdown = Shutdown()

    def run(self, **way: Any) -> Outcome:
        return asyncio.run(self._run(Way(**way)))

    async def _run(self, way: Way) -> Outcome:
        sessions = self.log.state.sessions
        await self.log.append(
            BatchStarted(
                at=InstantClock().now(),
                batch="b",
                session=sessions + 1,
                tool_version="0",
                plan_sha256="",
                sandbox=False,
                strict=True,
                cap_nano_usd=way.cap,
            )
        )
        run = engine(self.provider, self.log, SEEDED, self.shutdown, way)
        return await run.run(self.plan.cells, remaining(self.plan.cells, self.log.state))

    @property
    def limiter(self) -> Limiter:
        """The limiter of the last run."""
        return self.log.last_limiter

    def states(self) -> list[str]:
        return [self.log.state.cell_state(cell.cell_id) for cell in self.plan.cells]

    def again_after_a_crash(self, kept_events: int | None = None) -> "Play":
        """A new process over what the log has kept."""
        other = Play()
        other.plan, other.provider = self.plan, self.provider
        kept = self.log.events[:kept_events]
        other.log.events = list(kept)
        other.log.state = fold(kept)
        settle_interrupted(other.log.state)
        return other


def rejected(status: int, *, again: bool = False, **headers: str) -> SubmitRejected:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SubmitRejected(
        "no", kind="k", billed="no", retry_can_help=again, answer=Answer(status, named, "")
    )


def lost_download() -> DownloadFailed:
    return DownloadFailed("broke off", kind="download_failed", billed="yes", retry_can_help=True)


def test_every_cell_is_bought_once_in_the_order_of_the_plan() -> None:
    play = Play()

    play.run()

    assert play.provider.submitted == [1, 2, 3]
    assert play.states() == ["done"] * 3


def test_the_intent_is_on_the_log_before_the_post_and_the_ticket_before_the_first_poll() -> None:
    play = Play(seeds="1")

    play.run()

    assert play.log.types(play.plan.cells[0].cell_id) == [
        "submit_intended",
        "submit_accepted",
        "status_changed",
        "status_changed",
        "status_changed",
        "result_received",
        "cost_observed",
        "asset_stored",
    ]


def test_no_more_jobs_are_at_the_provider_than_allowed() -> None:
    play = Play(seeds="1-20", polls=5)

    play.run(concurrency=3)

    assert play.provider.most_at_once == 3
    assert play.states() == ["done"] * 20


def test_an_input_is_uploaded_once_for_the_whole_batch() -> None:
    play = Play(seeds="1-5")

    play.run(concurrency=5)

    assert len(play.log.uploads.paths) == 1


def test_the_metered_cost_is_units_times_the_unit_price() -> None:
    play = Play(seeds="1")

    play.run()

    attempt = play.log.state.latest(play.plan.cells[0].cell_id)
    assert attempt is not None
    cost = attempt.cost("metered")
    assert cost is not None
    assert (cost.nano_usd, cost.unit) == (COST, "seconds")


def test_missing_units_are_asked_for_again_and_then_stay_unknown_at_the_worst_case() -> None:
    play = Play(seeds="1", units=None)

    play.run()

    assert len(play.provider.fetched) == 1 + 3
    assert play.states() == ["done"]
    assert play.log.state.counted_nano_usd == WORST


def test_a_lost_answer_is_held_and_never_sent_again_not_even_by_a_resume() -> None:
    play = Play(on_submit={2: [SubmitUnknown("?", kind="no_answer")]})

    play.run()
    play.run()

    assert play.provider.submitted == [1, 2, 3]
    assert play.states() == ["done", "submission_unknown", "done"]
    assert play.log.state.counted_nano_usd == 2 * COST + WORST


@pytest.mark.parametrize(
    "first",
    [
        lambda: SubmitNotSent("down", kind="not_sent", billed="no", retry_can_help=True),
        lambda: rejected(429, again=True, retry_after="7"),
    ],
    ids=["not sent", "429"],
)
def test_a_request_that_certainly_made_no_job_is_sent_again_as_the_same_attempt(
    first: Callable[[], Exception],
) -> None:
    play = Play(seeds="1", on_submit={1: [first(), first()]})

    play.run()

    assert play.provider.submitted == [1, 1, 1]
    assert play.states() == ["done"]
    assert len(play.log.state.attempts[play.plan.cells[0].cell_id]) == 1


def test_a_service_that_cannot_be_reached_leaves_the_cell_for_a_resume() -> None:
    errors: list[Exception | None] = [
        SubmitNotSent("down", kind="not_sent", billed="no", retry_can_help=True) for _ in range(6)
    ]
    play = Play(seeds="1", on_submit={1: errors})

    outcome = play.run()

    assert [getattr(trouble, "kind", "") for trouble in outcome.troubles] == ["not_sent"]
    assert play.states() == ["rejected"]
    assert play.log.state.counted_nano_usd == 0
    play.run()
    assert play.states() == ["done"]


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_refused_account_stops_the_rest_instead_of_burning_through_it(status: int) -> None:
    play = Play(seeds="1-9", on_submit={2: [rejected(status, again=True)]})

    outcome = play.run(concurrency=1)

    assert play.provider.submitted == [1, 2]
    assert play.shutdown.reason == "account"
    assert len(outcome.troubles) == 1


def test_a_refused_request_fails_its_cell_alone() -> None:
    play = Play(on_submit={2: [rejected(422)]})

    outcome = play.run()

    assert play.states() == ["done", "rejected", "done"]
    assert outcome.troubles == ()


def test_a_failed_job_is_a_failed_cell_and_costs_nothing_when_it_is_not_billed() -> None:
    error = ResultFailed("boom", kind="internal_error", billed="no", answer=Answer(500, {}, ""))
    play = Play(on_fetch={2: [error]})

    play.run()

    assert play.states() == ["done", "failed", "done"]
    assert play.log.state.counted_nano_usd == 2 * COST


def test_a_billed_failure_counts_what_its_units_say() -> None:
    answer = Answer(422, {"x-fal-billable-units": "2"}, "")
    error = ResultFailed(
        "policy", kind="content_policy", billed="yes", answer=answer, units=Decimal(2)
    )
    play = Play(seeds="1", on_fetch={1: [error]})

    play.run()

    assert play.log.state.counted_nano_usd == 200_000_000


def test_a_broken_download_is_repeated_and_never_generated_again() -> None:
    play = Play(seeds="1", on_download={1: [lost_download(), lost_download()]})

    play.run()

    assert play.provider.submitted == [1]
    assert play.states() == ["done"]


def test_a_download_that_keeps_failing_is_fetched_by_a_resume_without_a_new_generation() -> None:
    play = Play(seeds="1", on_download={1: [lost_download() for _ in range(4)]})
    play.run()
    assert play.states() == ["failed"]
    assert play.log.state.counted_nano_usd == COST

    play.run()

    assert play.provider.submitted == [1]
    assert play.states() == ["done"]
    assert play.log.state.counted_nano_usd == COST


@pytest.mark.parametrize("kept", range(1, 40))
def test_killed_after_any_event_and_resumed_nothing_is_bought_twice(kept: int) -> None:
    play = Play()
    play.run()
    submitted_before = {e.cell for e in play.log.events[:kept] if e.type == "submit_intended"}

    second = play.again_after_a_crash(kept)
    second.provider.submitted.clear()
    second.run()

    by_cell = {cell.cell_id: cell.at.seed for cell in play.plan.cells}
    assert set(second.provider.submitted).isdisjoint({by_cell[c] for c in submitted_before})
    assert set(second.states()) <= {"done", "submission_unknown"}


def test_what_does_not_fit_the_cap_is_over_budget_and_costs_nothing() -> None:
    play = Play(seeds="1-5")

    outcome = play.run(cap=2 * WORST, concurrency=5)

    done = [s for s in play.states() if s == "done"]
    assert len(done) == 2
    assert len(outcome.over_budget) == 3
    assert play.log.state.counted_nano_usd == 2 * COST


def test_money_that_a_cheaper_result_gives_back_is_spent_on_the_next_cell() -> None:
    play = Play(seeds="1-3")

    outcome = play.run(cap=2 * COST + WORST, concurrency=3)

    assert play.states() == ["done"] * 3
    assert outcome.over_budget == ()


def test_a_cell_above_its_own_limit_is_not_submitted() -> None:
    play = Play(seeds="1")

    outcome = play.run(budget=Budget.model_validate({"per_cell_usd": "0.59"}))

    assert outcome.over_budget == (play.plan.cells[0].cell_id,)
    assert play.provider.submitted == []


def test_a_provider_that_bills_above_the_worst_case_stops_the_run_at_once() -> None:
    play = Play(seeds="1-5", units="9")

    play.run(cap=WORST, concurrency=1)

    assert play.provider.submitted == [1]
    assert play.shutdown.reason == "overcharged"


def test_stopping_once_submits_nothing_more_and_collects_what_runs() -> None:
    play = Play(seeds="1-9")
    play.provider.before_answer = lambda _: play.shutdown.stop_submitting("interrupted")

    play.run(concurrency=2)

    assert len(play.provider.submitted) <= 2
    assert play.states().count("done") == len(play.provider.submitted)


def test_leaving_at_once_cuts_no_post_off_from_its_answer() -> None:
    play = Play(seeds="1-9", polls=10**6)
    play.provider.before_answer = lambda seed: play.shutdown.leave() if seed == 3 else None

    play.run(concurrency=5)

    in_flight = {s for s in play.states() if s != "pending"}
    assert in_flight <= {"queued", "running"}
    assert all(
        attempt.ticket is not None
        for tries in play.log.state.attempts.values()
        for attempt in tries
    )


def test_a_service_that_stops_answering_leaves_its_jobs_to_a_resume() -> None:
    gone = ServiceUnreachable("gone", kind="unreachable", retry_can_help=True)
    play = Play(seeds="1", on_fetch={1: [gone]})

    outcome = play.run()

    assert [getattr(trouble, "kind", "") for trouble in outcome.troubles] == ["unreachable"]
    assert play.states() == ["running"]
    play.run()
    assert (play.states(), play.provider.submitted) == (["done"], [1])


def test_a_full_disk_stops_submitting_and_is_told_at_the_end() -> None:
    play = Play(seeds="1-5")
    play.log = MemoryLog(fail_after=6)

    with pytest.raises(StorageFailed, match="No space left"):
        play.run(concurrency=1)

    assert len(play.provider.submitted) <= 2


def test_a_defect_in_one_cell_is_raised_only_after_the_others_are_written_down() -> None:
    play = Play(on_fetch={1: [ZeroDivisionError("a bug")]}, polls=3)

    with pytest.raises(ZeroDivisionError):
        play.run(concurrency=3)

    assert play.states()[1:] == ["done", "done"]


def test_a_state_without_a_start_has_no_money_to_spend() -> None:
    assert BatchState().cap_nano_usd == 0

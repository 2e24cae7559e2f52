"""Each fault of docs/sandbox.md as `fal-exp run` meets it: where cells end, and what they cost.

Two cells of a cent each. What the program says that they cost is held against the sandbox's books.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.kit import QUIET, Bench, Called, troubled

CENT = 10_000_000
WORST = 2 * CENT
"""What is held against the cap while the cost of a cell is not known."""


def _counts(called: Called) -> dict[str, int]:
    counts: dict[str, int] = called.json["summary"]["counts"]
    return counts


def _money(called: Called) -> dict[str, Any]:
    money: dict[str, Any] = called.json["summary"]["money"]
    return money


def _assert_struck(made: Bench, *kinds: str) -> None:
    assert set(kinds) <= set(made.sandbox.stats().faults)


def _assert_all_done(made: Bench, called: Called, *, jobs: int = 2) -> None:
    """Every cell is done, so many jobs were made for it, and the books agree to the nano-dollar."""
    assert called.code == 0, called.err
    assert _counts(called) == {"done": 2}
    stats = made.sandbox.stats()
    assert stats.accepted == jobs
    assert _money(called)["metered_unknown"] == 0
    assert _money(called)["metered_nano_usd"] == stats.billed_nano_usd == 2 * CENT
    assert _money(called)["counted_nano_usd"] == stats.billed_nano_usd


def _run(made: Bench) -> Called:
    return made.call("run", "m.yaml", *QUIET)


def _resume(made: Bench) -> Called:
    return made.call("resume", "latest", *QUIET)


def test_a_lost_answer_is_looked_up_and_its_job_adopted(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "answer_lost"}) as made:
        ran = _run(made)

        _assert_struck(made, "answer_lost")
        _assert_all_done(made, ran)
        assert made.posts() == 2


def test_a_dropped_submit_is_held_since_its_absence_proves_nothing(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "dropped", "times": 1}) as made:
        ran = _run(made)

        assert ran.code == 4
        assert _counts(ran) == {"done": 1, "submission_unknown": 1}
        assert made.sandbox.stats().accepted == 1
        assert _money(ran)["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd == CENT
        assert _money(ran)["counted_nano_usd"] == CENT + WORST
        assert "not found at the provider" in made.call("status", "latest").out


def test_a_dropped_submit_is_sent_again_where_the_matrix_says_so(tmp_path: Path) -> None:
    dropped = {"do": "dropped", "times": 1}
    allowed: dict[str, Any] = {"on_unknown": "resubmit-when-absent", "budget": {"max_usd": "0.06"}}
    with troubled(tmp_path, dropped, **allowed) as made:
        ran = _run(made)

        assert ran.code == 0, ran.err
        assert _counts(ran) == {"done": 2}
        assert made.sandbox.stats().accepted == 2
        assert made.posts() == 3
        money = _money(ran)
        assert money["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd == 2 * CENT
        # nobody can prove that the first one did not run, so it stays counted
        assert money["counted_nano_usd"] == 2 * CENT + WORST


def test_a_dropped_submit_that_no_longer_fits_the_cap_twice_is_over_budget(
    tmp_path: Path,
) -> None:
    dropped = {"do": "dropped", "times": 1}
    with troubled(tmp_path, dropped, on_unknown="resubmit-when-absent") as made:
        ran = _run(made)

        assert ran.code == 3, ran.err
        assert _counts(ran) == {"done": 1, "over_budget": 1}
        assert made.posts() == 2
        assert "did not fit what was left of the cap" in made.call("status", "latest").out

        resumed = made.call("resume", "latest", "--raise-cap", "0.05", *QUIET)

        assert resumed.code == 0, resumed.err
        assert _counts(resumed) == {"done": 2}
        assert made.posts() == 3


def test_a_submit_that_is_rate_limited_is_repeated_and_makes_one_job(tmp_path: Path) -> None:
    limited = {"do": "rate_limited", "times": 3, "retry_after_s": 1}
    with troubled(tmp_path, limited) as made:
        ran = _run(made)

        _assert_struck(made, "rate_limited")
        _assert_all_done(made, ran)
        assert made.posts() == 2 + 3


def test_a_submit_that_stays_rate_limited_is_rejected_unbilled_and_taken_up_by_a_resume(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "rate_limited", "times": 6}, seeds="1") as made:
        ran = _run(made)

        assert ran.code == 1
        assert _counts(ran) == {"rejected": 1}
        assert _money(ran)["counted_nano_usd"] == 0
        assert made.posts() == 6
        assert "Concurrent requests limit" in ran.json["troubles"][0]["message"]

        resumed = _resume(made)

        assert resumed.code == 0, resumed.err
        assert made.sandbox.stats().accepted == 1


def test_reads_that_are_rate_limited_are_asked_again(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "rate_limited", "at": "read", "first": 2}) as made:
        ran = _run(made)

        _assert_struck(made, "rate_limited")
        _assert_all_done(made, ran)
        assert made.posts() == 2


def test_a_proxy_s_503_to_a_submit_that_was_accepted_is_looked_up_and_adopted(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "ingress_503", "accepted": True}) as made:
        ran = _run(made)

        _assert_struck(made, "ingress_503")
        _assert_all_done(made, ran)
        assert made.posts() == 2


def test_a_proxy_s_503_to_a_submit_that_went_nowhere_is_held_and_never_sent_again(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "ingress_503", "times": 1}) as made:
        ran, resumed = _run(made), _resume(made)

        assert ran.code == resumed.code == 4
        assert _counts(resumed) == {"done": 1, "submission_unknown": 1}
        assert made.posts() == 2
        assert made.sandbox.stats().accepted == 1
        assert _money(resumed)["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd


def test_a_proxy_s_503_to_reads_is_asked_again(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "ingress_503", "at": "read", "first": 2}) as made:
        ran = _run(made)

        _assert_struck(made, "ingress_503")
        _assert_all_done(made, ran)


@pytest.mark.parametrize("at", ["submit", "read"])
def test_slow_headers_are_waited_for_and_nothing_is_sent_twice(tmp_path: Path, at: str) -> None:
    with troubled(tmp_path, {"do": "slow_headers", "at": at, "first": 1, "delay_s": 0.5}) as made:
        ran = _run(made)

        _assert_struck(made, "slow_headers")
        _assert_all_done(made, ran)
        assert made.posts() == 2


def test_half_a_ticket_is_a_lost_answer_whose_job_is_adopted(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "garbled"}) as made:
        ran = _run(made)

        _assert_struck(made, "garbled")
        _assert_all_done(made, ran)
        assert made.posts() == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_status_that_fails_is_asked_again_while_the_job_goes_on(
    tmp_path: Path, status: int
) -> None:
    with troubled(tmp_path, {"do": "status_5xx", "status": status, "first": 2}) as made:
        ran = _run(made)

        _assert_struck(made, "status_5xx")
        _assert_all_done(made, ran)


def test_a_job_that_the_platform_lost_unbilled_gets_another_attempt(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "completed_with_error", "times": 1}) as made:
        ran = _run(made)

        _assert_all_done(made, ran, jobs=3)
        rows = made.call("ledger", "show", "--sandbox", "--json").json
        assert sorted((row["attempt"], row["state"]) for row in rows) == [
            (1, "done"),
            (1, "failed"),
            (2, "done"),
        ]


def test_a_job_that_the_platform_keeps_losing_fails_after_its_retries_and_costs_nothing(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "completed_with_error"}, retries=1) as made:
        ran = _run(made)

        assert ran.code == 1
        assert _counts(ran) == {"failed": 2}
        assert made.sandbox.stats().accepted == 4
        assert _money(ran)["counted_nano_usd"] == made.sandbox.stats().billed_nano_usd == 0


def test_a_refusal_that_is_billed_is_metered_and_never_tried_again(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "result_422", "billed": True, "times": 1}) as made:
        ran, resumed = _run(made), _resume(made)

        assert ran.code == resumed.code == 1
        assert _counts(resumed) == {"done": 1, "failed": 1}
        stats = made.sandbox.stats()
        assert stats.accepted == 2
        assert _money(resumed)["metered_unknown"] == 0
        assert _money(resumed)["metered_nano_usd"] == stats.billed_nano_usd == 2 * CENT
        assert _money(resumed)["counted_nano_usd"] == stats.billed_nano_usd


def test_a_refusal_that_is_not_billed_counts_nothing_and_is_never_tried_again(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "result_422", "times": 1}) as made:
        ran, resumed = _run(made), _resume(made)

        assert ran.code == resumed.code == 1
        assert _counts(resumed) == {"done": 1, "failed": 1}
        stats = made.sandbox.stats()
        assert stats.accepted == 2
        assert _money(resumed)["metered_nano_usd"] == stats.billed_nano_usd == CENT
        assert _money(resumed)["counted_nano_usd"] == CENT
        assert _money(resumed)["metered_unknown"] == 0


def test_a_model_that_fails_inside_unbilled_gets_another_attempt(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "result_500", "times": 1}) as made:
        ran = _run(made)

        _assert_struck(made, "result_500")
        _assert_all_done(made, ran, jobs=3)


def test_units_that_come_late_are_asked_for_again(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "units_late"}) as made:
        ran = _run(made)

        _assert_struck(made, "units_late")
        _assert_all_done(made, ran)


def test_units_that_never_come_leave_the_cost_unknown_and_the_worst_case_counted(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "units_late", "first": 100}, seeds="1") as made:
        ran = _run(made)

        assert _counts(ran) == {"done": 1}
        assert _money(ran)["metered_known"] == 0
        assert _money(ran)["metered_unknown"] == 1
        assert _money(ran)["counted_nano_usd"] == WORST


@pytest.mark.parametrize("kind", ["media_truncated", "media_html"])
def test_a_file_that_is_not_whole_or_no_video_is_fetched_again(tmp_path: Path, kind: str) -> None:
    with troubled(tmp_path, {"do": kind, "first": 1}) as made:
        ran = _run(made)

        _assert_struck(made, kind)
        _assert_all_done(made, ran)
        assert len(list(made.batch().glob("cells/*/1/clip.mp4"))) == 2


def test_a_file_that_stays_broken_is_a_failure_with_its_cost_and_a_resume_fetches_it(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "media_truncated", "first": 4}, seeds="1") as made:
        ran = _run(made)

        assert ran.code == 1
        assert _counts(ran) == {"failed": 1}
        assert _money(ran)["metered_nano_usd"] == CENT
        assert list(made.batch().glob("cells/*/1/clip.mp4")) == []

        resumed = _resume(made)

        assert resumed.code == 0, resumed.err
        assert _money(resumed)["metered_nano_usd"] == CENT
        assert made.posts() == 1


def test_an_expired_address_is_renewed_by_asking_for_the_result_again(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "media_expired"}) as made:
        ran = _run(made)

        _assert_struck(made, "media_expired")
        _assert_all_done(made, ran)
        assert made.posts() == 2


def test_a_file_that_is_gone_for_good_is_download_lost_with_its_money_shown(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "media_expired", "gone": True, "times": 1}) as made:
        ran = _run(made)

        assert ran.code == 1
        assert _counts(ran) == {"done": 1, "download_lost": 1}
        assert _money(ran)["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd == 2 * CENT
        told = made.call("status", "latest")
        assert "paid for and gone from the provider" in told.out

        resumed = _resume(made)

        assert _counts(resumed) == {"done": 1, "download_lost": 1}
        assert made.posts() == 2


def test_a_job_that_is_stuck_for_ever_times_out_and_never_holds_up_the_others(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "stuck", "times": 1}, timeout_s=4) as made:
        ran, resumed = _run(made), _resume(made)

        assert ran.code == resumed.code == 1
        assert _counts(ran) == _counts(resumed) == {"done": 1, "timed_out": 1}
        assert _money(resumed)["counted_nano_usd"] == CENT + WORST
        assert made.posts() == 2


def test_a_job_that_timed_out_is_collected_late_by_a_resume(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "stuck", "for_s": 7, "times": 1}, timeout_s=4) as made:
        ran = _run(made)
        assert _counts(ran) == {"done": 1, "timed_out": 1}
        made.wait_until(lambda stats: stats.jobs == {"completed": 2})

        resumed = _resume(made)

        _assert_all_done(made, resumed)
        assert made.posts() == 2


def test_a_cancellation_that_is_ignored_ends_in_a_clip_that_is_billed_and_collected(
    tmp_path: Path,
) -> None:
    faults = {"do": "cancel_ignored"}, {"do": "stuck", "for_s": 2}
    with troubled(tmp_path, *faults) as made:
        assert made.call("run", "m.yaml", "--detach", *QUIET).code == 0

        cancelled = made.call("cancel", "latest", "--json")
        made.wait_until(lambda stats: stats.jobs == {"completed": 2})
        resumed = _resume(made)

        assert cancelled.code == 0, cancelled.out
        assert len(cancelled.json["jobs"]) == 2
        _assert_all_done(made, resumed)
        assert made.posts() == 2


def test_a_job_that_is_delivered_twice_is_collected_and_counted_once(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "duplicate_delivery"}) as made:
        ran = _run(made)

        _assert_struck(made, "duplicate_delivery")
        _assert_all_done(made, ran)


def test_a_list_that_lags_is_asked_until_it_shows_the_lost_job(tmp_path: Path) -> None:
    faults = {"do": "answer_lost", "times": 1}, {"do": "list_lag", "for_s": 1.5}
    with troubled(tmp_path, *faults, unknown_settle_s=20) as made:
        ran = _run(made)

        _assert_struck(made, "answer_lost", "list_lag")
        _assert_all_done(made, ran)
        assert made.posts() == 2


def test_a_list_that_lags_beyond_the_settle_time_holds_the_cell_until_a_resume(
    tmp_path: Path,
) -> None:
    faults = {"do": "answer_lost", "times": 1}, {"do": "list_lag", "for_s": 4}
    with troubled(tmp_path, *faults, unknown_settle_s=1) as made:
        ran = _run(made)

        assert ran.code == 4
        assert _counts(ran) == {"done": 1, "submission_unknown": 1}

        resumed = _resume(made)
        while resumed.code == 4:  # until the list knows it, which is soon
            resumed = _resume(made)

        _assert_all_done(made, resumed)
        assert made.posts() == 2


def test_tags_tell_equal_requests_apart_where_the_list_has_them(tmp_path: Path) -> None:
    faults = {"do": "answer_lost"}, {"do": "list_tags"}
    with troubled(tmp_path, *faults, seeds="1", repeats=2) as made:
        ran = _run(made)

        _assert_struck(made, "answer_lost", "list_tags")
        _assert_all_done(made, ran)
        assert made.posts() == 2
        requests = {row["request_id"] for row in made.call(
            "ledger", "show", "--sandbox", "--json"
        ).json}  # fmt: skip
        assert requests == set(made.sandbox.stats().billed_by_request)


@pytest.mark.parametrize("by_s", [90, -90, 86_400, -86_400, 2e7, -2e7])
def test_a_service_whose_clock_is_off_still_shows_which_job_is_the_lost_one(
    tmp_path: Path, by_s: float
) -> None:
    faults = {"do": "answer_lost", "times": 1}, {"do": "clock_skew", "by_s": by_s}
    with troubled(tmp_path, *faults) as made:
        ran = _run(made)

        _assert_all_done(made, ran)
        assert made.posts() == 2

"""Stopping on purpose: `cancel`, `run --detach`, and looking on from outside."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from tests.integration.kit import CELLS, KEY, QUIET, SECONDS, Bench, bench, troubled

CENT = 10_000_000
BLOCKS = {"do": "stuck", "for_s": 600, "times": 1}
"""One job holds its slot for longer than any test."""
SLOW = {"do": "stuck", "for_s": 2}
"""A job that takes real seconds, so that something is under way to be stopped."""


def _is_result(method: str, path: str) -> bool:
    return method == "GET" and "/requests/" in path and not path.endswith("/status")


def _job_that_waits(made: Bench) -> dict[str, Any]:
    """The ledger's row of the job in the provider's queue; the provider says which one that is."""
    waiting = []
    for row in made.call("ledger", "show", "--sandbox", "--json").json:
        (submit,) = made.batch().glob(f"cells/{row['cell_id']}/*/submit.json")
        url = json.loads(submit.read_text())["status_url"]
        answer = httpx.get(url, headers={"Authorization": f"Key {KEY}"}, timeout=SECONDS)
        if answer.json()["status"] == "IN_QUEUE":
            waiting.append(row)
    (job,) = waiting
    return dict(job)


def _states(made: Bench) -> Counter[str]:
    return Counter(made.cells().values())


def test_a_cancelled_batch_bills_no_queued_job_and_never_submits_what_was_pending(
    tmp_path: Path,
) -> None:
    """One job is in progress, one waits in the provider's queue, two were never submitted."""
    with troubled(tmp_path, BLOCKS, slots=1, seeds="1-4", timeout_s=1) as made:
        child = made.start("run", "m.yaml", "--concurrency", "2", *QUIET)
        made.wait_for_event("submit_accepted", 2)
        child.kill()
        child.communicate(timeout=SECONDS)

        cancelled = made.call("cancel", "latest", "--json")
        resumed = made.call("resume", "latest", *QUIET)

        assert cancelled.code == 0, cancelled.out
        # which of the two POSTs came first, and runs, is not for this test to say
        answers = [json.loads(job["answer"])["status"] for job in cancelled.json["jobs"]]
        assert sorted(answers) == ["CANCELLATION_REQUESTED", "OK"]
        assert resumed.code == 1
        assert resumed.json["summary"]["counts"] == {"timed_out": 1, "cancelled": 3}
        assert resumed.json["summary"]["money"]["counted_nano_usd"] == 2 * CENT
        assert made.posts() == 2
        assert made.sandbox.stats().billed_nano_usd == 0


def test_a_batch_that_is_done_has_nothing_to_cancel_and_stays_as_it_is(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        before = made.events()

        said = made.call("cancel", "latest")

        assert said.code == 0
        assert said.out.endswith("nothing to cancel: 2 of 2 done\n")
        assert made.events() == before


def test_one_job_is_cancelled_by_its_request_id_and_the_others_are_left_alone(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, BLOCKS, slots=1, timeout_s=1) as made:
        made.call("run", "m.yaml", "--detach", *QUIET)
        waiting = _job_that_waits(made)

        cancelled = made.call("cancel", waiting["request_id"], "--json")
        resumed = made.call("resume", "latest", *QUIET)

        assert [job["cell"] for job in cancelled.json["jobs"]] == [waiting["cell_id"]]
        assert resumed.json["summary"]["counts"] == {"timed_out": 1, "cancelled": 1}
        assert made.cells()[waiting["cell_id"]] == "cancelled"
        assert made.posts() == 2
        assert made.sandbox.stats().billed_nano_usd == 0


def test_a_batch_is_not_cancelled_under_the_feet_of_the_process_that_works_on_it(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as made:
        made.gate.hold_answers(_is_result)
        child = made.start("run", "m.yaml", *QUIET)
        made.gate.wait_until_reached()

        refused = made.call("cancel", "latest", "--json")
        made.gate.release()
        _, err = child.communicate(timeout=SECONDS)

        assert refused.code == 2
        assert "a process is at work on" in refused.json["error"]["message"]
        assert child.returncode == 0, err
        assert _states(made) == {"done": CELLS}


def test_one_job_can_be_cancelled_while_a_process_waits_for_it(tmp_path: Path) -> None:
    with troubled(tmp_path, BLOCKS, slots=1) as made:
        child = made.start("run", "m.yaml", *QUIET)
        made.wait_for_event("submit_accepted", 2)
        waiting = _job_that_waits(made)

        cancelled = made.call("cancel", waiting["request_id"], "--json")
        made.wait_for_event("attempt_failed")
        child.kill()
        child.communicate(timeout=SECONDS)

        assert cancelled.code == 0, cancelled.out
        assert made.cells()[waiting["cell_id"]] == "cancelled"
        assert made.sandbox.stats().billed_nano_usd == 0


def test_what_is_no_batch_and_no_request_is_not_cancelled(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        called = made.call("cancel", "nonsense", "--json")

        assert called.code == 2
        assert "neither a batch nor a request" in called.json["error"]["message"]


def test_a_job_that_has_ended_cannot_be_cancelled_any_more(tmp_path: Path) -> None:
    with bench(tmp_path, seeds="1") as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0
        row = made.call("ledger", "show", "--sandbox", "--json").json[0]

        called = made.call("cancel", row["request_id"], "--json")

        assert called.code == 2
        assert "is under way" in called.json["error"]["message"]


def test_a_detached_run_submits_everything_and_is_watched_and_collected_later(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, SLOW) as made:
        detached = made.call("run", "m.yaml", "--detach", *QUIET)

        assert made.posts() == 2
        assert detached.json["summary"]["finished"] == "detached"
        assert set(detached.json["summary"]["counts"]) <= {"queued", "running"}
        assert not list(made.batch().glob("cells/*/1/clip.mp4"))
        log = (made.batch() / "events.jsonl").read_bytes()

        watched = made.call("status", "latest", "--watch", "--json")

        assert watched.code == 0, watched.err
        assert "the provider says: 2 completed" in watched.err
        assert watched.json["working"] is False
        assert (made.batch() / "events.jsonl").read_bytes() == log

        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0, resumed.err
        assert resumed.json["summary"]["counts"] == {"done": 2}
        assert made.posts() == 2
        money = resumed.json["summary"]["money"]
        assert money["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd == 2 * CENT


def test_watching_a_process_at_work_ends_when_it_does(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.gate.hold_answers(_is_result)
        child = made.start("run", "m.yaml", *QUIET)
        made.gate.wait_until_reached()
        watcher = made.start("status", "latest", "--watch", "--json")
        assert watcher.stderr is not None
        first_line = watcher.stderr.readline()
        made.gate.release()
        child.communicate(timeout=SECONDS)
        out, _ = watcher.communicate(timeout=SECONDS)

        assert "of 6" in first_line
        assert watcher.returncode == 0
        assert '"working": false' in out


def test_a_lost_answer_of_a_detached_run_is_looked_up_by_the_resume(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "answer_lost", "times": 1}) as made:
        detached = made.call("run", "m.yaml", "--detach", *QUIET)
        resumed = made.call("resume", "latest", *QUIET)

        assert detached.code == 4
        assert resumed.code == 0, resumed.err
        assert resumed.json["summary"]["counts"] == {"done": 2}
        assert made.posts() == 2


def test_a_detached_resume_submits_what_is_left_and_collects_nothing(tmp_path: Path) -> None:
    with troubled(tmp_path, budget={"max_usd": "0.02"}) as made:
        first = made.call("run", "m.yaml", "--detach", *QUIET)
        assert first.json["summary"]["counts"].get("over_budget") == 1

        again = made.call("resume", "latest", "--detach", "--raise-cap", "0.04", *QUIET)

        assert made.posts() == 2
        assert "done" not in again.json["summary"]["counts"]
        assert made.call("resume", "latest", *QUIET).json["summary"]["counts"] == {"done": 2}

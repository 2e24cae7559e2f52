"""Killed at any point and resumed: each cell is posted once, and nothing that was paid is lost."""

import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.kit import CELLS, QUIET, SECONDS, Bench, bench


def _is_submit(method: str, path: str) -> bool:
    return method == "POST" and path.startswith("/queue/")


def _is_result(method: str, path: str) -> bool:
    return method == "GET" and path.startswith("/queue/") and not path.endswith("/status")


def _is_pricing(_: str, path: str) -> bool:
    return "/pricing" in path


def _kill(child: "subprocess.Popen[str]") -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=SECONDS)


def _states(made: Bench) -> Counter[str]:
    return Counter(made.call("status", "latest", "--json").json["cells"].values())


@pytest.mark.parametrize(
    ("hold", "left_behind"),
    [
        (lambda gate: gate.hold_answers(_is_result), {"running", "queued"}),
        (lambda gate: gate.hold_files_after(100), {"downloading"}),
    ],
    ids=["while jobs run at the provider", "in the middle of a download"],
)
def test_a_killed_run_is_resumed_without_another_post(
    tmp_path: Path, hold: Callable[[object], None], left_behind: set[str]
) -> None:
    with bench(tmp_path) as made:
        hold(made.gate)
        child = made.start("run", "m.yaml", *QUIET)
        made.gate.wait_until_reached()
        made.wait_until(lambda stats: stats.accepted == CELLS)
        _kill(child)
        made.gate.release()
        assert left_behind & set(_states(made))

        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0, resumed.err
        assert resumed.json["summary"]["counts"] == {"done": CELLS}
        assert made.posts() == CELLS
        assert resumed.json["summary"]["money"]["metered_nano_usd"] == (
            made.sandbox.stats().billed_nano_usd
        )


def test_killed_before_anything_was_posted_leaves_nothing_to_pay_or_to_explain(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as made:
        made.gate.hold_answers(_is_pricing)
        child = made.start("run", "m.yaml", *QUIET)
        made.gate.wait_until_reached()
        _kill(child)
        made.gate.release()

        assert made.posts() == 0
        assert list(made.root.glob("experiments/*/*/plan.json")) == []


def _kill_between_posts_and_answers(made: Bench) -> None:
    made.gate.hold_answers(_is_submit)
    child = made.start("run", "m.yaml", *QUIET, "--concurrency", "2")
    made.gate.wait_until_reached()
    made.wait_until(lambda stats: stats.accepted == 2)
    _kill(child)
    made.gate.release()


def test_killed_between_a_post_and_its_answer_the_job_is_found_and_adopted(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as made:
        _kill_between_posts_and_answers(made)

        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0, resumed.err
        assert resumed.json["summary"]["counts"] == {"done": CELLS}
        assert made.posts() == CELLS
        assert resumed.json["summary"]["money"]["metered_nano_usd"] == (
            made.sandbox.stats().billed_nano_usd
        )


def test_killed_between_a_post_and_its_answer_without_a_list_the_cell_is_held_and_not_sent_again(
    tmp_path: Path,
) -> None:
    with bench(tmp_path, unknown_settle_s=1) as made:
        made.gate.refuse(lambda _, path: path.endswith("/requests/by-endpoint"))
        _kill_between_posts_and_answers(made)

        resumed = made.call("resume", "latest", *QUIET)
        told = made.call("status", "latest")

        assert resumed.code == 4, resumed.err
        assert resumed.json["summary"]["counts"] == {"done": CELLS - 2, "submission_unknown": 2}
        assert made.posts() == CELLS
        money = resumed.json["summary"]["money"]
        assert money["metered_unknown"] == 2
        assert money["counted_nano_usd"] == money["metered_nano_usd"] + 2 * 20_000_000
        assert "list of requests answered HTTP 403" in told.out


def test_a_killed_embedded_sandbox_run_is_resumed_with_the_sandbox_of_its_batch(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as made:
        child = made.start("run", "m.yaml", "--sandbox", *QUIET, key=None)
        assert child.stderr is not None
        first_line = child.stderr.readline()
        _kill(child)
        assert "done: " in first_line

        resumed = made.call("resume", "latest", *QUIET, key=None)

        assert resumed.code == 0, resumed.err
        assert resumed.json["summary"]["counts"] == {"done": CELLS}
        assert made.posts() == 0


def test_a_torn_last_line_is_set_aside_and_told(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0
        log = made.batch() / "events.jsonl"
        whole = log.read_bytes()
        log.write_bytes(whole + b'{"v":1,"seq":99,"ty')

        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0
        assert "torn line of 19 bytes" in resumed.err
        assert (made.batch() / "events.torn").read_bytes() == b'{"v":1,"seq":99,"ty\n'
        assert log.read_bytes().startswith(whole)


def test_one_interrupt_collects_what_runs_and_two_leave_at_once(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.gate.hold_answers(_is_result)
        child = made.start("run", "m.yaml", *QUIET, "--concurrency", "2")
        made.gate.wait_until_reached()
        child.send_signal(signal.SIGINT)
        assert child.stderr is not None
        assert "nothing more is submitted" in child.stderr.readline()
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=SECONDS)
        made.gate.release()

        assert child.returncode == 130, err
        assert "fal-exp resume" in err
        assert made.posts() == 2
        assert list(made.root.rglob("*-learnings.md")) == []
        resumed = made.call("resume", "latest", *QUIET)
        assert resumed.code == 0
        assert made.posts() == CELLS
        assert f"- {CELLS} of {CELLS} done" in Path(resumed.json["paths"]["learnings"]).read_text()


def test_a_second_process_on_the_same_batch_is_refused(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.gate.hold_answers(_is_result)
        child = made.start("run", "m.yaml", *QUIET)
        made.gate.wait_until_reached()

        second = made.call("resume", "latest", *QUIET)
        watched = made.call("status", "latest", "--json")
        made.gate.release()
        child.communicate(timeout=SECONDS)

        assert second.code == 2
        assert "another fal-exp process is working on" in second.json["error"]["message"]
        assert watched.json["working"] is True
        assert child.returncode == 0

"""Limits that a run keeps: retries, concurrency, order, paused presets, and prices that were wrong.

What is never repeated is what could cost twice, or what cannot go better the next time.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kit import CELLS, QUIET, SECONDS, Bench, Called, bench, troubled

CENT = 10_000_000


def _counts(called: Called) -> dict[str, int]:
    counts: dict[str, int] = called.json["summary"]["counts"]
    return counts


def _is_submit(method: str, path: str) -> bool:
    return method == "POST" and path.startswith("/queue/")


def _is_result(method: str, path: str) -> bool:
    return method == "GET" and "/requests/" in path and not path.endswith("/status")


def _submits(made: Bench) -> int:
    return sum(_is_submit(*request) for request in made.gate.seen)


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_refused_account_is_not_asked_again_and_stops_the_submitting(
    tmp_path: Path, status: int
) -> None:
    with bench(tmp_path, concurrency=1) as made:
        made.gate.refuse(_is_submit, status)

        ran = made.call("run", "m.yaml", *QUIET)

        assert ran.code == 1
        assert _submits(made) == 1
        assert _counts(ran) == {"rejected": 1, "pending": CELLS - 1}
        assert ran.json["summary"]["finished"] == "account"
        assert ran.json["summary"]["money"]["counted_nano_usd"] == 0

        made.gate.refuse(None)
        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0, resumed.err
        assert made.posts() == CELLS


def test_a_refused_request_is_posted_once_and_by_no_resume(tmp_path: Path) -> None:
    with bench(tmp_path, seeds="1") as made:
        made.gate.refuse(_is_submit, 422)

        ran = made.call("run", "m.yaml", *QUIET)
        resumed = made.call("resume", "latest", *QUIET)

        assert ran.code == resumed.code == 1
        assert _counts(resumed) == {"rejected": 2}
        assert _submits(made) == 2
        assert resumed.json["summary"]["money"]["counted_nano_usd"] == 0


def test_a_preset_that_fails_again_and_again_is_paused_and_says_why(tmp_path: Path) -> None:
    fails = {"do": "result_422", "times": 2}
    matrix: dict[str, Any] = {"seeds": "1-5", "concurrency": 1, "pause_after": 2}
    with troubled(tmp_path, fails, **matrix) as made:
        ran = made.call("run", "m.yaml", *QUIET)

        assert ran.code == 1
        assert _counts(ran) == {"failed": 2, "paused": 3}
        assert ran.json["summary"]["finished"] == "paused"
        assert made.posts() == 2
        told = made.call("status", "latest").out
        assert "2 times in a row content_policy_violation" in told

        resumed = made.call("resume", "latest", *QUIET)

        assert _counts(resumed) == {"done": 3, "failed": 2}
        assert made.posts() == 5


def test_an_endpoint_gets_no_more_jobs_at_once_than_it_is_to_have(tmp_path: Path) -> None:
    with bench(tmp_path, concurrency_per_endpoint=2) as made:
        made.gate.hold_answers(_is_result)
        child = made.start("run", "m.yaml", *QUIET)
        made.wait_until(lambda stats: stats.jobs == {"completed": 2})
        made.gate.wait_until_reached()
        at_once = made.posts()
        made.gate.release()
        _, err = child.communicate(timeout=SECONDS)

        assert at_once == 2
        assert child.returncode == 0, err
        assert made.posts() == CELLS


def test_cells_are_submitted_in_the_order_of_the_plan(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0

        intended = [e.cell for e in made.events() if e.type == "submit_intended"]
        plan = json.loads((made.batch() / "plan.json").read_text())

        assert intended == [cell["cell_id"] for cell in plan["cells"]]


@pytest.mark.parametrize(
    ("matrix", "sent"),
    [
        ({}, {"X-Fal-No-Retry": "1"}),
        ({"platform_retries": True}, {}),
        ({"start_timeout_s": 30}, {"X-Fal-No-Retry": "1", "X-Fal-Request-Timeout": "30"}),
    ],
)
def test_the_platform_s_own_retries_and_start_limit_are_the_matrix_s_choice(
    tmp_path: Path, matrix: dict[str, Any], sent: dict[str, str]
) -> None:
    with bench(tmp_path, seeds="1", **matrix) as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0

        for path in made.batch().glob("cells/*/1/request.json"):
            headers = json.loads(path.read_text())["headers"]
            names = {"X-Fal-No-Retry", "X-Fal-Request-Timeout"}
            assert {name: headers[name] for name in names & set(headers)} == sent


def test_a_price_above_the_declared_worst_case_stops_the_run_and_says_so(tmp_path: Path) -> None:
    with bench(tmp_path, concurrency=1, budget={"max_usd": "0.50"}) as made:
        made.gate.change_answers(_with_units("20"))

        ran = made.call("run", "m.yaml", *QUIET)

        assert ran.code == 1
        assert _counts(ran) == {"done": 1, "pending": CELLS - 1}
        assert ran.json["summary"]["finished"] == "overcharged"
        assert "more than its declared worst case" in ran.json["troubles"][0]["message"]
        assert made.posts() == 1

        resumed = made.call("resume", "latest", *QUIET)

        # twenty cents are reserved for each from now on: one more fits below fifty
        assert resumed.code == 3
        assert _counts(resumed) == {"done": 2, "over_budget": CELLS - 2}
        assert resumed.json["summary"]["money"]["counted_nano_usd"] == 40 * CENT
        assert made.posts() == 2


def _with_units(units: str) -> Any:
    def change(method: str, path: str, answer: Any) -> Any:
        status, headers, body = answer
        if _is_result(method, path) and "x-fal-billable-units" in headers:
            headers = headers | {"x-fal-billable-units": units}
        return status, headers, body

    return change

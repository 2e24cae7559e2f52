"""`fal-exp ledger resolve`: what a person decides about a submission that got no answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.integration.kit import QUIET, Bench, Called, bench, troubled

CENT = 10_000_000
WORST = 2 * CENT
ROOM = {"max_usd": "0.20"}
HIDDEN = {"do": "list_lag", "for_s": 86_000}
"""The list never shows anything in time, so that the lookup finds nothing and a person must."""
ONE_LOST = {"do": "answer_lost", "times": 1}


def _resolve(made: Bench, cell: str, *decision: str) -> Called:
    return made.call("ledger", "resolve", cell, *decision, "--json")


def _resume(made: Bench) -> Called:
    return made.call("resume", "latest", *QUIET)


def _run_and_lose_one(made: Bench) -> str:
    """Run; returns the cell that is held."""
    ran = made.call("run", "m.yaml", *QUIET)
    assert ran.code == 4, ran.err
    (cell,) = [cell for cell, state in made.cells().items() if state == "submission_unknown"]
    return cell


def _lost_request(made: Bench) -> str:
    """The request in the sandbox's books whose clip no attempt of the ledger has."""
    made.wait_until(lambda stats: stats.jobs == {"completed": 2})
    rows = made.call("ledger", "show", "--sandbox", "--json").json
    done = {row["request_id"] for row in rows if row["state"] == "done"}
    (lost,) = set(made.sandbox.stats().billed_by_request) - done
    return lost


def _refuse_the_list(made: Bench) -> None:
    """A search for lost requests is refused; a question for one request is answered."""
    made.gate.refuse(lambda _, path: path.endswith("/requests/by-endpoint"))


def _error(called: Called) -> Mapping[str, Any]:
    assert called.code == 2, called.out
    error: Mapping[str, Any] = called.json["error"]
    return error


def test_a_request_that_a_person_names_is_adopted_and_collected_without_another_post(
    tmp_path: Path,
) -> None:
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        cell, _ = _lose_one_without_a_list(made)
        lost = _lost_request(made)
        made.gate.refuse(None)

        resolved = _resolve(made, cell, "--adopt", lost)
        resumed = _resume(made)

        assert resolved.code == 0, resolved.out
        assert resolved.json["decision"] == "adopt"
        assert resumed.code == 0, resumed.err
        assert made.posts() == 2
        money = resumed.json["summary"]["money"]
        assert money["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd == 2 * CENT
        decisions = [e for e in made.events() if e.type == "cell_resolved"]
        assert [(e.decision, e.by) for e in decisions] == [("adopt", "person")]


def test_a_request_that_does_not_exist_is_not_adopted(tmp_path: Path) -> None:
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        cell, _ = _lose_one_without_a_list(made)
        made.gate.refuse(None)

        error = _error(_resolve(made, cell, "--adopt", "01a1fd87-0000-7000-8000-000000000000"))

        assert "knows no request" in error["message"]
        assert made.cells()[cell] == "submission_unknown"


def test_a_request_that_belongs_to_another_attempt_is_not_adopted(tmp_path: Path) -> None:
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        cell, other = _lose_one_without_a_list(made)
        made.gate.refuse(None)

        error = _error(_resolve(made, cell, "--adopt", other))

        assert "belongs to another attempt already" in error["message"]
        assert made.cells()[cell] == "submission_unknown"


def test_a_request_with_another_input_is_not_adopted(tmp_path: Path) -> None:
    """Both answers are lost, so that neither request belongs to anybody."""
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        _refuse_the_list(made)
        made.gate.change_answers(_garbled_tickets())
        assert made.call("run", "m.yaml", *QUIET).code == 4
        made.gate.change_answers(None)
        made.gate.refuse(None)
        made.wait_until(lambda stats: stats.jobs == {"completed": 2})
        first, second = made.cells()
        requests = sorted(made.sandbox.stats().billed_by_request)
        rejected = [r for r in requests if _resolve(made, first, "--adopt", r).code == 2]
        (adopted,) = set(requests) - set(rejected)

        error = _error(_resolve(made, second, "--adopt", adopted))

        assert "belongs to another attempt already" in error["message"]
        assert _resolve(made, second, "--adopt", rejected[0]).code == 0
        resumed = _resume(made)
        assert resumed.code == 0, resumed.err
        assert made.posts() == 2


def test_a_person_can_have_it_sent_again_and_the_first_one_stays_counted(tmp_path: Path) -> None:
    with troubled(tmp_path, ONE_LOST, HIDDEN, unknown_settle_s=1, budget=ROOM) as made:
        cell = _run_and_lose_one(made)

        resolved = _resolve(made, cell, "--resubmit", "--reason", "the dashboard does not have it")
        resumed = _resume(made)

        assert resolved.code == 0, resolved.out
        assert resumed.code == 0, resumed.err
        assert made.posts() == 3
        money = resumed.json["summary"]["money"]
        assert money["counted_nano_usd"] == 2 * CENT + WORST
        assert money["counted_nano_usd"] >= made.sandbox.stats().billed_nano_usd == 3 * CENT


def test_a_cell_that_is_given_up_is_never_sent_and_its_worst_case_stays_counted(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, ONE_LOST, HIDDEN, unknown_settle_s=1) as made:
        cell = _run_and_lose_one(made)

        resolved = _resolve(made, cell, "--abandon", "--reason", "not worth it")
        resumed = _resume(made)

        assert resolved.code == 0, resolved.out
        assert resumed.code == 1
        assert resumed.json["summary"]["counts"] == {"done": 1, "abandoned": 1}
        assert resumed.json["summary"]["money"]["counted_nano_usd"] == CENT + WORST
        assert "not worth it" in made.call("status", "latest").out
        assert made.posts() == 2


def test_a_cell_that_is_not_unknown_has_nothing_to_resolve(tmp_path: Path) -> None:
    with bench(tmp_path, seeds="1") as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0
        cell = next(iter(made.cells()))

        error = _error(_resolve(made, cell, "--resubmit", "--batch", "latest"))

        assert "nothing to resolve" in error["message"]
        assert made.posts() == 2


def test_one_decision_at_a_time(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        error = _error(_resolve(made, "c", "--resubmit", "--abandon"))

        assert "choose one" in error["message"]


def test_two_cells_of_equal_input_never_adopt_the_same_request(tmp_path: Path) -> None:
    lost = {"do": "answer_lost"}
    with troubled(tmp_path, lost, seeds="1", repeats=3) as made:
        ran = made.call("run", "m.yaml", *QUIET)

        assert ran.code == 0, ran.err
        assert made.posts() == made.sandbox.stats().accepted == 3
        rows = made.call("ledger", "show", "--sandbox", "--json").json
        requests = [row["request_id"] for row in rows]
        assert sorted(requests) == sorted(made.sandbox.stats().billed_by_request)
        money = ran.json["summary"]["money"]
        assert money["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd


def _garbled_tickets(times: int | None = None) -> Any:
    """Cut the answers to submits in half, all or the first so many."""
    left = [times]

    def change(method: str, path: str, answer: Any) -> Any:
        if method != "POST" or not path.startswith("/queue/") or left[0] == 0:
            return answer
        left[0] = None if left[0] is None else left[0] - 1
        status, headers, body = answer
        return status, headers, body[: len(body) // 2]

    return change


def _lose_one_without_a_list(made: Bench) -> tuple[str, str]:
    """Run without a list to search, and lose one answer.

    Returns the cell that is held, and the request of the one that is done.
    """
    _refuse_the_list(made)
    made.gate.change_answers(_garbled_tickets(1))
    cell = _run_and_lose_one(made)
    rows = made.call("ledger", "show", "--sandbox", "--json").json
    return cell, next(row["request_id"] for row in rows if row["state"] == "done")

"""A provider that answers nonsense: it becomes no amount, the log stays whole, words are told."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.integration.gate import Answer
from tests.integration.kit import QUIET, Bench, Called, bench

UNITS = "x-fal-billable-units"
CENT = 10_000_000
WORST = 2 * CENT
NONSENSE = ("-5", "1e300", "NaN", "-Infinity", "9" * 40, "a lot", "1e-300", "")
NO_ADDRESSES = (
    "http://127.0.0.1:99999999/x.mp4",
    "http://127.0.0.1:port/x.mp4",
    "http://[::1/x.mp4",
    "file:///etc/passwd",
    "x.mp4",
    "http://\ud800/x.mp4",
    "http://" + "a" * 5000 + "/x.mp4",
    "http:///x.mp4",
)
NOWHERE = ("", "http://127.0.0.1:99999999/", "ftp://x/y", "//", "http://[", "\x00", "?", None)
EIGHT = "1-4"
"""Seeds that make as many cells, one for each kind of nonsense."""
Rewrite = Callable[[str, Answer], Answer]
T = TypeVar("T")


def _is_result(method: str, path: str) -> bool:
    return method == "GET" and "/requests/" in path and not path.endswith("/status")


def _is_status(method: str, path: str) -> bool:
    return method == "GET" and path.endswith("/status")


def _is_submit(method: str, path: str) -> bool:
    return method == "POST" and path.startswith("/queue/")


def _is_file(method: str, path: str) -> bool:
    return method == "GET" and path.startswith("/cdn/files/") and path.endswith(".mp4")


def _rewritten(made: Bench, which: Callable[[str, str], bool], rewrite: Rewrite) -> Called:
    """Run with some answers rewritten, and the true ones again afterwards."""

    def change(method: str, path: str, answer: Answer) -> Answer:
        known = answer[0] != 404  # not the question whether the key is good
        return rewrite(path, answer) if known and which(method, path) else answer

    made.gate.change_answers(change)
    ran = made.call("run", "m.yaml", *QUIET)
    made.gate.change_answers(None)
    return ran


def _one_each(kinds: Sequence[T]) -> Callable[[str], T]:
    """Return what gives every path a kind of its own, always the same."""
    given: dict[str, T] = {}

    def of(path: str) -> T:
        return given.setdefault(path, kinds[len(given) % len(kinds)])

    return of


def _money(called: Called) -> dict[str, Any]:
    money: dict[str, Any] = called.json["summary"]["money"]
    return money


def _resume(made: Bench) -> Called:
    return made.call("resume", "latest", *QUIET)


def _in_json(answer: Answer, **changes: Any) -> Answer:
    status, headers, body = answer
    return status, headers, json.dumps(json.loads(body) | changes).encode()


def test_units_of_a_success_that_are_nonsense_never_become_an_amount(tmp_path: Path) -> None:
    units = _one_each(NONSENSE)
    with bench(tmp_path, seeds=EIGHT) as made:
        ran = _rewritten(
            made, _is_result, lambda path, a: (a[0], a[1] | {UNITS: units(path)}, a[2])
        )

        assert ran.json["summary"]["counts"] == {"done": 8}
        assert _money(ran)["metered_nano_usd"] == 0
        assert _money(ran)["metered_unknown"] == 8
        assert _money(ran)["counted_nano_usd"] == 8 * WORST
        rows = made.call("ledger", "show", "--sandbox", "--json").json
        assert {row["metered_nano_usd"] for row in rows} == {None}


def test_units_of_a_failure_that_are_nonsense_never_become_an_amount(tmp_path: Path) -> None:
    refusal = {"detail": [{"loc": ["body"], "msg": "no", "type": "content_policy_violation"}]}
    body, units = json.dumps(refusal).encode(), _one_each(NONSENSE)
    with bench(tmp_path, seeds=EIGHT, pause_after=100) as made:
        ran = _rewritten(
            made, _is_result, lambda path, a: (422, a[1] | {UNITS: units(path)}, body)
        )  # fmt: skip

        assert ran.code == 1
        assert ran.json["summary"]["counts"] == {"failed": 8}
        assert _money(ran)["metered_nano_usd"] == 0
        assert _money(ran)["counted_nano_usd"] == 8 * WORST


def test_half_a_surrogate_pair_in_a_request_id_leaves_the_log_readable(tmp_path: Path) -> None:
    with bench(tmp_path, seeds="1") as made:
        ran = _rewritten(made, _is_submit, lambda _, a: _in_json(a, request_id="\ud800-odd"))

        assert ran.code == 0, ran.err
        assert len([e for e in made.events() if e.type == "submit_accepted"]) == 2
        resumed = _resume(made)
        assert resumed.code == 0, resumed.err
        assert made.posts() == 2


@pytest.mark.parametrize("which", [_is_status, _is_result], ids=["status", "result"])
@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"video": {"u'], ids=["deep", "cut off"])
def test_an_answer_that_cannot_be_read_costs_no_result(
    tmp_path: Path, which: Callable[[str, str], bool], body: bytes
) -> None:
    with bench(tmp_path, seeds="1") as made:
        ran = _rewritten(made, which, lambda _, answer: (200, answer[1], body))

        assert ran.code == 1, ran.err
        assert made.call("status", "latest").code == 0

        resumed = _resume(made)

        assert resumed.code == 0, resumed.err
        assert made.posts() == 2
        assert _money(resumed)["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd


def test_a_ticket_nested_beyond_all_depth_is_a_lost_answer(tmp_path: Path) -> None:
    with bench(tmp_path, seeds="1") as made:
        ran = _rewritten(made, _is_submit, lambda _, answer: (200, answer[1], b"[" * 200_000))

        assert ran.code == 0, ran.err
        assert made.posts() == 2
        assert _money(ran)["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd


def test_an_address_that_is_none_ends_in_words_and_a_resume_fetches_the_file(
    tmp_path: Path,
) -> None:
    url = _one_each(NO_ADDRESSES)
    with bench(tmp_path, seeds=EIGHT) as made:
        ran = _rewritten(made, _is_result, lambda path, a: _in_json(a, video={"url": url(path)}))

        assert ran.code == 1, ran.err
        assert ran.json["summary"]["counts"] == {"failed": 8}
        assert "Traceback" not in ran.err
        assert ran.err.count("download_failed (billed)") == 8
        assert _money(ran)["metered_nano_usd"] == 8 * CENT

        resumed = _resume(made)

        assert resumed.code == 0, resumed.err
        assert made.posts() == 8
        assert _money(resumed)["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd


def test_a_redirect_to_nowhere_ends_in_words_and_a_resume_fetches_the_file(
    tmp_path: Path,
) -> None:
    location = _one_each(NOWHERE)

    def redirect(path: str, answer: Answer) -> Answer:
        where = location(path)
        return 302, {} if where is None else {"location": where}, b""

    with bench(tmp_path, seeds=EIGHT) as made:
        ran = _rewritten(made, _is_file, redirect)

        assert ran.code == 1, ran.err
        assert ran.json["summary"]["counts"] == {"failed": 8}
        assert "Traceback" not in ran.err

        resumed = _resume(made)

        assert resumed.code == 0, resumed.err
        assert made.posts() == 8

"""Killed at every boundary between two events: each cell is bought once, and the books agree."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.integration import dying
from tests.integration.kit import MATRIX, QUIET, Bench, Called, bench, resume_by_hand

DYING = (str(Path(dying.__file__)),)
STEP = 3
"""Each of three ways to die takes every third boundary, so that together they take all."""


def _dies(made: Bench, moment: str, number: int, *arguments: str) -> bool:
    """Run until the moment; tells whether it came."""
    called = made.call(moment, str(number), *arguments, program=DYING)
    assert called.code in {0, -signal.SIGKILL}, called.err
    return called.code != 0


def _matrix(made: Bench, number: int) -> str:
    """Write a matrix of two cells that no other number has.

    One after the other: lines of cells at work together would share a write, and leave out a
    boundary.
    """
    changes: dict[str, Any] = {
        "prompts": MATRIX["prompts"][:1],
        "seeds": [2 * number, 2 * number + 1],
        "concurrency": 1,
        "unknown_settle_s": 1,
        "budget": {"max_usd": "0.20"},
    }
    name = f"m{number}.yaml"
    (made.root / name).write_text(json.dumps(MATRIX | changes))
    return name


def _assert_bought_once(made: Bench, resumed: Called, posts: int, billed_nano_usd: int) -> None:
    assert resumed.code == 0, resumed.err
    assert resumed.json["summary"]["counts"] == {"done": 2}
    stats = made.sandbox.stats()
    assert stats.duplicates == 0
    assert sum(stats.posts.values()) - posts == 2
    money = resumed.json["summary"]["money"]
    assert money["metered_nano_usd"] == stats.billed_nano_usd - billed_nano_usd


def _assert_the_ledger_agrees(made: Bench) -> None:
    stats = made.sandbox.stats()
    ledger = made.call("ledger", "show", "--sandbox", "--json").json
    assert sum(row["metered_nano_usd"] or 0 for row in ledger) == stats.billed_nano_usd
    requests = [row["request_id"] for row in ledger if row["request_id"]]
    assert sorted(requests) == sorted(stats.billed_by_request)


@pytest.mark.parametrize(("moment", "first"), [("before", 1), ("torn", 2), ("after", 3)])
def test_killed_at_a_log_write_every_cell_is_still_bought_once(
    tmp_path: Path, moment: str, first: int
) -> None:
    with bench(tmp_path) as made:
        number = first
        while True:
            before = made.sandbox.stats()
            posts = sum(before.posts.values())
            died = _dies(made, moment, number, "run", _matrix(made, number), *QUIET)
            if not died:
                break
            resumed = resume_by_hand(made, 2, jobs_before=before.accepted)
            _assert_bought_once(made, resumed, posts, before.billed_nano_usd)
            number += STEP
        _assert_the_ledger_agrees(made)
        # how many writes there are depends on how events group; the last run met no kill any more
        assert number > 2 * STEP, "so few boundaries are not all of them"


@pytest.mark.parametrize("number", [1, 3])
def test_killed_in_the_middle_of_a_ledger_row_the_row_is_written_whole_by_the_resume(
    tmp_path: Path, number: int
) -> None:
    with bench(tmp_path) as made:
        assert _dies(made, "ledger", number, "run", _matrix(made, 1), *QUIET)
        ledger = made.root / "experiments" / "sandbox" / "ledger.jsonl"
        assert not ledger.read_bytes().endswith(b"\n")

        _assert_bought_once(made, resume_by_hand(made, 2), 0, 0)

        _assert_the_ledger_agrees(made)
        assert (made.root / "experiments" / "sandbox" / "ledger.torn").exists()


def test_killed_in_the_middle_of_a_render_the_pictures_are_finished_and_nothing_is_bought(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as made:
        assert _dies(made, "render", 1, "run", _matrix(made, 1), "--json")
        assert made.posts() == 2

        _assert_bought_once(made, made.call("resume", "latest", "--json"), 0, 0)

        assert len(list(made.batch().glob("cells/*/1/derived.json"))) == 2
        assert len(list(made.batch().glob("cells/*/1/poster.jpg"))) == 2


@pytest.mark.parametrize("number", [1, 6])
def test_killed_before_a_file_has_its_name_a_later_process_writes_it_anew(
    tmp_path: Path, number: int
) -> None:
    with bench(tmp_path) as made:
        assert _dies(made, "rename", number, "run", _matrix(made, 1), *QUIET)
        if not list(made.root.glob("experiments/*/*/plan.json")):
            assert made.posts() == 0
            assert made.call("run", "m1.yaml", *QUIET).code == 0

        _assert_bought_once(made, resume_by_hand(made, 2), 0, 0)

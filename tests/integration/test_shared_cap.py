"""The cap: cells over it are taken up later, a resume may lower it, and batches may share it."""

from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.integration.kit import QUIET, SECONDS, Bench, Called, bench, make_matrix

CENT = 10_000_000
WORST = 2 * CENT
"""What is reserved for a cell; it costs half of that in the end."""


def _counts(called: Called) -> dict[str, int]:
    counts: dict[str, int] = called.json["summary"]["counts"]
    return counts


def _counted(called: Called) -> int:
    return int(called.json["summary"]["money"]["counted_nano_usd"])


def _daily(made: Bench, name: str, max_usd: str, **changes: Any) -> str:
    """Write a matrix whose cap is the day's, with cells of its own."""
    budget = {"max_usd": max_usd, "scope": "ledger-day"}
    return make_matrix(made.root, name, name=name, budget=budget, **changes)


def test_cells_over_the_budget_cost_nothing_and_a_higher_cap_takes_them_up(
    tmp_path: Path,
) -> None:
    with bench(tmp_path, budget={"max_usd": "0.04"}) as made:
        ran = made.call("run", "m.yaml", *QUIET)

        # two fit at their worst; as each turned out to cost half, a third did
        assert ran.code == 3
        assert _counts(ran) == {"done": 3, "over_budget": 3}
        assert _counted(ran) == made.sandbox.stats().billed_nano_usd == 3 * CENT
        assert "--raise-cap" in made.call("status", "latest").out

        same = made.call("resume", "latest", *QUIET)
        assert same.code == 3
        assert made.posts() == 3

        resumed = made.call("resume", "latest", "--raise-cap", "0.12", *QUIET)

        assert resumed.code == 0, resumed.err
        assert _counts(resumed) == {"done": 6}
        assert made.posts() == 6


def test_a_cap_is_not_raised_by_a_lower_amount_nor_by_max_usd(tmp_path: Path) -> None:
    with bench(tmp_path, budget={"max_usd": "0.04"}) as made:
        made.call("run", "m.yaml", *QUIET)

        lower = made.call("resume", "latest", "--raise-cap", "0.01", *QUIET)
        sneaky = made.call("resume", "latest", "--max-usd", "5", *QUIET)

        assert lower.code == 2
        assert "is less than the cap" in lower.json["error"]["message"]
        assert sneaky.code == 3
        assert sneaky.json["summary"]["money"]["cap_nano_usd"] == 4 * CENT
        assert made.posts() == 3


def test_max_usd_on_a_resume_lowers_the_cap(tmp_path: Path) -> None:
    with bench(tmp_path, budget={"max_usd": "0.04"}) as made:
        made.call("run", "m.yaml", *QUIET)

        resumed = made.call(
            "resume", "latest", "--raise-cap", "1", "--max-usd", "0.05", *QUIET
        )  # fmt: skip

        assert resumed.code == 3
        assert _counts(resumed) == {"done": 4, "over_budget": 2}
        assert resumed.json["summary"]["money"]["cap_nano_usd"] == 5 * CENT
        assert made.posts() == 4


@pytest.mark.parametrize("scope", ["ledger-day", "ledger-month"])
def test_a_cap_of_the_ledger_counts_what_an_earlier_batch_spent(tmp_path: Path, scope: str) -> None:
    with bench(tmp_path) as made:
        shared = {"max_usd": "0.08", "scope": scope}
        matrix = make_matrix(made.root, "second", seeds="11-13", budget=shared)

        first = made.call("run", make_matrix(made.root, "first", budget=shared), *QUIET)
        second = made.call("run", matrix, *QUIET)

        assert _counts(first) == {"done": 6}
        # six cents are spent; one cell fits at its worst, and after it none does
        assert second.code == 3
        assert _counts(second) == {"done": 1, "over_budget": 5}
        assert made.sandbox.stats().billed_nano_usd == 7 * CENT


def test_a_plan_says_what_other_batches_hold_of_the_day_s_cap(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.call("run", _daily(made, "one", "0.12"), *QUIET)

        told = made.call("plan", _daily(made, "two", "0.12"), "--sandbox").out

        assert "Cap: $0.12 for all batches of today, of which other batches hold $0.06." in told
        assert "At their worst 3 cells fit the cap, and 3 would be left" in told


def test_a_run_without_any_room_is_refused_and_one_with_too_little_says_who_holds_it(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as made:
        made.call("run", _daily(made, "one", "0.06"), "--sandbox", *QUIET)
        part = _daily(made, "two", "0.09", seeds="11-13")

        refused = made.call("run", _daily(made, "full", "0.06", seeds="21"), "--sandbox", *QUIET)
        told = made.call("run", part, "--sandbox", "--no-render", "--no-report")
        batches = list(made.root.glob("experiments/*/*/plan.json"))

    assert refused.code == 2
    error = refused.json["error"]
    assert "no cell has room: other batches of this day hold $0.05 of the cap" in error["message"]
    assert "raise it to 0.07 or more" in error["fix"]
    assert told.code == 3
    assert "(all batches of a day share it: others hold $0.05 now)" in told.out
    assert len(batches) == 2


def test_without_its_ledger_a_shared_cap_buys_nothing_until_it_is_rebuilt(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.call("run", _daily(made, "one", "0.12"), *QUIET)
        (made.root / "experiments" / "sandbox" / "ledger.jsonl").unlink()
        posts = made.posts()

        matrix = _daily(made, "two", "0.12", seeds="11-13")
        planned = made.call("plan", matrix, "--sandbox")
        refused = made.call("run", matrix, *QUIET)
        made.call("ledger", "rebuild", "--sandbox")
        taken = made.call("run", matrix, *QUIET)

        assert (planned.code, refused.code) == (2, 2)
        assert "ledger rebuild" in refused.out
        assert made.posts() > posts == 6
        assert _counts(taken) == {"done": 5, "over_budget": 1}


def test_a_batch_with_a_cap_of_its_own_is_not_held_back_by_the_day_s(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        first = made.call("run", _daily(made, "first", "0.12"), *QUIET)
        second = made.call("run", make_matrix(made.root, "second", seeds="11-13"), *QUIET)

        assert _counts(first) == _counts(second) == {"done": 6}


def test_processes_at_the_same_time_never_pass_the_day_s_cap_together(
    tmp_path: Path,
) -> None:
    with bench(tmp_path) as made:
        seeds = {"a": "1-4", "b": "11-14", "c": "21-24"}
        children = [
            made.start("run", _daily(made, name, "0.12", seeds=chosen), *QUIET)
            for name, chosen in seeds.items()
        ]
        ended = []
        for child in children:
            out, err = child.communicate(timeout=SECONDS)
            ended.append(Called(child.returncode, out, err))

        for called in ended:
            assert called.code in {0, 3}, called.out
        stats = made.sandbox.stats()
        assert sum(map(_counted, ended)) == stats.billed_nano_usd
        assert stats.billed_nano_usd <= 12 * CENT
        assert stats.duplicates == 0

        # what each held for the others is free by now, and is used to the last cell that fits
        for name in seeds:
            assert made.call("resume", name, *QUIET).code in {0, 3}
        assert 12 * CENT - WORST < made.sandbox.stats().billed_nano_usd <= 12 * CENT


def test_what_another_process_holds_is_held_even_when_it_is_killed(tmp_path: Path) -> None:
    """Its jobs run and are billed, though nobody has collected them yet."""
    with bench(tmp_path) as made:
        made.gate.hold_answers(
            lambda method, path: (
                method == "GET" and "/requests/" in path and not path.endswith("/status")
            )
        )
        child = made.start("run", _daily(made, "first", "0.12"), *QUIET)
        made.gate.wait_until_reached()
        made.wait_for_event("submit_accepted", 6)
        child.kill()
        child.communicate(timeout=SECONDS)
        made.gate.release()

        second = made.call("run", _daily(made, "second", "0.12", seeds="11-13"), *QUIET)

        assert second.code == 3
        assert _counts(second) == {"over_budget": 6}
        assert made.posts() == 6


def test_a_plan_counts_what_per_cell_usd_lets_through_and_says_what_would_admit_the_rest(
    project: Path,
) -> None:
    matrix = project / "experiments" / "quickstart.yaml"
    text = matrix.read_text()
    assert "per_cell_usd: 1.00" in text
    matrix.write_text(text.replace("per_cell_usd: 1.00", "per_cell_usd: 0.30"))

    told = warm.call(["plan", str(matrix), "--sandbox"], cwd=project, env={"COLUMNS": "200"}).stdout

    line = {row.split()[0]: row for row in told.splitlines() if " of " in row and "-" in row[:12]}
    assert "4 of 4" in line["hailuo-02-standard-i2v"]
    assert "0 of 4" in line["kling-v3-pro-i2v"]
    assert "–, 4 over per_cell_usd" in line["kling-v3-pro-i2v"]
    assert "4 of 14 combinations would run." in told
    assert "no cell of kling-v3-pro-i2v would run: per_cell_usd 0.56 lets one" in told

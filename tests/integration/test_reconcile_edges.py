"""`fal-exp reconcile` at its edges: who a line is of, which window a file has, what is given up."""

import csv
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.integration.kit import ENDPOINT, QUIET, Bench, Called, bench, make_matrix, troubled
from tests.integration.test_reconcile_people import ADMIN, CENT, _empty_the_first_ticket


def _reconcile(made: Bench, *options: str) -> Called:
    return made.call("reconcile", *options, "--json", key=ADMIN)


def _own_lines(made: Bench) -> list[list[str]]:
    rows = made.call("ledger", "show", "--sandbox", "--json").json
    return [[row["request_id"], ENDPOINT, row["submitted_at"], "0.01"] for row in rows]


def _bill(made: Bench, name: str, lines: Iterable[list[str]]) -> str:
    with (made.root / name).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["request_id", "endpoint_id", "timestamp", "cost_total"])
        table.writerows(lines)
    return name


def _printed(shown: str, words: str) -> list[str]:
    """The arguments of the command that stands behind some words."""
    (line,) = [line for line in shown.splitlines() if words in line]
    return shlex.split(line[line.index("fal-exp ") :])[1:]


def test_a_job_that_a_garbled_answer_has_named_is_nobody_elses(tmp_path: Path) -> None:
    faults = ({"do": "garbled", "times": 1}, {"do": "list_lag", "for_s": 86_000})
    with troubled(tmp_path, *faults, unknown_settle_s=1) as made:
        held = made.call("run", "m.yaml", *QUIET)
        (first,) = [path.parent.name for path in made.root.glob("experiments/*/*/plan.json")]
        other = made.call("run", make_matrix(made.root, "n", seeds="7"), *QUIET)
        second = other.json["summary"]["batch"]

        theirs = _reconcile(made, second)
        ours = _reconcile(made, first)
        both = _reconcile(made, first, second)
        billed = made.sandbox.stats().billed_nano_usd

    assert (held.code, other.code) == (4, 0)
    assert [called.json["orphans"] for called in (theirs, ours, both)] == [[], [], []]
    assert ours.json["total"]["billed_nano_usd"] == 2 * CENT
    assert both.json["total"]["billed_nano_usd"] == billed
    assert both.json["lost"] == []


def test_what_failed_for_nothing_makes_no_bill_of_what_nobody_could_read(tmp_path: Path) -> None:
    faults = ({"do": "bills_403"}, {"do": "completed_with_error", "times": 1})
    with troubled(tmp_path, *faults) as made:
        made.call("run", "m.yaml", *QUIET)

        called = _reconcile(made, "latest", "--fail-over", "2%")
        shown = made.call("reconcile", "latest", "--fail-over", "2%").out

    assert called.code == 4
    assert "billed $0" not in shown
    assert "Nothing can be held against 2%: no bill is known." in shown


def test_lines_of_a_file_that_are_of_no_batch_are_shown_or_counted(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        own = _own_lines(made)
        day = own[0][2][:10]
        by_day = [[one, endpoint, day, usd] for one, endpoint, _, usd in own]
        strange = [["stranger", ENDPOINT, day, "40"], ["far", ENDPOINT, "2026-01-02", "7"]]
        _bill(made, "day.csv", by_day + strange)

        called = _reconcile(made, "latest", "--import", "day.csv")

    assert called.code == 4
    assert [one["line"]["request_id"] for one in called.json["orphans"]] == ["stranger"]
    assert called.json["total"]["billed_nano_usd"] == 2 * CENT + 40 * 10**9
    assert "1 line of it ($7.00 together)" in called.err


def test_a_line_with_a_refund_outside_the_window_is_ignored_by_the_printed_command(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        own = _own_lines(made)
        inside, later = own[0][2], "2099-01-01T00:30:01Z"
        strange = [["stranger", ENDPOINT, inside, "4"], ["stranger", ENDPOINT, later, "-1"]]
        _bill(made, "a bill.csv", own + strange)

        shown = made.call("reconcile", "latest", "--import", "a bill.csv", key=ADMIN)
        command = [word.replace("…", "Anna's") for word in _printed(shown.out, "Not ours:")]
        ignored = made.call(*command, key=ADMIN)
        again = _reconcile(made, "latest", "--import", "a bill.csv")

    assert "a bill.csv" in command
    assert (shown.code, ignored.code, again.code) == (4, 0, 0), ignored.err
    assert [one["decision"] for one in again.json["orphans"]] == ["ignored", "ignored"]


def test_totals_of_a_file_are_set_aside_by_the_printed_command(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        _reconcile(made, "latest")
        report = f'{{"summary": [{{"endpoint_id": "{ENDPOINT}", "cost_total": 1.6}}]}}'
        (made.root / "usage.json").write_text(report)

        shown = made.call("reconcile", "latest", "--import", "usage.json", key=ADMIN)
        command = _printed(shown.out, "If that is right:")
        aside = made.call(*(word.replace("…", "Anna") for word in command), key=ADMIN)
        files = ["--import", "usage.json"] * 2
        (check,) = _reconcile(made, "latest", *files).json["cross_checks"]

    assert (shown.code, aside.code) == (4, 0), aside.err
    assert check["usage_nano_usd"] == 1_600_000_000


def test_a_file_of_the_next_month_takes_nothing_of_this_ones_place(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        own = _own_lines(made)
        files = ["--import", _bill(made, "m1.csv", own)]
        first = _reconcile(made, "latest", *files)
        credit = [[own[0][0], ENDPOINT, "2099-01-02", "-0.004"]]
        files += ["--import", _bill(made, "m2.csv", credit)]

        alone = _reconcile(made, "latest", *files[2:])
        together = _reconcile(made, "latest", *files)

    assert first.code == 0
    assert alone.code == 2
    said = alone.json["error"]["message"]
    assert said.startswith("m2.csv, line 2: request ")
    assert "is charged -$0.004 at 2099-01-02 00:00:00; what is known of it is $0.01 at" in said
    assert "--import A --import B" in alone.json["error"]["fix"]
    assert together.json["total"]["billed_nano_usd"] == 16_000_000
    assert [one["now_nano_usd"] for one in together.json["corrections"]] == [6_000_000]


def _lose_and_resubmit(made: Bench) -> str:
    """Lose an answer, send its cell again; returns the cell."""
    made.gate.refuse(lambda _, path: path.endswith("/requests/by-endpoint"))
    made.gate.change_answers(_empty_the_first_ticket())
    assert made.call("run", "m.yaml", *QUIET).code == 4
    (cell,) = [c for c, state in made.cells().items() if state == "submission_unknown"]
    assert made.call("ledger", "resolve", cell, "--resubmit").code == 0
    resumed = made.call("resume", "latest", "--raise-cap", "1", *QUIET)
    assert resumed.code == 0, resumed.err
    made.gate.refuse(None)
    made.wait_until(lambda stats: stats.jobs == {"completed": 3})
    return cell


def _reasons(called: Called) -> dict[str, Any]:
    reasons: dict[str, Any] = called.json["total"]["reasons"]
    return reasons


def test_a_lost_job_whose_cell_was_sent_again_is_adopted_into_the_books(tmp_path: Path) -> None:
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        cell = _lose_and_resubmit(made)
        shown = made.call("reconcile", "latest", key=ADMIN)

        command = _printed(shown.out, "The submission without an answer")
        adopted = made.call(*command, "--json", key=ADMIN)
        again = _reconcile(made, "latest")
        rows = made.call("ledger", "verify", "--sandbox", "--json")
        posts = made.posts()

    assert shown.code == 4
    assert "given up" in shown.out
    assert cell in command
    assert (adopted.code, again.code, rows.code) == (0, 0, 0), adopted.err
    assert "whose place another attempt has taken" in adopted.err
    assert _reasons(again) == {"no_clip": -CENT, "duplicate_submit": CENT}
    assert again.json["total"]["billed_nano_usd"] == 3 * CENT
    assert (again.json["closed"], posts) == (True, 3)


def test_a_lost_job_that_was_never_billed_closes_with_a_persons_word(tmp_path: Path) -> None:
    settled = ("--settle-hours", "0")
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        _lose_and_resubmit(made)
        (orphan,) = _reconcile(made, "latest").json["orphans"]
        why = ("--reason", "tried in the playground")
        theirs = _reconcile(made, "latest", "--ignore", orphan["line"]["request_id"], *why)
        missing = made.call("reconcile", "latest", *settled, key=ADMIN)

        command = _printed(missing.out, "If that is right:")
        agreed = made.call(*(word.replace("…", "asked them") for word in command), key=ADMIN)

    assert (theirs.code, theirs.json["closed"], theirs.json["total"]["awaited"]) == (0, False, 1)
    assert missing.code == 4
    assert agreed.code == 0, agreed.out
    assert "The books are closed" in agreed.out
    assert "missing_event: asked them" in agreed.out


def test_a_line_that_the_whole_bill_does_not_hold_is_in_no_sum(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        own = _own_lines(made)
        _bill(made, "odd.csv", [*own, ["stranger", ENDPOINT, own[0][2], "1.2"]])

        file = _reconcile(made, "latest", "--import", "odd.csv")
        live = _reconcile(made, "latest")
        again = _reconcile(made, "latest")

    assert file.json["total"]["billed_nano_usd"] == 2 * CENT + 1_200_000_000
    assert (live.code, live.json["orphans"]) == (0, [])
    assert live.json["total"]["billed_nano_usd"] == 2 * CENT
    assert "1 line without an attempt ($1.20 together), read earlier from odd.csv" in live.err
    assert again.out == live.out


def test_a_bill_that_nothing_explains_is_agreed_to_by_its_amount(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        own = _own_lines(made)
        own[0][3] = "0.013"
        options = ["--import", _bill(made, "odd.csv", own)]

        shown = made.call("reconcile", "latest", *options, key=ADMIN)
        command = _printed(shown.out, "If that is right:")
        agreed = made.call(*(word.replace("…", "a fee") for word in command), key=ADMIN)
        own[0][3] = "0.014"
        _bill(made, "odd.csv", own)
        other = _reconcile(made, "latest", *options)

    assert shown.code == 4
    assert "$0.003 is not explained" in shown.out
    assert agreed.code == 0, agreed.err
    assert "unknown: a fee" in agreed.out
    assert "is not explained" not in agreed.out
    assert (other.code, other.json["unexplained_nano_usd"]) == (4, 4_000_000)


def test_a_tax_that_names_nothing_is_told_and_a_file_says_what_is_in_it(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        own = _own_lines(made)
        _bill(made, "bill.csv", [*own, ["", "", own[0][2], "0.44"]])

        called = _reconcile(made, "latest", "--import", "bill.csv")

    assert called.code == 0, called.out
    assert called.json["source"] == "the imported bill, 2 lines of $0.02 together"
    assert "1 line of it ($0.44 together) names no request" in called.err


def test_when_the_bill_was_read_is_not_when_the_run_ended(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "discount", "percent": 10}) as made:
        before = made.call("run", "m.yaml", *QUIET).json["summary"]["last_at"]
        _reconcile(made, "latest")

        after = made.call("status", "latest", "--json").json["last_at"]

    assert after == before


def test_a_lost_job_whose_cell_was_given_up_is_adopted_with_its_clip(tmp_path: Path) -> None:
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        made.gate.refuse(lambda _, path: path.endswith("/requests/by-endpoint"))
        made.gate.change_answers(_empty_the_first_ticket())
        assert made.call("run", "m.yaml", *QUIET).code == 4
        (cell,) = [c for c, state in made.cells().items() if state == "submission_unknown"]
        assert made.call("ledger", "resolve", cell, "--abandon").code == 0
        made.gate.refuse(None)
        made.wait_until(lambda stats: stats.jobs == {"completed": 2})
        (orphan,) = _reconcile(made, "latest").json["orphans"]

        name = orphan["line"]["request_id"]
        adopted = _reconcile(made, "latest", "--adopt", name, "--cell", cell)
        resumed = made.call("resume", "latest", *QUIET)
        again = _reconcile(made, "latest")
        posts = made.posts()

    assert "collects its clip" in adopted.err
    assert resumed.json["summary"]["counts"] == {"done": 2}
    assert (again.code, again.json["closed"], _reasons(again)) == (0, True, {})
    assert again.json["total"]["billed_nano_usd"] == 2 * CENT
    assert posts == 2

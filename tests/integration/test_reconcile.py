"""`fal-exp reconcile` against a provider that lies about bills: the books close all the same.

Two cells of a cent each, as `fal-exp` itself runs them, and the sandbox's own books to hold them
against. What is told twice, late, or under another name never changes what is owed.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.core.events import CostObserved
from tests.integration.kit import ENDPOINT, QUIET, Bench, Called, troubled

CENT = 10_000_000
ADMIN = "sandbox:admin"


def _run(made: Bench) -> Called:
    return made.call("run", "m.yaml", *QUIET)


def _reconcile(made: Bench, *options: str) -> Called:
    return made.call("reconcile", "latest", "--json", *options, key=ADMIN)


def _total(called: Called) -> dict[str, Any]:
    total: dict[str, Any] = called.json["total"]
    return total


def _assert_closed(called: Called, billed: int, reasons: dict[str, int]) -> None:
    """The sum is the provider's, and the reasons lead from the estimate to it exactly."""
    total = _total(called)
    assert total["billed_nano_usd"] == billed
    assert total["reasons"] == reasons
    assert sum(reasons.values()) == billed - total["estimate_nano_usd"]


def _assert_same_again(made: Bench, called: Called, *options: str) -> None:
    """A second run changes nothing: neither a byte of the answer nor one of the logs."""
    log = (made.batch() / "events.jsonl").read_bytes()
    again = _reconcile(made, *options)
    assert (again.out, again.code) == (called.out, called.code)
    assert (made.batch() / "events.jsonl").read_bytes() == log


def _assert_rows_close(made: Bench) -> None:
    rows = made.call("ledger", "show", "--json", *_tree(made)).json
    for row in rows:
        if row["billed_nano_usd"] is not None and row["estimate_nano_usd"] is not None:
            off = row["billed_nano_usd"] - row["estimate_nano_usd"]
            assert sum(row["reasons"].values()) == off


def _by_id(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row) for row in rows)


def _tree(made: Bench) -> list[str]:
    return ["--sandbox"] if "sandbox" in str(made.batch()) else []


@pytest.mark.parametrize(
    ("faults", "reasons", "code"),
    [
        ([], {}, 0),
        ([{"do": "bill_listed_twice"}], {}, 0),
        ([{"do": "bill_nano_only"}], {}, 0),
        ([{"do": "bill_pages", "limit": 1}], {}, 0),
        ([{"do": "bills_500", "first": 1}], {}, 0),
        ([{"do": "billed_as", "to": "lab/other/model"}], {}, 0),
        ([{"do": "discount", "percent": 12.5}], {"discount": -2_500_000}, 0),
        ([{"do": "price_changed", "factor": 1.25}], {"price_changed": 5_000_000}, 0),
        (
            [{"do": "price_changed", "factor": 1.25, "after": 1}],
            {"price_changed": 2_500_000},
            0,
        ),
        ([{"do": "billed_twice", "times": 1}], {"platform_retry": CENT}, 0),
        (
            [{"do": "result_422", "billed": True, "times": 1}],
            {"no_clip": -CENT, "failed_but_billed": CENT},
            0,
        ),
        ([{"do": "result_422", "times": 1}], {"no_clip": -CENT}, 0),
        ([{"do": "result_500", "times": 1}], {"no_clip": -CENT}, 0),
    ],
    ids=lambda value: str(value[0]["do"]) if isinstance(value, list) and value else None,
)
def test_the_books_close_whatever_the_bill_does(
    tmp_path: Path, faults: list[dict[str, Any]], reasons: dict[str, int], code: int
) -> None:
    with troubled(tmp_path, *faults) as made:
        _run(made)

        called = _reconcile(made)

        assert called.code == code, called.err
        _assert_closed(called, made.sandbox.stats().billed_nano_usd, reasons)
        _assert_same_again(made, called)
        _assert_rows_close(made)


def test_a_line_under_another_endpoint_is_found_by_its_request(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "billed_as", "to": "lab/other/model"}) as made:
        _run(made)

        elsewhere = _reconcile(made).json["billed_elsewhere"]

        assert [(e["endpoint"], e["billed_as"]) for e in elsewhere] == [
            (ENDPOINT, "lab/other/model")
        ] * 2


def test_a_late_bill_is_awaited_and_then_counted(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "bill_late", "first": 2}) as made:
        _run(made)

        early = _reconcile(made)
        later = _reconcile(made)

        assert _total(early)["awaited"] == 2
        assert _total(early)["reasons"] == {"late_event": -2 * CENT}
        assert early.code == 0
        _assert_closed(later, 2 * CENT, {})


def test_a_bill_that_never_comes_is_missing_once_the_window_has_passed(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "bill_missing", "times": 1}) as made:
        _run(made)

        called = _reconcile(made, "--settle-hours", "0")

        assert called.code == 4
        assert _total(called)["missing"] == 1
        _assert_closed(called, CENT, {"missing_event": -CENT})
        (check,) = called.json["cross_checks"]
        assert check["usage_nano_usd"] - check["lines_nano_usd"] == CENT
        _assert_same_again(made, called, "--settle-hours", "0")


def test_an_orphan_needs_a_person_until_one_has_spoken(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "orphan", "times": 1}) as made:
        _run(made)

        called = _reconcile(made)
        (orphan,) = called.json["orphans"]
        ignored = _reconcile(made, "--ignore", orphan["line"]["request_id"], "--reason", "Anna")

        assert called.code == 4
        _assert_closed(called, 3 * CENT, {"orphan_request": CENT})
        assert orphan["line"]["nano_usd"] == called.json["orphaned"]["billed_nano_usd"] == CENT
        assert ignored.code == 0
        assert ignored.json["orphaned"] is None
        _assert_closed(ignored, 2 * CENT, {})
        assert [(o["decision"], o["reason"]) for o in ignored.json["orphans"]] == [
            ("ignored", "Anna")
        ]


def test_on_a_shared_account_the_lines_of_other_keys_are_nobodys_business(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "orphan", "times": 1}) as made:
        _run(made)

        account = _reconcile(made)
        called = _reconcile(made, "--key-id", "integration-id")
        unknown = _reconcile(made, "--key-id", "somebody-else")

        assert (account.code, len(account.json["orphans"])) == (4, 1)
        assert called.code == 0, called.out
        _assert_closed(called, 2 * CENT, {})
        assert (called.json["orphans"], called.json["cross_checks"]) == ([], [])
        assert (unknown.code, "api_key_id" in unknown.out) == (1, True)


def test_a_refund_is_a_correction_and_the_first_amount_stays_on_the_log(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "bill_corrected", "percent": 50, "after": 2}) as made:
        _run(made)

        first = _reconcile(made)
        second = _reconcile(made)

        _assert_closed(first, 2 * CENT, {})
        _assert_closed(second, CENT, {"discount": -CENT})
        assert _total(second)["corrected"] == 2
        costs = [e for e in made.events() if isinstance(e, CostObserved)]
        amounts = [cost.nano_usd for cost in costs if cost.amount == "billed"]
        assert sorted(a for a in amounts if a is not None) == [CENT // 2] * 2 + [CENT] * 2


def test_without_the_right_to_read_bills_nothing_is_called_billed(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "bills_403"}) as made:
        _run(made)

        called = _reconcile(made)

        assert _total(called)["billed_nano_usd"] == 0
        assert _total(called)["awaited"] == 2
        assert "result headers only" in called.json["source"]
        assert "FAL_ADMIN_KEY" in called.err


def test_a_bill_that_was_exported_closes_the_books_too(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        _run(made)
        rows = made.call("ledger", "show", "--json", *_tree(made)).json
        lines = ["request_id,endpoint_id,timestamp,output_units,unit_price,cost_total"]
        lines += [
            f"{row['request_id']},{ENDPOINT},2026-12-01T10:00:00.123456789Z,1,0.01,0.01"
            for row in rows
        ]
        bill = made.root / "billing.csv"
        bill.write_text("\n".join(lines) + "\n")

        called = _reconcile(made, "--import", "billing.csv")

        assert called.code == 0, called.err
        _assert_closed(called, 2 * CENT, {})
        _assert_same_again(made, called, "--import", "billing.csv")


def test_a_bill_with_a_bad_line_is_refused_by_file_line_and_field(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        _run(made)
        bill = made.root / "bill.csv"
        bill.write_text("request_id,endpoint_id,timestamp,cost_total\nr,e,2026-12-01,much\n")

        called = _reconcile(made, "--import", "bill.csv")

        assert called.code == 2
        assert "bill.csv: line 2: cost_total: expected a number, found 'much'" in called.out


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        _run(made)
        log = (made.batch() / "events.jsonl").read_bytes()

        called = _reconcile(made, "--dry-run")

        _assert_closed(called, 2 * CENT, {})
        assert (made.batch() / "events.jsonl").read_bytes() == log


def test_more_than_the_tolerance_is_exit_4(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "price_changed", "factor": 1.25}) as made:
        _run(made)

        codes = [_reconcile(made, "--fail-over", limit).code for limit in ("30%", "20%", "0.001")]

        assert codes == [0, 4, 4]


def test_lengths_asked_and_measured_stand_apart_from_units(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        _run(made)

        rows = made.call("ledger", "show", "--json", *_tree(made)).json

        for row in rows:
            lengths = (row["requested_s"], row["container_s"], row["audio_s"])
            assert lengths == ("1", "1", None)
            assert (row["billable_units"], row["unit"]) == ("1", "seconds")


def test_the_ledger_is_rebuilt_with_its_bills(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "discount", "percent": 10}) as made:
        _run(made)
        _reconcile(made)
        before = made.call("ledger", "show", "--json", *_tree(made)).json

        made.call("ledger", "rebuild", *_tree(made))

        after = made.call("ledger", "show", "--json", *_tree(made)).json
        assert _by_id(after) == _by_id(before)
        assert all(row["reconciled"] for row in after)

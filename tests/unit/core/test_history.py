"""What equal requests have cost, from ledger rows: only what is known, only what was finished."""

from typing import Any

from fal_experiments.core.history import WINDOW, samples_of


def _row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "row_id": f"b/{number}/1",
        "state": "done",
        "price_key": "k",
        "strict_breach": None,
        "submitted_at": f"2026-11-{number:02}T10:00:00Z",
        "metered_nano_usd": 100 + number,
        "billed_nano_usd": None,
    } | changes


def test_the_median_is_some_attempts_own_amount_and_dated_by_the_youngest() -> None:
    found = samples_of(_row(n) for n in range(1, 7))["k"]

    assert (found.n, found.median, found.low, found.high) == (6, 104, 101, 106)
    assert found.youngest == "2026-11-06"
    assert found.is_enough


def test_four_are_too_few() -> None:
    assert not samples_of(_row(n) for n in range(1, 5))["k"].is_enough


def test_what_is_billed_goes_before_what_was_metered_and_a_correction_before_both() -> None:
    rows = [_row(1), _row(1, billed_nano_usd=90), _row(1, billed_nano_usd=95)]

    assert samples_of(rows)["k"].median == 95


def test_unknown_costs_failures_and_strangers_results_are_no_samples() -> None:
    rows = [
        _row(1, metered_nano_usd=None),
        _row(2, state="failed"),
        _row(3, strict_breach="billed under another endpoint"),
        _row(4, price_key=""),
        _row(5, metered_nano_usd=0),
        _row(6, metered_nano_usd="7"),
        {"row_id": "b/7/1"},
    ]

    assert samples_of(rows) == {}


def test_a_bill_of_nothing_is_an_amount() -> None:
    assert samples_of([_row(1, billed_nano_usd=0)])["k"].median == 0


def test_five_attempts_after_a_price_has_changed_the_median_has_too() -> None:
    before = [_row(n, metered_nano_usd=100) for n in range(1, 15)]
    after = [_row(n, metered_nano_usd=200) for n in range(15, 20)]

    few, enough = samples_of([*before, *after[:4]])["k"], samples_of([*before, *after])["k"]

    assert (few.median, enough.median) == (100, 200)
    assert enough.n == WINDOW
    assert (enough.low, enough.high) == (100, 200)

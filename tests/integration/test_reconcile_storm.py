"""A bill that lies in every way at once: the books are the provider's own, to the nano-dollar."""

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

from fal_experiments.sandbox.store import DATABASE_NAME
from tests.integration.kit import ENDPOINT, PRESET, QUIET, Bench, Called, troubled

ADMIN = "sandbox:admin"
CENT = 10_000_000
NAMES = ("fine", "dear", "odd", "lost")
FAULTS: tuple[dict[str, Any], ...] = (
    {"do": "discount", "endpoint": ENDPOINT, "percent": 12.5},
    {"do": "units_rounded", "endpoint": "lab/fine/*"},
    {"do": "price_changed", "endpoint": "lab/dear/*", "factor": 1.123456789, "after": 1},
    {"do": "billed_twice", "endpoint": "lab/odd/*", "times": 1},
    {"do": "billed_as", "endpoint": "lab/odd/*", "times": 1, "to": "lab/odd/other-name"},
    {"do": "result_422", "endpoint": "lab/lost/*", "times": 1, "billed": True},
    {"do": "orphan", "endpoint": "lab/lost/*", "times": 1},
    {"do": "answer_lost", "endpoint": ENDPOINT, "times": 1},
    {"do": "units_late", "share": 0.5},
    {"do": "bill_corrected", "endpoint": "lab/fine/*", "percent": 50, "after": 2},
    {"do": "bill_nano_only", "endpoint": "lab/dear/*"},
    {"do": "bill_missing", "endpoint": "lab/dear/*", "times": 1},
    {"do": "bill_listed_twice", "share": 0.4},
    {"do": "bill_late", "endpoint": "lab/odd/*", "first": 2},
    {"do": "bill_pages", "limit": 2},
    {"do": "bills_500", "first": 1},
    {"do": "estimate_429"},
)


def _twin(name: str) -> dict[str, Any]:
    twin: dict[str, Any] = {"id": f"{name}-i2v", "endpoint": f"lab/{name}/image-to-video"}
    if name == "fine":  # a second costs one and a half units
        rules = [{"usd": "0.015", "when": {"resolution": "144p"}}, {"usd": "0.01"}]
        twin["price"] = dict(PRESET["price"]) | {"rules": rules}
    return twin


def _reconcile(made: Bench, *options: str) -> Called:
    return made.call("reconcile", "latest", "--json", *options, key=ADMIN)


def _booked(made: Bench) -> dict[str, int]:
    """Return what the provider's own books charge for each request."""
    path = made.root.parent / "state" / DATABASE_NAME
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT request_id, cost_nano_usd FROM booked").fetchall()
    finally:
        database.close()
    booked: dict[str, int] = defaultdict(int)
    for request_id, nano_usd in rows:
        booked[request_id] += nano_usd
    return booked


def test_the_books_are_the_providers_whatever_its_answers_do_at_once(tmp_path: Path) -> None:
    presets = ["tiny-i2v", *(f"{name}-i2v" for name in NAMES)]
    hold = {"duration": 1, "resolution": "144p"}
    twins = [_twin(name) for name in NAMES]
    with troubled(tmp_path, *FAULTS, twins=twins, presets=presets, hold=hold, seeds="1-4") as made:
        made.call("run", "m.yaml", *QUIET)
        early = _reconcile(made)
        for _ in range(3):
            _reconcile(made)

        called = _reconcile(made, "--settle-hours", "0")
        again = _reconcile(made, "--settle-hours", "0")

        assert (again.out, again.code) == (called.out, called.code) == (called.out, 4)
        assert early.json["total"]["awaited"] >= 4
        rows = made.call("ledger", "show", "--sandbox", "--json").json
        booked = _booked(made)
        struck = made.sandbox.stats().faults

    assert len(rows) == 20
    missing = [row for row in rows if "missing_event" in row["reasons"]]
    for row in rows:
        if row in missing:
            assert row["billed_nano_usd"] is None
            continue
        halved = 2 if row["preset"] == "fine-i2v" else 1  # a refund that only the lines tell
        assert row["billed_nano_usd"] * halved == booked[row["request_id"]]
        assert sum(row["reasons"].values()) == row["billed_nano_usd"] - row["estimate_nano_usd"]
    strangers = {request_id: booked[request_id] for request_id in set(booked) - _ids(rows)}
    told = {one["line"]["request_id"]: one["line"]["nano_usd"] for one in called.json["orphans"]}
    assert told == strangers
    total = called.json["total"]
    paid = sum(row["billed_nano_usd"] or 0 for row in rows)
    assert total["billed_nano_usd"] == paid + sum(strangers.values())
    assert sum(total["reasons"].values()) == called.json["difference_nano_usd"]
    assert set(total["counts"]) == {
        *("no_clip", "failed_but_billed", "price_changed", "duration_rounded", "discount"),
        *("platform_retry", "missing_event", "orphan_request"),
    }
    assert {fault["do"] for fault in FAULTS} - set(struck) <= {"estimate_429"}


def _ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["request_id"] for row in rows}

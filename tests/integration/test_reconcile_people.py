"""`fal-exp reconcile` where a person has a part: late bills, strangers, lost answers, no key."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.app import wiring
from fal_experiments.app.batch import open_batch
from fal_experiments.app.reconcile import ReconcileOptions, reconcile
from fal_experiments.app.settings import read_settings
from fal_experiments.runner.clock import SystemClock
from fal_experiments.storage.layout import Project
from tests.integration.kit import (
    ENDPOINT,
    PRESET,
    QUIET,
    SECONDS,
    Bench,
    Called,
    bench,
    make_project,
    troubled,
)

ADMIN = "sandbox:admin"
CENT = 10_000_000
ADMIN_KEYS = {"FAL_ADMIN_KEY": ADMIN}


class Hurried(SystemClock):
    """The real time of day, without waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.slept_s: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)


def _reconcile(made: Bench, *options: str, key: str = ADMIN) -> Called:
    return made.call("reconcile", "latest", "--json", *options, key=key)


def _ids(made: Bench) -> list[str]:
    return [r["request_id"] for r in made.call("ledger", "show", "--sandbox", "--json").json]


def _error(called: Called) -> Mapping[str, Any]:
    assert called.code == 2, called.out
    error: Mapping[str, Any] = called.json["error"]
    return error


def test_late_bills_are_awaited_with_growing_pauses_and_no_longer_than_they_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Hurried()
    with troubled(tmp_path, {"do": "bill_late", "first": 4}) as made:
        made.call("run", "m.yaml", *QUIET)
        settings = read_settings(Project(made.root), environ=made.environment(ADMIN))
        monkeypatch.setattr(wiring, "system_clock", lambda: clock)

        early = reconcile([open_batch("latest", made.root)], settings, ReconcileOptions(wait_s=3))
        done = reconcile([open_batch("latest", made.root)], settings, ReconcileOptions(wait_s=600))

    assert (early.books.total.awaited, done.books.total.awaited) == (2, 0)
    assert clock.slept_s == [2, 1]
    assert (done.first, done.books.total.billed_nano_usd) == (2, 2 * CENT)


def test_a_correction_between_two_questions_of_one_run_is_not_charged_twice(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "bill_corrected", "percent": 50, "after": 1}) as made:
        made.call("run", "m.yaml", *QUIET)

        total = _reconcile(made).json["total"]

        assert total["billed_nano_usd"] == CENT
        assert total["reasons"] == {"discount": -CENT}


def test_units_that_the_bill_rounds_up_are_told_as_such(tmp_path: Path) -> None:
    rules = [{"usd": "0.015", "when": {"resolution": "144p"}}, {"usd": "0.01"}]
    twin: Any = {"id": "fine-i2v", "endpoint": "lab/fine/image-to-video"}
    twin["price"] = dict(PRESET["price"]) | {"rules": rules}
    changes: dict[str, Any] = {
        "presets": ["fine-i2v"],
        "hold": {"duration": 1, "resolution": "144p"},
    }
    with troubled(tmp_path, {"do": "units_rounded"}, twins=[twin], **changes) as made:
        made.call("run", "m.yaml", *QUIET)

        called = _reconcile(made)

        total = called.json["total"]
        assert total["metered_nano_usd"] == total["estimate_nano_usd"] == 3 * CENT
        assert total["billed_nano_usd"] == made.sandbox.stats().billed_nano_usd == 4 * CENT
        assert total["reasons"] == {"duration_rounded": CENT}


def test_a_job_that_was_cancelled_and_charged_all_the_same_is_told_as_such(tmp_path: Path) -> None:
    slow = {"do": "stuck", "for_s": 2}
    with troubled(tmp_path, slow, {"do": "cancel_billed"}, timeout_s=1) as made:
        made.call("run", "m.yaml", "--detach", *QUIET)
        made.call("cancel", "latest", "--json")
        made.wait_until(lambda stats: not {"queued", "running"} & set(stats.jobs))
        made.call("resume", "latest", *QUIET)

        called = _reconcile(made)

        assert set(made.cells().values()) == {"cancelled"}
        total = called.json["total"]
        assert total["billed_nano_usd"] == made.sandbox.stats().billed_nano_usd == 2 * CENT
        assert total["reasons"] == {"no_clip": -2 * CENT, "cancelled_but_billed": 2 * CENT}


def test_a_lost_submission_is_an_orphan_until_a_person_adopts_it(tmp_path: Path) -> None:
    lost = ({"do": "answer_lost", "times": 1}, {"do": "list_lag", "for_s": 86_000})
    with troubled(tmp_path, *lost, unknown_settle_s=1) as made:
        assert made.call("run", "m.yaml", *QUIET).code == 4
        (cell,) = [c for c, state in made.cells().items() if state == "submission_unknown"]
        made.wait_until(lambda stats: stats.jobs == {"completed": 2})

        before = _reconcile(made)
        (orphan,) = before.json["orphans"]
        nobody = _reconcile(made, "--adopt", orphan["line"]["request_id"])

        assert before.code == 4
        assert [lost["row_id"].split("/")[1] for lost in before.json["lost"]] == [cell]
        assert "--adopt needs --cell" in _error(nobody)["message"]


def _empty_the_first_ticket() -> Any:
    emptied: list[str] = []

    def change(method: str, path: str, answer: Any) -> Any:
        if method != "POST" or not path.startswith("/queue/") or emptied:
            return answer
        emptied.append(path)
        status, headers, _ = answer
        kept = {k: v for k, v in headers.items() if not k.lower().startswith("x-fal")}
        return status, kept, b""

    return change


def test_an_orphan_that_a_person_names_as_the_lost_one_is_billed_to_its_cell(
    tmp_path: Path,
) -> None:
    with bench(tmp_path, unknown_settle_s=1, seeds="1") as made:
        made.gate.refuse(lambda _, path: path.endswith("/requests/by-endpoint"))
        made.gate.change_answers(_empty_the_first_ticket())
        assert made.call("run", "m.yaml", *QUIET).code == 4
        made.gate.refuse(None)
        (cell,) = [c for c, state in made.cells().items() if state == "submission_unknown"]
        made.wait_until(lambda stats: stats.jobs == {"completed": 2})
        (orphan,) = _reconcile(made).json["orphans"]
        named = orphan["line"]["request_id"]

        adopted = _reconcile(made, "--adopt", named, "--cell", cell)
        resumed = made.call("resume", "latest", *QUIET)
        last = _reconcile(made)

        assert adopted.json["orphans"] == adopted.json["lost"] == []
        assert resumed.code == 0, resumed.err
        assert made.posts() == 2
        assert (last.code, last.json["closed"]) == (0, True)
        assert last.json["total"]["billed_nano_usd"] == 2 * CENT
        assert last.json["total"]["reasons"] == {}


def test_usage_totals_of_a_file_call_nothing_billed_and_are_held_against_what_is_known(
    tmp_path: Path,
) -> None:
    row = {"endpoint_id": ENDPOINT, "unit": "seconds", "quantity": 3, "cost_total": 0.03}
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        (made.root / "usage.json").write_text(json.dumps({"summary": [row]}))

        called = _reconcile(made, "--import", "usage.json")

        assert called.json["total"]["billed_nano_usd"] == 0
        assert called.json["total"]["awaited"] == 2
        (check,) = called.json["cross_checks"]
        assert (check["endpoint"], check["accepted"]) == (ENDPOINT, "")
        assert (check["lines_nano_usd"], check["usage_nano_usd"]) == (2 * CENT, 3 * CENT)
        assert "name no requests" in called.err


def test_a_bill_in_several_files_is_charged_once(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        events = [
            {
                "request_id": request_id,
                "endpoint_id": ENDPOINT,
                "timestamp": "2026-12-01T10:00:00.123456789Z",
                "output_units": 1,
                "cost_total": 0.01,
            }
            for request_id in _ids(made)
        ]
        (made.root / "page1.json").write_text(json.dumps({"billing_events": events}))
        lines = ["Timestamp,Request_ID,Endpoint_ID,Output_Units,Cost_Total"]
        lines += [f"{e['timestamp']},{e['request_id']},{ENDPOINT},1.0,$0.010" for e in events[1:]]
        (made.root / "page2.csv").write_text("\n".join(lines))

        called = _reconcile(made, "--import", "page1.json", "--import", "page2.csv")

        assert (called.code, called.json["total"]["billed_nano_usd"]) == (0, 2 * CENT)


def test_without_an_admin_key_requests_of_strangers_are_told_without_an_amount(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path, {"do": "bills_403"}) as made:
        made.call("run", "m.yaml", *QUIET)
        alone = _reconcile(made, key="sandbox:admin")
        anna = replace(made, root=make_project(tmp_path / "anna", seeds="9", prompts=_ONE))
        anna.call("run", "m.yaml", *QUIET)
        (hers,) = _ids(anna)

        told = _reconcile(made)

        assert "holds none that no attempt here has made" in alone.err
        assert "1 request on the same key that no attempt here has made" in told.err
        assert hers in told.err
        assert told.json["total"]["billed_nano_usd"] == 0
        assert told.json["total"]["metered_nano_usd"] == 2 * CENT


_ONE = [{"id": "walk", "text": "He walks."}]


def test_a_window_takes_all_its_batches_and_leaves_out_those_of_other_machines(
    tmp_path: Path,
) -> None:
    with troubled(tmp_path) as made:
        for seeds in ("1-2", "3-4", "5-6"):
            (made.root / "m.yaml").write_text(
                json.dumps(json.loads((made.root / "m.yaml").read_text()) | {"seeds": seeds})
            )
            assert made.call("run", "m.yaml", *QUIET).code == 0
        names = sorted(plan.parent for plan in made.root.glob("experiments/*/*/plan.json"))
        names[0].rename(tmp_path / "elsewhere")
        since = ("--since", "2020-01-01", "--sandbox")

        first = made.call("reconcile", "--json", *since, key=ADMIN)
        again = made.call("reconcile", "--json", *since, key=ADMIN)

        assert first.code == 0, first.err
        assert first.json["batches"] == [path.name for path in names[1:]]
        assert f"{names[0].name} is on the ledger, and its folder is not here" in first.err
        assert first.json["total"]["billed_nano_usd"] == 4 * CENT
        assert first.json["orphans"] == []
        assert again.out == first.out


def test_a_batch_at_work_is_shown_and_not_written_to(tmp_path: Path) -> None:
    results: list[str] = []

    def is_second_result(method: str, path: str) -> bool:
        if method == "GET" and "/requests/" in path and not path.endswith(("/status", "endpoint")):
            results.append(path)
        return len(results) > 1 and path == results[-1]

    with bench(tmp_path, seeds="1", concurrency=1) as made:
        made.gate.hold_answers(is_second_result)
        child = made.start("run", "m.yaml", *QUIET)
        made.gate.wait_until_reached()
        before = (made.batch() / "events.jsonl").read_bytes()

        early = _reconcile(made)
        after = (made.batch() / "events.jsonl").read_bytes()
        made.gate.release()
        _, err = child.communicate(timeout=SECONDS)
        late = _reconcile(made)

        assert child.returncode == 0, err
        # the process at work may still write its own; reconcile writes bills, and none is there
        assert after.startswith(before)
        assert b'"amount":"billed"' not in after
        assert "a process is at work on it" in early.err
        assert early.json["total"]["billed_nano_usd"] >= CENT
        assert (late.code, late.json["total"]["billed_nano_usd"]) == (0, 2 * CENT)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--cell", "abc"), "--cell is for --adopt"),
        (("--reason", "Anna"), "--reason is for --ignore"),
        (("--ignore", "r1"), "--ignore needs --reason"),
        (("--ignore", "r1", "--reason", "Anna"), "nothing that needs a person is called r1"),
        (("--ignore", "r1", "--reason", "Anna", "--dry-run"), "--dry-run writes nothing down"),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "no moment is between them"),
        (("--since", "soon"), "no day and no moment"),
        (("--fail-over", "lots"), "no share and no amount"),
        (("--import", "absent.csv"), "absent.csv"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    tmp_path_factory: pytest.TempPathFactory, ran: Bench, options: tuple[str, ...], words: str
) -> None:
    assert words in _error(_reconcile(ran, *options))["message"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One batch that nothing is wrong with."""
    with troubled(tmp_path_factory.mktemp("ran")) as made:
        made.call("run", "m.yaml", *QUIET)
        yield made


def test_the_table_of_a_person_is_the_same_twice_and_says_what_to_do(ran: Bench) -> None:
    first, again = (ran.call("reconcile", "latest", "--exact", key=ADMIN) for _ in range(2))

    assert first.code == again.code == 0
    assert again.out == first.out
    assert "$0.020000000" in first.out
    assert first.out.rstrip().endswith(
        "The books are closed: every attempt has its bill, and every difference its reason."
    )


def test_an_admin_key_of_its_own_reads_bills_and_stands_nowhere(
    ran: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_ADMIN_KEY", ADMIN)

    called = ran.call("reconcile", "latest", "--json")
    doctor = ran.call("doctor", "--json")

    assert called.json["source"] == "billing events"
    found = {f["name"]: f["detail"] for f in doctor.json["findings"]}
    assert found["admin key"] == "found: FAL_ADMIN_KEY in the environment"
    texts = [called.out, called.err, doctor.out]
    texts += [p.read_text(errors="replace") for p in ran.batch().rglob("*.json*")]
    assert not [text for text in texts if ADMIN in text]


def test_a_clock_that_is_off_hides_no_usage_total(tmp_path: Path) -> None:
    refund = {"do": "bill_corrected", "percent": 50, "after": 0}
    with troubled(tmp_path, refund, {"do": "clock_skew", "by_s": 7200}) as made:
        made.call("run", "m.yaml", *QUIET)

        called = _reconcile(made)
        shown = made.call("reconcile", "latest", key=ADMIN).out

    (check,) = called.json["cross_checks"]
    assert (called.code, check["usage_nano_usd"], check["lines_nano_usd"]) == (4, 2 * CENT, CENT)
    assert "--ignore usage:" + ENDPOINT in shown


def test_totals_and_missing_bills_are_set_aside_by_a_person_and_stay_so(tmp_path: Path) -> None:
    settled = ("--settle-hours", "0")
    with troubled(tmp_path, {"do": "bill_missing", "times": 1}) as made:
        made.call("run", "m.yaml", *QUIET)

        asked = _reconcile(made, *settled)
        (request_id,) = asked.json["missing_open"]
        half = _reconcile(made, *settled, "--ignore", request_id, "--reason", "a free week")
        done = _reconcile(made, *settled, "--ignore", f"usage:{ENDPOINT}", "--reason", "the same")
        again = _reconcile(made, *settled)
        other = made.call("reconcile", "latest", *settled, key=ADMIN).out

    assert (asked.code, half.code, done.code, again.code) == (4, 4, 0, 0)
    assert (asked.json["closed"], done.json["closed"]) == (False, True)
    assert again.out == done.out
    assert "missing_event: a free week" in other
    assert "ignored: the same" in other


def test_an_ignored_line_may_not_grow(tmp_path: Path) -> None:
    at = "2026-12-01T10:00:00Z"
    head = "request_id,endpoint_id,timestamp,cost_total\n"
    with troubled(tmp_path) as made:
        made.call("run", "m.yaml", *QUIET)
        ids, bill = _ids(made), made.root / "bill.csv"
        own = "".join(f"{one},{ENDPOINT},{at},0.01\n" for one in ids)
        window = ("--since", "2026-12-01", "--until", "2026-12-02")
        options = ("--import", "bill.csv", *window)

        def told(amount: str, *more: str) -> Called:
            bill.write_text(f"{head}{own}stranger,{ENDPOINT},{at},{amount}\n")
            return made.call("reconcile", "latest", "--json", *options, *more, key=ADMIN)

        asked = told("0.14")
        ignored = told("0.14", "--ignore", "stranger", "--reason", "Anna")
        grown = told("140")

    assert [called.code for called in (asked, ignored, grown)] == [4, 0, 4]
    assert grown.json["orphans"][-1]["decision"] == "open"


def test_a_tolerance_is_not_kept_by_what_cannot_be_compared(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "bills_403"}) as made:
        made.call("run", "m.yaml", *QUIET)

        called = _reconcile(made, "--fail-over", "2%")
        shown = made.call("reconcile", "latest", "--fail-over", "2%").out

    assert (called.code, called.json["tolerance_exceeded"]) == (4, True)
    assert "Nothing can be held against 2%: no bill is known." in shown
    assert "FAL_ADMIN_KEY" in shown


def test_what_is_missing_is_not_closed_because_nobody_may_read_the_bill(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "bill_missing", "times": 1}) as made:
        made.call("run", "m.yaml", *QUIET)
        _reconcile(made, "--settle-hours", "0")

        blind = made.call("reconcile", "latest", "--json")

    assert (blind.code, blind.json["closed"], blind.json["has_read"]) == (4, False, False)


def test_the_report_tells_of_the_bill_once_it_is_there(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "discount", "percent": 10}) as made:
        made.call("run", "m.yaml", "--yes", "--json")
        page = made.batch() / "report" / "report.md"
        before = page.read_text("utf-8")

        first = _reconcile(made)
        told = page.read_text("utf-8")
        again = _reconcile(made)

    assert "not reconciled" in before
    assert "not reconciled" not in told
    assert "is brought up to date" in first.err
    assert "is brought up to date" not in again.err


def test_a_batch_with_its_own_sandbox_is_reconciled_with_it(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        (made.root / "faults.yaml").write_text("faults: [{do: discount, percent: 10}]\n")
        made.call("run", "m.yaml", "--sandbox", "--faults", "faults.yaml", *QUIET)

        first, again = (made.call("reconcile", "latest", "--json") for _ in range(2))

        assert (first.code, first.json["closed"]) == (0, True), first.err
        assert first.json["total"]["reasons"] == {"discount": -2_000_000}
        assert again.out == first.out

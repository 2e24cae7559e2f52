"""One matrix in, a report out: the straight line, over real HTTP."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fal_experiments.core.rows import LedgerRow
from tests.integration.kit import CELLS, KEY, Bench, Called, bench

SECRET = KEY.partition(":")[2]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Called]]:
    with bench(tmp_path_factory.mktemp("run")) as made:
        yield made, made.call("run", "m.yaml", "--json")


def test_every_cell_is_done_and_posted_once(ran: tuple[Bench, Called]) -> None:
    made, called = ran

    assert called.code == 0, called.err
    assert called.json["summary"]["counts"] == {"done": CELLS}
    assert made.posts() == CELLS


def test_stdout_is_one_json_document_and_progress_goes_to_stderr(ran: tuple[Bench, Called]) -> None:
    _, called = ran

    assert called.json["exit_code"] == 0
    assert called.err.count("done: ") == CELLS


def test_a_service_that_calls_itself_a_sandbox_never_counts_as_real_spend(
    ran: tuple[Bench, Called],
) -> None:
    made, _ = ran

    assert made.batch().parent == made.root / "experiments" / "sandbox"
    assert not (made.root / "experiments" / "fal" / "ledger.jsonl").exists()


def test_the_ledger_has_one_row_an_attempt_with_exact_money(ran: tuple[Bench, Called]) -> None:
    made, _ = ran
    tree = made.root / "experiments" / "sandbox"
    lines = (tree / "ledger.jsonl").read_text().splitlines()
    rows = {row.row_id: row for row in map(LedgerRow.model_validate_json, lines)}.values()

    assert len(rows) == CELLS
    assert {row.metered_nano_usd for row in rows} == {10_000_000}
    assert {row.estimate_high_nano_usd for row in rows} == {20_000_000}
    assert sum(row.metered_nano_usd or 0 for row in rows) == made.sandbox.stats().billed_nano_usd
    with (tree / "ledger.csv").open(newline="") as file:
        assert [row["state"] for row in csv.DictReader(file)] == ["done"] * CELLS


def test_each_attempt_keeps_request_answers_headers_and_a_playable_clip(
    ran: tuple[Bench, Called],
) -> None:
    made, _ = ran
    for folder in made.batch().glob("cells/*/1"):
        request = json.loads((folder / "request.json").read_text())
        headers = json.loads((folder / "headers.json").read_text())
        derived = json.loads((folder / "derived.json").read_text())

        assert request["headers"]["X-Fal-Store-IO"] == "1"
        assert request["headers"]["x-app-fal-disable-fallback"] == "true"
        assert headers["response"]["x-fal-billable-units"]
        assert headers["submit"]["x-fal-request-id"] == headers["response"]["x-fal-request-id"]
        assert derived["probe"]["duration_s"].startswith("1")
        for name in ("clip.mp4", "poster.jpg", "sheet.jpg", "preview.gif", "manifest.json"):
            assert (folder / name).stat().st_size > 0


def test_the_image_was_uploaded_once(ran: tuple[Bench, Called]) -> None:
    made, _ = ran

    assert [path for _, path in made.gate.seen].count("/cdn/files/upload") == 1


def test_the_key_is_in_no_file_and_in_no_output(ran: tuple[Bench, Called]) -> None:
    made, called = ran
    files = [path for path in made.root.rglob("*") if path.is_file()]

    assert len(files) > 50
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in called.out + called.err


def test_the_report_and_the_human_files_are_there(ran: tuple[Bench, Called]) -> None:
    made, called = ran
    paths = called.json["paths"]

    assert Path(paths["report"]).read_text().startswith("<!doctype html>")
    assert "Sandbox batch" in Path(paths["learnings"]).read_text()
    assert made.batch().name in Path(paths["prompts"]).name


def test_running_the_stages_again_costs_nothing_and_keeps_what_a_person_wrote(
    ran: tuple[Bench, Called],
) -> None:
    made, called = ran
    learnings = Path(called.json["paths"]["learnings"])
    learnings.write_text("mine")
    posts = made.posts()

    for command in ("resume", "render", "report", "status"):
        assert made.call(command, "latest").code == 0

    assert made.posts() == posts
    assert learnings.read_text() == "mine"


def test_the_same_matrix_run_again_is_a_batch_of_its_own(ran: tuple[Bench, Called]) -> None:
    made, _ = ran
    before = made.call("plan", "m.yaml", "--json").out

    assert made.call("plan", "m.yaml", "--json").out == before

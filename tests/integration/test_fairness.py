"""After a run the sheet says what was measured, who served it, and whether seeds decide."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.rows import LedgerRow, fold_rows
from tests.integration.gate import Answer
from tests.integration.kit import CELLS, Bench, Called, bench

HOLD = {"duration": 1, "aspect_ratio": "16:9", "audio": False}


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Called]]:
    with bench(tmp_path_factory.mktemp("probed"), hold=HOLD) as made:
        yield made, made.call("run", "m.yaml", "--probe-seeds", "--json")


def _line(called: Called) -> Any:
    (line,) = called.json["fairness"]["presets"]
    return line


def test_a_probe_is_one_more_cell_that_is_paid_for(probed: tuple[Bench, Called]) -> None:
    made, called = probed

    assert called.code == 0, called.err
    assert made.posts() == CELLS + 1


def test_a_model_that_obeys_its_seed_is_found_to_do_so(probed: tuple[Bench, Called]) -> None:
    made, _ = probed

    line = _line(made.call("status", "latest", "--fairness", "--json"))

    assert "probed: identical: all 8 frames equal in every pixel" in line["seeds"]


def test_every_clip_is_measured_against_what_was_asked(probed: tuple[Bench, Called]) -> None:
    made, _ = probed

    line = _line(made.call("status", "latest", "--fairness", "--json"))

    right = {item["what"]: (item["right"], item["clips"]) for item in line["measured"]}
    assert right["duration"] == (CELLS + 1, CELLS + 1)
    assert right["audio"] == (CELLS + 1, CELLS + 1)
    assert any("on the runner" in words for words in line["latency"])


def test_the_sheet_stands_in_the_report(probed: tuple[Bench, Called]) -> None:
    made, _ = probed
    page = (made.batch() / "report" / "overview.html").read_text()

    assert "probed: identical" in page
    assert "x-app-fal-disable-fallback: true" in page


def test_rendering_again_compares_nothing_again(probed: tuple[Bench, Called]) -> None:
    made, _ = probed
    (kept,) = made.batch().glob("cells/*/*/likeness.json")
    before = kept.stat()

    made.call("render", "latest")

    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_file_is_uploaded_once_and_its_content_and_size_stand_on_the_ledger(
    probed: tuple[Bench, Called],
) -> None:
    made, _ = probed
    plate = (made.root / "plate.png").read_bytes()
    rows = fold_rows(
        LedgerRow.model_validate_json(line)
        for line in (made.batch().parent / "ledger.jsonl").read_text().splitlines()
    )

    uploads = [event for event in made.events() if event.type == "input_uploaded"]
    assert len(uploads) == 1
    assert {row.inputs["image"].sha256 for row in rows} == {sha256_hex(plate)}
    assert {row.inputs["image"].size_bytes for row in rows} == {len(plate)}
    assert sum(row.probe_of is not None for row in rows) == 1


def test_a_result_that_another_endpoint_bills_fails_the_run_loudly(tmp_path: Path) -> None:
    def billed_elsewhere(method: str, path: str, answer: Answer) -> Answer:
        is_result = method == "GET" and "/requests/" in path and not path.endswith("/status")
        if not is_result or answer[0] != 200:
            return answer
        status, headers, body = answer
        return status, {**headers, "x-fal-bill-as": "lab/other"}, body

    with bench(tmp_path, hold=HOLD) as made:
        made.gate.change_answers(billed_elsewhere)
        ran = made.call("run", "m.yaml", "--no-render", "--no-report")
        line = _line(made.call("status", "latest", "--fairness", "--json"))

    assert ran.code == 1
    assert f"{CELLS} results served or billed by another endpoint" in ran.out
    assert line["quote"] == (
        f"tiny-i2v: comparable: no, because {CELLS} results billed as lab/other"
    )


def test_the_plan_has_the_sheet_before_anything_is_sent(tmp_path: Path) -> None:
    with bench(tmp_path, hold=HOLD | {"fps": 24}) as made:
        said = made.call("plan", "m.yaml", "--fairness")
        line = _line(made.call("plan", "m.yaml", "--json"))

        assert "tiny-i2v: comparable: with deviations (fps 24 → 8)" in said.out
        assert line["comparable"] == "with deviations"
        assert made.posts() == 0


def test_a_sheet_of_a_batch_that_has_no_pictures_yet_says_what_is_known(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        straight = replace(made, url=made.sandbox.base_url)
        straight.call("run", "m.yaml", "--no-render", "--no-report", "--json")
        line = _line(straight.call("status", "latest", "--fairness", "--json"))

    assert line["measured"] == []
    assert json.dumps(line["latency"]).count("median of") >= 1

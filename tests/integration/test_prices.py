"""`fal-exp prices`, and plans that rest on snapshots, on discounts and on what was really paid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gate import Answer
from tests.integration.kit import ENDPOINT, QUIET, Bench, bench

PRICES, ESTIMATE = "/api/v1/models/pricing", "/api/v1/models/pricing/estimate"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("prices")) as made:
        yield made


@pytest.fixture
def desk(stand: Bench) -> Iterator[Bench]:
    yield stand
    stand.gate.change_answers(lambda _, __, answer: answer)
    for path in (stand.root / "experiments" / "sandbox" / "prices").glob("*.json"):
        path.unlink()
    for path in (stand.root / "presets" / "account").glob("*"):
        path.unlink()


def _plan(desk: Bench, *options: str) -> Any:
    return desk.call("plan", "m.yaml", "--sandbox", "--json", *options).json


def _says(desk: Bench, price: str, unit: str = "seconds") -> None:
    row = f'{{"endpoint_id":"{ENDPOINT}","unit_price":{price},"unit":"{unit}","currency":"USD"}}'
    body = f'{{"prices":[{row}],"next_cursor":null,"has_more":false}}'.encode()

    def change(_: str, asked: str, answer: Answer) -> Answer:
        return (200, {}, body) if asked == PRICES else answer

    desk.gate.change_answers(change)


def test_a_refresh_writes_a_dated_file_and_no_preset(desk: Bench) -> None:
    preset = (desk.root / "presets" / "tiny-i2v.yaml").read_bytes()

    done = desk.call("prices", "refresh", "tiny-i2v", "--json")

    assert done.code == 0, done.err
    (line,) = done.json["prices"]
    assert line["verdict"] == "agrees"
    assert line["seen"]["unit_price"] == "0.01"
    written = json.loads(Path(done.json["file"]).read_text())
    assert written["sandbox"] is True
    assert written["prices"][0]["unit"] == "seconds"
    assert Path(done.json["file"]).parent == desk.root / "experiments" / "sandbox" / "prices"
    assert (desk.root / "presets" / "tiny-i2v.yaml").read_bytes() == preset
    assert not (desk.root / "presets" / "prices").exists()


def test_where_fal_is_dearer_plans_reserve_more_and_say_so_and_nothing_else_changes(
    desk: Bench,
) -> None:
    before = _plan(desk)
    _says(desk, "0.03")

    table = desk.call("prices", "refresh", "tiny-i2v")
    after = _plan(desk)

    assert "dearer: $0.03 where the preset says $0.01 a second" in table.out
    assert "1 preset, 1 dearer" in table.out
    assert after["estimate"]["expected"] == before["estimate"]["expected"] == 60_000_000
    assert (before["estimate"]["high"], after["estimate"]["high"]) == (120_000_000, 360_000_000)
    assert any("highest price × 3 is reserved" in text for text in after["warnings"])
    assert [c["cell_id"] for c in after["cells"]] == [c["cell_id"] for c in before["cells"]]
    assert desk.call("prices", "show", "tiny-i2v", "--sandbox").out.endswith(
        "1 preset, 1 dearer than the rule says\n"
    )


def test_a_real_plan_never_sees_what_a_sandbox_said(desk: Bench) -> None:
    _says(desk, "0.03")
    desk.call("prices", "refresh", "tiny-i2v")

    real = desk.call("plan", "m.yaml", "--json").json

    assert real["estimate"]["high"] == 120_000_000


@pytest.mark.parametrize("unit", ["1000 tokens", "units", "compute seconds"])
def test_a_unit_that_is_no_second_changes_no_estimate(desk: Bench, unit: str) -> None:
    before = _plan(desk)
    _says(desk, "1", unit)

    desk.call("prices", "refresh", "tiny-i2v")

    assert _plan(desk) == before


def test_the_same_matrix_presets_ledger_and_snapshots_give_the_same_bytes(desk: Bench) -> None:
    _says(desk, "0.03")
    desk.call("prices", "refresh", "tiny-i2v")

    first, second = (desk.call("plan", "m.yaml", "--sandbox", "--json").out for _ in range(2))

    assert first == second


def test_a_discount_is_expected_and_not_reserved_and_a_wrong_one_names_its_line(
    desk: Bench,
) -> None:
    account = desk.root / "presets" / "account"
    account.mkdir(exist_ok=True)
    file = account / "discounts.yaml"
    file.write_text(
        "discounts:\n- {endpoint: lab/*, percent: 10, source: a contract, as_of: 2026-11-01}\n"
    )

    real = desk.call("plan", "m.yaml", "--json").json
    file.write_text(file.read_text().replace("percent: 10", "percent: ten"))
    wrong = desk.call("plan", "m.yaml")

    assert (real["estimate"]["expected"], real["estimate"]["high"]) == (54_000_000, 120_000_000)
    assert wrong.code == 2
    assert "presets/account/discounts.yaml:2" in wrong.err


def test_without_a_key_and_with_an_unknown_preset_nothing_is_asked(desk: Bench) -> None:
    no_key = desk.call("prices", "refresh", "tiny-i2v", key=None)
    unknown = desk.call("prices", "refresh", "tiny-i3v")

    assert (no_key.code, unknown.code) == (2, 2)
    assert "tiny-i2v" in unknown.err
    assert not list((desk.root / "experiments" / "sandbox").glob("prices/*.json"))


def test_after_five_own_attempts_the_ledger_says_what_a_cell_costs(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        first = made.call("plan", "m.yaml", "--sandbox")
        ran = made.call("run", "m.yaml", "--yes", *QUIET)
        plan = made.call("plan", "m.yaml", "--sandbox", "--json").json
        words = made.call("plan", "m.yaml", "--sandbox").out
        real = made.call("plan", "m.yaml").out
        asked = made.call("prices", "refresh", "tiny-i2v", "--historical", "--json").json
        again = made.call("prices", "refresh", "tiny-i2v", "--historical", "--json").json
        estimates = [path for path in made.gate.seen if ESTIMATE in str(path)]

    assert "Estimate rests on: 6 cells price rule." in first.out
    assert ran.code == 0, ran.err
    basis = plan["cells"][0]["basis"]
    assert (basis["source"], basis["samples"]) == ("ledger", 6)
    assert plan["cells"][0]["estimate"] == {
        "low": 10_000_000,
        "expected": 10_000_000,
        "high": 20_000_000,
    }
    assert plan["cells"][0]["estimate_note"].startswith("median of 6 own attempts, ")
    assert "Estimate rests on: 6 cells own ledger." in words
    assert "Estimate rests on: 6 cells price rule." in real
    for told in (asked, again):
        assert told["prices"][0]["seen"]["past_usd"] == "0.01"
    assert len(estimates) == 1

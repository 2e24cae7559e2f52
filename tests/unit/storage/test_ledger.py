"""The ledger only grows, survives a torn line, and folds into a spreadsheet."""

import csv
from pathlib import Path

import pytest

from fal_experiments.core.fold import fold
from fal_experiments.core.rows import LedgerRow, ledger_row
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.storage.layout import Project
from fal_experiments.storage.ledger import Ledger
from tests.unit.core.histories import History, done
from tests.unit.core.materials import plan_of, spec


def _row(history: History, prompt: str = "=HYPERLINK(1)") -> LedgerRow:
    cell = plan_of(
        spec(seeds=1, presets=["seeded"], prompts=[{"id": "walk", "text": prompt}])
    ).cells[0]
    attempt = fold(history.events).latest("c1")
    assert attempt is not None
    return ledger_row(cell, attempt, batch="b", sandbox=False, strict=True)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Project(tmp_path).tree(sandbox=False))


FIRST, LAST = _row(History().started().intended().accepted()), _row(done())


def test_rows_come_back_as_they_were_written(ledger: Ledger) -> None:
    ledger.append([FIRST])
    ledger.append([LAST])

    assert ledger.read() == [FIRST, LAST]


def test_only_rows_that_say_something_new_are_added(ledger: Ledger) -> None:
    ledger.append([FIRST])

    assert ledger.append_new([LAST], from_byte=0) == 1
    assert ledger.append_new([LAST], from_byte=0) == 0


def test_a_torn_line_is_set_aside_and_the_next_row_starts_clean(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.append([FIRST])
    path = tmp_path / "experiments" / "fal" / "ledger.jsonl"
    with path.open("ab") as file:
        file.write(b'{"v":1,"row_id":"half')

    assert ledger.read() == [FIRST]
    ledger.append([LAST])

    assert ledger.read() == [FIRST, LAST]
    assert path.with_suffix(".torn").read_bytes() == b'{"v":1,"row_id":"half\n'


def test_other_damage_names_file_and_line(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "experiments" / "fal" / "ledger.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not json\n")

    with pytest.raises(BadInput, match=r"ledger\.jsonl: line 1"):
        ledger.read()


def test_the_spreadsheet_has_one_line_an_attempt_and_no_formula(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.append([FIRST, LAST])

    ledger.write_csv()

    with (tmp_path / "experiments" / "fal" / "ledger.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["done"]
    assert rows[0]["prompt"] == "'=HYPERLINK(1)"


def test_a_rebuild_replaces_the_ledger_and_keeps_the_old_one(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.append([FIRST])

    ledger.rebuild([LAST])

    assert ledger.read() == [LAST]
    assert (tmp_path / "experiments" / "fal" / "ledger.old").exists()


def test_a_ledger_that_is_a_link_is_not_written_through(ledger: Ledger, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("not a ledger")
    path = tmp_path / "experiments" / "fal" / "ledger.jsonl"
    path.parent.mkdir(parents=True)
    path.symlink_to(elsewhere)

    with pytest.raises(StorageFailed, match="this is a link"):
        ledger.append([FIRST])

    assert elsewhere.read_text() == "not a ledger"
    assert not path.with_suffix(".torn").exists()

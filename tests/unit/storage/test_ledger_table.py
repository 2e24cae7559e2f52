"""The ledger's Parquet copy is not believed where the ledger says otherwise; damage is named."""

import json
from pathlib import Path

import pytest

from fal_experiments.core.rows import LedgerRow
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.storage import ledger_table as tables
from fal_experiments.storage.frames import export, summarise
from fal_experiments.storage.layout import Project, Tree
from fal_experiments.storage.ledger import Ledger
from tests.unit.storage.test_ledger import LAST

CENT = 10_000_000


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Project(tmp_path).tree(sandbox=False)


@pytest.fixture
def with_copy(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Return a tree with two rows, of which a copy stands beside the ledger."""
    monkeypatch.setattr(tables, "WORTH_WRITING_ROWS", 1)
    Ledger(tree).append([_row("a", CENT), _row("b", 2 * CENT)])
    assert _metered(tree) == 3 * CENT
    assert (tree.batches / tables.CACHE).exists()
    return tree


def _row(batch: str, metered_nano_usd: int | None) -> LedgerRow:
    changes = {"metered_nano_usd": metered_nano_usd, "row_id": f"{batch}/c1/1", "batch": batch}
    return LAST.model_copy(update=changes)


def _metered(tree: Tree) -> int | None:
    [group] = summarise(tree, [])
    amount: int | None = group["metered_nano_usd"]
    return amount


def test_a_small_ledger_is_summed_without_leaving_a_copy(tree: Tree) -> None:
    Ledger(tree).append([_row("a", CENT)])

    assert _metered(tree) == CENT
    assert not (tree.batches / tables.CACHE).exists()


def test_a_rebuilt_ledger_of_the_same_length_is_read_anew(with_copy: Tree) -> None:
    Ledger(with_copy).rebuild([_row("a", 3 * CENT), _row("b", 2 * CENT)])

    assert _metered(with_copy) == 5 * CENT


def test_a_damaged_copy_is_made_again(with_copy: Tree) -> None:
    (with_copy.batches / tables.CACHE).write_bytes(b"PAR1 and then nothing")

    assert _metered(with_copy) == 3 * CENT


@pytest.mark.parametrize("value", ['"much"', "1e400", "123456789012345678901234567890", "[1]"])
def test_an_amount_that_is_none_names_the_ledger(tree: Tree, value: str) -> None:
    Ledger(tree).append([_row("a", CENT)])
    text = tree.ledger.read_text()
    tree.ledger.write_text(
        text.replace(f'"metered_nano_usd":{CENT}', f'"metered_nano_usd":{value}')
    )

    with pytest.raises(BadInput, match=r"ledger\.jsonl.*metered_nano_usd"):
        summarise(tree, ["preset"])


def test_rows_of_before_a_column_was_known_have_its_default(tree: Tree) -> None:
    old = json.loads(_row("a", CENT).model_dump_json())
    for name in ("billed_units", "corrections", "reconciled", "reasons", "price_key"):
        del old[name]
    tree.batches.mkdir(parents=True)
    tree.ledger.write_text(json.dumps(old) + "\n")

    [row] = tables.ledger_table(tree).to_pylist()

    assert (row["billed_units"], row["corrections"], row["reconciled"]) == (None, 0, False)
    assert (row["reasons"], row["price_key"]) == ("{}", "")
    assert Ledger(tree).read()[0].corrections == 0


def test_months_of_an_export_that_was_cut_off_are_not_in_the_next(
    tree: Tree, tmp_path: Path
) -> None:
    Ledger(tree).append([_row("a", CENT)])
    left = tmp_path / "rows.part" / "month=1999-01"
    left.mkdir(parents=True)
    (left / "part-0.parquet").write_bytes(b"old")

    export(tree, tmp_path / "rows", by_month=True)

    assert [path.name for path in (tmp_path / "rows").iterdir()] == [
        f"month={LAST.submitted_at:%Y-%m}"
    ]


def test_a_batch_that_began_before_a_rebuild_goes_on(tree: Tree) -> None:
    ledger = Ledger(tree)
    ledger.append([_row("long" * 40, CENT), _row("a", CENT)])
    ledger.rebuild([_row("a", CENT), _row("b", CENT), _row("c", CENT)])

    for from_byte in range(0, ledger.size_bytes + 10, 7):
        assert ledger.append_new([_row("c", CENT)], from_byte=from_byte) <= 1
        assert len(ledger.read_new(from_byte)[0]) >= 0


def test_a_rebuild_that_the_disk_refuses_leaves_the_ledger(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tree)
    ledger.append([_row("a", CENT)])

    def refuse(*_: object, **__: object) -> None:
        raise StorageFailed("no space", fix="free some")

    monkeypatch.setattr("fal_experiments.storage.ledger.write_text", refuse)
    with pytest.raises(StorageFailed):
        ledger.rebuild([])

    assert [row.batch for row in ledger.read()] == ["a"]


def test_a_spreadsheet_that_cannot_be_written_is_told_in_words(tree: Tree) -> None:
    ledger = Ledger(tree)
    ledger.append([_row("a", CENT)])
    tree.ledger_csv.mkdir()

    with pytest.raises(StorageFailed, match=r"ledger\.csv"):
        ledger.write_csv()


def test_a_spreadsheet_that_somebody_changed_is_written_anew(tree: Tree) -> None:
    ledger = Ledger(tree)
    ledger.append([_row("a", CENT)])
    ledger.write_csv()
    good = tree.ledger_csv.read_bytes()
    tree.ledger_csv.write_bytes(good.replace(str(CENT).encode(), b"99999999"))

    ledger.write_csv()

    assert tree.ledger_csv.read_bytes() == good


def test_a_link_in_place_of_the_spreadsheet_leads_nowhere(tree: Tree, tmp_path: Path) -> None:
    ledger = Ledger(tree)
    ledger.append([_row("a", CENT)])
    ledger.write_csv()
    other = tmp_path / "other"
    tree.ledger_csv.rename(other)
    tree.ledger_csv.symlink_to(other)
    before = other.read_bytes()
    ledger.append([_row("b", CENT)])

    ledger.write_csv()

    assert other.read_bytes() == before
    assert not tree.ledger_csv.is_symlink()

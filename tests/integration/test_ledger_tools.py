"""`fal-exp ledger verify|rebuild|merge|export`: the ledger is what the logs say, on any machine."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from fal_experiments import ledger
from tests.integration.kit import MATRIX, QUIET, Bench, make_matrix, troubled
from tests.integration.test_reconcile import ADMIN


def _bought(made: Bench) -> Path:
    """Run a batch and reconcile it; returns the ledger."""
    made.call("run", "m.yaml", *QUIET)
    made.call("reconcile", "latest", "--json", key=ADMIN)
    return made.batch().parent / "ledger.jsonl"


def _on(made: Bench, *words: str) -> Any:
    return made.call("ledger", *words, "--sandbox", "--json")


def test_a_damaged_ledger_is_named_and_rebuilt_from_the_logs(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        path = _bought(made)
        good = sorted(path.read_text().splitlines())
        assert _on(made, "verify").code == 0
        path.write_text(
            path.read_text().replace('"metered_nano_usd":10000000', '"metered_nano_usd":1')
        )

        wrong = _on(made, "verify")
        _on(made, "rebuild")

        assert wrong.code == 4
        assert {d["column"] for d in wrong.json["differences"]} == {"metered_nano_usd"}
        assert _on(made, "verify").code == 0
        kept = {json.loads(line)["row_id"]: line for line in good}
        assert {json.loads(line)["row_id"] for line in path.read_text().splitlines()} == set(kept)


def test_a_deleted_ledger_comes_back(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        path = _bought(made)
        before = _on(made, "show").json
        path.unlink()

        assert _on(made, "verify").code == 4
        _on(made, "rebuild")

        after = _on(made, "show").json
        assert sorted(map(str, after)) == sorted(map(str, before))


def test_a_rebuild_gives_back_every_row_of_batches_resumes_and_corrections(tmp_path: Path) -> None:
    half_off = {"do": "bill_corrected", "percent": 50, "after": 4}
    with troubled(tmp_path, half_off, seeds="1-3", budget={"max_usd": 0.03}) as made:
        make_matrix(made.root, "n", seeds="4-5", prompts=MATRIX["prompts"][1:])
        short = made.call("run", "m.yaml", *QUIET)
        resumed = made.call("resume", "latest", "--raise-cap", "1", *QUIET)
        other = made.call("run", "n.yaml", *QUIET)
        (path,) = made.root.glob("experiments/*/ledger.jsonl")
        batches = {json.loads(line)["batch"] for line in path.read_text().splitlines()}
        for batch in (*sorted(batches), *sorted(batches)):
            made.call("reconcile", batch, "--json", key=ADMIN)
        before = _on(made, "show").json
        spreadsheet = sorted(path.with_suffix(".csv").read_text().splitlines())

        path.unlink()
        deleted = _on(made, "rebuild")
        lost_once = _on(made, "show").json
        path.write_bytes(path.read_bytes()[:-900].replace(b'"state":"done"', b'"state":"fai', 1))
        _on(made, "rebuild")

        assert (short.code, resumed.code, other.code) == (3, 0, 0)
        assert len(batches) == 2
        assert max(row["corrections"] for row in before) == 1
        assert deleted.json == {"rows": 5, "kept": 0}
        by_id = {row["row_id"]: row for row in before}
        for after in (lost_once, _on(made, "show").json):
            assert {row["row_id"]: row for row in after} == by_id
        assert sorted(path.with_suffix(".csv").read_text().splitlines()) == spreadsheet
        assert _on(made, "verify").code == 0


def test_a_batch_goes_on_after_its_ledger_was_rebuilt(tmp_path: Path) -> None:
    with troubled(tmp_path, seeds="1-3", budget={"max_usd": 0.03}) as made:
        make_matrix(made.root, "n", seeds="4-5", prompts=MATRIX["prompts"][1:])
        made.call("run", "n.yaml", *QUIET)
        assert made.call("run", "m.yaml", *QUIET).code == 3
        assert _on(made, "rebuild").code == 0

        resumed = made.call("resume", "latest", "--raise-cap", "1", *QUIET)

        assert (resumed.code, resumed.err.count("not a ledger row")) == (0, 0)
        assert _on(made, "verify").json["differences"] == []


def test_of_several_files_the_row_that_knows_more_holds(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        lines = _bought(made).read_text().replace("-tiny/", "-there/")
        billed = lines.replace('-tiny"', '-there"').splitlines(keepends=True)
        early = [line for line in billed if '"billed_nano_usd":null' in line]
        (made.root / "new.jsonl").write_text("".join(billed))
        (made.root / "old.jsonl").write_text("".join(early))

        _on(made, "merge", "new.jsonl", "old.jsonl")

        rows = [row for row in _on(made, "show").json if row["batch"].endswith("-there")]
        assert [row["billed_nano_usd"] for row in rows] == [10_000_000] * 2


def test_a_ledger_of_another_machine_is_merged_once(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        path = _bought(made)
        other = made.root / "other.jsonl"
        other.write_text(path.read_text().replace("-tiny/", "-there/").replace('-tiny"', '-there"'))

        first = _on(made, "merge", "other.jsonl")
        again = _on(made, "merge", "other.jsonl")

        assert (first.json["new"], again.json["new"]) == (2, 0)
        assert _on(made, "verify").json["elsewhere"] == 2
        assert _on(made, "rebuild").json == {"rows": 4, "kept": 2}
        assert _on(made, "show").json.__len__() == 4


def test_rows_that_contradict_each_other_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        path = _bought(made)
        other = made.root / "other.jsonl"
        moved = path.read_text().replace("-tiny/", "-there/").replace('-tiny"', '-there"')
        other.write_text(moved)
        _on(made, "merge", "other.jsonl")
        other.write_text(moved.replace('"billed_nano_usd":10000000', '"billed_nano_usd":7'))
        size = path.stat().st_size

        refused = _on(made, "merge", "other.jsonl")
        kept = _on(made, "merge", "other.jsonl", "--ours")
        taken = _on(made, "merge", "other.jsonl", "--theirs")

        assert refused.code == 2
        assert "billed_nano_usd" in refused.out
        assert kept.json == {"new": 0, "known": 2}
        assert taken.json["new"] == 2
        assert path.stat().st_size > size


def test_a_real_ledger_takes_no_sandbox_rows(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        path = _bought(made)
        shutil.copy(path, made.root / "other.jsonl")

        called = made.call("ledger", "merge", "other.jsonl")

        assert called.code == 2
        assert "add --sandbox" in called.err


def test_exports_and_frames_have_exact_money(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        _bought(made)
        assert _on(made, "export", "rows.parquet").json["rows"] == 2
        assert _on(made, "export", "months", "--partition", "month").code == 0

        table = pq.read_table(made.root / "rows.parquet")
        frame = ledger.read(made.root, sandbox=True)

        assert [f"{v}" for v in table["billed_usd"].to_pylist()] == ["0.010000000"] * 2
        assert int(frame["billed_nano_usd"].sum()) == 20_000_000
        assert len(list((made.root / "months").glob("month=*/*.parquet"))) == 1
        assert _on(made, "export", "months", "--partition", "month").code == 2


def test_a_column_named_twice_is_one_and_a_file_needs_a_name(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        _bought(made)

        once = _on(made, "summary", "--by", "seed")
        twice = _on(made, "summary", "--by", "seed,seed_sent,seed")
        nameless = _on(made, "export", "")

    assert (twice.code, twice.json) == (0, once.json)
    assert nameless.code == 2
    assert "expected the name of a file" in nameless.json["error"]["message"]


def test_a_spreadsheet_of_attempts_has_numbers_and_not_words_for_them(tmp_path: Path) -> None:
    with troubled(tmp_path) as made:
        _bought(made)

        told = made.call("ledger", "show", "--sandbox", "--format", "csv").out
        rows = list(csv.DictReader(told.splitlines()))

    assert [row["metered_usd"] for row in rows] == ["0.01", "0.01"]
    assert all(float(row["total_s"]) > 0 for row in rows)

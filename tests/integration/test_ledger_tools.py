"""`fal-exp ledger verify|rebuild|merge|export`: the ledger is what the logs say, on any machine."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from fal_experiments import ledger
from tests.integration.kit import QUIET, Bench, troubled
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
        taken = _on(made, "merge", "other.jsonl", "--theirs")

        assert refused.code == 2
        assert "billed_nano_usd" in refused.out
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

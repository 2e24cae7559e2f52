"""Snapshots only grow in number; the end of a ledger is read, however long it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.core.price_seen import PriceSeen, PriceSnapshot
from fal_experiments.errors import BadInput
from fal_experiments.storage import price_files
from fal_experiments.storage.layout import Project
from fal_experiments.storage.price_files import (
    read_account_discounts,
    read_last_rows,
    read_snapshots,
    write_snapshot,
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "experiments" / "fal").mkdir(parents=True)
    return Project(tmp_path)


def _snapshot(price: str, *, sandbox: bool = False) -> PriceSnapshot:
    seen = PriceSeen.model_validate(
        {"endpoint": "fal-ai/a", "day": "2026-12-01", "unit_price": price, "unit": "seconds",
         "currency": "USD", "source": "s"}
    )  # fmt: skip
    api = "https://api.fal.ai/v1"
    return PriceSnapshot(at="20261201T070000Z", api=api, sandbox=sandbox, prices=(seen,))


def test_a_second_refresh_in_the_same_second_replaces_nothing(project: Project) -> None:
    first = write_snapshot(project, _snapshot("0.10"))
    before = first.read_bytes()

    second = write_snapshot(project, _snapshot("0.2"))

    assert first.read_bytes() == before
    assert [path.name for path in (first, second)] == [
        "20261201T070000Z.json",
        "20261201T070000Z_2.json",
    ]
    assert [s.prices[0].unit_price for s in read_snapshots(project, sandbox=False)] == [
        _snapshot("0.10").prices[0].unit_price,
        _snapshot("0.2").prices[0].unit_price,
    ]


def test_what_a_sandbox_told_is_kept_apart(project: Project) -> None:
    write_snapshot(project, _snapshot("0.1", sandbox=True))

    assert read_snapshots(project, sandbox=False) == []
    assert len(read_snapshots(project, sandbox=True)) == 1


def test_a_damaged_snapshot_is_named(project: Project) -> None:
    path = write_snapshot(project, _snapshot("0.1"))
    path.write_text("{}")

    with pytest.raises(BadInput, match=r"20261201T070000Z\.json: not a snapshot of prices"):
        read_snapshots(project, sandbox=False)


def test_a_project_without_any_of_it_has_nothing(project: Project) -> None:
    assert read_snapshots(project, sandbox=False) == []
    assert read_account_discounts(project) == ()
    assert list(read_last_rows(project, sandbox=False)) == []


def _line(number: int, **changes: Any) -> str:
    row: dict[str, Any] = {
        "row_id": f"b/{number}/1",
        "sandbox": False,
        "state": "done",
        "prompt": 'he says "price_key":"x", "billed_nano_usd":7',
        "vars": {"state": "failed", "sandbox": "true", "price_key": "y", "billed_nano_usd": "9"},
        "strict_breach": None,
        "submitted_at": "2026-11-30T10:00:00Z",
        "metered_nano_usd": 270_000_000,
        "billed_nano_usd": None,
        "price_key": "0123456789abcdef",
    }
    return json.dumps(row | changes, separators=(",", ":")) + "\n"


def _ids(project: Project) -> list[str]:
    return [row["row_id"] for row in read_last_rows(project, sandbox=False)]


def test_only_finished_rows_of_the_same_world_are_read(project: Project) -> None:
    ledger = project.tree(sandbox=False).ledger
    ledger.write_text(
        _line(1) + _line(2, state="failed") + _line(3, sandbox=True) + '{"state":"done"}\n'
        + _line(4) + _line(5)[:-40]
    )  # fmt: skip

    rows = list(read_last_rows(project, sandbox=False))
    assert [row["row_id"] for row in rows] == ["b/1/1", "b/4/1"]
    assert rows[0] == {
        "state": "done",
        "row_id": "b/1/1",
        "strict_breach": None,
        "submitted_at": "2026-11-30T10:00:00Z",
        "metered_nano_usd": 270_000_000,
        "billed_nano_usd": None,
        "price_key": "0123456789abcdef",
    }


def test_of_a_long_ledger_the_end_is_read(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_files, "MOST_LEDGER_BYTES", 3 * len(_line(100)) + 10)
    lines = [_line(number) for number in range(100, 110)]
    project.tree(sandbox=False).ledger.write_text("".join(lines))

    assert _ids(project) == ["b/107/1", "b/108/1", "b/109/1"]

"""What people said of a batch: damage in it takes neither money nor page along."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.batch_report import report_model
from fal_experiments.app.export import Chosen, table_of
from fal_experiments.app.index import index_project
from fal_experiments.app.ratings import import_ratings, read_ratings, shown
from fal_experiments.app.readable import readable_ratings, unread
from fal_experiments.app.review import Tally, batch_site
from fal_experiments.cli.ratings import command as ratings_command
from fal_experiments.core.batch_index import IndexLine
from fal_experiments.core.report_markdown import report_markdown
from fal_experiments.core.summary import summarise
from fal_experiments.errors import BadInput
from tests.reporting.reviewed import CELLS, small_batch
from tests.unit.core.ballots import rating

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return small_batch(tmp_path, b"clip")


def kept(cell: str, rater: str = "anna") -> str:
    said = rating(rater=rater, verdict="keep", stars=5)
    return said.model_copy(update={"cell": cell}).model_dump_json() + "\n"


def take_clip(batch: Batch, cell: str) -> None:
    """Let a cell end before its clip is stored."""
    lines = [json.loads(line) for line in batch.folder.events.read_text().splitlines()]
    left = [x for x in lines if not (x.get("cell") == cell and x["type"] == "asset_stored")]
    told = (json.dumps(line | {"seq": seq}) for seq, line in enumerate(left, 1))
    batch.folder.events.write_text("".join(f"{line}\n" for line in told))


def line_of(batch: Batch) -> IndexLine:
    return index_project(batch.project.root)[0].model.lines[0]


def test_damaged_ratings_leave_money_and_page(batch: Batch) -> None:
    whole = line_of(batch)
    batch.folder.ratings.write_text(kept(CELLS[0]) + "not json\n")
    batch.folder.votes.symlink_to(batch.folder.plan)

    line, model = line_of(batch), report_model(batch)

    assert (line.cells, line.metered_nano_usd, line.cost) == (
        *(whole.cells, whole.metered_nano_usd),
        whole.cost,
    )
    assert line.metered_nano_usd
    assert line.keepers is None
    assert "ratings.jsonl: line 2" in line.keepers_note
    assert model.unread[0].startswith("ratings.jsonl: line 2: ")
    assert model.unread[1] == "votes.jsonl: this is a link"
    assert "**Not read:** ratings" in report_markdown(model)
    assert len(table_of(batch, Chosen())[0].rows) == len(CELLS)
    with pytest.raises(BadInput, match="line 2"):
        read_ratings(batch)


def test_records_that_cannot_be_read_are_unknown_not_none(batch: Batch) -> None:
    batch.folder.events.write_text("not a log\n")

    line = line_of(batch)

    assert (line.cells, line.done, line.metered_nano_usd) == (None, None, None)


def test_a_rating_of_a_cell_without_a_clip_counts_for_nothing(batch: Batch, tmp_path: Path) -> None:
    take_clip(batch, CELLS[1])
    brought = tmp_path / "brought.jsonl"
    brought.write_text(kept(CELLS[1]))
    with pytest.raises(BadInput, match=f"{CELLS[1]} of .* never had a clip"):
        import_ratings(batch, [brought], None, lambda: NOW)

    take = batch_site(batch, None, Tally(), lambda: NOW).inboxes["ratings"]
    with pytest.raises(BadInput, match="has no clip to rate"):
        take(kept(CELLS[1]).encode())
    assert not batch.folder.ratings.exists()
    batch.folder.ratings.write_text(kept(CELLS[0]) + kept(CELLS[1]))

    state, _ = read_state(batch)
    assert [each.cell for each in readable_ratings(batch, state).values()] == [CELLS[0]]
    assert sum(row.keepers.kept for row in shown(batch).presets) == 1
    assert line_of(batch).keepers == 1
    assert unread(batch) == ()


def test_the_index_folds_a_log_that_is_newer_than_its_summary(batch: Batch) -> None:
    state, _ = read_state(batch)
    summary = summarise(batch.plan, state, batch.name)
    fresh = summary.model_copy(update={"name": "from the summary"})
    batch.folder.summary.write_text(fresh.model_dump_json())
    assert line_of(batch).title == "from the summary"

    old = fresh.model_copy(update={"last_at": summary.started_at})
    batch.folder.summary.write_text(old.model_dump_json())

    assert line_of(batch).title == summary.name


def test_a_poster_is_of_the_last_attempt_that_has_one(batch: Batch) -> None:
    for attempt in ("1", "2", "10"):
        folder = batch.folder.path / "cells" / CELLS[0] / attempt
        folder.mkdir(parents=True)
        if attempt != "1":
            (folder / "poster.jpg").touch()
    (batch.folder.path / "cells" / CELLS[0] / "11").mkdir()

    assert [href.rpartition("/cells/")[2] for href in line_of(batch).posters] == [
        f"{CELLS[0]}/10/poster.jpg"
    ]


@pytest.mark.parametrize("form", ["jsonl", "csv", "dpo"])
def test_export_and_merge_are_one_document(
    batch: Batch, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(batch.project.root)
    batch.folder.ratings.write_text(kept(CELLS[0]))
    run = CliRunner()

    export = ["export", "--format", form, "--json"]
    told = run.invoke(ratings_command, export, standalone_mode=False)
    files = [str(batch.folder.ratings)] * 2
    out = tmp_path / "merged.jsonl"
    merged = run.invoke(
        ratings_command, ["merge", *files, "--json", "--out", str(out)], standalone_mode=False
    )

    assert len(json.loads(told.stdout)["lines"]) == (0 if form == "dpo" else 1)
    assert json.loads(merged.stdout)["ratings"][0]["cell"] == CELLS[0]
    assert json.loads(merged.stdout)["out"] == str(out)
    assert len(out.read_text().splitlines()) == 1

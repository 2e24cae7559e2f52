"""A project is found upward; a batch by any name that is not ambiguous."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import (
    Project,
    find_batch,
    find_project,
    new_batch_folder,
)

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def _batch(project: Project, slug: str, *, sandbox: bool = False) -> str:
    folder = new_batch_folder(project.tree(sandbox=sandbox), slug, AT)
    folder.plan.write_text("{}")
    return folder.name


def test_the_project_is_the_nearest_folder_upward_with_experiments(tmp_path: Path) -> None:
    deep = tmp_path / "experiments" / "fal" / "x"
    deep.mkdir(parents=True)

    assert find_project(deep).root == tmp_path
    assert find_project(tmp_path).root == tmp_path


def test_an_empty_folder_becomes_a_project_of_its_own(tmp_path: Path) -> None:
    assert find_project(tmp_path / "new").root == tmp_path / "new"


def test_sandbox_batches_have_a_tree_of_their_own(tmp_path: Path) -> None:
    real, sandbox = (Project(tmp_path).tree(sandbox=s) for s in (False, True))

    assert real.ledger == tmp_path / "experiments" / "fal" / "ledger.jsonl"
    assert sandbox.ledger == tmp_path / "experiments" / "sandbox" / "ledger.jsonl"
    assert sandbox.learnings.is_relative_to(sandbox.batches)


def test_two_batches_of_one_second_get_two_folders(tmp_path: Path) -> None:
    project = Project(tmp_path)

    assert _batch(project, "walk") == "20261120T093000Z-walk"
    assert _batch(project, "walk") == "20261120T093000Z-walk-2"


def test_a_batch_is_found_by_folder_name_end_of_name_and_latest(tmp_path: Path) -> None:
    project = Project(tmp_path)
    name = _batch(project, "walk", sandbox=True)

    for written in (name, "walk", "latest", str(tmp_path / "experiments" / "sandbox" / name)):
        assert find_batch(project, written).name == name


def test_a_name_that_fits_none_or_several_is_refused_with_names(tmp_path: Path) -> None:
    project = Project(tmp_path)
    _batch(project, "walk")
    _batch(project, "walk", sandbox=True)

    with pytest.raises(BadInput, match="fits several batches"):
        find_batch(project, "walk")
    with pytest.raises(BadInput) as caught:
        find_batch(project, "run")
    assert "20261120T093000Z-walk" in caught.value.fix

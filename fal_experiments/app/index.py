"""The page of all batches, read from their small records; a log only where there is no record."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from fal_experiments import __version__
from fal_experiments.app import wiring
from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.links import href
from fal_experiments.core.batch_index import (
    POSTERS,
    BatchFiles,
    IndexLine,
    IndexModel,
    index_line,
    index_model,
)
from fal_experiments.core.ratings import fold_ratings, majorities
from fal_experiments.core.report_model import Link
from fal_experiments.core.summary import BatchSummary, summarise
from fal_experiments.errors import FalExpError
from fal_experiments.storage.layout import BatchFolder, Project, Tree, batches_of, find_project
from fal_experiments.storage.ratings import ratings_file


class Indexed(NamedTuple):
    """The page of a tree."""

    model: IndexModel
    page: Path


def index_project(cwd: Path) -> list[Indexed]:
    """Write the page of each tree that has batches; the two never mix. Raises: StorageFailed."""
    project = find_project(cwd)
    return [
        index_tree(project, sandbox=sandbox)
        for sandbox in (False, True)
        if batches_of(project.tree(sandbox=sandbox))
    ]


def index_tree(project: Project, *, sandbox: bool) -> Indexed:
    """Write the page of one tree. Raises: StorageFailed."""
    tree = project.tree(sandbox=sandbox)
    lines = [_line(folder, tree, project.root) for folder in batches_of(tree)]
    made_with = f"fal-exp {__version__}"
    model = index_model(lines, _comparisons(tree), sandbox=sandbox, made_with=made_with)
    return Indexed(model, wiring.write_index_page(model, tree.index))


def _line(folder: BatchFolder, tree: Tree, cwd: Path) -> IndexLine:
    """Return a batch as a line; one that is damaged has a line that says so."""
    report = folder.report / "index.html"
    files = BatchFiles(
        posters=tuple(_posters(folder, tree)),
        report_href=href(report, tree.batches) if report.exists() else "",
        links=tuple(_links(folder, tree)),
    )
    try:
        summary = _summary(folder, cwd)
        verdicts = majorities(fold_ratings(ratings_file(folder).read())).values()
    except (FalExpError, OSError) as exc:
        return index_line(folder.name, None, files._replace(problem=str(exc)))
    if verdicts:
        keepers = sum(verdict == "keep" for verdict in verdicts)
        files = files._replace(keepers=keepers, rated=len(verdicts))
    return index_line(folder.name, summary, files)


def _summary(folder: BatchFolder, cwd: Path) -> BatchSummary:
    """Return the numbers of a batch, from its log where they were never written."""
    try:
        return BatchSummary.model_validate_json(folder.summary.read_bytes())
    except (FileNotFoundError, ValidationError):
        batch = open_batch(str(folder.path), cwd)
        state, _ = read_state(batch)
        return summarise(batch.plan, state, batch.name)


def _posters(folder: BatchFolder, tree: Tree) -> Iterator[str]:
    cells = folder.path / "cells"
    if not cells.is_dir():
        return
    found = 0
    for cell in sorted(cells.iterdir()):
        poster = cell / "1" / "poster.jpg"
        if poster.exists():
            yield href(poster, tree.batches)
            found += 1
        if found == POSTERS:
            return


def _links(folder: BatchFolder, tree: Tree) -> Iterator[Link]:
    for label, path in (
        ("matrix", folder.matrix),
        ("matrix sheet", folder.path / "matrix-sheet.jpg"),
    ):
        if path.exists():
            yield Link(label=label, href=href(path, tree.batches))


def _comparisons(tree: Tree) -> Iterator[Link]:
    for page in sorted(tree.batches.glob("compare-*/index.html")):
        yield Link(label=page.parent.name.removeprefix("compare-"), href=href(page, tree.batches))

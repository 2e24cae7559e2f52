"""The page of all batches, read from their small records; a log only where there is no record."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pydantic import ValidationError

from fal_experiments import __version__
from fal_experiments.app import wiring
from fal_experiments.app.batch import open_batch, read_state
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
    lines = [_line(folder, project.root) for folder in batches_of(tree)]
    made_with = f"fal-exp {__version__}"
    model = index_model(lines, _comparisons(tree), sandbox=sandbox, made_with=made_with)
    return Indexed(model, wiring.write_index_page(model, tree.index))


def _line(folder: BatchFolder, cwd: Path) -> IndexLine:
    """Return a batch as a line; one that is damaged has a line that says so."""
    report = folder.report / "index.html"
    files = BatchFiles(
        posters=tuple(_posters(folder)),
        report_href=_beside(folder, "report/index.html") if report.exists() else "",
        links=tuple(_links(folder)),
    )
    try:
        summary = _summary(folder, cwd)
    except (FalExpError, OSError) as exc:
        return index_line(folder.name, None, files._replace(problem=str(exc)))
    try:
        verdicts = majorities(fold_ratings(ratings_file(folder).read())).values()
    except (FalExpError, OSError) as exc:  # what was bought is known all the same
        return index_line(folder.name, summary, files._replace(problem=str(exc)))
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


def _posters(folder: BatchFolder) -> Iterator[str]:
    """Yield links to some posters; cells have no order by name, so these are of all presets."""
    cells = folder.path / "cells"
    names = sorted(path.name for path in cells.iterdir()) if cells.is_dir() else []
    posters = (f"cells/{name}/1/poster.jpg" for name in names)
    for poster in islice((p for p in posters if (folder.path / p).exists()), POSTERS):
        yield _beside(folder, poster)


def _links(folder: BatchFolder) -> Iterator[Link]:
    for label, path in (("matrix", folder.matrix), ("matrix sheet", folder.matrix_sheet)):
        if path.exists():
            yield Link(label=label, href=_beside(folder, path.name))


def _beside(folder: BatchFolder, name: str) -> str:
    """Return a link from the page, which stands beside the batch's folder."""
    return quote(f"{folder.name}/{name}")


def _comparisons(tree: Tree) -> Iterator[Link]:
    for page in sorted(tree.batches.glob("compare-*/index.html")):
        yield Link(
            label=page.parent.name.removeprefix("compare-"),
            href=quote(f"{page.parent.name}/index.html"),
        )

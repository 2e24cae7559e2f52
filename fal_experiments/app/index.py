"""The page of all batches, read from their small records; a log only where there is no record."""

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pydantic import ValidationError

from fal_experiments import __version__
from fal_experiments.app import wiring
from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.readable import with_clip
from fal_experiments.core.batch_index import (
    POSTERS,
    BatchFiles,
    IndexLine,
    IndexModel,
    index_line,
    index_model,
)
from fal_experiments.core.events import parse_event
from fal_experiments.core.ratings import fold_ratings, majorities, of_clips
from fal_experiments.core.report_model import Link
from fal_experiments.core.summary import BatchSummary, summarise
from fal_experiments.errors import FalExpError
from fal_experiments.storage.layout import BatchFolder, Project, Tree, batches_of, find_project
from fal_experiments.storage.ratings import ratings_file

LONGEST_EVENT_BYTES = 4_000_000
"""Behind this much of a log's end its last line begins."""


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
        verdicts = _verdicts(folder, cwd)
    except (FalExpError, OSError) as exc:  # what was bought is known all the same
        problem = str(exc).replace(f"{folder.path}{os.sep}", "")
        return index_line(folder.name, summary, files._replace(problem=f"not read: {problem}"))
    if verdicts:
        keepers = verdicts.count("keep")
        files = files._replace(keepers=keepers, rated=len(verdicts))
    return index_line(folder.name, summary, files)


def _verdicts(folder: BatchFolder, cwd: Path) -> list[str]:
    """Return what people say of each clip; which cells have one is in the log."""
    ratings = fold_ratings(ratings_file(folder).read())
    if not ratings:
        return []
    state, _ = read_state(open_batch(str(folder.path), cwd))
    return list(majorities(of_clips(ratings, with_clip(state))).values())


def _summary(folder: BatchFolder, cwd: Path) -> BatchSummary:
    """Return the numbers of a batch, from its log where they were not written since its end."""
    with contextlib.suppress(FileNotFoundError, ValidationError):
        summary = BatchSummary.model_validate_json(folder.summary.read_bytes())
        told = _last_told(folder.events)
        if told is None or (summary.last_at is not None and told <= summary.last_at):
            return summary
    batch = open_batch(str(folder.path), cwd)
    state, _ = read_state(batch)
    return summarise(batch.plan, state, batch.name)


def _last_told(log: Path) -> datetime | None:
    """Return when the last whole event of a log was; None without a log, or where it is damaged."""
    if not log.is_file():
        return None
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_EVENT_BYTES))
        lines = file.read().rpartition(b"\n")[0].splitlines()
    try:
        return parse_event(lines[-1]).at if lines else None
    except ValidationError:
        return None


def _posters(folder: BatchFolder) -> Iterator[str]:
    """Yield links to some posters; cells have no order by name, so these are of all presets."""
    cells = folder.path / "cells"
    names = sorted(path.name for path in cells.iterdir()) if cells.is_dir() else []
    last = (_last_poster(cells / name) for name in names)
    for poster in islice((found for found in last if found is not None), POSTERS):
        yield _beside(folder, poster.relative_to(folder.path).as_posix())


def _last_poster(cell: Path) -> Path | None:
    """Return the poster of the last attempt that has one."""
    found = [path for path in cell.glob("*/poster.jpg") if path.parent.name.isdecimal()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


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

"""`fal-exp learnings`: drafts of what a batch taught, and whether what they say still holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.ledger import read_rows
from fal_experiments.app.ratings import read_ratings
from fal_experiments.app.records import batch_rows
from fal_experiments.core.citations import Flaw, flaws, row_ids
from fal_experiments.core.fold import BatchState
from fal_experiments.core.human_files import learnings_head
from fal_experiments.core.learnings import learnings_markdown
from fal_experiments.core.ratings import Rating
from fal_experiments.core.rows import LedgerRow
from fal_experiments.core.summary import summarise
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import write_text
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import read_user_text


@dataclass(frozen=True)
class Checked:
    """A learnings file against the ledger."""

    file: Path
    numbers: int
    """How many numbers name their rows."""
    flaws: tuple[Flaw, ...]


def learnings_path(batch: Batch) -> Path:
    """Return where the learnings of a batch stand."""
    return batch.tree.learnings / f"{batch.name}-learnings.md"


def draft(batch: Batch, state: BatchState) -> str:
    """Return the learnings of a batch as its log and its ratings tell them today."""
    rows = list(batch_rows(batch, state))
    summary = summarise(batch.plan, state, batch.name)
    stars = _stars(rows, read_ratings(batch).values())
    head = learnings_head(summary)
    return learnings_markdown(batch.plan, summary, rows, head=head, stars=stars)


def new(batch: Batch, *, again: bool = False) -> Path:
    """Write a draft; a file that exists is a person's and is never written again.

    `again`: write a further file beside it. Raises: BadInput when there is one, StorageFailed.
    """
    path = learnings_path(batch)
    if path.exists() and not again:
        raise BadInput(
            f"{path} exists already, and may hold a person's words",
            fix="--again writes a further draft beside it; `fal-exp learnings check` tells what "
            "of it still holds",
        )
    number = 2
    while path.exists():
        path = learnings_path(batch).with_name(f"{batch.name}-learnings-{number}.md")
        number += 1
    write_text(path, draft(batch, read_state(batch)[0]))
    return path


def check(project: Project, files: Sequence[Path]) -> list[Checked]:
    """Hold files against the ledgers; all of the project where none is named.

    Raises: BadInput for a file that cannot be read, and for a damaged ledger.
    """
    places = [project.tree(sandbox=sandbox).learnings for sandbox in (False, True)]
    named = list(files) or [
        path for place in places for path in sorted(place.glob("*-learnings*.md"))
    ]
    if not named:
        raise BadInput("there is no learnings file", fix="`fal-exp learnings new` drafts one")
    ledger: dict[str, LedgerRow] = {}
    for sandbox in (False, True):
        ledger |= {row.row_id: row for row in read_rows(project, sandbox=sandbox)}
    return [_check(project, path, ledger) for path in named]


def _check(project: Project, path: Path, ledger: dict[str, LedgerRow]) -> Checked:
    text = read_user_text(path, str(path))
    batches = {row.split("/")[0] for row in row_ids(text)}
    rows = [row for row in ledger.values() if row.batch in batches]
    stars: dict[str, Decimal] = {}
    for name in sorted({row.batch for row in rows}):
        try:
            ratings = read_ratings(open_batch(name, project.root)).values()
        except BadInput:
            continue  # a merged ledger has rows of batches that are not here, nor their ratings
        stars |= _stars([row for row in rows if row.batch == name], ratings)
    numbers, found = flaws(text, ledger, stars)
    return Checked(path, numbers, tuple(found))


def _stars(rows: Sequence[LedgerRow], ratings: Iterable[Rating]) -> dict[str, Decimal]:
    """Return the mean stars of rated cells, by the row of their clip."""
    given: dict[str, list[int]] = {}
    for rating in ratings:
        if rating.stars is not None:
            given.setdefault(rating.cell, []).append(rating.stars)
    return {
        row.row_id: (Decimal(sum(stars)) / len(stars)).quantize(Decimal("0.1"))
        for row in rows
        if row.state == "done" and (stars := given.get(row.cell_id))
    }

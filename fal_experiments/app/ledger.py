"""Reading the ledger: rows, sums, a rebuild from the batches' own events, an export."""

from collections import Counter
from pathlib import Path

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.records import batch_rows
from fal_experiments.core.plan import Plan
from fal_experiments.core.rows import LedgerRow, fold_rows
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project, all_batches, find_project
from fal_experiments.storage.ledger import Ledger


def read_rows(project: Project, *, sandbox: bool) -> list[LedgerRow]:
    """Return the latest row of each attempt. Raises: BadInput for a damaged ledger."""
    return fold_rows(Ledger(project.tree(sandbox=sandbox)).read())


def bought_before(project: Project, plan: Plan, *, sandbox: bool) -> Counter[str]:
    """Return how many cells of a plan are done already, by the batch that did them."""
    cells = {cell.cell_id for cell in plan.cells}
    rows = fold_rows(Ledger(project.tree(sandbox=sandbox)).rows_of(cells))
    return Counter(row.batch for row in rows if row.state == "done")


def batch_of_request(cwd: Path, request_id: str) -> str | None:
    """Return the name of the batch that made a request; None for an id on no ledger."""
    project = find_project(cwd)
    for sandbox in (False, True):
        for row in read_rows(project, sandbox=sandbox):
            if row.request_id == request_id:
                return row.batch
    return None


def batch_of_cell(cwd: Path, cell_id: str) -> str:
    """Return the name of the last batch with an unknown submission of a cell. Raises: BadInput."""
    project = find_project(cwd)
    rows = [
        row
        for sandbox in (False, True)
        for row in read_rows(project, sandbox=sandbox)
        if row.cell_id == cell_id
    ]
    unknown = [row for row in rows if row.state in {"submission_unknown", "submitting"}]
    if unknown:
        return max(unknown, key=lambda row: row.submitted_at).batch
    if rows:
        raise BadInput(f"cell {cell_id} has no unknown submission: there is nothing to resolve")
    raise BadInput(
        f"no cell {cell_id} stands on the ledger",
        fix="`fal-exp status` lists the cells of a batch that are not done",
    )


def rebuild(project: Project, *, sandbox: bool) -> int:
    """Make the ledger again from every batch's events; return how many rows it has."""
    rows: list[LedgerRow] = []
    for folder in all_batches(project):
        batch = open_batch(str(folder.path), project.root)
        if batch.is_sandbox == sandbox:
            rows += batch_rows(batch, read_state(batch)[0])
    rows.sort(key=lambda row: (row.submitted_at, row.row_id))
    ledger = Ledger(project.tree(sandbox=sandbox))
    count = ledger.rebuild(rows)
    ledger.write_csv()
    return count

"""Reading the ledger: rows, sums, a rebuild from the batches' own events, an export."""

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.records import batch_rows
from fal_experiments.core.rows import LedgerRow, fold_rows
from fal_experiments.storage.layout import Project, all_batches
from fal_experiments.storage.ledger import Ledger


def read_rows(project: Project, *, sandbox: bool) -> list[LedgerRow]:
    """Return the latest row of each attempt. Raises: BadInput for a damaged ledger."""
    return fold_rows(Ledger(project.tree(sandbox=sandbox)).read())


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

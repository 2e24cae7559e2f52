"""Reading the ledger: rows, sums, a rebuild from the batches' own events, an export."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.records import batch_rows
from fal_experiments.core.ledger_check import Merged, Side, Verified, merge, settled, verify
from fal_experiments.core.plan import Plan
from fal_experiments.core.rows import LedgerRow, fold_rows
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project, all_batches, find_project
from fal_experiments.storage.ledger import Ledger, read_ledger_file


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


def derived_rows(project: Project, *, sandbox: bool) -> tuple[list[LedgerRow], set[str]]:
    """Return the rows of every batch on this machine, made from its log, and the batches' names."""
    rows: list[LedgerRow] = []
    names: set[str] = set()
    for folder in all_batches(project):
        batch = open_batch(str(folder.path), project.root)
        if batch.is_sandbox == sandbox:
            rows += batch_rows(batch, read_state(batch)[0])
            names.add(batch.name)
    rows.sort(key=lambda row: (row.submitted_at, row.row_id))
    return rows, names


def rebuild(project: Project, *, sandbox: bool) -> tuple[int, int]:
    """Make the ledger again from every batch's log.

    Rows of batches that are not on this machine came by a merge and are kept. Returns how many rows
    there are, and how many of them were kept.
    """
    rows, names = derived_rows(project, sandbox=sandbox)
    ledger = Ledger(project.tree(sandbox=sandbox))
    kept = [row for row in fold_rows(ledger.read_whole_lines()) if row.batch not in names]
    count = ledger.rebuild([*kept, *rows])
    ledger.write_csv()
    return count, len(kept)


def verified(project: Project, *, sandbox: bool) -> Verified:
    """Return where the ledger is not what the batches' logs say. Raises: BadInput if damaged."""
    rows, names = derived_rows(project, sandbox=sandbox)
    return verify(Ledger(project.tree(sandbox=sandbox)).read(), rows, names)


def merged(
    project: Project, files: Sequence[Path], *, sandbox: bool, prefer: Side | None = None
) -> Merged:
    """Add what the ledgers of other machines have and ours has not, one file after the other.

    Args:
        prefer: whose word holds where two rows of an attempt contradict each other; without it
            nothing is written then.

    Raises: BadInput for a file that is no ledger, or of another tree.
    """
    ledger = Ledger(project.tree(sandbox=sandbox))
    names = {folder.name for folder in all_batches(project)}
    told = ledger.read()
    whole = Merged((), 0, ())
    for path in files:
        found = settled(merge(told, _rows_of(path, sandbox=sandbox), batches=names), prefer)
        told += found.new
        whole = whole.plus(found)
    if not whole.conflicts and whole.new:
        ledger.append(whole.new)
        ledger.write_csv()
    return whole


def _rows_of(path: Path, *, sandbox: bool) -> list[LedgerRow]:
    rows = read_ledger_file(path)
    for row in rows:
        if row.sandbox != sandbox:
            has, wants = ("sandbox", "real") if row.sandbox else ("real", "sandbox")
            raise BadInput(
                f"{path}: row {row.row_id} is a {has} one, and this is the {wants} ledger",
                fix="add --sandbox" if row.sandbox else "leave --sandbox out",
            )
    return rows

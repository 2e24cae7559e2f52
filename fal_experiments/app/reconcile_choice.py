"""Which batches are reconciled when nobody names them: those that were submitted in a window."""

from datetime import datetime
from pathlib import Path

from fal_experiments.app.batch import Batch, open_batch
from fal_experiments.app.ledger import read_rows
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import find_project


def batches_between(
    cwd: Path, since: datetime | None, until: datetime | None, *, sandbox: bool
) -> tuple[list[Batch], list[str]]:
    """Return the batches with a submission in a window, oldest first, and names of absent ones.

    A merged ledger has batches of other machines. Raises: BadInput when none is here.
    """
    project = find_project(cwd)
    names = {
        row.batch
        for row in read_rows(project, sandbox=sandbox)
        if (since is None or row.submitted_at >= since)
        and (until is None or row.submitted_at < until)
    }
    tree = project.tree(sandbox=sandbox)
    absent = sorted(name for name in names if not (tree.batches / name / "plan.json").is_file())
    here = sorted(names - set(absent))
    if not here:
        raise BadInput(
            "no batch of the ledger was submitted in that time"
            + (f" on this machine; on others: {', '.join(absent)}" if absent else ""),
            fix="`fal-exp ledger show` lists what was; --sandbox looks at the sandbox's",
        )
    return [open_batch(str(tree.batches / name), cwd) for name in here], absent

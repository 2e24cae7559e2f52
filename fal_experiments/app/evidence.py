"""What a plan's estimates may rest on beside the presets: own ledger, snapshots, discounts."""

from fal_experiments.core.estimate_chain import Evidence
from fal_experiments.core.history import samples_of
from fal_experiments.core.price_seen import latest
from fal_experiments.storage.layout import Project
from fal_experiments.storage.price_files import (
    read_account_discounts,
    read_last_rows,
    read_snapshots,
)


def read_evidence(project: Project, *, sandbox: bool) -> Evidence:
    """Return what is known of prices. Sandbox rows never tell what real money buys.

    Raises: BadInput for a damaged snapshot, and for discounts that are not understood.
    """
    return Evidence(
        samples=samples_of(read_last_rows(project, sandbox=sandbox)),
        seen=latest(read_snapshots(project, sandbox=sandbox)),
        discounts=() if sandbox else read_account_discounts(project),
    )

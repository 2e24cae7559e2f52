"""The ledger for notebooks: `fal_experiments.ledger.read()` returns it as a pandas data frame."""

from pathlib import Path
from typing import TYPE_CHECKING

from fal_experiments.storage.layout import find_project

if TYPE_CHECKING:
    import pandas as pd


def read(project: str | Path = ".", *, sandbox: bool = False) -> "pd.DataFrame":
    """Return one row for each attempt of a project, the latest state of each.

    Amounts are nullable Int64 nano-USD (1e-9 USD), where missing is unknown and never zero; times
    are UTC timestamps; units and unit prices are exact decimals as text; `axes`, `vars`, `inputs`
    and `reasons` are JSON text. docs/ledger.md lists every column with its type.

    Args:
        project: a folder in the project; the project root is found upward from it.
        sandbox: the sandbox's ledger; its rows are never mixed with real spend.

    Raises: errors.BadInput when there is no project, or the ledger is damaged.
    """
    from fal_experiments.storage.frames import data_frame  # noqa: PLC0415  pandas: half a second

    return data_frame(find_project(Path(project).resolve()).tree(sandbox=sandbox))

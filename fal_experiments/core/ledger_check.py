"""The ledger against the logs that it is derived from, and against ledgers of other machines."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from fal_experiments.core.attempt import ENDED
from fal_experiments.core.rows import LedgerRow, fold_rows

Side = Literal["ours", "theirs"]


class Difference(NamedTuple):
    """A column of a row in which ledger and log differ; the whole row where `column` is empty."""

    row_id: str
    column: str
    ledger: Any
    log: Any


class Verified(NamedTuple):
    """What a comparison of the ledger with the logs gives."""

    rows: int
    differences: tuple[Difference, ...]
    elsewhere: int
    """Rows of batches that are not on this machine: nothing here can tell of them."""


def verify(
    ledger: Iterable[LedgerRow], derived: Iterable[LedgerRow], batches: Collection[str]
) -> Verified:
    """Return where the folded ledger is not what the batches' logs say.

    Args:
        derived: every row of the batches that are here, made from their logs anew.
        batches: their names; rows of other batches came by a merge.
    """
    told = {row.row_id: row for row in fold_rows(ledger)}
    here = {row.row_id: row for row in derived}
    differences: list[Difference] = []
    for row_id, row in here.items():
        if row_id not in told:
            differences.append(Difference(row_id, "", None, "a row"))
        else:
            differences += _differences(told[row_id], row)
    strange = [row for row_id, row in told.items() if row_id not in here]
    for row in strange:
        if row.batch in batches:
            differences.append(Difference(row.row_id, "", "a row", None))
    elsewhere = sum(row.batch not in batches for row in strange)
    return Verified(len(told), tuple(differences), elsewhere)


def _differences(told: LedgerRow, derived: LedgerRow) -> list[Difference]:
    return [
        Difference(told.row_id, name, getattr(told, name), getattr(derived, name))
        for name in LedgerRow.model_fields
        if getattr(told, name) != getattr(derived, name)
    ]


class Conflict(NamedTuple):
    """Two rows of one attempt of which neither is an earlier state of the other."""

    ours: LedgerRow
    theirs: LedgerRow
    columns: tuple[str, ...]


class Merged(NamedTuple):
    """What a merge adds."""

    new: tuple[LedgerRow, ...]
    """Rows to append, in the order of the other ledger."""
    known: int
    conflicts: tuple[Conflict, ...]

    def plus(self, other: "Merged") -> "Merged":
        """Return what this merge and a later one add together."""
        conflicts = (*self.conflicts, *other.conflicts)
        return Merged((*self.new, *other.new), self.known + other.known, conflicts)


def merge(
    ours: Iterable[LedgerRow], theirs: Iterable[LedgerRow], *, batches: Collection[str]
) -> Merged:
    """Return what another machine's ledger has that ours has not.

    Of two rows of one attempt the one that knows more holds: an ended attempt over one under way,
    a bill over none, a corrected bill over an earlier one. Rows of a batch that is here follow
    from its log, so ours hold.
    """
    told: Mapping[str, LedgerRow] = {row.row_id: row for row in fold_rows(ours)}
    new: list[LedgerRow] = []
    conflicts: list[Conflict] = []
    known = 0
    for row in fold_rows(theirs):
        own = told.get(row.row_id)
        if own is None and row.batch not in batches:
            new.append(row)
        elif own is None or own == row or row.batch in batches or knows(own) > knows(row):
            known += 1
        elif knows(row) > knows(own):
            new.append(row)
        else:
            columns = tuple(d.column for d in _differences(own, row))
            conflicts.append(Conflict(own, row, columns))
    return Merged(tuple(new), known, tuple(conflicts))


def settled(found: Merged, prefer: Side | None) -> Merged:
    """Return a merge without conflicts, of which one side's word holds; as it is without a side."""
    if prefer == "theirs":
        return Merged((*found.new, *(c.theirs for c in found.conflicts)), found.known, ())
    if prefer == "ours":
        return Merged(found.new, found.known + len(found.conflicts), ())
    return found


def knows(row: LedgerRow) -> tuple[bool, bool, int, bool]:
    """Return how much a row knows, to be compared with another row of the same attempt."""
    return (
        row.state in ENDED,
        row.reconciled,
        row.corrections,
        row.metered_nano_usd is not None,
    )

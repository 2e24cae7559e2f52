"""Keeps what is derived from the log in step with it: ledger rows, manifests, batch.json, CSV."""

from collections.abc import Iterator

from fal_experiments.app.batch import Batch
from fal_experiments.core.attempt import IN_FLIGHT, Attempt
from fal_experiments.core.bill_reasons import explain
from fal_experiments.core.events import (
    AssetStored,
    AttemptFailed,
    AttemptTimedOut,
    CellResolved,
    LedgerEvent,
    SubmitAccepted,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Cell
from fal_experiments.core.rows import LedgerRow, ledger_row
from fal_experiments.core.summary import summarise
from fal_experiments.errors import StorageFailed
from fal_experiments.storage.atomic import write_text
from fal_experiments.storage.ledger import Ledger

WORTH_A_ROW = (
    SubmitAccepted,
    SubmitRejected,
    SubmitUnknown,
    CellResolved,
    AttemptTimedOut,
    AssetStored,
    AttemptFailed,
)
"""After these a person who reads the ledger would miss something without a new row."""


class Records:
    """Derived records of one batch. They can all be made again from the log."""

    def __init__(self, batch: Batch, state: BatchState) -> None:
        self._batch = batch
        self._state = state
        self._cells = {cell.cell_id: cell for cell in batch.plan.cells}
        self._ledger = Ledger(batch.tree)
        self._due: dict[tuple[str, int], Attempt] = {}
        """What has changed since `flush`."""
        self._behind: StorageFailed | None = None

    @property
    def ledger_bytes(self) -> int:
        """Size of the ledger now."""
        return self._ledger.size_bytes

    def on_event(self, event: LedgerEvent) -> None:
        """Note an attempt after an event that changes its row."""
        if isinstance(event, WORTH_A_ROW):
            key = (event.cell, event.attempt)
            self._due[key] = self._state.attempts[event.cell][event.attempt - 1]

    def flush(self) -> None:
        """Add the rows of all that has changed, and the manifests of what has ended.

        A disk that refuses is not allowed to stop the log, which is the truth: `bring_up_to_date`
        tries again and tells.
        """
        due, self._due = list(self._due.values()), {}
        if not due or self._behind is not None:
            return
        rows = [self._row(attempt) for attempt in due]
        try:
            self._ledger.append(rows)
            for attempt, row in zip(due, rows, strict=True):
                if attempt.state not in IN_FLIGHT:
                    self._write_manifest(attempt, row)
        except StorageFailed as exc:
            self._behind = exc

    def bring_up_to_date(self) -> None:
        """Write every row that the ledger does not have yet, the CSV and batch.json.

        Raises: StorageFailed.
        """
        started = self._state.started
        from_byte = started.ledger_bytes if started else 0
        self._ledger.append_new(batch_rows(self._batch, self._state), from_byte=from_byte)
        self._ledger.write_csv()
        summary = summarise(self._batch.plan, self._state, self._batch.name)
        write_text(self._batch.folder.summary, summary.model_dump_json(indent=1) + "\n")
        write_all = self._behind is not None or self._state.sessions > 1
        for tries in self._state.attempts.values():
            if write_all or tries[-1].state in IN_FLIGHT:
                self._write_manifest(tries[-1], self._row(tries[-1]))

    def _row(self, attempt: Attempt) -> LedgerRow:
        return _row(self._batch, self._state, self._cells[attempt.cell], attempt)

    def _write_manifest(self, attempt: Attempt, row: LedgerRow) -> None:
        cell = self._cells[attempt.cell]
        manifest = {
            "cell": cell.model_dump(mode="json"),
            "row": row.model_dump(mode="json"),
            "ticket": attempt.ticket.model_dump() if attempt.ticket else None,
        }
        self._batch.attempt_folder(cell, attempt.number).write_manifest(manifest)


def batch_rows(batch: Batch, state: BatchState) -> Iterator[LedgerRow]:
    """Yield the ledger rows of a batch: one for each attempt, in plan order."""
    for cell in batch.plan.cells:
        for attempt in state.attempts.get(cell.cell_id, ()):
            yield _row(batch, state, cell, attempt)


def _row(batch: Batch, state: BatchState, cell: Cell, attempt: Attempt) -> LedgerRow:
    started = state.started
    is_billed = attempt.cost("billed") is not None
    preset = batch.plan.presets[cell.at.preset].preset
    return ledger_row(
        cell,
        attempt,
        batch=batch.name,
        sandbox=started.sandbox if started else batch.is_sandbox,
        strict=batch.plan.spec.strict,
        reasons=explain(cell, attempt, preset) if is_billed else None,
    )

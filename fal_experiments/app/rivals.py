"""What the other batches of a ledger say: their requests, their lost ones, their share of a cap."""

from collections.abc import Callable, Iterable
from datetime import datetime

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.planning import Planned
from fal_experiments.core.attempt import Attempt
from fal_experiments.core.budget import SharedCap, forecast, within_cell_limit, worst_case
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.matrix import BudgetScope
from fal_experiments.core.money import format_usd, nano_from_usd, usd_to_type
from fal_experiments.core.plan import Cell
from fal_experiments.core.ports import Clock
from fal_experiments.core.rows import LedgerRow, fold_rows, ledger_row
from fal_experiments.errors import BadInput
from fal_experiments.runner.lookup import Rivals
from fal_experiments.storage.atomic import disk_errors
from fal_experiments.storage.layout import Tree
from fal_experiments.storage.ledger import Ledger
from fal_experiments.storage.plain_file import read_plain

LOST = {"submission_unknown", "submitting"}
ACCEPTED = b'"submit_accepted"'
"""In a log, what tells that a job was bought."""


def rivals_of(batch: Batch) -> Rivals:
    """Return what the other batches of the ledger say at this moment."""
    rows = [row for row in fold_rows(Ledger(batch.tree).read()) if row.batch != batch.name]
    lost = {(row.endpoint, row.arguments_sha256) for row in rows if row.state in LOST}
    return Rivals(
        claimed={row.request_id for row in rows if row.request_id},
        contested={cell.cell_id for cell in batch.plan.cells if _identity(cell) in lost},
    )


def shared_cap_of(batch: Batch, clock: Clock) -> SharedCap | None:
    """Return the cap that the ledger's batches share; None where the cap is the batch's own."""
    scope = batch.plan.spec.budget.scope
    if scope == "batch":
        return None
    refuse_lost_ledger(batch.tree, but=batch.name)
    return LedgerCap(batch, scope, clock.now)


def refuse_lost_ledger(tree: Tree, but: str = "") -> None:
    """Refuse a cap that batches share where the ledger is gone: what they spent is not known.

    Raises: BadInput when batches besides `but` have jobs at the provider, and there is no ledger;
    StorageFailed.
    """
    if tree.ledger.exists() or not tree.batches.is_dir():
        return
    logs = [one for one in tree.batches.glob("*/events.jsonl") if one.parent.name != but]
    # one that begins beside this one has a log, and no ledger before its first submission
    with disk_errors(tree.batches):
        others = [log for log in logs if ACCEPTED in read_plain(log)]
    if others and not tree.ledger.exists():
        raise BadInput(
            f"{tree.ledger} is gone, and the cap is shared with {others[0].parent.name}",
            fix="`fal-exp ledger rebuild` makes it again from the batches",
            path=("budget", "scope"),
        )


def counted_elsewhere(planned: Planned, *, sandbox: bool) -> int:
    """Return what other batches hold of the cap that a matrix shares with them; else 0.

    Raises: StorageFailed; BadInput for a damaged ledger.
    """
    scope = planned.plan.spec.budget.scope
    if scope == "batch":
        return 0
    tree = planned.project.tree(sandbox=sandbox)
    refuse_lost_ledger(tree)
    rows = fold_rows(Ledger(tree).read())
    return _counted_in(rows, scope, wiring.system_clock().now())


def held_by_others(batch: Batch) -> int:
    """Return what other batches hold of the cap that a batch shares with them today; else 0.

    Raises: StorageFailed; BadInput for a damaged ledger.
    """
    scope = batch.plan.spec.budget.scope
    if scope == "batch":
        return 0
    rows = [row for row in fold_rows(Ledger(batch.tree).read()) if row.batch != batch.name]
    return _counted_in(rows, scope, wiring.system_clock().now())


def refuse_full_cap(planned: Planned, *, sandbox: bool) -> None:
    """Refuse a run of which no cell has room in the cap that it shares. Raises: BadInput."""
    held = counted_elsewhere(planned, sandbox=sandbox)
    budget = planned.plan.spec.budget
    if not held or budget.max_usd is None or forecast(planned.plan, held).fit:
        return
    least = min(worst_case(cell, budget) for cell in within_cell_limit(planned.plan).cells)
    period = "day" if budget.scope == "ledger-day" else "month"
    raise BadInput(
        f"no cell has room: other batches of this {period} hold {format_usd(held)} of the cap "
        f"{format_usd(nano_from_usd(budget.max_usd))}",
        fix=f"wait for the next {period} (UTC), or raise it to {usd_to_type(held + least)} or more",
        path=("budget", "max_usd"),
    )


def _counted_in(rows: Iterable[LedgerRow], scope: BudgetScope, now: datetime) -> int:
    period = "%Y-%m-%d" if scope == "ledger-day" else "%Y-%m"
    same = [row for row in rows if row.submitted_at.strftime(period) == now.strftime(period)]
    return sum(row.counted_nano_usd for row in same)


class LedgerCap:
    """A cap on all that a ledger's batches spend in a day or month of UTC.

    A worst case stands in the ledger before its POST leaves, and is written under the ledger's
    lock together with the look at the others: two processes never take the same room.
    """

    def __init__(self, batch: Batch, scope: BudgetScope, now: Callable[[], datetime]) -> None:
        self._batch = batch
        self._scope = scope
        self._now = now
        self._ledger = Ledger(batch.tree)
        self._read_bytes = 0
        self._others: dict[str, LedgerRow] = {}

    def book(
        self, cell: Cell, number: int, worst_case_nano_usd: int, others_may_hold_nano_usd: int
    ) -> bool:
        """Book an attempt if the other batches of the period hold no more than that.

        Raises: StorageFailed; BadInput for a damaged ledger.
        """
        with self._ledger.exclusively():
            rows, self._read_bytes = self._ledger.read_new(self._read_bytes)
            self._others |= {r.row_id: r for r in rows if r.batch != self._batch.name}
            held_nano_usd = _counted_in(self._others.values(), self._scope, self._now())
            if held_nano_usd > others_may_hold_nano_usd:
                return False
            self._ledger.append([self._row(cell, number, worst_case_nano_usd)])
        return True

    def _row(self, cell: Cell, number: int, worst_case_nano_usd: int) -> LedgerRow:
        attempt = Attempt(
            cell=cell.cell_id,
            number=number,
            endpoint=cell.endpoint,
            request_sha256="",
            reserved_nano_usd=worst_case_nano_usd,
            intended_at=self._now(),
        )
        return ledger_row(
            cell,
            attempt,
            batch=self._batch.name,
            sandbox=self._batch.is_sandbox,
            strict=self._batch.plan.spec.strict,
        )


def _identity(cell: Cell) -> tuple[str, str]:
    return cell.endpoint, sha256_hex(canonical_json(cell.arguments))

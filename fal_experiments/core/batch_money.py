"""What a batch was expected to cost, and is known to have cost: sums with their denominators."""

from collections.abc import Iterable, Sequence

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.labels import plural
from fal_experiments.core.model import Record
from fal_experiments.core.money import Band, format_usd
from fal_experiments.core.plan import Cell


class Money(Record):
    """Sums in nano-USD over some attempts. Each adds up only what is known, and counts the rest."""

    estimate: Band
    unpriced: int
    metered_nano_usd: int
    metered_known: int
    metered_unknown: int
    """Attempts with a job at the provider whose result told no cost (yet)."""
    billed_nano_usd: int = 0
    billed_known: int = 0
    billed_missing: int = 0
    """Attempts for which the bill has no line."""
    open_nano_usd: int = 0
    """The worst case of what is neither metered nor billed (yet)."""
    open_attempts: int = 0
    counted_nano_usd: int
    """Held against the cap: known costs, and the worst case of what is not known."""
    cap_nano_usd: int

    @property
    def attempts(self) -> int:
        """How many attempts may have cost something: what all sums are of."""
        return self.metered_known + self.metered_unknown

    @property
    def estimate_label(self) -> str:
        """Return the estimate, with how many cells it leaves out; never $0 for what is unknown."""
        if not self.unpriced:
            return self.estimate.label()
        if self.estimate.high == 0:
            return "unknown"
        return f"{self.estimate.label()} + {plural(self.unpriced, 'cell')} of unknown price"

    @property
    def metered_label(self) -> str:
        """Return the known sum; `unknown` where none is known, `–` where nothing can have cost."""
        if not self.metered_known:
            return "unknown" if self.metered_unknown else "–"
        return format_usd(self.metered_nano_usd)

    @property
    def metered_note(self) -> str:
        """Return how many attempts the metered sum is of."""
        of = plural(self.attempts, "attempt")
        return f"known for {self.metered_known} of {of}" if self.attempts else "no attempt"

    @property
    def is_reconciled(self) -> bool:
        """True when the bill has been read for at least one attempt."""
        return bool(self.billed_known or self.billed_missing)

    @property
    def billed_label(self) -> str:
        """Return what the provider charged, as far as its bill has been read."""
        if not self.is_reconciled:
            return "not reconciled"
        return format_usd(self.billed_nano_usd) if self.billed_known else "unknown"

    @property
    def billed_note(self) -> str:
        """Return how many attempts the billed sum is of."""
        if not self.is_reconciled:
            return "the provider's own figures: fal-exp reconcile"
        known = f"known for {self.billed_known} of {plural(self.attempts, 'attempt')}"
        missing = f", {self.billed_missing} not in the bill" if self.billed_missing else ""
        return known + missing


def money_of(cells: Sequence[Cell], attempts: Iterable[Attempt], cap_nano_usd: int) -> Money:
    """Return the sums over cells and their attempts."""
    estimate = Band(low=0, expected=0, high=0)
    for cell in cells:
        estimate = estimate + cell.estimate if cell.estimate else estimate
    tried = list(attempts)
    metered, billed = _known(tried, "metered"), _known(tried, "billed")
    costing = sum(a.counted_nano_usd > 0 or bool(a.costs) for a in tried)
    unknown = [a for a in tried if a.counted_nano_usd and not _known([a], "metered", "billed")]
    return Money(
        estimate=estimate,
        unpriced=sum(cell.estimate is None for cell in cells),
        metered_nano_usd=sum(metered),
        metered_known=len(metered),
        metered_unknown=costing - len(metered),
        billed_nano_usd=sum(billed),
        billed_known=len(billed),
        billed_missing=sum("billed" in a.costs for a in tried) - len(billed),
        open_nano_usd=sum(a.counted_nano_usd for a in unknown),
        open_attempts=len(unknown),
        counted_nano_usd=sum(attempt.counted_nano_usd for attempt in tried),
        cap_nano_usd=cap_nano_usd,
    )


def _known(attempts: Iterable[Attempt], *amounts: str) -> list[int]:
    costs = [attempt.cost(amount) for attempt in attempts for amount in amounts]
    return [cost.nano_usd for cost in costs if cost is not None and cost.nano_usd is not None]

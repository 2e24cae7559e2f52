"""The books of some batches: estimated, metered, billed, and why they differ, to the nano-USD."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from fal_experiments.core.attempt import IN_FLIGHT
from fal_experiments.core.bill_reasons import BILL_REASONS, Reasons, costs_nothing, explain
from fal_experiments.core.cross_check import CrossCheck
from fal_experiments.core.model import Record
from fal_experiments.core.odd_rows import Elsewhere, Lost, Odd, elsewhere, lost_ones, odd_ones
from fal_experiments.core.reconcile import Entry
from fal_experiments.core.usage import UsageLine

Decision = Literal["open", "ignored", "adopted"]
ORPHAN = "orphan_request"


class Amounts(Record):
    """Sums over some attempts, in nano-USD. What is unknown is counted, never added as 0."""

    name: str
    attempts: int
    estimate_nano_usd: int
    estimate_unknown: int
    metered_nano_usd: int
    metered_unknown: int
    """Attempts that may have cost something, of which no units are known."""
    billed_nano_usd: int
    awaited: int
    """Attempts whose bill may still come."""
    missing: int
    """Attempts that never came into the bill, though the settle window has passed."""
    corrected: int
    """Attempts whose bill has changed since it was first seen."""
    reasons: Reasons
    """Nano-USD by code; they add up to billed − estimate."""
    counts: dict[str, int]
    """How many attempts (for `orphan_request`: lines) have a code."""
    unexplained_nano_usd: int
    """What `unknown` and `orphan_request` are without their signs: too much here never makes up
    for too little there."""

    @property
    def difference_nano_usd(self) -> int:
        """Billed − estimate; what is unknown counts as 0 on its side."""
        return self.billed_nano_usd - self.estimate_nano_usd


class Orphan(Record):
    """A line of the bill that no attempt here explains, and what a person said of it."""

    line: UsageLine
    decision: Decision = "open"
    reason: str = ""


class Books(Record):
    """What `fal-exp reconcile` shows. The same state of the logs gives the same books."""

    batches: tuple[str, ...]
    presets: tuple[Amounts, ...]
    orphaned: Amounts | None = None
    """Lines without an attempt of which nobody has said yet that they are somebody else's."""
    total: Amounts
    """The presets and `orphaned`."""
    under_way: int = 0
    """Attempts whose job has an id and no end here: a resume collects them."""
    orphans: tuple[Orphan, ...] = ()
    odd: tuple[Odd, ...] = ()
    billed_elsewhere: tuple[Elsewhere, ...] = ()
    lost: tuple[Lost, ...] = ()
    cross_checks: tuple[CrossCheck, ...] = ()
    source: str
    """What was asked: the provider's billing events, a file, or nothing but result headers."""

    @property
    def open_orphans(self) -> tuple[Orphan, ...]:
        """Lines that nobody has said anything of."""
        return tuple(orphan for orphan in self.orphans if orphan.decision == "open")

    @property
    def unexplained_nano_usd(self) -> int:
        """What no reason is known for, and what lines without an attempt charge."""
        return self.total.unexplained_nano_usd

    @property
    def needs_person(self) -> bool:
        """True when something is unexplained, or only a person can say what it is.

        A bill that is still awaited needs time, and nobody; so do totals that have it already.
        """
        is_off = bool(self.cross_checks) and not self.total.awaited
        return bool(self.unexplained_nano_usd or self.lost or self.open_orphans or is_off)

    @property
    def is_closed(self) -> bool:
        """True when every attempt has its bill, or is known never to get one."""
        return self.total.awaited == 0 and not self.lost


class Tolerance(NamedTuple):
    """How far billed may be from the estimate: a share of it, or an amount."""

    share: Decimal | None = None
    nano_usd: int | None = None

    def is_exceeded_by(self, total: Amounts) -> bool:
        """Tell whether attempts with an estimate and a bill differ by more than is allowed.

        An amount that is unknown on one side is no difference: it is counted apart.
        """
        waiting = sum(total.reasons.get(code, 0) for code in ("late_event", "missing_event"))
        one_sided = sum(total.reasons.get(code, 0) for code in ("estimate_unknown", ORPHAN))
        off = abs(total.difference_nano_usd - waiting - one_sided)
        expected = total.estimate_nano_usd + waiting
        if self.share is not None and off > self.share * expected:
            return True
        return self.nano_usd is not None and off > self.nano_usd


def books(
    entries: Sequence[Entry],
    *,
    orphans: Iterable[Orphan] = (),
    cross_checks: Iterable[CrossCheck] = (),
    source: str,
) -> Books:
    """Return the books of all entries, by preset and in all.

    Raises: ValueError when reasons do not add up to their difference, which no input may cause.
    """
    presets = dict.fromkeys(sorted(entry.cell.at.preset for entry in entries))
    orphans = tuple(orphans)
    open_ones = [orphan.line for orphan in orphans if orphan.decision == "open"]
    return Books(
        batches=tuple(sorted({entry.batch for entry in entries})),
        presets=tuple(
            _amounts(name, [e for e in entries if e.cell.at.preset == name]) for name in presets
        ),
        orphaned=_amounts("no attempt", (), open_ones) if open_ones else None,
        total=_amounts("total", entries, open_ones),
        under_way=_count(entries, _is_under_way),
        orphans=orphans,
        odd=tuple(sorted(odd_ones(entries), key=lambda one: -abs(one.nano_usd))),
        billed_elsewhere=tuple(elsewhere(entries)),
        lost=tuple(lost_ones(entries)),
        cross_checks=tuple(cross_checks),
        source=source,
    )


def _amounts(
    name: str, entries: Sequence[Entry], open_orphans: Sequence[UsageLine] = ()
) -> Amounts:
    orphaned = sum(line.nano_usd for line in open_orphans)
    reasons: Reasons = {ORPHAN: orphaned} if orphaned else {}
    counts: dict[str, int] = {ORPHAN: len(open_orphans)} if orphaned else {}
    unexplained = sum(abs(line.nano_usd) for line in open_orphans)
    for entry in entries:
        for code, amount in explain(entry.cell, entry.attempt, entry.preset).items():
            reasons[code] = reasons.get(code, 0) + amount
            counts[code] = counts.get(code, 0) + 1
            unexplained += abs(amount) if code == "unknown" else 0
    amounts = Amounts(
        name=name,
        attempts=len(entries),
        estimate_nano_usd=sum(e.cell.estimate.expected for e in entries if e.cell.estimate),
        estimate_unknown=sum(e.cell.estimate is None for e in entries),
        metered_nano_usd=sum(_nano(e, "metered") or 0 for e in entries),
        metered_unknown=_count(entries, _meter_unknown),
        billed_nano_usd=sum(_nano(e, "billed") or 0 for e in entries) + orphaned,
        awaited=_count(entries, _is_awaited),
        missing=_count(entries, _is_missing),
        corrected=sum(len(e.attempt.costs.get("billed", ())) > 1 for e in entries),
        reasons={code: reasons[code] for code in BILL_REASONS if code in reasons},
        counts={code: counts[code] for code in BILL_REASONS if code in counts},
        unexplained_nano_usd=unexplained,
    )
    if sum(reasons.values()) != amounts.difference_nano_usd:
        raise ValueError(f"the reasons of {name} do not add up to its difference")
    return amounts


def _count(entries: Iterable[Entry], is_one: Callable[[Entry], bool]) -> int:
    return sum(map(is_one, entries))


def _meter_unknown(entry: Entry) -> bool:
    return _nano(entry, "metered") is None and not costs_nothing(entry.attempt)


def _is_awaited(entry: Entry) -> bool:
    return entry.attempt.cost("billed") is None and not costs_nothing(entry.attempt)


def _is_missing(entry: Entry) -> bool:
    seen = entry.attempt.cost("billed")
    return seen is not None and seen.nano_usd is None and not costs_nothing(entry.attempt)


def _is_under_way(entry: Entry) -> bool:
    open_states = IN_FLIGHT | {"timed_out"}
    return entry.request_id is not None and entry.attempt.state in open_states


def _nano(entry: Entry, amount: str) -> int | None:
    cost = entry.attempt.cost(amount)
    return cost.nano_usd if cost else None

"""Sums over some attempts of what was estimated, metered and billed, and why these differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fal_experiments.core.bill_reasons import (
    BILL_REASONS,
    WITHOUT_CLIP,
    Reasons,
    costs_nothing,
    explain,
)
from fal_experiments.core.bill_rows import Accepted, agreed
from fal_experiments.core.model import Record
from fal_experiments.core.reconcile import Entry
from fal_experiments.core.usage import UsageLine

ORPHAN = "orphan_request"
NOTHING_ACCEPTED: Mapping[str, Accepted] = {}


class Compared(Record):
    """Estimate and bill of the attempts of which both are known, in nano-USD.

    One that gave no clip and was charged nothing is no matter of price, and not among them.
    """

    attempts: int
    estimate_nano_usd: int
    billed_nano_usd: int


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
    with_bill: int
    """Attempts of which a bill was seen."""
    awaited: int
    """Attempts whose bill may still come."""
    missing: int
    """Attempts that never came into the bill, though the settle window has passed."""
    held_nano_usd: int
    """What those two may still cost: metered where known, else the worst case."""
    corrected: int
    """Attempts whose bill has changed since it was first seen."""
    compared: Compared
    reasons: Reasons
    """Nano-USD by code; they add up to billed − estimate."""
    counts: dict[str, int]
    """How many attempts (for `orphan_request`: lines) have a code."""
    unexplained_nano_usd: int
    """What `unknown` and `orphan_request` are without their signs: too much here never makes up
    for too little there. What a person has agreed to is not in it."""

    @property
    def has_bill(self) -> bool:
        """True when what is billed is known at all: by a bill, or because nothing can cost."""
        return self.with_bill > 0 or ORPHAN in self.counts or self.awaited + self.missing == 0

    @property
    def can_compare(self) -> bool:
        """True when an estimate can be held against a bill, or nothing was charged in all."""
        is_free = not (self.awaited or self.missing or self.billed_nano_usd)
        return bool(self.compared.attempts) or (is_free and ORPHAN not in self.counts)

    @property
    def paid_without_clip_nano_usd(self) -> int:
        """What was billed for attempts that gave no clip."""
        return sum(self.reasons.get(code, 0) for code in set(WITHOUT_CLIP.values()))

    @property
    def without_clip(self) -> int:
        """How many attempts were billed and gave no clip."""
        return sum(self.counts.get(code, 0) for code in set(WITHOUT_CLIP.values()))

    @property
    def difference_nano_usd(self) -> int:
        """Billed − estimate; what is unknown counts as 0 on its side."""
        return self.billed_nano_usd - self.estimate_nano_usd


def amounts_of(
    name: str,
    entries: Sequence[Entry],
    open_orphans: Sequence[UsageLine] = (),
    accepted: Mapping[str, Accepted] = NOTHING_ACCEPTED,
) -> Amounts:
    """Return the sums over some attempts, and lines that nobody has explained.

    `accepted`: attempts of which a person has said that their bill is right.

    Raises: ValueError when reasons do not add up to their difference, which no input may cause.
    """
    orphaned = sum(line.nano_usd for line in open_orphans)
    reasons: Reasons = {ORPHAN: orphaned} if orphaned else {}
    counts: dict[str, int] = {ORPHAN: len(open_orphans)} if orphaned else {}
    unexplained = sum(abs(line.nano_usd) for line in open_orphans)
    for entry in entries:
        for code, amount in explain(entry.cell, entry.attempt, entry.preset).items():
            reasons[code] = reasons.get(code, 0) + amount
            counts[code] = counts.get(code, 0) + 1
            is_open = code == "unknown" and not agreed(entry, code, amount, accepted)
            unexplained += abs(amount) if is_open else 0
    amounts = Amounts(
        name=name,
        attempts=len(entries),
        estimate_nano_usd=sum(e.cell.estimate.expected for e in entries if e.cell.estimate),
        estimate_unknown=sum(e.cell.estimate is None for e in entries),
        metered_nano_usd=sum(_nano(e, "metered") or 0 for e in entries),
        metered_unknown=_count(entries, _meter_unknown),
        billed_nano_usd=sum(_nano(e, "billed") or 0 for e in entries) + orphaned,
        with_bill=_count(entries, _has_bill),
        awaited=_count(entries, _is_awaited),
        missing=_count(entries, is_missing),
        held_nano_usd=sum(
            e.attempt.counted_nano_usd for e in entries if _is_awaited(e) or is_missing(e)
        ),
        corrected=sum(bool(e.attempt.bill_changes) for e in entries),
        compared=_compared(entries),
        reasons={code: reasons[code] for code in BILL_REASONS if code in reasons},
        counts={code: counts[code] for code in BILL_REASONS if code in counts},
        unexplained_nano_usd=unexplained,
    )
    if sum(reasons.values()) != amounts.difference_nano_usd:
        raise ValueError(f"the reasons of {name} do not add up to its difference")
    return amounts


def _compared(entries: Iterable[Entry]) -> Compared:
    pairs = [
        (entry.cell.estimate.expected, billed)
        for entry in entries
        if entry.cell.estimate is not None
        and (billed := _nano(entry, "billed")) is not None
        and (billed or entry.attempt.state not in WITHOUT_CLIP)
    ]
    return Compared(
        attempts=len(pairs),
        estimate_nano_usd=sum(expected for expected, _ in pairs),
        billed_nano_usd=sum(billed for _, billed in pairs),
    )


def _count(entries: Iterable[Entry], is_one: Callable[[Entry], bool]) -> int:
    return sum(map(is_one, entries))


def _meter_unknown(entry: Entry) -> bool:
    return _nano(entry, "metered") is None and not costs_nothing(entry.attempt)


def _has_bill(entry: Entry) -> bool:
    return _nano(entry, "billed") is not None


def _is_awaited(entry: Entry) -> bool:
    return entry.attempt.cost("billed") is None and not costs_nothing(entry.attempt)


def is_missing(entry: Entry) -> bool:
    """Tell whether a bill should have come and never did."""
    seen = entry.attempt.cost("billed")
    return seen is not None and seen.nano_usd is None and not costs_nothing(entry.attempt)


def _nano(entry: Entry, amount: str) -> int | None:
    cost = entry.attempt.cost(amount)
    return cost.nano_usd if cost else None

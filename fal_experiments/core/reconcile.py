"""Bills against the ledger, both ways: which line is whose, and what an attempt now costs.

Nothing here knows the clock: the moment from which a missing bill counts as missing is handed in.
Running it again on its own results changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt, Cost
from fal_experiments.core.events import CostObserved
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell
from fal_experiments.core.preset import Preset
from fal_experiments.core.usage import UsageLine

SETTLE_WINDOW = timedelta(hours=48)
"""How long a bill may take to come (references/peers.md D3.7)."""
EXPORT_GRAIN = timedelta(days=1)
"""How coarse the moments of an exported bill may be."""
NO_LINE = "the bill has no line for this request"


class Entry(NamedTuple):
    """One attempt with what is needed to explain its bill."""

    batch: str
    cell: Cell
    attempt: Attempt
    preset: Preset

    @property
    def request_id(self) -> str | None:
        """The provider's name of the job; None where the answer to the submit was lost."""
        return self.attempt.ticket.request_id if self.attempt.ticket else self.attempt.named

    @property
    def key(self) -> tuple[str, str, int]:
        """Batch, cell and number of the attempt."""
        return self.batch, self.cell.cell_id, self.attempt.number

    @property
    def row_id(self) -> str:
        """The ledger's name of the attempt."""
        return "/".join(map(str, self.key))


class Observation(Record):
    """A billed amount that an attempt's log does not have yet."""

    batch: str
    cell: str
    attempt: int
    nano_usd: int | None
    """None: the settle window has passed without a line."""
    units: Decimal | None = None
    unit_price_usd: Decimal | None = None
    discount_nano_usd: int | None = None
    billed_as: str | None = None
    billed_at: datetime | None = None
    lines: int = 1
    source: str


class Matched(NamedTuple):
    """What a bill says of the attempts, and what it holds besides."""

    observations: tuple[Observation, ...]
    """Only what is new: a first bill, or a correction of an earlier one."""
    orphans: tuple[UsageLine, ...]
    """Lines of requests that no attempt has made; each once, oldest first."""
    listed_again: int
    """Lines that were word for word there already: pages that overlap, an import beside the API."""


def match(
    entries: Sequence[Entry],
    lines: Sequence[UsageLine],
    *,
    complete_until: datetime | None,
    elsewhere: Collection[str] = (),
) -> Matched:
    """Return what `lines` say that the attempts do not know yet.

    Lines that are equal in every word are one line; different lines of one request are all
    charged. An attempt without a line is left as it is until its settle window has passed.

    Args:
        complete_until: attempts that ended (or, without an end, began) before it and have no line
            are taken as never billed; None where the lines are not all there are (an import of a
            part): then fewer lines of a request than are known already take nothing back.
        elsewhere: request ids of attempts that are not among the entries, and so no orphans.
    """
    by_digest = {line.digest: line for line in sorted(lines, key=_in_time)}
    by_request: dict[str | None, list[UsageLine]] = defaultdict(list)
    for line in by_digest.values():
        by_request[line.request_id].append(line)
    observations = []
    for entry in entries:
        # of two attempts that claim one request, the first has its lines: it was charged once
        own = by_request.pop(entry.request_id, []) if entry.request_id else []
        seen = _observed(entry, own, complete_until)
        is_less = complete_until is None and seen is not None and _has_fewer(entry.attempt, seen)
        if seen is not None and is_news(entry.attempt, seen) and not is_less:
            observations.append(seen)
    ours = {entry.request_id for entry in entries if entry.request_id} | set(elsewhere)
    orphans = [line for line in by_digest.values() if line.request_id not in ours]
    return Matched(tuple(observations), tuple(orphans), len(lines) - len(by_digest))


def may_be_billed(attempt: Attempt) -> bool:
    """Tell whether a bill can name an attempt: one that was refused at the door never was a job."""
    return attempt.state != "rejected"


def _observed(
    entry: Entry, own: Sequence[UsageLine], complete_until: datetime | None
) -> Observation | None:
    batch, cell, number = entry.key
    if own:
        discounts = _taken_off(own)
        units = [line.units for line in own]
        prices = {line.unit_price_usd for line in own}
        return Observation(
            batch=batch,
            cell=cell,
            attempt=number,
            nano_usd=sum(line.nano_usd for line in own),
            units=None if None in units else sum((u for u in units if u), Decimal(0)),
            unit_price_usd=prices.pop() if len(prices) == 1 else None,
            discount_nano_usd=sum(discounts) if discounts else None,
            billed_as=own[-1].endpoint,
            billed_at=own[-1].at,
            lines=len(own),
            source=own[-1].source,
        )
    attempt = entry.attempt
    last_at = attempt.ended_at or attempt.completed_at or attempt.intended_at
    if complete_until is None or not may_be_billed(attempt) or entry.request_id is None:
        return None
    if last_at >= complete_until or attempt.cost("billed") is not None:
        return None
    return Observation(batch=batch, cell=cell, attempt=number, nano_usd=None, source=NO_LINE)


def _taken_off(lines: Sequence[UsageLine]) -> list[int]:
    """Return what lines take off: discounts, and credits for no more than was charged."""
    off = [line.discount_nano_usd for line in lines if line.discount_nano_usd is not None]
    credit = sum(-line.nano_usd for line in lines if line.nano_usd < 0)
    charged = sum(line.nano_usd for line in lines if line.nano_usd > 0)
    return [*off, credit] if 0 < credit <= charged else off


def is_news(attempt: Attempt, seen: Observation) -> bool:
    """Tell whether the attempt's log does not say yet what was observed, whoever said it."""
    known = attempt.cost("billed")
    return known is None or not _says(known, seen)


def _has_fewer(attempt: Attempt, seen: Observation) -> bool:
    """Tell whether more lines of the attempt's request are known already than were seen now."""
    known = attempt.cost("billed")
    return known is not None and known.nano_usd is not None and seen.lines < known.lines


def _says(known: Cost, seen: Observation) -> bool:
    if known.nano_usd != seen.nano_usd or known.lines != seen.lines:
        return False
    # an export says less than the API: what it leaves out contradicts nothing
    return all(
        now is None or now == before
        for before, now in (
            (known.units, seen.units),
            (known.unit_price_usd, seen.unit_price_usd),
            (known.discount_nano_usd, seen.discount_nano_usd),
            (known.billed_as, seen.billed_as),
        )
    ) and _is_same_day(known.billed_at, seen.billed_at)


def _is_same_day(before: datetime | None, now: datetime | None) -> bool:
    """Tell whether two moments are one, as far as an export by the hour or the day can tell."""
    return before is None or now is None or abs(now - before) <= EXPORT_GRAIN


def _in_time(line: UsageLine) -> tuple[datetime, str, str, str]:
    return line.at, line.at_text, line.request_id or "", line.digest


def billed_event(seen: Observation, at: datetime) -> CostObserved:
    """Return an observation as the event that the batch's log gets."""
    return CostObserved(at=at, amount="billed", **seen.model_dump())

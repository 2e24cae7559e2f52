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
from fal_experiments.core.usage import UsageLine, may_be_one_moment

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
        return self.attempt.request_id

    @property
    def name(self) -> str:
        """What a person calls it: its request id, else its row."""
        return self.request_id or self.row_id

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


class Part(NamedTuple):
    """What an incomplete bill says of a request of which another amount is known.

    It has a line that the known amount is not of: whether it takes that one's place or is charged
    besides cannot be told.
    """

    request_id: str
    nano_usd: int
    at: datetime
    known_nano_usd: int
    known_at: datetime
    source: str


class Matched(NamedTuple):
    """What a bill says of the attempts, and what it holds besides."""

    observations: tuple[Observation, ...]
    """Only what is new: a first bill, or a correction of an earlier one."""
    orphans: tuple[UsageLine, ...]
    """Lines of requests that no attempt has made; each once, oldest first."""
    parts: tuple[Part, ...]
    """Lines that can neither replace nor add to what is known; nothing is observed of them."""
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
    observations, parts = [], []
    for entry in entries:
        # of two attempts that claim one request, the first has its lines: it was charged once
        own = by_request.pop(entry.request_id, []) if entry.request_id else []
        seen, known = _observed(entry, own, complete_until), entry.attempt.cost("billed")
        if seen is not None and complete_until is None and known is not None:
            # an export calls endpoints by other names than the provider's answers do
            seen = seen.model_copy(update={"billed_as": known.billed_as or seen.billed_as})
            part = _part(own, known, seen)
            parts += [part] if part else []
            if part or _has_fewer(known, seen):
                continue
        if seen is not None and is_news(entry.attempt, seen):
            observations.append(seen)
    ours = {entry.request_id for entry in entries if entry.request_id} | set(elsewhere)
    orphans = [line for line in by_digest.values() if line.request_id not in ours]
    return Matched(tuple(observations), tuple(orphans), tuple(parts), len(lines) - len(by_digest))


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
    if complete_until is None or not may_be_billed(attempt):
        return None
    if entry.request_id is None and attempt.state != "abandoned":
        return None  # it may still be found
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


def _has_fewer(known: Cost, seen: Observation) -> bool:
    """Tell whether more lines of a request are known already than were seen now."""
    return known.nano_usd is not None and seen.lines < known.lines


def _part(own: Sequence[UsageLine], known: Cost, seen: Observation) -> Part | None:
    """Return what was seen where it has a line that the known amount is not of; else None.

    `known.billed_at` is the latest of the known lines: an earlier one may be among them.
    """
    if not own or known.nano_usd is None:
        return None
    last_at = known.billed_at
    if last_at is None or own[0].request_id is None:
        return None
    has_known = any(may_be_one_moment(line.at, last_at) for line in own)
    may_be_of_known = _has_fewer(known, seen) and own[-1].at < last_at
    later = [one for one in own if one.at > last_at and not may_be_one_moment(one.at, last_at)]
    lacks_known = bool(later) and len(own) - len(later) < known.lines
    amount = sum(line.nano_usd for line in own)
    is_credit_alone = amount < 0 <= known.nano_usd
    if (has_known or may_be_of_known) and not (lacks_known or is_credit_alone):
        return None
    return Part(own[0].request_id, amount, own[-1].at, known.nano_usd, last_at, own[-1].source)


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

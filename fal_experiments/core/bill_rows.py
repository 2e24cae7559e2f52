"""Attempts whose bill a person may want to see one by one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from fal_experiments.core.attempt import Cost
from fal_experiments.core.bill_reasons import BILL_REASONS, explain
from fal_experiments.core.model import Record
from fal_experiments.core.reconcile import Entry

BAD_TONES = {"bad", "warn"}


class Accepted(NamedTuple):
    """Why a person has set something aside."""

    reason: str
    nano_usd: int | None = None
    """The amount that it was then: another one is another question. None where it had none."""


def agreed(entry: Entry, code: str, nano_usd: int, accepted: Mapping[str, Accepted]) -> str:
    """Return why a person has agreed to a reason of an attempt; nothing where nobody has."""
    said = accepted.get(entry.name)
    asked = {"missing_event": None, "unknown": nano_usd}
    is_this = said is not None and code in asked and said.nano_usd == asked[code]
    return said.reason if said is not None and is_this else ""


class Units(Record):
    """Units at a price, as a response or a bill states them."""

    nano_usd: int | None
    units: Decimal | None
    unit_price_usd: Decimal | None


class BillRow(Record):
    """One reason of one attempt, with what was metered and what is billed."""

    row_id: str
    request_id: str | None
    preset: str
    endpoint: str
    code: str
    nano_usd: int
    """What the reason comes to."""
    metered: Units | None
    billed: Units | None
    lines: int
    """How many lines of the bill name the request."""
    accepted: str = ""
    """What a person said of it."""

    @property
    def is_bad(self) -> bool:
        """True for money that nobody meant to spend, and for what is unknown."""
        return BILL_REASONS[self.code].tone in BAD_TONES


class Correction(Record):
    """An attempt whose bill has changed since it was first seen."""

    row_id: str
    request_id: str | None
    before_nano_usd: int | None
    """The amount that was seen last before; None: the bill had no line."""
    now_nano_usd: int | None
    before_at: datetime
    now_at: datetime


class Elsewhere(Record):
    """An attempt that is billed under another endpoint than it was sent to."""

    row_id: str
    endpoint: str
    billed_as: str
    nano_usd: int | None


class Lost(Record):
    """An attempt without a request id: a bill cannot be matched with it."""

    row_id: str
    cell_id: str
    preset: str
    endpoint: str
    state: str
    worst_case_nano_usd: int

    @property
    def is_given_up(self) -> bool:
        """True when a person, or the matrix, has decided not to look for it any more."""
        return self.state == "abandoned"


def bill_rows(entries: Iterable[Entry], accepted: Mapping[str, Accepted]) -> Iterator[BillRow]:
    """Yield each reason of each attempt."""
    for entry in entries:
        metered, billed = entry.attempt.cost("metered"), entry.attempt.cost("billed")
        for code, amount in explain(entry.cell, entry.attempt, entry.preset).items():
            yield BillRow(
                row_id=entry.row_id,
                request_id=entry.request_id,
                preset=entry.cell.at.preset,
                endpoint=entry.attempt.endpoint,
                code=code,
                nano_usd=amount,
                metered=_units(metered),
                billed=_units(billed),
                lines=billed.lines if billed and billed.nano_usd is not None else 0,
                accepted=agreed(entry, code, amount, accepted),
            )


def _units(cost: Cost | None) -> Units | None:
    if cost is None:
        return None
    return Units(nano_usd=cost.nano_usd, units=cost.units, unit_price_usd=cost.unit_price_usd)


def corrections(entries: Iterable[Entry]) -> Iterator[Correction]:
    """Yield the attempts whose bill has changed, with the last two amounts."""
    for entry in entries:
        for before, now in entry.attempt.bill_changes[-1:]:
            yield Correction(
                row_id=entry.row_id,
                request_id=entry.request_id,
                before_nano_usd=before.nano_usd,
                now_nano_usd=now.nano_usd,
                before_at=before.at,
                now_at=now.at,
            )


def lost_ones(entries: Iterable[Entry]) -> Iterator[Lost]:
    """Yield the submissions without an answer, those that were given up too."""
    for entry in entries:
        is_lost = entry.attempt.state in {"submission_unknown", "submitting", "abandoned"}
        if entry.request_id is None and is_lost:
            yield Lost(
                row_id=entry.row_id,
                cell_id=entry.cell.cell_id,
                preset=entry.cell.at.preset,
                endpoint=entry.attempt.endpoint,
                state=entry.attempt.state,
                worst_case_nano_usd=entry.attempt.counted_nano_usd,
            )


def elsewhere(entries: Iterable[Entry]) -> Iterator[Elsewhere]:
    """Yield the attempts that are billed under another endpoint."""
    for entry in entries:
        seen = entry.attempt.cost("billed")
        if seen and seen.billed_as and seen.billed_as != entry.attempt.endpoint:
            yield Elsewhere(
                row_id=entry.row_id,
                endpoint=entry.attempt.endpoint,
                billed_as=seen.billed_as,
                nano_usd=seen.nano_usd,
            )

"""Attempts whose bill a person may want to see one by one."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fal_experiments.core.bill_reasons import BILL_REASONS, explain
from fal_experiments.core.model import Record
from fal_experiments.core.reconcile import Entry

ODD_TONES = {"bad", "warn"}


class Odd(Record):
    """An attempt with a reason that is no matter of course, and what its bill says."""

    row_id: str
    request_id: str | None
    endpoint: str
    code: str
    nano_usd: int
    """What the reason comes to."""
    billed_nano_usd: int | None
    units: Decimal | None
    unit_price_usd: Decimal | None
    lines: int


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


def odd_ones(entries: Iterable[Entry]) -> Iterator[Odd]:
    """Yield each reason of bad tone, attempt by attempt."""
    for entry in entries:
        seen = entry.attempt.cost("billed")
        for code, amount in explain(entry.cell, entry.attempt, entry.preset).items():
            if BILL_REASONS[code].tone in ODD_TONES:
                yield Odd(
                    row_id=entry.row_id,
                    request_id=entry.request_id,
                    endpoint=entry.attempt.endpoint,
                    code=code,
                    nano_usd=amount,
                    billed_nano_usd=seen.nano_usd if seen else None,
                    units=seen.units if seen else None,
                    unit_price_usd=seen.unit_price_usd if seen else None,
                    lines=seen.lines if seen else 0,
                )


def lost_ones(entries: Iterable[Entry]) -> Iterator[Lost]:
    """Yield the submissions without an answer."""
    for entry in entries:
        is_open = entry.attempt.state in {"submission_unknown", "submitting"}
        if entry.request_id is None and is_open:
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

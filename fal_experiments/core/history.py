"""Own ledger → what equal requests have really cost: the best guess at what the next one will."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import median_high
from typing import Any, NamedTuple

from fal_experiments.core.foreign import exact_number

MIN_SAMPLES = 5
"""Fewer say too little of what a request costs (the issue that asked for this names five)."""
WINDOW = 9
"""The median is of the youngest: five attempts after a price has changed, it has changed too."""


class Paid(NamedTuple):
    """What one attempt has cost, as far as the provider has told."""

    price_key: str
    nano_usd: int
    day: str
    """The UTC date of its submission."""
    at: str
    units: Decimal | None = None
    """What it was billed for, else metered; None where neither was told."""


class Samples(NamedTuple):
    """What equal requests have cost. All amounts are some attempt's own, never a mean."""

    n: int
    """How many attempts the median is of."""
    median: int
    low: int
    high: int
    """The least and the most that any of them has cost, the older ones too."""
    youngest: str
    units: Decimal | None = None
    """Of the youngest attempt that cost the median."""

    @property
    def is_enough(self) -> bool:
        """Tell whether an estimate may rest on them."""
        return self.n >= MIN_SAMPLES


Row = Mapping[str, Any]
"""A ledger row as plain JSON data."""


def samples_of(rows: Iterable[Row]) -> dict[str, Samples]:
    """Return what the attempts of each price key have cost, from ledger rows, oldest first.

    The latest row of an attempt counts. Only finished attempts whose cost is known: the billed
    amount before the metered one. What is not told is no sample, and a metered zero is not told:
    a header of 0 units is no proof that nothing is billed (references/fal-platform.md 4.1).
    """
    latest = {row.get("row_id"): row for row in rows}
    by_key: dict[str, list[Paid]] = {}
    for row in latest.values():
        paid = _paid(row)
        if paid is not None:
            by_key.setdefault(paid.price_key, []).append(paid)
    return {key: _samples(paid) for key, paid in by_key.items()}


def _samples(paid: list[Paid]) -> Samples:
    in_order = sorted(paid, key=lambda one: one.at)
    young = in_order[-WINDOW:]
    amounts = [one.nano_usd for one in in_order]
    median = median_high(one.nano_usd for one in young)
    return Samples(
        n=len(young),
        median=median,
        low=min(amounts),
        high=max(amounts),
        youngest=young[-1].day,
        units=[one.units for one in young if one.nano_usd == median][-1],
    )


def _paid(row: Row) -> Paid | None:
    billed, metered = row.get("billed_nano_usd"), row.get("metered_nano_usd")
    nano_usd = billed if billed is not None else (metered or None)
    key, at = row.get("price_key"), row.get("submitted_at")
    if row.get("state") != "done" or row.get("strict_breach") is not None or nano_usd is None:
        return None
    if not isinstance(nano_usd, int) or not isinstance(key, str) or not key:
        return None
    told = row.get("billed_units")
    units = exact_number(told if told is not None else row.get("billable_units"))
    return Paid(key, nano_usd, str(at)[:10], str(at), units)

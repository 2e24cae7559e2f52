"""Amounts of a bill as text: every one with as many places as the finest of them needs."""

from collections.abc import Iterator

from fal_experiments.core.books import Books
from fal_experiments.core.money import usd_from_nano

LEAST_PLACES, MOST_PLACES = 2, 9


class BillMoney:
    """How amounts are written: all with the same number of places, so that columns add up."""

    def __init__(self, places: int) -> None:
        self._places = places

    def plain(self, nano_usd: int | None) -> str:
        """Return an amount as it stands, `unknown` for None."""
        if nano_usd is None:
            return "unknown"
        sign = "-" if nano_usd < 0 else ""
        return f"{sign}${usd_from_nano(abs(nano_usd)):,.{self._places}f}"

    def signed(self, nano_usd: int) -> str:
        """Return an amount with its sign."""
        return f"+{self.plain(nano_usd)}" if nano_usd > 0 else self.plain(nano_usd)


def places_of(books: Books) -> int:
    """Return how many places it takes to write every amount exactly."""
    least = LEAST_PLACES
    for nano_usd in _amounts(books):
        while nano_usd % 10 ** (MOST_PLACES - least):
            least += 1
    return least


def _amounts(books: Books) -> Iterator[int]:
    for amounts in (*books.presets, books.total):
        yield from (amounts.estimate_nano_usd, amounts.metered_nano_usd, amounts.billed_nano_usd)
        yield from amounts.reasons.values()
        yield amounts.held_nano_usd
    yield from (orphan.line.nano_usd for orphan in books.orphans)
    yield from (one.worst_case_nano_usd for one in books.lost)
    for one in books.corrections:
        yield from (one.before_nano_usd or 0, one.now_nano_usd or 0)
    for check in books.cross_checks:
        yield from (check.lines_nano_usd, check.usage_nano_usd)

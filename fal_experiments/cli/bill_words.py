"""The books of a reconciliation as tables: per preset, by reason, and what to do next."""

from collections.abc import Iterator, Sequence

import click

from fal_experiments.cli.console import heading, print_table
from fal_experiments.core.bill_reasons import BILL_REASONS
from fal_experiments.core.books import ORPHAN, Amounts, Books
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd, usd_from_nano
from fal_experiments.core.odd_rows import Odd
from fal_experiments.core.usage_import import TOTALS_ONLY

MOST_ROWS = 20
"""Of a table that may be long: a person reads no more, and --json has them all."""


def print_books(books: Books, *, exact: bool, exceeded: str | None) -> None:
    """Print the books for a person. The same books print the same bytes."""
    shown = _Money(exact=exact)
    _print_presets(books, shown)
    _print_reasons(books.total, shown)
    _print_odd(books, shown)
    _print_orphans(books, shown)
    _print_elsewhere(books, shown)
    _print_lost(books, shown)
    _print_cross_checks(books, shown)
    click.echo(f"\nSource: {books.source}.")
    for words in _next(books, exceeded):
        click.echo(words)


class _Money:
    """How amounts are written: rounded for reading, or every nano-dollar of them."""

    def __init__(self, *, exact: bool) -> None:
        self._exact = exact

    def plain(self, nano_usd: int) -> str:
        if self._exact:
            sign = "-" if nano_usd < 0 else ""
            return f"{sign}${usd_from_nano(abs(nano_usd)):,.9f}"
        return format_usd(nano_usd)

    def signed(self, nano_usd: int) -> str:
        return f"+{self.plain(nano_usd)}" if nano_usd > 0 else self.plain(nano_usd)


def _print_presets(books: Books, shown: _Money) -> None:
    head = ["preset", "attempts", "estimate", "metered", "billed", "difference", "bills", "why"]
    rows = [_line(amounts, shown) for amounts in books.presets]
    if books.orphaned:
        rows.append(_line_of_orphans(books.orphaned, shown))
    if len(rows) > 1:
        rows.append(_line(books.total, shown))
    print_table(head, rows, right="attempts estimate metered billed difference")


def _line(amounts: Amounts, shown: _Money) -> list[str]:
    unknown_estimate = amounts.estimate_unknown == amounts.attempts
    bills = amounts.attempts - amounts.awaited - amounts.missing
    has_bill = bills > 0 or ORPHAN in amounts.counts
    waiting = [f"{amounts.awaited} awaited"] if amounts.awaited else []
    waiting += [f"{amounts.missing} missing"] if amounts.missing else []
    waiting += [f"{amounts.corrected} corrected"] if amounts.corrected else []
    return [
        amounts.name,
        str(amounts.attempts),
        "unknown" if unknown_estimate else shown.plain(amounts.estimate_nano_usd),
        _known(amounts.metered_nano_usd, amounts.metered_unknown, amounts.attempts, shown),
        shown.plain(amounts.billed_nano_usd) if has_bill else "unknown",
        shown.signed(amounts.difference_nano_usd) if has_bill else "–",
        ", ".join(waiting) or "all here",
        ", ".join(amounts.reasons) or "–",
    ]


def _line_of_orphans(amounts: Amounts, shown: _Money) -> list[str]:
    lines = plural(amounts.counts[ORPHAN], "line")
    billed = amounts.billed_nano_usd
    return [amounts.name, "–", "–", "–", shown.plain(billed), shown.signed(billed), lines, ORPHAN]


def _known(nano_usd: int, unknown: int, attempts: int, shown: _Money) -> str:
    if unknown == attempts:
        return "unknown"
    more = f" + {unknown} unknown" if unknown else ""
    return f"{shown.plain(nano_usd)}{more}"


def _print_reasons(total: Amounts, shown: _Money) -> None:
    if not total.reasons:
        click.echo("\nBilled is the estimate, to the nano-dollar.")
        return
    click.echo()
    heading("Why billed is not the estimate")
    rows = [
        [code, shown.signed(amount), str(total.counts[code]), BILL_REASONS[code].says]
        for code, amount in total.reasons.items()
    ]
    rows.append(["billed − estimate", shown.signed(total.difference_nano_usd), "", ""])
    print_table(["reason", "amount", "count", "what it is"], rows, right="amount count")


def _print_odd(books: Books, shown: _Money) -> None:
    if not books.odd:
        return
    click.echo()
    heading("Attempts to look at")
    rows = [
        [
            one.row_id,
            one.request_id or "none",
            one.code,
            shown.signed(one.nano_usd),
            _as_billed(one, shown),
        ]
        for one in books.odd[:MOST_ROWS]
    ]
    print_table(["row", "request", "reason", "amount", "its bill"], rows, right="amount")
    if len(books.odd) > MOST_ROWS:
        click.echo(f"… and {len(books.odd) - MOST_ROWS} more: --json has them all.")


def _as_billed(one: Odd, shown: _Money) -> str:
    if one.billed_nano_usd is None:
        return "no line"
    words = shown.plain(one.billed_nano_usd)
    if one.units is not None and one.unit_price_usd is not None:
        words += f" = {one.units.normalize():f} × ${one.unit_price_usd.normalize():f}"
    return f"{words} in {one.lines} lines" if one.lines > 1 else words


def _print_orphans(books: Books, shown: _Money) -> None:
    if not books.orphans:
        return
    click.echo()
    heading("Lines of the bill that no attempt here explains")
    rows = [
        [
            orphan.line.name,
            orphan.line.endpoint,
            orphan.line.at_text,
            shown.plain(orphan.line.nano_usd),
            f"{orphan.decision}: {orphan.reason}" if orphan.reason else orphan.decision,
        ]
        for orphan in books.orphans
    ]
    print_table(["request", "endpoint", "booked", "billed", "decision"], rows, right="billed")


def _print_elsewhere(books: Books, shown: _Money) -> None:
    if not books.billed_elsewhere:
        return
    click.echo()
    heading("Billed under another endpoint")
    rows = [
        [one.row_id, one.endpoint, one.billed_as, format_usd(one.nano_usd)]
        if one.nano_usd is None
        else [one.row_id, one.endpoint, one.billed_as, shown.plain(one.nano_usd)]
        for one in books.billed_elsewhere
    ]
    print_table(["row", "sent to", "billed as", "billed"], rows, right="billed")


def _print_lost(books: Books, shown: _Money) -> None:
    if not books.lost:
        return
    click.echo()
    heading("Submissions without an answer")
    rows = [
        [one.row_id, one.preset, one.state, shown.plain(one.worst_case_nano_usd)]
        for one in books.lost
    ]
    print_table(["row", "preset", "state", "up to"], rows, right="up to")


def _print_cross_checks(books: Books, shown: _Money) -> None:
    if not books.cross_checks:
        return
    click.echo()
    known = "what is known here" if books.source == TOTALS_ONLY else "the sum of the bill's lines"
    heading(f"Usage totals that are not {known}")
    rows = [
        [
            one.endpoint,
            shown.plain(one.lines_nano_usd),
            shown.plain(one.usage_nano_usd),
            shown.signed(one.usage_nano_usd - one.lines_nano_usd),
        ]
        for one in books.cross_checks
    ]
    ours = "known" if books.source == TOTALS_ONLY else "lines"
    print_table(["endpoint", ours, "usage", "difference"], rows, right=f"{ours} usage difference")


def _next(books: Books, exceeded: str | None) -> Iterator[str]:
    """Yield what holds now, and what a person can do."""
    total, names = books.total, _names(books.batches)
    if books.is_closed and not books.needs_person:
        yield "The books are closed: every attempt has its bill, and every difference its reason."
    if exceeded:
        yield f"Billed differs from the estimate by more than {exceeded}."
    if books.under_way:
        yield (
            f"{plural(books.under_way, 'job')} without an end here: fal-exp resume {names} "
            "collects what became of them."
        )
    if total.awaited:
        yield (
            f"{plural(total.awaited, 'bill')} may still come: provisional. Again later: "
            f"fal-exp reconcile {names} --wait 600"
        )
    if total.missing:
        yield (
            f"{plural(total.missing, 'attempt')} never came into the bill: ask the provider, with "
            "the request ids above."
        )
    if "unknown" in total.counts:
        unexplained = sum(amounts.unexplained_nano_usd for amounts in books.presets)
        yield f"{format_usd(unexplained)} is not explained: see the rows with reason unknown above."
    yield from _about_orphans(books, names)
    for lost in books.lost[:1]:
        yield (
            f"{plural(len(books.lost), 'submission')} without an answer: fal-exp resume "
            f"{lost.row_id.split('/')[0]} looks for them at the provider."
        )
    if books.cross_checks:
        yield "The provider's own totals hold more, or less, than its lines: ask again later."


def _about_orphans(books: Books, names: str) -> Iterator[str]:
    """Yield what a person can say of the first line without an attempt."""
    for orphan in books.open_orphans[:1]:
        count = plural(len(books.open_orphans), "line")
        same = [lost for lost in books.lost if lost.endpoint == orphan.line.endpoint]
        batch = same[0].row_id.split("/")[0] if same else ""
        yield f"{count} without an attempt: somebody else on the account, or a lost submission."
        yield f"  Not ours: fal-exp reconcile {names} --ignore {orphan.line.name} --reason …"
        if same:
            yield (
                f"  The submission without an answer to {orphan.line.endpoint}: fal-exp reconcile "
                f"{batch} --adopt {orphan.line.name} --cell {same[0].cell_id}"
            )


def _names(batches: Sequence[str]) -> str:
    return " ".join(batches) if len(batches) <= 3 else "BATCH …"

"""The books of a reconciliation as tables: per preset, by reason, and row by row."""

from collections.abc import Iterable, Sequence

import click

from fal_experiments.cli.bill_money import MOST_PLACES, BillMoney, places_of
from fal_experiments.cli.console import heading, print_table
from fal_experiments.core.amounts import Amounts
from fal_experiments.core.bill_reasons import BILL_REASONS
from fal_experiments.core.bill_rows import BillRow, Units
from fal_experiments.core.books import Books
from fal_experiments.core.labels import plural, time_label
from fal_experiments.core.usage_import import TOTALS_ONLY

MOST_ROWS = 20
"""Of a table that may be long: a person reads no more, and --json has them all."""


def print_books(books: Books, *, exact: bool, all_rows: bool) -> None:
    """Print the books for a person. The same books print the same bytes."""
    shown = BillMoney(MOST_PLACES if exact else places_of(books))
    _print_presets(books, shown)
    _print_reasons(books, shown)
    _print_rows(books, shown, all_rows=all_rows)
    _print_corrections(books, shown)
    _print_orphans(books, shown)
    _print_elsewhere(books, shown)
    _print_lost(books, shown)
    _print_cross_checks(books, shown)
    click.echo(f"\nSource: {books.source}.{_totals_words(books)}")
    for words in _facts(books, shown):
        click.echo(words)


def _print_presets(books: Books, shown: BillMoney) -> None:
    head = ["preset", "attempts", "estimate", "metered", "billed", "difference", "bills"]
    rows = [_line(amounts, shown) for amounts in books.presets]
    if books.orphaned:
        billed, lines = books.orphaned.billed_nano_usd, len(books.open_orphans)
        more = [shown.plain(billed), shown.signed(billed), plural(lines, "line")]
        rows.append([books.orphaned.name, "–", "–", "–", *more])
    if len(rows) > 1:
        rows.append(_line(books.total, shown))
    print_table(head, rows, right="attempts estimate metered billed difference")


def _line(amounts: Amounts, shown: BillMoney) -> list[str]:
    unknown_estimate = amounts.estimate_unknown == amounts.attempts
    waiting = [f"{amounts.awaited} awaited"] if amounts.awaited else []
    waiting += [f"{amounts.missing} missing"] if amounts.missing else []
    waiting += [f"{amounts.corrected} corrected"] if amounts.corrected else []
    return [
        amounts.name,
        str(amounts.attempts),
        "unknown" if unknown_estimate else shown.plain(amounts.estimate_nano_usd),
        _known(amounts.metered_nano_usd, amounts.metered_unknown, amounts.attempts, shown),
        shown.plain(amounts.billed_nano_usd) if amounts.has_bill else "unknown",
        shown.signed(amounts.difference_nano_usd) if amounts.has_bill else "unknown",
        ", ".join(waiting) or "all",
    ]


def _known(nano_usd: int, unknown: int, attempts: int, shown: BillMoney) -> str:
    if unknown == attempts:
        return "unknown"
    more = f" + {unknown} unknown" if unknown else ""
    return f"{shown.plain(nano_usd)}{more}"


def _print_reasons(books: Books, shown: BillMoney) -> None:
    total = books.total
    if not total.has_bill:
        click.echo("\nNo bill is known yet: nothing is said of how it differs.")
        return
    if not total.reasons:
        click.echo("\nBilled is the estimate, to the nano-dollar.")
        return
    click.echo()
    heading("Why billed is not the estimate")
    parts = [part for part in (*books.presets, books.orphaned) if part and part.reasons]
    has_several = len(books.presets) > 1 or books.orphaned is not None
    rows = [row for part in parts for row in _reasons(part, shown)] if has_several else []
    rows += _reasons(total, shown)
    rows.append(["", "billed − estimate", shown.signed(total.difference_nano_usd), "", ""])
    print_table(["preset", "reason", "amount", "count", "what it is"], rows, right="amount count")


def _reasons(amounts: Amounts, shown: BillMoney) -> list[list[str]]:
    says = amounts.name == "total"
    return [
        [
            "" if index else amounts.name,
            code,
            shown.signed(amount),
            str(amounts.counts[code]),
            BILL_REASONS[code].says if says else "",
        ]
        for index, (code, amount) in enumerate(amounts.reasons.items())
    ]


def _print_rows(books: Books, shown: BillMoney, *, all_rows: bool) -> None:
    wanted = [row for row in books.rows if all_rows or row.is_bad]
    if not wanted:
        return
    most = len(wanted) if all_rows else MOST_ROWS
    head = ["row", "request", "reason", "amount", "metered", "billed"]
    rows = [_row(row, shown) for row in wanted[:most]]
    _print_named("Attempts with a difference" if all_rows else "Attempts to look at", head, rows)
    if len(wanted) > most:
        click.echo(f"… and {len(wanted) - most} more: --rows lists all.")


def _row(row: BillRow, shown: BillMoney) -> list[str]:
    billed = _units(row.billed, shown) if row.billed and row.billed.nano_usd is not None else ""
    lines = f" in {row.lines} lines" if row.lines > 1 else ""
    missing = "no line yet" if row.billed is None else "no line"
    return [
        row.row_id,
        row.request_id or "none",
        f"{row.code}: {row.accepted}" if row.accepted else row.code,
        shown.signed(row.nano_usd),
        _units(row.metered, shown) if row.metered else "unknown",
        f"{billed}{lines}" if billed else missing,
    ]


def _units(said: Units, shown: BillMoney) -> str:
    """Return `$0.875 = 5 × $0.175`."""
    words = shown.plain(said.nano_usd)
    if said.units is None or said.unit_price_usd is None:
        return words
    return f"{words} = {said.units.normalize():f} × ${said.unit_price_usd.normalize():f}"


def _print_corrections(books: Books, shown: BillMoney) -> None:
    rows = [
        [
            one.row_id,
            one.request_id or "none",
            "no line" if one.before_nano_usd is None else shown.plain(one.before_nano_usd),
            time_label(one.before_at),
            "no line" if one.now_nano_usd is None else shown.plain(one.now_nano_usd),
            time_label(one.now_at),
        ]
        for one in books.corrections[:MOST_ROWS]
    ]
    head = ["row", "request", "before", "seen", "now", "seen"]
    _print_named("Bills that have changed", head, rows, right="before now")
    if len(books.corrections) > MOST_ROWS:
        click.echo(f"… and {len(books.corrections) - MOST_ROWS} more: --json has them all.")


def _print_orphans(books: Books, shown: BillMoney) -> None:
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
    head = ["request", "endpoint", "booked", "billed", "decision"]
    _print_named("Lines of the bill that no attempt here explains", head, rows, right="billed")


def _print_elsewhere(books: Books, shown: BillMoney) -> None:
    rows = [
        [one.row_id, one.endpoint, one.billed_as, shown.plain(one.nano_usd)]
        for one in books.billed_elsewhere
    ]
    head = ["row", "sent to", "billed as", "billed"]
    _print_named("Billed under another endpoint", head, rows, right="billed")


def _print_lost(books: Books, shown: BillMoney) -> None:
    rows = [
        [one.row_id, one.preset, one.state, shown.plain(one.worst_case_nano_usd)]
        for one in books.lost
    ]
    head = ["row", "preset", "state", "most"]
    _print_named("Submissions without an answer", head, rows, right="most")


def _print_cross_checks(books: Books, shown: BillMoney) -> None:
    ours = "known" if books.source == TOTALS_ONLY else "lines"
    known = "what is known here" if books.source == TOTALS_ONLY else "the sum of the bill's lines"
    rows = [
        [
            one.endpoint,
            shown.plain(one.lines_nano_usd),
            shown.plain(one.usage_nano_usd),
            shown.signed(one.usage_nano_usd - one.lines_nano_usd),
            f"ignored: {one.accepted}" if one.accepted else "open",
        ]
        for one in books.cross_checks
    ]
    head = ["endpoint", ours, "usage", "difference", "decision"]
    right = f"{ours} usage difference"
    _print_named(f"Usage totals that are not {known}", head, rows, right=right)


def _print_named(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, right: str = "amount"
) -> None:
    """Print a table under its title; of no rows, nothing."""
    if rows:
        click.echo()
        heading(title)
        print_table(head, rows, right=right, whole="request reason")


def _totals_words(books: Books) -> str:
    if not books.has_totals:
        return " Usage totals were not read." if books.has_read else ""
    return "" if books.cross_checks else " Its usage totals say the same."


def _facts(books: Books, shown: BillMoney) -> Iterable[str]:
    """Yield sums that no table has."""
    total, ignored = books.total, [o.line.nano_usd for o in books.orphans if o.decision != "open"]
    if books.further_attempts:
        planned = shown.plain(total.estimate_nano_usd - books.further_nano_usd)
        more = plural(books.further_attempts, "further attempt")
        yield (
            f"The estimate counts every attempt: {planned} as planned, and "
            f"{shown.plain(books.further_nano_usd)} for {more}."
        )
    if total.without_clip:
        paid = shown.plain(total.paid_without_clip_nano_usd)
        yield f"Paid without a clip: {paid}, for {plural(total.without_clip, 'attempt')}."
    if total.held_nano_usd:
        whole = shown.plain(total.billed_nano_usd + total.held_nano_usd)
        held = shown.plain(total.held_nano_usd)
        count = plural(total.awaited + total.missing, "attempt")
        yield f"Not in the bill: {count} that may cost {held}; {whole} with them."
    if ignored:
        whole = shown.plain(total.billed_nano_usd + sum(ignored))
        yield f"Ignored lines: {shown.plain(sum(ignored))}, in no sum above; {whole} with them."

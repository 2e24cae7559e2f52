"""What holds of the books of a reconciliation now, and what a person can do next."""

from collections.abc import Iterator, Sequence
from shlex import quote

import click

from fal_experiments.core.books import Books
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd


def print_next(books: Books, *, exceeded: str | None, files: Sequence[str] = ()) -> None:
    """Print whether the books are closed, and what would close them. The same books, same bytes.

    Args:
        exceeded: the tolerance, where billed is further from the estimate.
        files: those that the bill was read from; only they have what a person may decide about.
    """
    for words in _next(books, exceeded, files):
        click.echo(words)


def _next(books: Books, exceeded: str | None, files: Sequence[str]) -> Iterator[str]:
    total, names = books.total, _names(books.batches)
    these = " ".join([names, *(f"--import {quote(file)}" for file in files)])
    if books.is_closed and not books.needs_person:
        before = "" if books.has_read else ", as read earlier: no bill was read this time"
        yield (
            "The books are closed: every attempt has its bill, and every difference its "
            f"reason{before}."
        )
    if exceeded:
        yield (
            f"Billed differs from the estimate by more than {exceeded}."
            if total.can_compare
            else f"Nothing can be held against {exceeded}: "
            f"{'no attempt has an estimate and a bill' if total.has_bill else 'no bill is known'}."
        )
    if books.under_way:
        yield (
            f"{plural(books.under_way, 'job')} without an end here: fal-exp resume {names} "
            "collects what became of them."
        )
    if total.awaited:
        yield f"{plural(total.awaited, 'bill')} may still come: provisional. {_how(books, names)}"
    if books.missing_open:
        yield (
            f"{plural(len(books.missing_open), 'attempt')} never came into the bill: ask the "
            "provider, with the request ids above."
        )
        name = quote(books.missing_open[0])
        yield f"  If that is right: fal-exp reconcile {these} --ignore {name} --reason …"
    yield from _about_unexplained(books, these)
    yield from _about_orphans(books, these)
    for lost in books.lost[:1]:
        yield (
            f"{plural(len(books.lost), 'submission')} without an answer: fal-exp resume "
            f"{lost.row_id.split('/')[0]} looks for them at the provider."
        )
    yield from _about_totals(books, these)


def _how(books: Books, names: str) -> str:
    if not books.has_read:
        return "A key of ADMIN scope reads them (FAL_ADMIN_KEY), or --import a bill."
    if not books.source.startswith("billing events"):
        return "A later file may have them."
    return f"Again later: fal-exp reconcile {names} --wait 600"


def _about_unexplained(books: Books, these: str) -> Iterator[str]:
    """Yield what a person can say of the first bill that nothing explains."""
    unexplained = sum(amounts.unexplained_nano_usd for amounts in books.presets)
    for row in [row for row in books.rows if row.code == "unknown" and not row.accepted][:1]:
        yield (
            f"{format_usd(unexplained)} is not explained: ask the provider about the rows with "
            "reason unknown above."
        )
        name = quote(row.request_id or row.row_id)
        yield f"  If that is right: fal-exp reconcile {these} --ignore {name} --reason …"


def _about_orphans(books: Books, these: str) -> Iterator[str]:
    """Yield what a person can say of the first line without an attempt."""
    for orphan in books.open_orphans[:1]:
        count = plural(len(books.open_orphans), "line")
        lost = [*books.lost, *books.given_up]
        same = [one for one in lost if one.endpoint == orphan.line.endpoint]
        batch = same[0].row_id.split("/")[0] if same else ""
        yield f"{count} without an attempt: somebody else on the account, or a lost submission."
        name = quote(orphan.line.name)
        yield f"  Not ours: fal-exp reconcile {these} --ignore {name} --reason …"
        if same:
            given_up = ", given up" if same[0].is_given_up else ""
            yield (
                f"  The submission without an answer to {orphan.line.endpoint}{given_up}: "
                "fal-exp reconcile "
                f"{batch} --adopt {name} --cell {same[0].cell_id}"
            )


def _about_totals(books: Books, these: str) -> Iterator[str]:
    """Yield what a person can do about usage totals that are not the sum of the lines."""
    for check in [check for check in books.cross_checks if not check.accepted][:1]:
        yield "The provider's own totals hold more, or less, than its lines: ask again later."
        if not books.total.awaited:  # else the lines that are still to come explain it
            name = quote(check.name)
            yield f"  If that is right: fal-exp reconcile {these} --ignore {name} --reason …"


def _names(batches: Sequence[str]) -> str:
    return " ".join(batches) if len(batches) <= 3 else "BATCH …"

"""`fal-exp reconcile`: the provider's bill against the batches' logs, both ways.

What is billed becomes an event of the batch that bought it, so that the ledger can be made again
from the batches; what no attempt explains is kept beside the ledger.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.bill_reading import (
    about_outside,
    joined_window,
    read_bills,
    refuse_parts,
    what_was_read,
)
from fal_experiments.app.bills import AROUND, Question, Window, checks_of
from fal_experiments.app.decisions import Candidates, accepted_checks, decisions_of, ignore
from fal_experiments.app.orphans import (
    about_gone,
    orphans_between,
    requests_on_ledger,
    strange_lines,
)
from fal_experiments.app.records import Records
from fal_experiments.app.settings import Settings
from fal_experiments.core.attempt import Cost, advance
from fal_experiments.core.books import Books, Orphan, Read, books
from fal_experiments.core.labels import plural
from fal_experiments.core.ports import Clock
from fal_experiments.core.reconcile import (
    SETTLE_WINDOW,
    Entry,
    Matched,
    Observation,
    billed_event,
    is_news,
    match,
)
from fal_experiments.core.usage import UsageLine
from fal_experiments.core.usage_import import ImportedBill
from fal_experiments.errors import BadInput
from fal_experiments.storage.event_log import BatchLog


@dataclass(frozen=True)
class ReconcileOptions:
    """Choices of one reconciliation."""

    since: datetime | None = None
    until: datetime | None = None
    """The window in which lines without an attempt are looked for; else the batches' own."""
    wait_s: float = 0
    """How long to wait for lines that are not there yet."""
    settle: timedelta = SETTLE_WINDOW
    key_id: str | None = None
    """Where several share an account: lines without an attempt are those of this key."""
    ignore: tuple[str, str] | None = None
    """Something that needs a person, and why it needs none."""
    imported: ImportedBill | None = None
    """What files say, in place of the provider's answer."""
    dry_run: bool = False


@dataclass
class Reconciled:
    """The books, and what this run has added to them."""

    books: Books
    first: int = 0
    """Attempts whose bill was seen for the first time."""
    missing: int = 0
    """Attempts that were found to be in no bill."""
    corrected: int = 0
    listed_again: int = 0
    changed: list[Batch] = field(default_factory=list)
    """Batches whose log has amounts that it had not: what was rendered of them is out of date."""
    notices: list[str] = field(default_factory=list)


def reconcile(
    batches: Sequence[Batch], settings: Settings, options: ReconcileOptions
) -> Reconciled:
    """Read the bill of some batches of one tree, write down what is new, and return the books.

    Running it again without a change of the bill changes nothing. Raises: BadInput without a
    batch, for batches of both trees, and without a key; ServiceUnreachable; StorageFailed.
    """
    if not batches:
        raise BadInput("no batch was submitted there", fix="`fal-exp status` lists the batches")
    if len({batch.is_sandbox for batch in batches}) > 1:
        raise BadInput(
            "sandbox batches and real ones are never in one set of books",
            fix="reconcile them one after the other",
        )
    return asyncio.run(_reconcile(batches, settings, options))


async def _reconcile(
    batches: Sequence[Batch], settings: Settings, options: ReconcileOptions
) -> Reconciled:
    clock = wiring.system_clock()
    done = Reconciled(books([], read=Read("")))
    entries = [entry for batch in batches for entry in entries_of(batch)]
    window = _window([batch.name for batch in batches], entries, options)
    elsewhere = requests_on_ledger(batches[0])
    question = _question(entries, window, elsewhere, options)
    bills = await read_bills(batches, question, settings, options.imported)
    lines = [line for bill in bills for line in bill.lines]
    is_whole = all(bill.is_complete for bill in bills)
    settled_at = clock.now() - options.settle if is_whole else None
    found = match(entries, lines, complete_until=settled_at, elsewhere=elsewhere)
    refuse_parts(found.parts)
    done.listed_again = found.listed_again
    done.notices += [notice for bill in bills for notice in bill.notices]
    entries = await _write_down(batches, entries, found, done, options, clock)
    checks = checks_of(bills, entries)
    window = joined_window(window, bills)
    strange, outside = strange_lines(found.orphans, window)
    if options.imported is not None:
        done.notices += about_outside(outside, window)
    if options.ignore is not None:
        ignore(batches[0], options.ignore, Candidates(strange, entries, checks))
    said = decisions_of(batches[0])
    explained = elsewhere | {entry.request_id for entry in entries if entry.request_id}
    orphans, gone = _orphans(batches[0], strange, window, explained, options, is_whole=is_whole)
    done.notices += gone
    done.books = books(
        entries,
        orphans=orphans,
        cross_checks=accepted_checks(checks, said),
        accepted=said,
        read=what_was_read(bills),
    )
    return done


def _orphans(
    batch: Batch,
    strange: Sequence[UsageLine],
    window: Window,
    explained: Collection[str],
    options: ReconcileOptions,
    *,
    is_whole: bool,
) -> tuple[list[Orphan], list[str]]:
    """Return lines without an attempt, and what to say of those that are in the bill no more."""
    is_any_key = options.key_id is None  # earlier lines may be of any
    orphans = orphans_between(
        batch,
        strange,
        window,
        explained,
        dry_run=options.dry_run,
        with_earlier=is_any_key and not is_whole,
    )
    # a whole bill says by itself what is in it
    gone = about_gone(batch, strange, window, explained) if is_any_key and is_whole else []
    return orphans, gone


def entries_of(batch: Batch) -> list[Entry]:
    """Return every attempt of a batch with what explains its bill."""
    state, _ = read_state(batch)
    return [
        Entry(batch.name, cell, attempt, batch.plan.presets[cell.at.preset].preset)
        for cell in batch.plan.cells
        for attempt in state.attempts.get(cell.cell_id, ())
    ]


def _question(
    entries: Sequence[Entry], window: Window, elsewhere: Collection[str], options: ReconcileOptions
) -> Question:
    return Question(
        entries,
        window,
        (options.since is None, options.until is None),
        elsewhere,
        options.wait_s,
        options.key_id,
    )


def _window(names: Sequence[str], entries: Sequence[Entry], options: ReconcileOptions) -> Window:
    """Return where lines without an attempt are looked for."""
    moments = [
        moment
        for entry in entries
        for moment in (entry.attempt.intended_at, entry.attempt.ended_at)
        if moment is not None
    ]
    if not moments and (options.since is None or options.until is None):
        raise BadInput(
            f"nothing was submitted in {', '.join(names)} yet",
            fix="name another batch (`fal-exp ledger summary --by batch` lists them), or all of a "
            "time: --since DAY",
        )
    return (
        options.since or min(moments) - AROUND,
        options.until or max(moments) + AROUND,
    )


async def _write_down(
    batches: Sequence[Batch],
    entries: list[Entry],
    found: Matched,
    done: Reconciled,
    options: ReconcileOptions,
    clock: Clock,
) -> list[Entry]:
    """Append what is new to each batch's log; returns the entries as they are now."""
    now: list[Entry] = []
    for batch in batches:
        own = [seen for seen in found.observations if seen.batch == batch.name]
        mine = [entry for entry in entries if entry.batch == batch.name]
        busy = read_state(batch)[1]
        if busy and own:
            done.notices.append(
                f"{batch.name}: a process is at work on it; {plural(len(own), 'new amount')} of it "
                "shown and not written down: reconcile again when it has ended"
            )
        if busy or options.dry_run:
            shown = done if options.dry_run else Reconciled(done.books)  # a notice says it already
            now += _as_if_written(mine, own, shown, clock)
        else:
            if own or any(entry.attempt.cost("billed") for entry in mine):
                await _append(batch, own, done, clock)
            if own:
                done.changed.append(batch)
            now += entries_of(batch)
    return now


def _as_if_written(
    entries: list[Entry], own: Sequence[Observation], done: Reconciled, clock: Clock
) -> list[Entry]:
    by_key = {entry.key: entry.attempt for entry in entries}
    for seen in own:
        attempt = by_key[seen.batch, seen.cell, seen.attempt]
        _count(done, seen, attempt.cost("billed"))
        advance(attempt, billed_event(seen, clock.now()))
    return entries


async def _append(batch: Batch, own: Sequence[Observation], done: Reconciled, clock: Clock) -> None:
    """Write what is new, and bring the ledger up to date even where nothing is.

    An earlier process may have been killed between the two.
    """
    async with BatchLog(batch.folder) as log:
        for seen in own:
            attempt = log.state.attempts[seen.cell][seen.attempt - 1]
            if is_news(attempt, seen):  # else another reconcile was faster
                _count(done, seen, attempt.cost("billed"))
                await log.append(billed_event(seen, clock.now()))
        Records(batch, log.state).bring_up_to_date()


def _count(done: Reconciled, seen: Observation, known: Cost | None) -> None:
    done.missing += seen.nano_usd is None
    done.first += known is None and seen.nano_usd is not None
    done.corrected += known is not None and seen.nano_usd not in {None, known.nano_usd}

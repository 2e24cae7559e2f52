"""Asking a provider for its bill: by request, for a window, again for what comes late."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from fal_experiments.app.connection import Services
from fal_experiments.core.cross_check import CrossCheck, cross_check
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd
from fal_experiments.core.ports import Clock, Service, UsageSource
from fal_experiments.core.reconcile import Entry, may_be_billed
from fal_experiments.core.usage import UsageLine, UsageTotal
from fal_experiments.core.usage_import import TOTALS_ONLY, ImportedBill
from fal_experiments.errors import ServiceUnreachable, UsageRefused

AROUND = timedelta(minutes=5)
"""How far from a batch's own times, and from its lines, others are looked for: clocks differ."""
BEFORE, LATER = timedelta(days=1), timedelta(days=1)
"""Requests are asked for by name: a wide window costs nothing, a narrow one can miss a line."""
FIRST_PAUSE_S, MOST_PAUSE_S = 2.0, 60.0
SHOWN = 5
"""Ids in one sentence."""


Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Bill:
    """What a provider, or a file, says was charged."""

    lines: tuple[UsageLine, ...] = ()
    totals: tuple[UsageTotal, ...] = ()
    has_lines: bool = False
    has_totals: bool = False
    is_complete: bool = False
    """True when a request without a line has none yet; a file may hold a part only."""
    window: Window | None = None
    """Where lines without an attempt were looked for, and what the totals are of."""
    source: str = ""
    notices: tuple[str, ...] = ()


def as_bill(imported: ImportedBill) -> Bill:
    """Return what a file says as a bill: what is not in it is not known."""
    notices = []
    if imported.totals and not imported.lines:
        notices.append(
            "usage totals name no requests: nothing is called billed for them, they are held "
            "against what is known here; their window must be that of the batches"
        )
    if imported.unnamed:
        amount = format_usd(sum(line.nano_usd for line in imported.unnamed))
        what = f"{plural(len(imported.unnamed), 'line')} of it ({amount} together)"
        first = imported.unnamed[0].source
        name = "names" if len(imported.unnamed) == 1 else "name"
        notices.append(f"{what} {name} no request: in no sum here, first {first}")
    return Bill(
        lines=imported.lines,
        totals=imported.totals,
        has_lines=bool(imported.lines),
        has_totals=bool(imported.totals),
        source=_of_file(imported.lines) if imported.lines else TOTALS_ONLY,
        notices=tuple(notices),
    )


def _of_file(lines: Sequence[UsageLine]) -> str:
    amount = format_usd(sum(line.nano_usd for line in lines))
    return f"the imported bill, {plural(len(lines), 'line')} of {amount} together"


class Question(NamedTuple):
    """What a provider is asked for."""

    entries: Sequence[Entry]
    window: Window
    """Where lines and requests without an attempt are looked for."""
    may_widen: tuple[bool, bool] = (True, True)
    """Which end nobody has named: the provider's clock may be another than ours."""
    elsewhere: Collection[str] = ()
    """Request ids of attempts that are not among the entries."""
    wait_s: float = 0
    key_id: str | None = None
    """Lines without an attempt, and totals, are wanted of this key only."""


def known_amount(entry: Entry) -> UsageLine | None:
    """Return what is billed for an attempt, else metered, as a line; None where neither is known.

    It is what usage totals are held against when no lines are at hand.
    """
    attempt = entry.attempt
    for amount in ("billed", "metered"):
        cost = attempt.cost(amount)
        if cost is not None and cost.nano_usd is not None:
            at = cost.billed_at or attempt.intended_at
            return UsageLine(
                request_id=entry.request_id or "/".join(map(str, entry.key)),
                endpoint=cost.billed_as or attempt.endpoint,
                at=at,
                at_text=at.isoformat(),
                nano_usd=cost.nano_usd,
                source=f"the ledger, {amount}",
            )
    return None


async def ask_bill(services: Services, question: Question, clock: Clock) -> Bill:
    """Ask every service of the entries. Without the right to, nothing is billed as far as known.

    Raises: ServiceUnreachable.
    """
    lines: list[UsageLine] = []
    totals: list[UsageTotal] = []
    notices: list[str] = []
    has_read, window = False, question.window
    for name, service in services.items():
        own = question._replace(
            entries=[entry for entry in question.entries if entry.cell.provider == name]
        )
        if service.usage is None:
            notices.append(f"{name} tells no bills")
            continue
        try:
            own_lines = await _lines_of(service.usage, own, clock)
            window = _widened(window, own, own_lines)
            between = await service.usage.events_between(*window, question.key_id)
            lines += _latest(own_lines, between)
            totals += await service.usage.totals(*window, question.key_id)
            has_read = True
        except UsageRefused as exc:
            notices.append(f"{exc.message} → {exc.fix}")
            notices += await _strangers(service, own)
    return Bill(
        lines=tuple(lines),
        totals=tuple(totals),
        has_lines=has_read,
        has_totals=has_read,
        is_complete=not notices,
        window=window,
        source="billing events" if has_read else "result headers only: no bill could be read",
        notices=tuple(notices),
    )


async def _lines_of(usage: UsageSource, question: Question, clock: Clock) -> list[UsageLine]:
    """Return the lines of the entries, asking again for what is not there.

    A request's lines are those of one answer, the latest: a correction that comes between two
    questions must not stand beside the line that it corrects.
    """
    entries = question.entries
    ids = list(dict.fromkeys(e.request_id for e in entries if e.request_id))
    sent = [entry.attempt.intended_at for entry in entries]
    span = (min(sent, default=question.window[0]) - BEFORE, clock.now() + LATER)
    lines = await usage.events_of(ids, *span)
    waited_s, pause_s = 0.0, FIRST_PAUSE_S
    while (awaited := _awaited(entries, lines)) and waited_s < question.wait_s:
        pause_s = min(pause_s, question.wait_s - waited_s)
        await clock.sleep(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(pause_s * 2, MOST_PAUSE_S)
        lines += await usage.events_of(awaited, *span)
    return lines


def _latest(earlier: Sequence[UsageLine], later: Sequence[UsageLine]) -> list[UsageLine]:
    """Return the lines of two answers, those of each request from one of them.

    The later one, unless it has fewer: a window may hold a part only.
    """
    before, now = (Counter(line.request_id for line in lines) for lines in (earlier, later))
    kept = {request_id for request_id in before if now[request_id] < before[request_id]}
    return [
        *(line for line in later if line.request_id not in kept),
        *(line for line in earlier if line.request_id in kept),
    ]


def _widened(window: Window, question: Question, lines: Sequence[UsageLine]) -> Window:
    """Return a window that holds the entries' own lines too, where nobody has named its ends."""
    moments = [line.at for line in lines]
    start, end = window
    if moments and question.may_widen[0]:
        start = min(start, min(moments) - AROUND)
    if moments and question.may_widen[1]:
        end = max(end, max(moments) + AROUND)
    return start, end


async def _strangers(service: Service, question: Question) -> list[str]:
    """Return what the list of requests, which any key may read, holds that nobody here has made.

    What they cost is not told there; that they exist is.
    """
    if service.finder is None:
        return []
    since, until = question.window
    ours = {entry.request_id for entry in question.entries} | set(question.elsewhere)
    found: list[str] = []
    for endpoint in sorted({entry.attempt.endpoint for entry in question.entries}):
        try:
            past = await service.finder.sent_since(endpoint, since)
        except ServiceUnreachable as exc:
            return [f"the list of requests could not be read: {exc.message}"]
        ids = {p.ticket.request_id for p in past if since <= p.sent_at < until}
        found += [f"{request_id} ({endpoint})" for request_id in sorted(ids - ours)]
    if not found:
        return ["the list of requests holds none that no attempt here has made"]
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    named = ", ".join(found[:SHOWN]) + more
    words = f"{plural(len(found), 'request')} on the same key that no attempt here has made"
    return [f"{words}, at a cost that is not told: {named}"]


def _awaited(entries: Sequence[Entry], lines: Sequence[UsageLine]) -> list[str]:
    """Return the requests that may be charged and have no line yet."""
    there = {line.request_id for line in lines}
    return [
        entry.request_id
        for entry in entries
        if entry.request_id
        and entry.request_id not in there
        and may_be_billed(entry.attempt)
        and entry.attempt.counted_nano_usd > 0
    ]


def checks_of(bills: Sequence[Bill], entries: Sequence[Entry]) -> list[CrossCheck]:
    """Return where usage totals are not the sum of the bill's lines in the same window.

    Where a file brought totals alone, they are held against what is known of the attempts.
    """
    checks: list[CrossCheck] = []
    for bill in bills:
        lines: Sequence[UsageLine] = bill.lines
        if bill.window is not None:
            lines = [line for line in lines if bill.window[0] <= line.at < bill.window[1]]
        if not bill.has_lines:
            lines = [line for entry in entries if (line := known_amount(entry)) is not None]
        checks += cross_check(lines, bill.totals) if bill.has_totals else []
    return checks

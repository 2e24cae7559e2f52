"""Asking a provider for its bill: by request, for a window, again for what comes late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fal_experiments.app.connection import Services
from fal_experiments.core.ports import Clock, UsageSource
from fal_experiments.core.reconcile import Entry, may_be_billed
from fal_experiments.core.usage import UsageLine, UsageTotal
from fal_experiments.errors import UsageRefused

BEFORE, LATER = timedelta(days=1), timedelta(days=1)
"""Requests are asked for by name: a wide window costs nothing, a narrow one can miss a line."""
FIRST_PAUSE_S, MOST_PAUSE_S = 2.0, 60.0


@dataclass(frozen=True)
class Bill:
    """What a provider, or a file, says was charged."""

    lines: tuple[UsageLine, ...] = ()
    totals: tuple[UsageTotal, ...] = ()
    has_totals: bool = False
    is_complete: bool = False
    """True when a request without a line has none yet; a file may hold a part only."""
    source: str = ""
    notices: tuple[str, ...] = ()


def as_bill(lines: Sequence[UsageLine]) -> Bill:
    """Return the lines of a file as a bill: what is not in it is not known."""
    return Bill(lines=tuple(lines), source="the imported file")


async def ask_bill(
    services: Services,
    entries: Sequence[Entry],
    window: tuple[datetime, datetime],
    *,
    wait_s: float,
    clock: Clock,
) -> Bill:
    """Ask every service of the entries. Without the right to, nothing is billed as far as known.

    Raises: ServiceUnreachable.
    """
    lines: list[UsageLine] = []
    totals: list[UsageTotal] = []
    notices: list[str] = []
    for name, service in services.items():
        own = [entry for entry in entries if entry.cell.provider == name]
        if service.usage is None:
            notices.append(f"{name} tells no bills")
            continue
        try:
            lines += await _events(service.usage, own, window, wait_s, clock)
            totals += await service.usage.totals(*window)
        except UsageRefused as exc:
            notices.append(f"{exc.message} → {exc.fix}")
    if notices:
        return Bill(source="result headers only: no bill could be read", notices=tuple(notices))
    return Bill(tuple(lines), tuple(totals), True, True, "billing events")  # noqa: FBT003


async def _events(
    usage: UsageSource,
    entries: Sequence[Entry],
    window: tuple[datetime, datetime],
    wait_s: float,
    clock: Clock,
) -> list[UsageLine]:
    """Return the lines of the window and of the entries, asking again for what is not there."""
    lines = await usage.events_between(*window)
    ids = list(dict.fromkeys(e.request_id for e in entries if e.request_id))
    sent = [entry.attempt.intended_at for entry in entries]
    span = (min(sent, default=window[0]) - BEFORE, clock.now() + LATER)
    lines += _unseen(await usage.events_of(ids, *span), lines)
    waited_s, pause_s = 0.0, FIRST_PAUSE_S
    while (awaited := _awaited(entries, lines)) and waited_s < wait_s:
        pause_s = min(pause_s, wait_s - waited_s)
        await clock.sleep(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(pause_s * 2, MOST_PAUSE_S)
        lines += _unseen(await usage.events_of(awaited, *span), lines)
    return lines


def _unseen(answer: Sequence[UsageLine], lines: Sequence[UsageLine]) -> list[UsageLine]:
    """Return the lines that an earlier question did not bring: two questions overlap."""
    there = {line.digest for line in lines}
    return [line for line in answer if line.digest not in there]


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

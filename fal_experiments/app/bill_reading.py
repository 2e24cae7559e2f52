"""The bills of some batches: from a file, or from each place where they ran."""

from collections.abc import Sequence

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.bills import Bill, Question, Window, as_bill, ask_bill
from fal_experiments.app.connection import address_of, check_same_world, connected
from fal_experiments.app.settings import Settings
from fal_experiments.core.books import Read
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd
from fal_experiments.core.reconcile import Part
from fal_experiments.core.usage import UsageLine
from fal_experiments.core.usage_import import ImportedBill
from fal_experiments.errors import BadInput


async def read_bills(
    batches: Sequence[Batch],
    question: Question,
    settings: Settings,
    imported: ImportedBill | None,
) -> list[Bill]:
    """Return what files say, or else what each provider answers.

    Raises: BadInput without a key or for another world than the batch ran in; ServiceUnreachable.
    """
    if imported is not None:
        return [as_bill(imported)]
    return [await _bill(place, question, settings) for place in _places(batches)]


def what_was_read(bills: Sequence[Bill]) -> Read:
    """Return what books rest on."""
    return Read(
        "; ".join(dict.fromkeys(bill.source for bill in bills)),
        any(bill.has_lines for bill in bills),
        any(bill.has_totals for bill in bills),
    )


def joined_window(window: Window, bills: Sequence[Bill]) -> Window:
    """Return the window that holds those of all bills."""
    windows = [window, *(bill.window for bill in bills if bill.window)]
    return min(start for start, _ in windows), max(end for _, end in windows)


def about_outside(lines: Sequence[UsageLine], window: Window) -> list[str]:
    """Return what to say of lines of a file that are of another time than the batches."""
    if not lines:
        return []
    amount = format_usd(sum(line.nano_usd for line in lines))
    when = f"{window[0]:%Y-%m-%d %H:%M} to {window[1]:%Y-%m-%d %H:%M}"
    said = (
        f"{plural(len(lines), 'line')} of it ({amount} together) of requests that no attempt here "
        f"has made, not of {when} when these batches ran, in no sum here: --since and --until "
        "widen the window"
    )
    return [said]


def refuse_parts(parts: Sequence[Part]) -> None:
    """Refuse a file that has a part of a request's bill: which part cannot be told.

    Raises: BadInput.
    """
    for part in parts[:1]:
        more = f", and {plural(len(parts) - 1, 'request')} more like it" if len(parts) > 1 else ""
        raise BadInput(
            f"{part.source}: request {part.request_id} is charged {format_usd(part.nano_usd)} at "
            f"{part.at:%Y-%m-%d %H:%M:%S}; what is known of it is "
            f"{format_usd(part.known_nano_usd)} at {part.known_at:%Y-%m-%d %H:%M:%S}{more}",
            fix="whether that is added or takes its place cannot be told from this file alone (a "
            "moment without a zone is taken for UTC): give all files with lines of it at once "
            "(--import A --import B), or read the bill with a key of ADMIN scope",
        )


def _places(batches: Sequence[Batch]) -> list[list[Batch]]:
    """Return batches by where they ran: each embedded sandbox is a provider of its own."""
    embedded = [[batch] for batch in batches if batch.folder.sandbox_state.is_dir()]
    outside = [batch for batch in batches if not batch.folder.sandbox_state.is_dir()]
    return [*embedded, *([outside] if outside else [])]


async def _bill(place: Sequence[Batch], question: Question, settings: Settings) -> Bill:
    names = {batch.name for batch in place}
    own = question._replace(entries=[e for e in question.entries if e.batch in names])
    clock = wiring.system_clock()
    with address_of(place[0], settings) as at:
        async with connected(place[0].plan, at, clock) as services:
            await check_same_world(place[0], services)
            return await ask_bill(services, own, clock)

"""The bills of some batches: from a file, or from each place where they ran."""

from collections.abc import Sequence

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.bills import Bill, Question, Window, as_bill, ask_bill
from fal_experiments.app.connection import address_of, check_same_world, connected
from fal_experiments.app.settings import Settings
from fal_experiments.core.books import Read
from fal_experiments.core.usage_import import ImportedBill


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

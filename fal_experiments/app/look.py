"""A look at a batch that is under way: by its log, and by the provider where nobody is at work."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.connection import Services, address_of, check_same_world, connected
from fal_experiments.app.settings import Settings
from fal_experiments.core.fold import BatchState
from fal_experiments.core.request import Ticket
from fal_experiments.errors import ResultFailed

LOOK_S = 2.0
PROVIDER_LOOK_S = 5.0
AT_PROVIDER = {"queued", "running", "timed_out"}


@dataclass(frozen=True)
class View:
    """A batch at one moment."""

    state: BatchState
    busy: bool
    at_provider: Mapping[str, str]
    """What the provider says of each cell's job, where no process is at work."""

    @property
    def waits(self) -> bool:
        """True while something may still change by itself."""
        return self.busy or any(word != "completed" for word in self.at_provider.values())


def watch(batch: Batch, settings: Settings, show: Callable[[View], None]) -> View:
    """Show a batch again and again until nothing changes by itself any more; returns the last.

    Nothing is written. Jobs of a run that was detached are asked for at the provider.
    """
    return asyncio.run(_watch(batch, settings, show))


async def _watch(batch: Batch, settings: Settings, show: Callable[[View], None]) -> View:
    clock = wiring.system_clock()
    state, busy = read_state(batch)
    while busy:
        show(View(state, busy=True, at_provider={}))
        await clock.sleep(LOOK_S)
        state, busy = read_state(batch)
    tickets = _tickets(state)
    if not tickets:
        show(view := View(state, busy=False, at_provider={}))
        return view
    with address_of(batch, settings) as address:
        async with connected(batch.plan, address, clock) as services:
            await check_same_world(batch, services)
            async for words in _asked(services, tickets):
                show(view := View(state, busy=False, at_provider=words))
                if view.waits:
                    await clock.sleep(PROVIDER_LOOK_S)
    return view


async def _asked(
    services: Services, tickets: Mapping[str, Ticket]
) -> AsyncIterator[dict[str, str]]:
    """Yield what the provider says of every job, until all have ended."""
    words = dict.fromkeys(tickets, "")
    while not set(words.values()) <= {"completed"}:
        for cell, ticket in tickets.items():
            if words[cell] == "completed":
                continue
            try:
                words[cell] = (await services[ticket.provider].provider.poll(ticket)).state
            except ResultFailed:  # not known any more: a resume finds out what that means
                words[cell] = "completed"
        yield dict(words)


def _tickets(state: BatchState) -> dict[str, Ticket]:
    latest = {cell: tries[-1] for cell, tries in state.attempts.items()}
    return {
        cell: attempt.ticket
        for cell, attempt in latest.items()
        if attempt.ticket is not None and attempt.state in AT_PROVIDER
    }

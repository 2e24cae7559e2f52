"""Progress on stderr: live bars on a terminal, one line for each ended attempt elsewhere."""

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

from fal_experiments.core.attempt import ENDED
from fal_experiments.core.events import (
    AssetStored,
    AttemptFailed,
    AttemptTimedOut,
    LedgerEvent,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan

TOLD = (AssetStored, AttemptFailed, AttemptTimedOut, SubmitRejected, SubmitUnknown)
"""Events after which there is something to say of an attempt."""
Listener = Callable[[LedgerEvent, BatchState], None]


@contextlib.contextmanager
def batch_progress(plan: Plan) -> Iterator[Listener]:
    """Show how a batch goes on; yields what is to be called with every event.

    Bars begin with the first event: until then a question may stand on the terminal.
    """
    if not sys.stderr.isatty():
        yield _Lines(plan)
        return
    from fal_experiments.cli import live  # noqa: PLC0415 - rich is loaded for terminals only

    with contextlib.ExitStack() as stack:
        bars: list[Listener] = []

        def listen(event: LedgerEvent, state: BatchState) -> None:
            if not bars:
                bars.append(stack.enter_context(live.bars(plan)))
            bars[0](event, state)

        yield listen


class _Lines:
    """A line for each attempt that ends: for logs, pipes and CI."""

    def __init__(self, plan: Plan) -> None:
        self._cells = {cell.cell_id: cell for cell in plan.cells}
        self._ended: set[str] | None = None

    def __call__(self, event: LedgerEvent, state: BatchState) -> None:
        if not isinstance(event, TOLD):
            return
        cell = self._cells[event.cell]
        attempt = state.attempts[event.cell][event.attempt - 1]
        if self._ended is None:  # a resumed batch begins with what has ended before
            self._ended = {c for c in self._cells if state.cell_state(c) in ENDED}
        if attempt.state in ENDED:
            self._ended.add(event.cell)
        count = f"[{len(self._ended)}/{len(self._cells)}]"
        why = f" {attempt.failure.label()}" if attempt.failure else ""
        spent, held = state.spent_nano_usd, state.counted_nano_usd - state.spent_nano_usd
        money = f"{format_usd(spent)} spent" + (f", {format_usd(held)} held" if held else "")
        click.echo(
            f"{count} {STATE_LABELS[attempt.state]}: {cell.label} ({money}){why}",
            err=True,
        )


@contextlib.contextmanager
def count_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar of clips on a terminal; yields what is to be called with done and total."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from fal_experiments.cli import live  # noqa: PLC0415 - rich is loaded for terminals only

    with live.count_bar(label) as tell:
        yield tell

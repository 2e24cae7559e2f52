"""Progress on stderr: live bars on a terminal, one line for each ended attempt elsewhere."""

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import click

from fal_experiments.core.attempt import ENDED
from fal_experiments.core.events import (
    AssetStored,
    AttemptFailed,
    LedgerEvent,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan

BAR_CHARS = 24
ORDER = ("queued", "running", "downloading", "done", "failed", "rejected", "submission_unknown")
Listener = Callable[[LedgerEvent, BatchState], None]


@contextlib.contextmanager
def batch_progress(plan: Plan) -> Iterator[Listener]:
    """Show how a batch goes on; yields what is to be called with every event."""
    if sys.stderr.isatty():
        with _live(plan) as listener:
            yield listener
    else:
        yield _Lines(plan)


class _Lines:
    """A line for each attempt that ends: for logs, pipes and CI."""

    def __init__(self, plan: Plan) -> None:
        self._cells = {cell.cell_id: cell for cell in plan.cells}

    def __call__(self, event: LedgerEvent, state: BatchState) -> None:
        if not isinstance(event, AssetStored | AttemptFailed | SubmitRejected | SubmitUnknown):
            return
        cell = self._cells[event.cell]
        attempt = state.attempts[event.cell][event.attempt - 1]
        ended = sum(state.cell_state(cell_id) in ENDED for cell_id in self._cells)
        why = f" {attempt.failure.label()}" if attempt.failure else ""
        spent = format_usd(state.counted_nano_usd)
        click.echo(
            f"[{ended}/{len(self._cells)}] {STATE_LABELS[attempt.state]}: {cell.at.prompt} × "
            f"{cell.at.preset}, {cell.run_label} ({spent} counted){why}",
            err=True,
        )


@contextlib.contextmanager
def _live(plan: Plan) -> Iterator[Listener]:
    # rich is loaded for a terminal only
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    by_preset = {name: [c for c in plan.cells if c.at.preset == name] for name in plan.presets}
    shown = BatchState()

    def picture() -> Group:
        table = Table.grid(padding=(0, 2))
        for preset, cells in by_preset.items():
            states = Counter(shown.cell_state(cell.cell_id) for cell in cells)
            ended = sum(states[state] for state in ENDED)
            bar = ProgressBar(total=max(len(cells), 1), completed=ended, width=BAR_CHARS)
            words = ", ".join(f"{states[s]} {STATE_LABELS[s]}" for s in ORDER if states[s])
            table.add_row(preset, bar, f"{ended}/{len(cells)}", Text(words, style="dim"))
        counted, cap = format_usd(shown.counted_nano_usd), format_usd(shown.cap_nano_usd)
        return Group(table, Text(f"{counted} counted of {cap}", style="bold"))

    with Live(get_renderable=picture, console=Console(stderr=True), refresh_per_second=5) as live:

        def listener(_: LedgerEvent, state: BatchState) -> None:
            nonlocal shown
            shown = state

        yield listener
        live.refresh()


@contextlib.contextmanager
def count_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a count of clips on a terminal; yields what is to be called with done and total."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return

    def tell(done: int, total: int) -> None:
        click.echo(f"\r{label} {done}/{total}", err=True, nl=done == total and total > 0)

    yield tell

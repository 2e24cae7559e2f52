"""Live bars on a terminal: for each preset what is queued, running, done, failed; and the cost."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from fal_experiments.core.attempt import ENDED
from fal_experiments.core.events import LedgerEvent
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan
from fal_experiments.core.summary import STATE_ORDER

BAR_CHARS = 24


@contextlib.contextmanager
def bars(plan: Plan) -> Iterator[Callable[[LedgerEvent, BatchState], None]]:
    """Show a bar for each preset; yields what is to be called with every event."""
    shown = BatchState()

    def listener(_: LedgerEvent, state: BatchState) -> None:
        nonlocal shown
        shown = state

    console = Console(stderr=True)
    with Live(
        get_renderable=lambda: _picture(plan, shown), console=console, refresh_per_second=5
    ) as live:
        yield listener
        live.refresh()


@contextlib.contextmanager
def count_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show one bar with the time that is left; yields what is to be called with done and total."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(BAR_CHARS),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _picture(plan: Plan, state: BatchState) -> Group:
    table = Table.grid(padding=(0, 2))
    for preset in plan.presets:
        cells = [cell.cell_id for cell in plan.cells if cell.at.preset == preset]
        states: Counter[str] = Counter(state.cell_state(cell_id) for cell_id in cells)
        ended = sum(states[name] for name in ENDED)
        bar = ProgressBar(total=max(len(cells), 1), completed=ended, width=BAR_CHARS)
        words = ", ".join(f"{states[s]} {STATE_LABELS[s]}" for s in STATE_ORDER if states[s])
        table.add_row(
            preset,
            bar,
            f"{ended}/{len(cells)}",
            Text(words, style="red" if states["submission_unknown"] else "dim"),
        )
    spent, cap = format_usd(state.spent_nano_usd), format_usd(state.cap_nano_usd)
    held = format_usd(state.counted_nano_usd - state.spent_nano_usd)
    return Group(table, Text(f"{spent} spent, {held} held, of {cap}", style="bold"))

"""`fal-exp status BATCH`: where every cell stands, without touching the batch."""

from pathlib import Path

import click

from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.finish import fairness_of
from fal_experiments.app.look import View, watch
from fal_experiments.app.rivals import held_by_others
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import emit_json, heading, json_option, print_table
from fal_experiments.cli.ending import next_steps, print_summary
from fal_experiments.cli.fairness import print_sheet, sheet_json
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS, counts_label
from fal_experiments.core.plan import Cell
from fal_experiments.core.reasons import reason
from fal_experiments.core.summary import summarise


@click.command("status")
@click.argument("batch", default="latest")
@click.option(
    "--fairness",
    "with_fairness",
    is_flag=True,
    help="Show per preset what was held and measured, and whether it may be compared.",
)
@click.option("--watch", "follow", is_flag=True, help="Look again until nothing changes any more.")
@json_option
def command(batch: str, *, with_fairness: bool, follow: bool, as_json: bool) -> int:
    """Show where BATCH (a folder, a name, or `latest`) stands.

    With --watch, jobs of a run that was detached or killed are asked for at the provider; nothing
    is written or fetched, which is what `fal-exp resume` does.
    """
    opened = open_batch(batch, Path.cwd())
    if follow:
        _follow(opened)
    state, busy = read_state(opened)
    summary = summarise(opened.plan, state, opened.name)
    cells = {cell.cell_id: state.cell_state(cell.cell_id) for cell in opened.plan.cells}
    if as_json:
        told = {"working": busy, "cells": cells}
        told |= {"fairness": sheet_json(fairness_of(opened, state))} if with_fairness else {}
        emit_json(summary.model_dump(mode="json") | told)
        return 0
    if with_fairness:
        print_sheet(fairness_of(opened, state))
        return 0
    heading(f"{opened.name}: {'a process is at work' if busy else 'no process is at work'}")
    print_summary(summary)
    odd = [cell for cell in opened.plan.cells if cells[cell.cell_id] != "done"]
    if odd:
        click.echo()
        head = ["cell", "prompt", "preset", "state", "request", "why"]
        print_table(head, [_line(cell, state) for cell in odd])
    if not busy:
        for step in next_steps(summary, held_by_others(opened)):
            click.echo(step)
    return 0


def _line(cell: Cell, state: BatchState) -> list[str]:
    attempt = state.latest(cell.cell_id)
    request = attempt.ticket.request_id if attempt and attempt.ticket else "–"
    label = STATE_LABELS[state.cell_state(cell.cell_id)]
    return [cell.cell_id, cell.at.prompt, cell.at.preset, label, request, reason(state, cell)]


def _follow(batch: Batch) -> None:
    """Print a line whenever something has changed."""
    last = ""

    def show(view: View) -> None:
        nonlocal last
        summary = summarise(batch.plan, view.state, batch.name)
        line = counts_label(summary.counts, summary.combinations)
        if view.at_provider:
            words = list(view.at_provider.values())
            said = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
            line += f"; the provider says: {said}"
        if line != last:
            click.echo(line, err=True)
        last = line

    watch(batch, read_settings(batch.project), show)

"""`fal-exp status BATCH`: where a batch stands, without touching it."""

from pathlib import Path

import click

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.cli.console import emit_json, heading, json_option, print_table
from fal_experiments.cli.ending import print_summary
from fal_experiments.core.labels import STATE_LABELS
from fal_experiments.core.summary import summarise


@click.command("status")
@click.argument("batch", default="latest")
@json_option
def command(batch: str, *, as_json: bool) -> int:
    """Show where BATCH (a folder, a name, or `latest`) stands."""
    opened = open_batch(batch, Path.cwd())
    state, busy = read_state(opened)
    summary = summarise(opened.plan, state, opened.name)
    cells = {cell.cell_id: state.cell_state(cell.cell_id) for cell in opened.plan.cells}
    if as_json:
        emit_json(summary.model_dump(mode="json") | {"working": busy, "cells": cells})
        return 0
    heading(f"{opened.name}: {'a process is at work' if busy else 'no process is at work'}")
    print_summary(summary)
    odd = [cell for cell in opened.plan.cells if cells[cell.cell_id] != "done"]
    if odd:
        click.echo()
        rows = []
        for cell in odd:
            attempt = state.latest(cell.cell_id)
            why = attempt.failure.label() if attempt and attempt.failure else ""
            request = attempt.ticket.request_id if attempt and attempt.ticket else "–"
            label = STATE_LABELS[cells[cell.cell_id]]
            rows.append([cell.cell_id, cell.at.prompt, cell.at.preset, label, request, why])
        print_table(["cell", "prompt", "preset", "state", "request", "why"], rows)
    return 0

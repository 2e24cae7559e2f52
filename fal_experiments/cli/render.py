"""`fal-exp render BATCH`: the pictures that are missing, for nothing."""

from pathlib import Path

import click

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.cli.ending import render_clips


@click.command("render")
@click.argument("batch", default="latest")
@json_option
def command(batch: str, *, as_json: bool) -> int:
    """Make posters, sheets and GIFs of BATCH that do not exist yet. Costs nothing."""
    opened = open_batch(batch, Path.cwd())
    state, _ = read_state(opened)
    broken = render_clips(opened, state)
    clips = sum(attempt.asset is not None for t in state.attempts.values() for attempt in t)
    if as_json:
        emit_json({"batch": opened.name, "clips": clips, "not_rendered": broken})
    else:
        click.echo(f"{clips - broken} of {clips} clips have their pictures")
    return 1 if broken else 0

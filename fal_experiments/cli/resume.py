"""`fal-exp resume BATCH`: go on where the last process stopped."""

from pathlib import Path

import click

from fal_experiments.app.batch import open_batch
from fal_experiments.app.execute import Watch
from fal_experiments.app.run import RunOptions, resume
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import json_option, note
from fal_experiments.cli.ending import end
from fal_experiments.cli.options import concurrency_option, stage_options
from fal_experiments.cli.progress import batch_progress


@click.command("resume")
@click.argument("batch", default="latest")
@concurrency_option
@stage_options
@json_option
def command(
    batch: str, concurrency: int | None, *, no_render: bool, no_report: bool, as_json: bool
) -> int:
    """Go on with BATCH (a folder, a name, or `latest`).

    Polls what the provider accepted, fetches what is done, and submits only what never left this
    machine. A submission without an answer is held for you: it may have been paid for.
    """
    opened = open_batch(batch, Path.cwd())
    settings = read_settings(opened.project)
    with batch_progress(opened.plan) as on_event:
        ran = resume(
            opened,
            settings,
            RunOptions(concurrency=concurrency),
            Watch(on_event=on_event, notice=note),
        )
    return end(ran, render=not no_render, report=not no_report, as_json=as_json)

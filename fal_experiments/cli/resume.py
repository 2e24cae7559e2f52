"""`fal-exp resume BATCH`: go on where the last process stopped."""

import sys
from decimal import Decimal
from pathlib import Path

import click

from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.execute import Watch
from fal_experiments.app.run import RunOptions, resume
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import json_option, note
from fal_experiments.cli.ending import end
from fal_experiments.cli.options import (
    Dollars,
    concurrency_option,
    detach_option,
    stage_options,
)
from fal_experiments.cli.progress import batch_progress
from fal_experiments.core.money import format_usd, nano_from_usd
from fal_experiments.errors import BadInput


@click.command("resume")
@click.argument("batch", default="latest")
@click.option("--max-usd", type=Dollars(), help="Spend at most this in all. Lowers the cap only.")
@click.option("--raise-cap", type=Dollars(), metavar="USD", help="A higher cap from now on.")
@click.option("--yes", is_flag=True, help="Raise the cap without asking.")
@detach_option
@concurrency_option
@stage_options
@json_option
def command(  # noqa: PLR0913 - one parameter for each option
    batch: str,
    max_usd: Decimal | None,
    raise_cap: Decimal | None,
    concurrency: int | None,
    *,
    yes: bool,
    detach: bool,
    no_render: bool,
    no_report: bool,
    as_json: bool,
) -> int:
    """Go on with BATCH (a folder, a name, or `latest`).

    Polls what the provider accepted, fetches what is done, submits what never left this machine,
    and looks for submissions without an answer in the provider's list. --raise-cap takes up the
    cells that did not fit the budget.
    """
    opened = open_batch(batch, Path.cwd())
    settings = read_settings(opened.project)
    options = RunOptions(
        concurrency=concurrency,
        max_nano_usd=None if max_usd is None else nano_from_usd(max_usd),
        new_cap_nano_usd=_agreed(opened, raise_cap, yes=yes or opened.is_sandbox),
        detached=detach,
    )
    with batch_progress(opened.plan) as on_event:
        ran = resume(opened, settings, options, Watch(on_event=on_event, notice=note))
    return end(ran, render=not no_render, report=not no_report, as_json=as_json)


def _agreed(batch: Batch, cap: Decimal | None, *, yes: bool) -> int | None:
    """Return the new cap in nano-USD, once somebody has agreed to it."""
    if cap is None:
        return None
    new, old = nano_from_usd(cap), read_state(batch)[0].cap_nano_usd
    if new < old:
        raise BadInput(
            f"--raise-cap: {format_usd(new)} is less than the cap of {format_usd(old)}",
            fix="use --max-usd to lower it",
        )
    if yes:
        return new
    question = f"Raise the cap of {batch.name} from {format_usd(old)} to {format_usd(new)}?"
    if not sys.stdin.isatty():
        raise BadInput(f"{question} Nobody is here to agree", fix="add --yes")
    if not click.confirm(question, default=False):
        raise BadInput("the cap stays as it is; nothing was submitted", fix="resume without it")
    return new

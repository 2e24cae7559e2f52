"""`fal-exp cancel BATCH | REQUEST_ID`."""

from pathlib import Path

import click

from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.decide import cancel
from fal_experiments.app.ledger import batch_of_request
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import emit_json, json_option, print_table
from fal_experiments.core.labels import counts_label, plural
from fal_experiments.core.summary import summarise
from fal_experiments.errors import BadInput

NOTHING_LEFT = {"done", "cancelled", "abandoned"}
"""A cell in any other state may be under way, or `fal-exp resume` would go on with it."""


@click.command("cancel")
@click.argument("what", metavar="BATCH|REQUEST_ID")
@json_option
def command(what: str, *, as_json: bool) -> int:
    """Ask the provider to cancel a batch's jobs, or one job.

    What was not submitted yet never will be. A job that runs already may still end, and be billed:
    `fal-exp resume` collects what becomes of it.
    """
    batch, request_id = _find(what)
    ended = _ended(batch) if request_id is None else ""
    cancelled = [] if ended else cancel(batch, read_settings(batch.project), request_id)
    if as_json:
        jobs = [{"cell": c.cell.cell_id, "request_id": c.request_id, "answer": c.answer}
                for c in cancelled]  # fmt: skip
        emit_json({"batch": batch.name, "jobs": jobs})
        return 0
    if ended:
        click.echo(f"{batch.name}: nothing to cancel: {ended}")
        return 0
    if cancelled:
        rows = [[c.cell.cell_id, c.cell.at.preset, c.request_id, c.answer] for c in cancelled]
        print_table(["cell", "preset", "request", "the provider says"], rows, whole="request")
    if request_id is None:
        click.echo(f"{batch.name} is cancelled: nothing more of it will be submitted.")
    if cancelled:
        click.echo(
            f"{plural(len(cancelled), 'job')} asked to stop. A job that runs may still end and be "
            f"billed; `fal-exp resume {batch.name}` collects what becomes of it."
        )
    return 0


def _ended(batch: Batch) -> str:
    """Return the counts of a batch of which nothing is left to run or to submit, or nothing."""
    state, busy = read_state(batch)
    states = {state.cell_state(cell.cell_id) for cell in batch.plan.cells}
    if busy or not states <= NOTHING_LEFT:
        return ""
    summary = summarise(batch.plan, state, batch.name)
    return counts_label(summary.counts, summary.combinations)


def _find(what: str) -> tuple[Batch, str | None]:
    here = Path.cwd()
    name = batch_of_request(here, what)
    if name is not None:
        return open_batch(name, here), what
    try:
        return open_batch(what, here), None
    except BadInput as exc:
        raise BadInput(
            f"{what} is neither a batch nor a request on the ledger", fix=exc.fix
        ) from exc

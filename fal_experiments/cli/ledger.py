"""`fal-exp ledger show|summary|export|resolve`: what was submitted, and what it cost."""

from pathlib import Path

import click

from fal_experiments.app import decide, ledger, wiring
from fal_experiments.app.batch import open_batch
from fal_experiments.app.decide import Decision
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.cli.ledger_books import merge, rebuild, verify
from fal_experiments.cli.ledger_options import (
    Form,
    filter_options,
    format_option,
    mention_sandbox,
    print_as,
    sandbox_option,
    terms_of,
)
from fal_experiments.cli.ledger_summary import summary
from fal_experiments.core.labels import STATE_LABELS, plural, seconds_label, time_label
from fal_experiments.core.ledger_query import column_named, holds, text_of, value_of
from fal_experiments.core.money import format_usd
from fal_experiments.core.rows import LedgerRow
from fal_experiments.storage.layout import find_project

SHEET = (
    "submitted_at,batch,cell_id,attempt,preset,prompt_id,seed_sent,repeat,state,estimate_usd,"
    "metered_usd,billed_usd,total_s,request_id"
)
"""The columns of a spreadsheet where none are named."""


@click.group("ledger")
def command() -> None:
    """Show, sum up, export, check or rebuild the ledger; resolve submissions without an answer."""


@command.command("show")
@click.argument("words", nargs=-1)
@filter_options
@click.option("--columns", help="Other columns than the usual ones: a,b,c.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the newest N.")
@format_option
@sandbox_option
@json_option
def show(  # noqa: PLR0913 - one parameter for each option
    *,
    words: tuple[str, ...],
    where: tuple[str, ...],
    since: str | None,
    until: str | None,
    columns: str | None,
    limit: int | None,
    form: Form,
    sandbox: bool,
    as_json: bool,
) -> int:
    """Show attempts, newest last. WORDS narrow it: batch, cell, preset, prompt, state, request."""
    terms = terms_of(where, since, until)
    every = _rows(sandbox=sandbox)
    rows = [r for r in every if all(_mentions(r, w) for w in words) and holds(r, terms)]
    found = len(rows)
    rows = rows[-limit:] if limit else rows
    if as_json:
        emit_json([row.model_dump(mode="json") for row in rows])
        return 0
    if form == "csv":
        columns = columns or SHEET  # amounts and times as numbers
    if columns:
        head = [column_named(name.strip()) for name in columns.split(",") if name.strip()]
        print_as(form, head, [[text_of(value_of(row, name)) for name in head] for row in rows])
    else:
        head = ["submitted", "batch", "cell", "try", "preset", "prompt", "run", "state"]
        head += ["estimate", "metered", "billed", "in all", "request"]
        print_as(form, head, [_line(row) for row in rows], right="estimate metered billed try")
    if form == "table":
        more = f", the newest of {found}" if len(rows) < found else ""
        click.echo(f"{plural(len(rows), 'attempt')}{more}")
        mention_sandbox(every, sandbox=sandbox)
    return 0


@command.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--partition", type=click.Choice(["month"]), help="A folder of Parquet files by it.")
@filter_options
@sandbox_option
@json_option
def export(  # noqa: PLR0913 - one parameter for each option
    *,
    target: Path,
    partition: str | None,
    where: tuple[str, ...],
    since: str | None,
    until: str | None,
    sandbox: bool,
    as_json: bool,
) -> int:
    """Write attempts to TARGET: a .csv, .parquet or .md file; a folder with --partition."""
    terms = terms_of(where, since, until)
    tree = find_project(Path.cwd()).tree(sandbox=sandbox)
    count = wiring.export_ledger(tree, target, terms, by_month=partition == "month")
    if as_json:
        emit_json({"target": str(target), "rows": count})
    else:
        click.echo(f"{plural(count, 'attempt')} in {target}")
    return 0


@command.command("resolve")
@click.argument("cell")
@click.option("--adopt", metavar="REQUEST_ID", help="It is this request of the provider's list.")
@click.option("--resubmit", is_flag=True, help="Send it again: this may be paid for twice.")
@click.option("--abandon", is_flag=True, help="Give the cell up; its worst case stays counted.")
@click.option("--batch", help="The batch; the last one with this cell unknown otherwise.")
@click.option("--reason", default="", help="Why; it is kept with the decision.")
@json_option
def resolve(  # noqa: PLR0913 - one parameter for each option
    cell: str,
    adopt: str | None,
    batch: str | None,
    reason: str,
    *,
    resubmit: bool,
    abandon: bool,
    as_json: bool,
) -> int:
    """Decide what becomes of CELL, whose submission got no answer.

    The decision is kept on the batch's log; `fal-exp resume` acts on it.
    """
    if sum([adopt is not None, resubmit, abandon]) != 1:
        raise click.UsageError("choose one of --adopt REQUEST_ID, --resubmit and --abandon")
    decision: Decision = "adopt" if adopt else "resubmit" if resubmit else "abandon"
    here = Path.cwd()
    opened = open_batch(batch or ledger.batch_of_cell(here, cell), here)
    words = adopt or reason or "a person decided so"
    done = decide.resolve(opened, read_settings(opened.project), cell, decision, words)
    attempt = done.attempt
    if as_json:
        emit_json(
            {"batch": opened.name, "cell": cell, "attempt": attempt.number, "decision": decision}
        )
        return 0
    click.echo(f"{cell}, attempt {attempt.number}: {decision}. Written to {opened.folder.events}.")
    if done.goes_on:
        click.echo(f"Go on with: fal-exp resume {opened.name}")
    return 0


for _command in (summary, verify, rebuild, merge):
    command.add_command(_command)


def _rows(*, sandbox: bool) -> list[LedgerRow]:
    return ledger.read_rows(find_project(Path.cwd()), sandbox=sandbox)


def _mentions(row: LedgerRow, word: str) -> bool:
    places = (row.row_id, row.preset, row.prompt_id, row.state, row.request_id or "", row.endpoint)
    return any(word in place for place in places)


def _line(row: LedgerRow) -> list[str]:
    run = f"seed {row.seed_sent}" if row.seed_sent is not None else f"repeat {row.repeat}"
    return [
        time_label(row.submitted_at).removesuffix(" UTC"),
        row.batch,
        row.cell_id,
        str(row.attempt),
        row.preset,
        row.prompt_id,
        run,
        STATE_LABELS[row.state],
        format_usd(row.estimate_nano_usd),
        format_usd(row.metered_nano_usd),
        format_usd(row.billed_nano_usd),
        seconds_label(row.total_s),
        row.request_id or "–",
    ]

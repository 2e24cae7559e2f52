"""`fal-exp ledger show|summary|export|resolve|rebuild`: what was submitted, and what it cost."""

from pathlib import Path

import click

from fal_experiments.app import decide, ledger, wiring
from fal_experiments.app.batch import open_batch
from fal_experiments.app.decide import Decision
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import emit_json, json_option, note, print_table
from fal_experiments.core.labels import STATE_LABELS, seconds_label, time_label
from fal_experiments.core.money import format_usd
from fal_experiments.core.rows import LedgerRow
from fal_experiments.storage.layout import find_project

sandbox_option = click.option("--sandbox", is_flag=True, help="The sandbox's ledger.")


@click.group("ledger")
def command() -> None:
    """Show, sum up, export or rebuild the ledger; resolve submissions without an answer."""


@command.command("show")
@click.argument("words", nargs=-1)
@sandbox_option
@json_option
def show(words: tuple[str, ...], *, sandbox: bool, as_json: bool) -> int:
    """Show attempts, newest last. WORDS narrow it: batch, cell, preset, prompt, state, request."""
    rows = [r for r in _rows(sandbox=sandbox) if all(_mentions(r, word) for word in words)]
    if as_json:
        emit_json([row.model_dump(mode="json") for row in rows])
        return 0
    head = ["submitted", "batch", "cell", "try", "preset", "prompt", "run", "state", "estimate"]
    head += ["metered", "in all", "request"]
    print_table(head, [_line(row) for row in rows], right="estimate metered try")
    click.echo(f"{len(rows)} attempts")
    _mention_sandbox(rows, sandbox=sandbox)
    return 0


@command.command("summary")
@click.option("--by", default="preset", show_default=True, help="Columns, or `day`: a,b,c.")
@sandbox_option
@json_option
def summary(by: str, *, sandbox: bool, as_json: bool) -> int:
    """Sum up attempts and money by one or more columns."""
    columns = [name.strip() for name in by.split(",") if name.strip()]
    rows = _rows(sandbox=sandbox)
    groups = wiring.summary_frame(rows, columns) if rows else []
    if as_json:
        emit_json(groups)
        return 0
    lines = [
        [
            *(str(group[name]) for name in columns),
            str(group["attempts"]),
            str(group["done"]),
            format_usd(group["estimate_nano_usd"]),
            format_usd(group["metered_nano_usd"]),
            f"{group['metered_known']} of {group['attempts']}",
            format_usd(group["counted_nano_usd"]),
        ]
        for group in groups
    ]
    head = [*columns, "attempts", "done", "estimate", "metered", "known", "counted"]
    print_table(head, lines, right="attempts done estimate metered known counted")
    _mention_sandbox(rows, sandbox=sandbox)
    return 0


@command.command("export")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@sandbox_option
@json_option
def export(target: Path, *, sandbox: bool, as_json: bool) -> int:
    """Write all attempts to TARGET, a .csv or .parquet file."""
    rows = _rows(sandbox=sandbox)
    wiring.export_rows(rows, target)
    if as_json:
        emit_json({"target": str(target), "rows": len(rows)})
    else:
        click.echo(f"{len(rows)} attempts in {target}")
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
    attempt = decide.resolve(opened, read_settings(opened.project), cell, decision, words)
    if as_json:
        emit_json(
            {"batch": opened.name, "cell": cell, "attempt": attempt.number, "decision": decision}
        )
        return 0
    click.echo(f"{cell}, attempt {attempt.number}: {decision}. Written to {opened.folder.events}.")
    if decision != "abandon":
        click.echo(f"Go on with: fal-exp resume {opened.name}")
    return 0


@command.command("rebuild")
@sandbox_option
@json_option
def rebuild(*, sandbox: bool, as_json: bool) -> int:
    """Make the ledger again from the events of every batch; the old one is kept as ledger.old."""
    count = ledger.rebuild(find_project(Path.cwd()), sandbox=sandbox)
    if as_json:
        emit_json({"rows": count})
    else:
        click.echo(f"{count} attempts in the ledger")
    return 0


def _rows(*, sandbox: bool) -> list[LedgerRow]:
    return ledger.read_rows(find_project(Path.cwd()), sandbox=sandbox)


def _mention_sandbox(rows: list[LedgerRow], *, sandbox: bool) -> None:
    """Say where the sandbox's attempts are, to somebody who sees none."""
    if not rows and not sandbox and (count := len(_rows(sandbox=True))):
        note(f"the sandbox has a ledger of its own with {count} attempts: add --sandbox")


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
        seconds_label(row.total_s),
        row.request_id or "–",
    ]

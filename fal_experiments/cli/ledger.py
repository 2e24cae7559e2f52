"""`fal-exp ledger show|summary|export|rebuild`: what was submitted, and what it cost."""

from pathlib import Path

import click

from fal_experiments.app import ledger, wiring
from fal_experiments.cli.console import emit_json, json_option, print_table
from fal_experiments.core.labels import STATE_LABELS, seconds_label, time_label
from fal_experiments.core.money import format_usd
from fal_experiments.core.rows import LedgerRow
from fal_experiments.storage.layout import find_project

sandbox_option = click.option("--sandbox", is_flag=True, help="The sandbox's ledger.")


@click.group("ledger")
def command() -> None:
    """Show, sum up, export or rebuild the ledger of all batches."""


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

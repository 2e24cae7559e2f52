"""`fal-exp ledger verify|rebuild|merge`: the ledger against the logs, and against other ledgers."""

from pathlib import Path
from typing import Any

import click

from fal_experiments.app import ledger
from fal_experiments.cli.console import emit_json, json_option, note, print_table
from fal_experiments.cli.ledger_options import sandbox_option
from fal_experiments.core.labels import plural
from fal_experiments.core.ledger_check import Side
from fal_experiments.core.ledger_query import text_of
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import find_project

EXIT_DIFFERS = 4
MOST_SHOWN = 50


@click.command("verify")
@sandbox_option
@json_option
def verify(*, sandbox: bool, as_json: bool) -> int:
    """Derive every row anew from the batches' logs and name what differs; exit 4 if anything."""
    found = ledger.verified(find_project(Path.cwd()), sandbox=sandbox)
    if as_json:
        emit_json(
            {
                "rows": found.rows,
                "elsewhere": found.elsewhere,
                "differences": [
                    {
                        "row_id": one.row_id,
                        "column": one.column or None,
                        "ledger": _plain(one.ledger),
                        "log": _plain(one.log),
                    }
                    for one in found.differences
                ],
            }
        )
        return EXIT_DIFFERS if found.differences else 0
    if found.differences:
        rows = [
            [one.row_id, one.column or "(row)", _said(one.ledger), _said(one.log)]
            for one in found.differences[:MOST_SHOWN]
        ]
        print_table(["row", "column", "ledger", "log"], rows)
        if (more := len(found.differences) - MOST_SHOWN) > 0:
            note(f"and {more} more; --json has them all")
    if found.elsewhere:
        click.echo(
            f"{plural(found.elsewhere, 'row')} of batches that are not on this machine: not checked"
        )
    click.echo(
        f"{plural(found.rows, 'row')}, {plural(len(found.differences), 'difference')}"
        + (": `fal-exp ledger rebuild` takes the logs' word" if found.differences else "")
    )
    return EXIT_DIFFERS if found.differences else 0


@click.command("rebuild")
@sandbox_option
@json_option
def rebuild(*, sandbox: bool, as_json: bool) -> int:
    """Make the ledger again from the logs of every batch; the old one is kept as ledger.old."""
    count, kept = ledger.rebuild(find_project(Path.cwd()), sandbox=sandbox)
    if as_json:
        emit_json({"rows": count, "kept": kept})
    else:
        others = f", {kept} of them of batches that are not on this machine" if kept else ""
        click.echo(f"{plural(count, 'attempt')} in the ledger{others}")
    return 0


@click.command("merge")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--theirs", "prefer", flag_value="theirs", help="Where rows contradict, take FILES' word."
)
@click.option("--ours", "prefer", flag_value="ours", help="Where rows contradict, keep ours.")
@sandbox_option
@json_option
def merge(files: tuple[Path, ...], *, prefer: Side | None, sandbox: bool, as_json: bool) -> int:
    """Add the rows of other machines' ledgers (FILES: their ledger.jsonl). Again: no change."""
    found = ledger.merged(find_project(Path.cwd()), files, sandbox=sandbox, prefer=prefer)
    if found.conflicts:
        first = found.conflicts[0]
        raise BadInput(
            f"{plural(len(found.conflicts), 'row')} of one attempt contradict ours; the first is "
            f"{first.ours.row_id}, in {', '.join(first.columns[:5])}; nothing was written",
            fix="--theirs takes the other machine's word, --ours keeps what is here",
        )
    if as_json:
        emit_json({"new": len(found.new), "known": found.known})
    else:
        click.echo(f"{plural(len(found.new), 'row')} added, {found.known} were there")
    return 0


def _said(value: Any) -> str:
    return text_of(value) or "nothing"


def _plain(value: Any) -> str | None:
    return None if value is None else text_of(value)

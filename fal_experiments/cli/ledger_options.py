"""Options of the ledger's commands: which rows, and in which form a table is written."""

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from fal_experiments.app.ledger import read_rows
from fal_experiments.cli.console import note, print_table
from fal_experiments.cli.options import window_of_options
from fal_experiments.core.ledger_query import Term, parse_terms
from fal_experiments.core.markdown_text import plain
from fal_experiments.core.rows import LedgerRow, no_formula
from fal_experiments.storage.layout import find_project

F = TypeVar("F", bound=Callable[..., Any])
Form = Literal["table", "csv", "markdown"]

sandbox_option = click.option("--sandbox", is_flag=True, help="The sandbox's ledger.")
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "markdown"]),
    default="table",
    show_default=True,
    help="How the table is written.",
)


def filter_options(command: F) -> F:
    """Add `--where`, `--since` and `--until`."""
    for option in (
        click.option("--until", help="Only attempts submitted before this day or moment (UTC)."),
        click.option("--since", help="Only attempts submitted from this day or moment on (UTC)."),
        click.option(
            "--where",
            multiple=True,
            metavar="CONDITION",
            help="preset=ID, state!=done, metered_usd>0.5, prompt~knight, …; repeatable.",
        ),
    ):
        command = option(command)
    return command


def terms_of(where: Sequence[str], since: str | None, until: str | None) -> tuple[Term, ...]:
    """Return the conditions of the options. Raises: BadInput."""
    first, end = window_of_options(since, until)
    moments = [(sign, moment) for sign, moment in ((">=", first), ("<", end)) if moment]
    in_window = [Term("submitted_at", sign, moment.isoformat()) for sign, moment in moments]
    return (*parse_terms(where), *in_window)


def print_as(
    form: Form, head: Sequence[str], rows: Sequence[Sequence[str]], *, right: str = ""
) -> None:
    """Print a table for people, for a spreadsheet or for a pull request."""
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([no_formula(cell) for cell in row] for row in rows)
    elif form == "markdown":
        flush = set(right.split())
        click.echo(_markdown(head))
        click.echo(_markdown(["---:" if name in flush else "---" for name in head]))
        for row in rows:
            click.echo(_markdown([plain(cell) for cell in row]))
    else:
        print_table(head, rows, right=right)


def _markdown(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def mention_sandbox(rows: Sequence[LedgerRow], *, sandbox: bool) -> None:
    """Say where the sandbox's attempts are, to somebody who sees none."""
    if (
        not rows
        and not sandbox
        and (count := len(read_rows(find_project(Path.cwd()), sandbox=True)))
    ):
        note(f"the sandbox has a ledger of its own with {count} attempts: add --sandbox")

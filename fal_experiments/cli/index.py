"""`fal-exp index`: all batches of the project as one page."""

from pathlib import Path

import click

from fal_experiments.app.index import Indexed, index_project
from fal_experiments.cli.console import emit_json, json_option, note, print_table


@click.command("index")
@json_option
def command(*, as_json: bool) -> int:
    """Write the page of all batches: experiments/fal/index.html, and that of the sandbox.

    The end of a run that writes its report writes this page too.
    """
    pages = index_project(Path.cwd())
    if as_json:
        emit_json({"pages": [_document(each) for each in pages]})
        return 0
    if not pages:
        click.echo("there is no batch yet: `fal-exp run` makes one")
    for each in pages:
        _tell(each)
    return 0


def _tell(indexed: Indexed) -> None:
    model = indexed.model
    rows = [
        [
            line.name,
            line.title,
            line.state.label,
            line.state.value,
            line.cost,
            _keepers(line.keepers),
        ]
        for line in model.lines
    ]
    head = ["batch", "name", "state", "cells", "metered", "keepers"]
    print_table(head, rows, right="metered keepers")
    for line in model.lines:
        if line.keepers is None and line.keepers_note:
            note(f"warning: {line.name}: {line.keepers_note}")
    click.echo(f"{model.batch}, {model.cost}")
    click.echo(f"{indexed.page}\n")


def _keepers(count: int | None) -> str:
    return "–" if count is None else str(count)


def _document(indexed: Indexed) -> dict[str, object]:
    return {"page": str(indexed.page), **indexed.model.model_dump(mode="json")}

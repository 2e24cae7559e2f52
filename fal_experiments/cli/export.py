"""`fal-exp export BATCH -o FILE`: the cells of a batch as a table, one row each."""

from pathlib import Path
from typing import Any

import click

from fal_experiments.app.batch import open_batch
from fal_experiments.app.export import Chosen, export_cells
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.cli.ending import warn_of_unread
from fal_experiments.core.wall_selection import Filters

FILTERS = ("presets", "prompts", "seeds", "inputs", "cells")


@click.command("export")
@click.argument("batch", default="latest")
@click.option(
    "-o",
    "--out",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write: .csv or .parquet.",
)
@click.option("--preset", "presets", multiple=True, metavar="ID", help="Only these presets.")
@click.option("--prompt", "prompts", multiple=True, metavar="ID", help="Only these prompts.")
@click.option("--seed", "seeds", multiple=True, type=int, metavar="N", help="Only these seeds.")
@click.option("--input", "inputs", multiple=True, metavar="ID", help="Only these inputs.")
@click.option("--cell", "cells", multiple=True, metavar="CELL", help="These cells, in this order.")
@click.option("--state", "states", multiple=True, metavar="STATE", help="Only in these states.")
@click.option(
    "--where",
    "where",
    multiple=True,
    metavar="CONDITION",
    help="Only rows whose column is so: loop_seam<=0.1, cost_usd<0.5, axis:cfg_scale=0.3.",
)
@json_option
def command(batch: str, target: Path, *, as_json: bool, **given: Any) -> int:
    """Write the cells of BATCH as a table: coordinates, state, money, times, measurements, ratings.

    Filters can be repeated: several of one kind let any of them through, and all kinds must
    agree. What is not known is empty, never zero, and passes no comparison but `!=`;
    `loop_seam<=0.1?` lets it through too, `loop_seam=` asks for it, `loop_seam!=` for the others.
    """
    filters = Filters(**{name: given[name] for name in FILTERS})
    opened = open_batch(batch, Path.cwd())
    chosen = Chosen(filters, given["states"], given["where"])
    rows, combinations = export_cells(opened, chosen, target)
    warn_of_unread(opened)
    if as_json:
        emit_json({"target": str(target), "rows": rows, "of": combinations})
    else:
        click.echo(f"{rows} of {combinations} cells in {target}")
    return 0

"""`fal-exp matrix-sheet BATCH`: presets × prompts × seeds as one picture."""

from pathlib import Path

import click

from fal_experiments.app.batch import open_batch
from fal_experiments.app.matrix_sheets import write_matrix_sheet
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.core.matrix_lanes import read_sides


@click.command("matrix-sheet")
@click.argument("batch", default="latest")
@click.option("--rows", metavar="prompts,seeds", help="What goes down, outermost first.")
@click.option("--columns", metavar="presets", help="What goes across; the rest goes down.")
@click.option(
    "--frames",
    type=click.IntRange(1, 3),
    default=3,
    show_default=True,
    help="Of each clip: 3 first, middle, last; 2 first, last; 1 the middle one.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .jpg, .png or .webp; matrix-sheet.jpg in the batch's folder otherwise.",
)
@json_option
def command(
    batch: str,
    rows: str | None,
    columns: str | None,
    frames: int,
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Draw all of BATCH as one picture, from the sheets that are there. Costs nothing.

    Dimensions are prompts, presets, axes, inputs, seeds and repeats. What would be larger than 100
    megapixels becomes several pages: name-1, name-2, ….
    """
    sides = read_sides(rows, columns)
    opened = open_batch(batch, Path.cwd())
    done = write_matrix_sheet(opened, sides, out, frames=frames)
    if as_json:
        pages = [str(page) for page in done.pages]
        emit_json({"pages": pages, "clips": done.clips, "places": done.places})
        return 0
    for page in done.pages:
        click.echo(str(page))
    click.echo(f"{done.clips} of {done.places} places have a clip")
    return 0

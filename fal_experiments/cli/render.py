"""`fal-exp render BATCH`: the pictures that are missing, or other ones, for nothing."""

from pathlib import Path
from typing import Any

import click

from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.finish import Rendering, write_report
from fal_experiments.app.recipes import change_recipe, recipe_of, reset_recipe
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.cli.ending import render_clips
from fal_experiments.core.plan import Cell
from fal_experiments.core.render_words import read_options


@click.command("render")
@click.argument("batch", default="latest")
@click.option("--sheet", metavar="6x4", help="Columns × rows of the contact sheet.")
@click.option("--tile", metavar="320px", help="Width of each of its tiles.")
@click.option("--sampling", metavar="uniform|scenes", help="Even in time, or every scene.")
@click.option("--format", metavar="webp@80", help="Of the sheet: jpeg, webp or png, @ quality.")
@click.option("--poster", metavar="960px", help="Width of the poster.")
@click.option("--gif", metavar="320px@12", help="Width @ frames a second; or off.")
@click.option("--webp", metavar="320px@12", help="Animated WebP: width @ rate; on or off.")
@click.option("--proxy", metavar="360p", help="Small MP4 for scrubbing: height; on or off.")
@click.option("--reset", is_flag=True, help="Forget earlier wishes; back to the matrix's.")
@json_option
def command(batch: str, *, reset: bool, as_json: bool, **wishes: str | None) -> int:
    """Make posters, sheets and previews of BATCH that do not exist yet. Costs nothing.

    With options, make them so from now on: the wishes are kept with the batch, and only what they
    change is made again.
    """
    words = read_options(wishes)
    opened = open_batch(batch, Path.cwd())
    if reset:
        reset_recipe(opened)
    if not words.is_silent:
        change_recipe(opened, words)
    state, _ = read_state(opened)
    done = render_clips(opened, state)
    if done.is_news and (opened.folder.report / "index.html").exists():
        write_report(opened)  # its links and the geometry of its sheets are out of date
    if as_json:
        emit_json(_as_json(opened, done))
    else:
        clips = len(done.made)
        click.echo(f"{clips - len(done.failed)} of {clips} clips have their pictures")
    return 1 if done.failed or done.damaged else 0


def _as_json(batch: Batch, done: Rendering) -> dict[str, Any]:
    return {
        "batch": batch.name,
        "clips": len(done.made),
        "not_rendered": len(done.failed),
        "failed": [_told(cell, why) for cell, why in done.failed],
        "damaged": [_told(cell, why) for cell, why in done.damaged],
        "recipe": recipe_of(batch).model_dump(mode="json"),
    }


def _told(cell: Cell, why: str) -> dict[str, str]:
    return {
        "cell": cell.cell_id,
        "prompt": cell.at.prompt,
        "preset": cell.at.preset,
        "run": cell.run_label,
        "reason": why,
    }

"""`fal-exp report BATCH`: the HTML page, and a picture of it."""

from pathlib import Path

import click

from fal_experiments.app import wiring
from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.finish import write_human_files, write_report
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.cli.ending import render_clips


@click.command("report")
@click.argument("batch", default="latest")
@click.option(
    "--screenshot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take a picture of the page as PNG, with the Chromium of this machine.",
)
@click.option("--width", type=click.IntRange(320, 3840), default=1440, show_default=True)
@click.option("--height", type=click.IntRange(320, 8000), default=900, show_default=True)
@click.option("--dark", is_flag=True, help="Take the picture in the dark theme.")
@json_option
def command(
    batch: str, screenshot: Path | None, width: int, height: int, *, dark: bool, as_json: bool
) -> int:
    """Write the report of BATCH (a folder, a name, or `latest`) as it stands now."""
    opened = open_batch(batch, Path.cwd())
    state, _ = read_state(opened)
    render_clips(opened, state)
    index = write_report(opened)
    write_human_files(opened, state)
    if screenshot is not None:
        wiring.take_screenshot(index, screenshot, size_px=(width, height), dark=dark)
    if as_json:
        emit_json({"report": str(index), "screenshot": str(screenshot) if screenshot else None})
    else:
        click.echo(str(index))
        if screenshot is not None:
            click.echo(str(screenshot))
    return 0

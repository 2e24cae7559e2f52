"""`fal-exp init DIR`: a project with the quickstart in it."""

from pathlib import Path

import click

from fal_experiments.app.init import init
from fal_experiments.cli.console import emit_json, json_option


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@json_option
def command(folder: Path, *, as_json: bool) -> int:
    """Make a project in FOLDER (this one otherwise). Never replaces a file."""
    written = init(folder)
    if as_json:
        emit_json({"project": str(folder.resolve()), "written": written})
        return 0
    for name in written:
        click.echo(f"wrote {folder / name}")
    enter = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"\nNext: {enter}fal-exp run experiments/quickstart.yaml --sandbox")
    return 0

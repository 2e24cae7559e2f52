"""`fal-exp learnings new|check`: what a batch taught, with the rows that it rests on."""

from pathlib import Path

import click

from fal_experiments.app import learnings
from fal_experiments.app.batch import open_batch
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.core.labels import plural
from fal_experiments.storage.layout import find_project

EXIT_DISAGREES = 4


@click.group("learnings")
def command() -> None:
    """Draft what a batch taught, or check that what such a file says still holds."""


@command.command("new")
@click.argument("batch", default="latest")
@click.option("--again", is_flag=True, help="Write a further draft beside one that exists.")
@json_option
def new(batch: str, *, again: bool, as_json: bool) -> int:
    """Draft the learnings of BATCH (latest): each number names the ledger rows it comes from."""
    path = learnings.new(open_batch(batch, Path.cwd()), again=again)
    if as_json:
        emit_json({"file": str(path)})
    else:
        click.echo(str(path))
    return 0


@command.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@json_option
def check(files: tuple[Path, ...], *, as_json: bool) -> int:
    """Work out again every number that FILES cite (all of the project); exit 4 if one is off."""
    found = learnings.check(find_project(Path.cwd()), files)
    if as_json:
        emit_json(
            [
                {
                    "file": str(one.file),
                    "numbers": one.numbers,
                    "flaws": [flaw._asdict() for flaw in one.flaws],
                }
                for one in found
            ]
        )
    else:
        for one in found:
            for flaw in one.flaws:
                click.echo(f"{_short(one.file)}:{flaw.line}: {flaw.says}")
            _tell(one)
    return EXIT_DISAGREES if any(one.flaws for one in found) else 0


def _tell(one: learnings.Checked) -> None:
    if not one.numbers:
        click.echo(f"{_short(one.file)}: it cites no row, so there is nothing to check")
    elif not one.flaws:
        click.echo(
            f"{_short(one.file)}: {plural(one.numbers, 'number')}, all as the ledger has them"
        )
    else:
        click.echo(f"{_short(one.file)}: {plural(len(one.flaws), 'flaw')} in {one.numbers} numbers")


def _short(path: Path) -> Path:
    """Return a path from where the person is, if it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path

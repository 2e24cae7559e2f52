"""`fal-exp presets list|show|new|import|check`: what there is, from where, and whether it holds."""

from pathlib import Path

import click

from fal_experiments.app import models, preset_checks, presets
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import (
    emit_json,
    heading,
    json_option,
    note,
    print_table,
    print_text,
)
from fal_experiments.cli.preset_words import print_alias, print_preset
from fal_experiments.core.labels import plural
from fal_experiments.core.preset_page import markdown
from fal_experiments.core.preset_table import TYPICAL_HEAD, Row, by_family, row_of
from fal_experiments.storage.layout import find_project

EXIT_FAULTS = 1
RETIRED = "retired"
LEGEND = (
    "A price is that of 5 s at 720p without sound. (…): what the model makes in place of that, and "
    "what the price is then of. –: a price that no source gives."
)
A_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("presets")
def command() -> None:
    """List the presets, show one with its sources, write and check them."""


@command.command("list")
@click.option("--family", help="Only this family, such as kling.")
@click.option("--task", help="Only this task, such as image-to-video.")
@click.option("--format", "shape", type=click.Choice(["table", "markdown"]), default="table")
@json_option
def list_presets(family: str | None, task: str | None, shape: str, *, as_json: bool) -> int:
    """List every preset: the project's own and those that come with the program.

    Exit code 1 when a preset of the project can not be read; the others are listed all the same.
    """
    listed = presets.listed_presets(find_project(Path.cwd()), family, task)
    rows = [row_of(preset) for preset in listed.presets]
    if as_json:
        emit_json([preset.model_dump(mode="json") for preset in listed.presets])
    elif shape == "markdown":
        click.echo(markdown(rows), nl=False)
    else:
        _print_families(rows)
    for said in listed.damaged:
        note("left out: " + said.replace("\n", "\n          "))
    return EXIT_FAULTS if listed.damaged else 0


@command.command("show")
@click.argument("name", metavar="PRESET|ENDPOINT")
@json_option
def show(name: str, *, as_json: bool) -> int:
    """Show a preset: arguments, controls, seeds, price, knobs, and the source of each fact.

    An endpoint's id shows its preset; an id that is widely copied and wrong shows what is true.
    """
    shown = presets.look_up(find_project(Path.cwd()), name)
    if as_json:
        emit_json(presets.shown_json(shown))
    elif shown.alias is not None:
        print_alias(name, shown.alias)
    elif shown.preset is not None:
        print_preset(shown.preset, shown.schema, shown.file)
        if shown.others:
            click.echo(f"\nother presets of this endpoint: {', '.join(shown.others)}")
    return 0


@command.command("new")
@click.argument("endpoint")
@click.option("--id", "preset_id", help="The preset's id; made from the endpoint otherwise.")
@click.option("--live", is_flag=True, help="Ask fal for the schema as it is now.")
@click.option("--prices", type=A_FILE, help="A file of published prices.")
@json_option
def new(
    endpoint: str, preset_id: str | None, prices: Path | None, *, live: bool, as_json: bool
) -> int:
    """Write the first draft of a preset for ENDPOINT: all defaults explicit, nothing guessed."""
    place = _place(offline=not live)._replace(flags=models.Flags("with --live", "without it"))
    seen = models.read_schema(place, endpoint)
    for text in seen.notes:
        note(f"note: {text}")
    drafted = presets.write_draft(
        place.project, seen.seen.schema, preset_id=preset_id, prices=prices
    )
    if as_json:
        emit_json({"file": str(drafted.file), "schema": seen.seen.origin.label(),
                   "todo": list(drafted.remarks)})  # fmt: skip
        return 0
    click.echo(f"written: {drafted.file}\nschema: {seen.seen.origin.label()}")
    for remark in drafted.remarks:
        click.echo(f"to do: {remark}")
    return 0


@command.command("import")
@click.argument("files", metavar="FACTS.json...", nargs=-1, required=True, type=A_FILE)
@click.option("--endpoint", "endpoints", multiple=True, help="Only this one; may be repeated.")
@click.option("--as-of", help="The day that an OpenAPI document was fetched on.")
@json_option
def import_(
    files: tuple[Path, ...], endpoints: tuple[str, ...], as_of: str | None, *, as_json: bool
) -> int:
    """Write schema snapshots from facts files or OpenAPI documents, one for each preset endpoint.

    Of several files a later one goes before an earlier one. The same files give the same bytes.
    """
    project = find_project(Path.cwd())
    done = presets.import_snapshots(project, files, endpoints, as_of)
    if as_json:
        emit_json({name: list(getattr(done, name)) for name in done._fields})
        return 0
    for endpoint in done.written:
        click.echo(f"written: {endpoint}")
    click.echo(f"{plural(len(done.written), 'snapshot')} written, {len(done.unchanged)} unchanged")
    for endpoint in done.missing:
        note(f"note: no file speaks of {endpoint}; its snapshot stays as it is")
    return 0


@command.command("check")
@click.argument("names", metavar="[PRESET]...", nargs=-1)
@click.option("--live", is_flag=True, help="Compare with what fal says now, too.")
@json_option
def check(names: tuple[str, ...], *, live: bool, as_json: bool) -> int:
    """Check presets against the snapshots of their schemas; all of them without a name.

    Exit code 1 when something is wrong. Old facts and harmless changes are advice.
    """
    done = preset_checks.check(_place(offline=not live), names)
    for text in done.notes:
        note(f"note: {text}")
    code = EXIT_FAULTS if done.problems else 0
    if as_json:
        emit_json({"looked_at": done.looked_at, "findings": [f._asdict() for f in done.findings]})
        return code
    for finding in done.findings:
        click.echo(f"{'advice' if finding.is_advice else 'wrong'}: {finding.about}: {finding.what}")
    advice = len(done.findings) - len(done.problems)
    click.echo(
        f"{done.looked_at} looked at: {plural(len(done.problems), 'fault')}, {advice} advice"
    )
    return code


def _print_families(rows: list[Row]) -> None:
    head = ["preset", "task", "seeds", "sound", TYPICAL_HEAD, "status"]
    for index, (family, group) in enumerate(by_family(rows).items()):
        if index:
            click.echo()
        heading(family)
        print_table(head, [_line(row) for row in group])
        for row in group:
            if row.status.startswith(RETIRED):
                click.echo(f"{row.preset}: {row.status}")
    click.echo()
    print_text(LEGEND)
    click.echo(f"{plural(len(rows), 'preset')}; `fal-exp presets show ID` has the sources")


def _line(row: Row) -> list[str]:
    sound = row.sound.partition(" (")[0]
    status = RETIRED if row.status.startswith(RETIRED) else row.status
    return [row.preset, row.task, row.seeds, sound, row.typical, status]


def _place(*, offline: bool) -> models.Place:
    project = find_project(Path.cwd())
    return models.Place(project, read_settings(project), offline)

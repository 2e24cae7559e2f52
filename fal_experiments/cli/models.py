"""`fal-exp models search|show|schema|pricing`: what fal has, live or from dated copies."""

from pathlib import Path

import click

from fal_experiments.app import models
from fal_experiments.app.settings import read_settings
from fal_experiments.catalogue.models import Model, Query
from fal_experiments.cli.console import emit_json, heading, json_option, note, print_table
from fal_experiments.cli.knob_lines import axes_lines, compact_knobs, knob_table
from fal_experiments.cli.model_words import (
    UNKNOWN,
    about,
    card_json,
    model_json,
    origin_cells,
    origins_label,
    price_cells,
    price_json,
    price_label,
    rate_label,
    rates,
)
from fal_experiments.core.labels import plural
from fal_experiments.storage.layout import find_project

offline_option = click.option(
    "--offline", is_flag=True, help="Ask nobody: show kept copies and the presets' snapshots."
)


@click.group("models")
def command() -> None:
    """Search fal's models, and show their knobs, schemas and unit prices."""


@command.command("search")
@click.argument("words", nargs=-1)
@click.option("--category", default="", help="Such as image-to-video.")
@click.option("--status", type=click.Choice(["active", "deprecated"]))
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@offline_option
@json_option
def search(
    words: tuple[str, ...],
    category: str,
    status: str | None,
    limit: int,
    *,
    offline: bool,
    as_json: bool,
) -> int:
    """List the models that fit WORDS; without any, whatever comes first."""
    query = Query(" ".join(words), category, status or "", limit)
    searched = models.search(_place(offline=offline), query)
    _tell(searched.notes)
    found = searched.found
    if as_json:
        rows = [
            model_json(seen) | {"presets": searched.preset_ids[seen.value.endpoint]}
            for seen in found.models
        ]
        emit_json({"models": rows, "has_more": found.has_more, "notes": list(searched.notes)})
        return 0
    if not found.models:
        here = "no model fits: none in the dated copies; without --offline fal itself is asked"
        click.echo("no model fits" if found.is_live else here)
        return 0
    print_table(
        ["endpoint", "title", "category", "status", "preset"],
        [
            [
                seen.value.endpoint,
                seen.value.title or "–",
                seen.value.category or "–",
                seen.value.status or UNKNOWN,
                ", ".join(searched.preset_ids[seen.value.endpoint]) or "–",
            ]
            for seen in found.models
        ],
        whole="preset",
    )
    more = "; there are more: --limit" if found.has_more else ""
    click.echo(f"\n{plural(len(found.models), 'model')}{more}")
    click.echo(origins_label([seen.origin for seen in found.models]))
    return 0


@command.command("show")
@click.argument("endpoint", metavar="ENDPOINT|PRESET")
@offline_option
@json_option
def show(endpoint: str, *, offline: bool, as_json: bool) -> int:
    """Show ENDPOINT: what it is, its knobs, its price, its presets, and where that was seen."""
    card = models.show(_place(offline=offline), endpoint)
    _tell(card.notes)
    if as_json:
        emit_json(card_json(card))
        return 0
    model = card.model.value if card.model else Model(card.endpoint)
    heading(f"{card.endpoint} · {model.title}" if model.title else card.endpoint)
    click.echo(about(model))
    if model.description:
        click.echo(model.description)
    click.echo(f"page: {models.PAGE_PREFIX}{card.endpoint}\n")
    heading("Knobs")
    if card.schema:
        knob_table(card.schema.schema.input)
    else:
        click.echo(UNKNOWN)
    click.echo()
    heading("Price")
    click.echo(f"unit price: {price_label(card.price)}")
    for preset in card.presets:
        click.echo(f"preset {preset.id}: {rate_label(preset)}")
    if not card.presets:
        click.echo("no preset uses this endpoint")
    click.echo()
    heading("Seen")
    parts = {"model": card.model, "schema": card.schema, "price": card.price}
    print_table(
        ["what", "how", "when", "where"],
        [[name, *origin_cells(part.origin if part else None)] for name, part in parts.items()],
    )
    return 0


@command.command("schema")
@click.argument("endpoint", metavar="ENDPOINT|PRESET")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["openapi", "compact", "cli"]),
    help="cli: lines for a matrix's axes (the default); compact: JSON by knob (with --json); "
    "openapi: the whole document.",
)
@offline_option
@json_option
def schema(endpoint: str, shape: str | None, *, offline: bool, as_json: bool) -> int:
    """Print what ENDPOINT takes."""
    shown = models.read_schema(_place(offline=offline), endpoint)
    _tell(shown.notes)
    seen = shown.seen
    if shape == "openapi":
        note(f"# {seen.origin.label()}")
        if seen.document is None:
            note("# a snapshot holds no whole document: only input and output are shown")
        emit_json(seen.document or {"input": seen.schema.input, "output": seen.schema.output})
    elif shape == "compact" or as_json:
        note(f"# {seen.origin.label()}")
        emit_json(compact_knobs(seen.schema.input))
    else:
        click.echo(f"# {seen.schema.endpoint}\n# {seen.origin.label()}")
        click.echo("\n".join(axes_lines(seen.schema.input)))
    return 0


@command.command("pricing")
@click.argument("endpoints", metavar="ENDPOINT|PRESET...", nargs=-1, required=True)
@offline_option
@json_option
def pricing(endpoints: tuple[str, ...], *, offline: bool, as_json: bool) -> int:
    """Show what one billable unit of each ENDPOINT costs this account."""
    table = models.pricing(_place(offline=offline), endpoints)
    if as_json:
        prices = [
            {"endpoint": line.endpoint, **price_json(line.price), "presets": rates(line.presets)}
            for line in table.lines
        ]
        emit_json({"prices": prices, "notes": list(table.notes)})
        return 0
    head = ["endpoint", "price", "unit", "currency", "seen", "when", "preset's rate"]
    print_table(head, [price_cells(line) for line in table.lines], right="price")
    _tell(table.notes)
    return 0


def _place(*, offline: bool) -> models.Place:
    project = find_project(Path.cwd())
    return models.Place(project, read_settings(project), offline)


def _tell(notes: tuple[str, ...]) -> None:
    for text in notes:
        note(f"note: {text}")

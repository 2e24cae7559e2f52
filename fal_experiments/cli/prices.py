"""`fal-exp prices refresh|show`: the pricing API's unit prices, beside the presets' rules."""

from pathlib import Path
from typing import Any

import click

from fal_experiments.app import prices
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import emit_json, json_option, note, print_table
from fal_experiments.core.labels import plural
from fal_experiments.storage.layout import find_project

SANDBOX_SHOW = "What sandboxes have told, which real plans never see."
SANDBOX_ASK = "Ask the embedded sandbox: no key."
NO_WORD = "–"


@click.group("prices")
def command() -> None:
    """Ask for unit prices, keep them by date, compare them with the presets' rules."""


@command.command("refresh")
@click.argument("names", metavar="[PRESET]...", nargs=-1)
@click.option("--historical", is_flag=True, help="Past averages too: a question a second.")
@click.option("--sandbox", is_flag=True, help=SANDBOX_ASK)
@json_option
def refresh(names: tuple[str, ...], *, historical: bool, sandbox: bool, as_json: bool) -> int:
    """Ask fal for the prices of presets and keep the answers as a dated snapshot.

    No rule is replaced. Where fal is dearer than a preset says, plans reserve the higher figure.
    """
    project = find_project(Path.cwd())
    wishes = prices.RefreshWishes(sandbox=sandbox, historical=historical)
    done = prices.refresh(project, read_settings(project), names, wishes)
    _tell(done, as_json=as_json)
    return 0


@command.command("show")
@click.argument("names", metavar="[PRESET]...", nargs=-1)
@click.option("--sandbox", is_flag=True, help=SANDBOX_SHOW)
@json_option
def show(names: tuple[str, ...], *, sandbox: bool, as_json: bool) -> int:
    """Show what the snapshots say of presets, and whether the rules agree. Nobody is asked."""
    _tell(prices.show(find_project(Path.cwd()), names, sandbox=sandbox), as_json=as_json)
    return 0


def _tell(table: prices.PriceTable, *, as_json: bool) -> None:
    for text in table.notes:
        note(f"note: {text}")
    if as_json:
        file = str(table.file) if table.file else None
        emit_json({"sandbox": table.sandbox, "file": file, "prices": list(map(_json, table.lines))})
        return
    head = ["preset", "unit price", "unit", "asked", "past average", "beside the rule"]
    asked = [line for line in table.lines if line.seen is not None]
    if asked:
        print_table(head, [_row(line) for line in asked])
    if table.file is not None:
        click.echo(f"written: {find_project(Path.cwd()).relative(table.file)}")
    dearer = sum(line.compared.verdict == "dearer" for line in asked)
    never = len(table.lines) - len(asked)
    click.echo(
        f"{plural(len(asked), 'preset')}, {dearer} dearer than the rule says"
        + (f"; {never} never asked" if never else "")
    )


def _row(line: prices.PriceLine) -> list[str]:
    seen = line.seen
    if seen is None:
        return [line.preset.id, *[NO_WORD] * 4, line.compared.words]
    price = NO_WORD if seen.unit_price is None else f"{seen.unit_price.normalize():f}"
    past = f"{seen.past_usd.normalize():f} ({seen.past_day})" if seen.past_usd else NO_WORD
    words = f"{line.compared.verdict}: {line.compared.words}"
    unit = f"{seen.currency} / {seen.unit}" if seen.unit else seen.currency or NO_WORD
    return [line.preset.id, price, unit, seen.day, past, words]


def _json(line: prices.PriceLine) -> dict[str, Any]:
    seen = line.seen
    return {
        "preset": line.preset.id,
        "endpoint": line.preset.endpoint,
        "seen": seen.model_dump(mode="json", exclude={"endpoint"}) if seen else None,
        "verdict": line.compared.verdict,
        "words": line.compared.words,
        "reserved_times": f"{float(line.compared.ratio):.6g}",
    }

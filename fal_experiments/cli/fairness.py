"""The fairness sheet as text: a block per preset, then the lines that a person can quote."""

from typing import Any

import click

from fal_experiments.cli.console import heading, print_lines
from fal_experiments.core.fairness import FairnessLine, FairnessSheet, KnobLine
from fal_experiments.core.ids import canonical_json

COLOURS = {"yes": "green", "with deviations": "yellow", "no": "red"}


def print_sheet(sheet: FairnessSheet) -> None:
    """Print a fairness sheet."""
    heading("Fairness")
    click.echo(f"routing: {sheet.routing}")
    for line in sheet.lines:
        _print_line(line)
    click.echo()
    for line in sheet.lines:
        click.secho(line.quote(), fg=COLOURS[line.comparable])


def sheet_json(sheet: FairnessSheet) -> dict[str, Any]:
    """Return a sheet as plain data, with the quotable lines."""
    lines = [line.model_dump(mode="json") | {"quote": line.quote()} for line in sheet.lines]
    return {"routing": sheet.routing, "presets": lines}


def _print_line(line: FairnessLine) -> None:
    click.echo()
    click.secho(line.preset, bold=True, nl=False)
    click.echo(f"  {line.title} · {line.endpoint}")
    held = [f"{item.key} {item.value} ({item.how})" for item in line.held]
    measured = [
        f"{item.what} {item.asked}: {item.right} of {item.clips}"
        + (f" (came as {', '.join(item.got)})" if item.right < item.clips else "")
        for item in line.measured
    ]
    rows = (
        ("held", held or ["nothing exactly"]),
        ("deviates", list(line.deviations) or ["in nothing"]),
        ("set neutral", [_against(knob) for knob in line.neutral]),
        ("vendor's own", [_sent(knob) for knob in line.vendor_defaults]),
        ("seeds", [line.seeds]),
        ("prompt", [line.prompt, *([line.rewritten] if line.rewritten else [])]),
        ("measured", measured),
        ("strictness", list(line.breaches)),
        ("latency", list(line.latency)),
        ("schema", [line.schema_stamp]),
    )
    print_lines([(name, "; ".join(words)) for name, words in rows if words])


def _sent(knob: KnobLine) -> str:
    return f"{knob.knob} {canonical_json(knob.value)}"


def _against(knob: KnobLine) -> str:
    return f"{_sent(knob)} (vendor: {canonical_json(knob.default)})"

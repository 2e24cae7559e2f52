"""`fal-exp metrics`: which plug-in metrics there are, and their scores of a batch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.learned import (
    Scored,
    choose_metrics,
    describe_metrics,
    read_settings_of_metrics,
    run_metrics,
)
from fal_experiments.cli.console import emit_json, heading, json_option, note, print_table
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.labels import plural
from fal_experiments.core.metric_plugins import Described, ValueFacts
from fal_experiments.core.metric_scores import PresetScore, score_table

set_option = click.option(
    "--set",
    "words",
    multiple=True,
    metavar="METRIC.PARAMETER=VALUE",
    help="Set a parameter of a metric, such as where its weights are.",
)


@click.group("metrics")
def command() -> None:
    """List metrics that come as plug-ins, and score the clips of a batch with them."""


@command.command("list")
@set_option
@json_option
def list_(words: tuple[str, ...], *, as_json: bool) -> int:
    """Show every metric: ready, or what is missing and how to get it. Nothing is downloaded."""
    found = describe_metrics(read_settings_of_metrics(words))
    if as_json:
        emit_json([{"state": m.state, **m.model_dump(mode="json")} for m in found])
        return 0
    print_table(
        ["metric", "version", "from", "state", "values", "what to do"],
        [
            [
                metric.name,
                metric.facts.version if metric.facts else "–",
                metric.package,
                metric.state,
                ", ".join(metric.facts.values) if metric.facts else "–",
                _what_to_do(metric),
            ]
            for metric in found
        ],
    )
    return 0


@command.command("run")
@click.argument("batch", default="latest")
@click.option("--metric", "names", multiple=True, help="Only this one; may be given again.")
@set_option
@json_option
def run(batch: str, names: tuple[str, ...], words: tuple[str, ...], *, as_json: bool) -> int:
    """Score the clips of BATCH that have no such score yet. Costs no money, only time."""
    opened = open_batch(batch, Path.cwd())
    state, _ = read_state(opened)
    found = describe_metrics(read_settings_of_metrics(words))
    metrics = choose_metrics(found, names)
    if not names:
        for metric in found:
            if not metric.is_ready:
                note(f"not run: {metric.name}: {_what_to_do(metric)}")
    with count_progress("scoring") as progress:
        scored = run_metrics(opened, state, metrics, progress)
    tables = {m.name: score_table(m, _of(scored, m)) for m in metrics}
    failed = [one for one in scored if one.score.failed]
    if as_json:
        emit_json(_document(opened.name, metrics, tables, scored))
        return 1 if failed else 0
    if not scored:
        click.echo(f"{opened.name} has no clips to score")
        return 0
    for metric in metrics:
        _print_metric(metric, tables[metric.name])
    for one in failed:
        cell = one.cell
        where = f"{cell.at.prompt} × {cell.at.preset}, {cell.run_label}"
        note(f"warning: {one.metric}: {where}: {one.score.failed}")
    new = sum(not one.from_before for one in scored)
    click.echo(f"{plural(new, 'new score')}, {len(scored) - new} known before")
    return 1 if failed else 0


def _of(scored: Sequence[Scored], metric: Described) -> list[tuple[str, Any]]:
    return [(one.cell.at.preset, one.score) for one in scored if one.metric == metric.name]


def _what_to_do(metric: Described) -> str:
    if metric.broken:
        return f"broken: {metric.broken}"
    return f"{metric.missing}: {metric.fix}" if metric.missing else "–"


def _print_metric(metric: Described, table: Sequence[PresetScore]) -> None:
    assert metric.facts is not None  # noqa: S101 - only metrics that are ready are run
    heading(f"{metric.facts.title}, version {metric.facts.version}")
    head = ["value", "preset", "mean", "median", "least", "most", "n"]
    lines = [
        [
            row.value,
            row.preset,
            *(_number(x) for x in (row.mean, row.median, row.least, row.most)),
            f"{row.scored} of {row.results}",
        ]
        for row in table
    ]
    print_table(head, lines, right="mean median least most n")
    for name, value in metric.facts.values.items():
        click.echo(f"{name}: {value.title} ({_better(value)})")
    click.echo(f"limits: {metric.facts.limits}\n")


def _better(value: ValueFacts) -> str:
    return "describes" if value.direction == "neither" else f"{value.direction} is better"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _document(
    batch: str,
    metrics: Sequence[Described],
    tables: dict[str, list[PresetScore]],
    scored: Sequence[Scored],
) -> dict[str, Any]:
    return {
        "batch": batch,
        "metrics": [
            {
                **metric.model_dump(mode="json"),
                "presets": [row._asdict() for row in tables[metric.name]],
            }
            for metric in metrics
        ],
        "scores": [
            {"cell": one.cell.cell_id, "preset": one.cell.at.preset, "known": one.from_before}
            | one.score.model_dump(mode="json")
            for one in scored
        ],
    }

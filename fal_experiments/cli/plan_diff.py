"""`fal-exp plan MATRIX --diff OTHER`: what a change of a matrix adds, removes and costs."""

from pathlib import Path
from typing import Any

import click

from fal_experiments.app.batch import open_batch
from fal_experiments.app.planning import PlanWishes, make_plan, matrix_path
from fal_experiments.cli.console import emit_json, print_table
from fal_experiments.core.budget import within_cell_limit
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.plan_diff import (
    PlanDiff,
    diff_markdown,
    diff_rows,
    plan_diff,
    signed,
    summary_words,
)
from fal_experiments.storage.layout import find_project


def show_diff(plan: Plan, matrix: str, other: str, *, markdown: bool, as_json: bool) -> int:
    """Print what has changed from OTHER, a matrix file or a batch, to the plan of a matrix."""
    diff = plan_diff(within_cell_limit(_other(other)), within_cell_limit(plan))
    if as_json:
        emit_json(_json(diff))
    elif markdown:
        click.echo(diff_markdown(diff, other, matrix), nl=False)
    else:
        click.echo(f"From {other} to {matrix}:")
        head = ["preset", "added", "removed", "repriced", "same", "before", "after", "change"]
        print_table(head, diff_rows(diff), right=" ".join(head[1:]))
        change = diff.after_nano_usd - diff.before_nano_usd
        click.echo(
            f"\n{summary_words(diff)}; expected {format_usd(diff.before_nano_usd)} → "
            f"{format_usd(diff.after_nano_usd)} ({signed(change)})"
        )
        for words in diff.budget:
            click.echo(words)
    return 0


def _other(name: str) -> Plan:
    here = Path.cwd()
    if matrix_path(find_project(here), here, name).is_file():
        return make_plan(name, here, PlanWishes(), may_run=False).plan
    return open_batch(name, here).plan


def _json(diff: PlanDiff) -> dict[str, Any]:
    return {
        "before_nano_usd": diff.before_nano_usd,
        "after_nano_usd": diff.after_nano_usd,
        "budget": list(diff.budget),
        "presets": [one._asdict() for one in diff.presets],
        "added": [_cell(cell) for cell in diff.added],
        "removed": [_cell(cell) for cell in diff.removed],
        "repriced": [{"before": _cell(old), "after": _cell(new)} for old, new in diff.repriced],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "cell_id": cell.cell_id,
        "label": cell.label,
        "preset": cell.at.preset,
        "estimate": cell.estimate.model_dump() if cell.estimate else None,
    }

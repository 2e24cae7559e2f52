"""`fal-exp plan MATRIX`: cells, what each sends, what a model forces, what it may cost."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from fal_experiments.app.frozen import plan_cells
from fal_experiments.app.planning import PlanWishes, budget_trouble, make_plan
from fal_experiments.app.rivals import counted_elsewhere
from fal_experiments.cli.console import emit_json, heading, json_option, note, print_table
from fal_experiments.cli.estimate_words import print_estimate, print_levers
from fal_experiments.cli.fairness import print_sheet, sheet_json
from fal_experiments.cli.options import cell_option, max_usd_option, probe_seeds_option
from fal_experiments.cli.plan_diff import show_diff
from fal_experiments.core.budget import over_cell_limit, within_cell_limit
from fal_experiments.core.fairness import fairness
from fal_experiments.core.labels import hold_label, hold_name, value_label
from fal_experiments.core.levers import levers
from fal_experiments.core.money import ZERO
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.prompt_advice import advice_of

FEW_CELLS = 30
"""More are listed when they are asked for."""
IDS_A_LINE = 5
EXIT_REFUSED = 2


@click.command("plan")
@click.argument("matrix")
@cell_option
@max_usd_option
@probe_seeds_option
@click.option("--sandbox", is_flag=True, help="Estimate from what sandbox batches have cost.")
@click.option("--cells", "with_cells", is_flag=True, help="List every cell, however many.")
@click.option(
    "--fairness",
    "with_fairness",
    is_flag=True,
    help="Show per preset what is held, what deviates, and whether it may be compared.",
)
@click.option("--levers", "with_levers", is_flag=True, help="Show what would make it cheaper.")
@click.option("--diff", "other", metavar="OTHER", help="Compare with another matrix, or a batch.")
@click.option("--format", "form", type=click.Choice(["table", "markdown"]), default="table",
              show_default=True, help="With --diff: Markdown for a pull request.")  # fmt: skip
@json_option
def command(  # noqa: PLR0913 - one parameter for each option
    matrix: str,
    cells: tuple[str, ...],
    max_usd: Decimal | None,
    other: str | None,
    form: str,
    *,
    with_levers: bool,
    probe_seeds: bool,
    sandbox: bool,
    with_cells: bool,
    with_fairness: bool,
    as_json: bool,
) -> int:
    """Show what MATRIX would run and cost. Nothing is sent, nothing is written."""
    cwd = Path.cwd()
    wishes = PlanWishes(max_usd, probe_seeds, sandbox)
    if cells:
        planned = plan_cells(matrix, cwd, cells, wishes, may_run=False)
    else:
        planned = make_plan(matrix, cwd, wishes, may_run=False)
    plan, trouble = planned.plan, budget_trouble(planned)
    if other is not None:
        return show_diff(plan, matrix, other, markdown=form == "markdown", as_json=as_json)
    found = levers(plan, planned.replan) if with_levers and planned.replan else []
    if as_json:
        bought = within_cell_limit(plan)
        estimate = bought.estimate.model_dump() | {"unpriced_cells": len(plan.unpriced)}
        estimate["over_cell_limit"] = len(plan.cells) - len(bought.cells)
        more: dict[str, Any] = {"fairness": sheet_json(fairness(plan)), "advice": advice_of(plan)}
        more["levers"] = [lever._asdict() for lever in found]
        more["refused"] = f"{trouble.message} → {trouble.fix}" if trouble else None
        emit_json(plan.snapshot() | {"estimate": estimate} | more)
        return EXIT_REFUSED if trouble else 0
    if with_fairness:
        print_sheet(fairness(plan))
    else:
        _print_plan(plan, with_cells=with_cells or len(plan.cells) <= FEW_CELLS)
    print_estimate(plan, counted_elsewhere(planned, sandbox=sandbox))
    if with_levers:
        print_levers(plan, found)
    for warning in plan.warnings:
        note(f"warning: {warning}")
    for advice in advice_of(plan):
        note(f"advice: {advice}")
    if trouble:
        note(f"error: a run would be refused: {trouble.message}\n     → {trouble.fix}")
    return EXIT_REFUSED if trouble else 0


def _print_plan(plan: Plan, *, with_cells: bool) -> None:
    if with_cells:
        _print_cells(plan)
    _print_presets(plan)
    _print_arguments(plan)
    _print_left_out(plan)
    _print_not_asked(plan)
    if not with_cells:
        note(f"\n`--cells` lists the {len(plan.cells)} cells one by one")


def _print_presets(plan: Plan) -> None:
    """Print a line for each preset: how many cells, what they may cost, what they miss of hold."""
    click.echo()
    rows = []
    bought = within_cell_limit(plan).cells
    for line in fairness(plan).lines:
        cells = [cell for cell in bought if cell.at.preset == line.preset]
        known = [cell.estimate for cell in cells if cell.estimate is not None]
        cost = sum(known, ZERO).label() if known else "–"
        unknown = f", {len(cells) - len(known)} unknown" if len(known) < len(cells) else ""
        dear = line.cells - len(cells)
        unknown += f", {dear} over per_cell_usd" if dear else ""
        count = f"{len(cells)} of {line.cells + line.left_out}"
        missed = "; ".join(line.deviations) or "–"
        rows.append([line.preset, count, f"{cost}{unknown}", missed])
    print_table(["preset", "cells", "estimate", "deviations"], rows, right="cells estimate")


def _print_cells(plan: Plan) -> None:
    axes = [*plan.spec.vars, *plan.spec.axes]
    inputs = len({image.id for image in plan.inputs}) > 1
    head = ["cell", "prompt", *(["input"] if inputs else []), "preset", *axes, "run"]
    head += ["deviations", "estimate"]
    rows = [
        [
            cell.cell_id,
            cell.at.prompt,
            *([cell.at.input or ""] if inputs else []),
            cell.at.preset,
            *(_varied(cell, name) for name in axes),
            cell.run_label,
            "; ".join(deviation.label() for deviation in cell.deviations) or "–",
            (cell.estimate.label() if cell.estimate else "unknown")
            + (", over per_cell_usd" if over_cell_limit(cell, plan.spec.budget) else ""),
        ]
        for cell in plan.cells
    ]
    print_table(head, rows, right="estimate")


def _varied(cell: Cell, name: str) -> str:
    values = {**cell.at.vars, **cell.at.axes}
    return value_label(values[name]) if name in values else "–"


def _print_arguments(plan: Plan) -> None:
    """Print what each preset sends, but for the prompt, the input and what varies."""
    click.echo()
    heading("Arguments that all cells of a preset share")
    rows = []
    for preset_id, use in plan.presets.items():
        cells = [cell for cell in plan.cells if cell.at.preset == preset_id]
        preset = use.preset
        own = {*preset.inputs.names, preset.seed.knob or ""}
        same = _common(cells, skip=own)
        words = json.dumps(same, ensure_ascii=False, sort_keys=True)
        rows.append([preset_id, preset.endpoint, words if cells else "nothing is sent"])
    print_table(["preset", "endpoint", "arguments"], rows)


def _common(cells: list[Cell], skip: set[str]) -> dict[str, Any]:
    if not cells:
        return {}
    first = cells[0].arguments
    return {
        knob: value
        for knob, value in first.items()
        if knob not in skip and all(cell.arguments.get(knob) == value for cell in cells)
    }


def _print_left_out(plan: Plan) -> None:
    if not plan.left_out:
        return
    click.echo()
    heading("Left out")
    rows: dict[tuple[str, ...], int] = {}
    for cell in plan.left_out:
        varied = {**cell.at.vars, **cell.at.axes}
        axes = ", ".join(f"{hold_name(n)} {hold_label(n, v)}" for n, v in varied.items())
        key = (cell.state, cell.at.prompt, cell.at.preset, axes or "–", cell.reason)
        rows[key] = rows.get(key, 0) + 1
    head = ["state", "prompt", "preset", "axes", "reason", "cells"]
    print_table(head, [[*key, str(count)] for key, count in rows.items()], right="cells")


def _print_not_asked(plan: Plan) -> None:
    """Print the ids of the cells that a part of a matrix leaves alone."""
    if plan.not_asked is None or not plan.not_asked.cells:
        return
    click.echo()
    heading("Not asked for")
    ids = plan.not_asked.cells
    for start in range(0, min(len(ids), FEW_CELLS), IDS_A_LINE):
        click.echo("  ".join(ids[start : min(start + IDS_A_LINE, FEW_CELLS)]))
    if len(ids) > FEW_CELLS:
        note(f"and {len(ids) - FEW_CELLS} more; `--json` has them all")

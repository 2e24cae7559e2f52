"""What a plan may cost, in words: before a run, and in the question whether to spend."""

from collections.abc import Sequence

import click

from fal_experiments.core.budget import worst_case
from fal_experiments.core.estimate_chain import rests_on
from fal_experiments.core.labels import plural
from fal_experiments.core.levers import Lever, dearest
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan


def print_estimate(plan: Plan) -> None:
    """Print how many cells there are, and what they may cost in all."""
    estimate, budget = plan.estimate, plan.spec.budget
    combinations = len(plan.cells) + len(plan.left_out)
    click.echo()
    click.echo(f"{len(plan.cells)} of {combinations} combinations would run.")
    if plan.not_asked is not None:
        click.echo(
            f"The matrix has {plural(plan.not_asked.combinations, 'other')}, not asked for: they "
            "count nowhere here."
        )
    click.secho("Estimate: ", bold=True, nl=False)
    click.echo(
        f"{format_usd(estimate.expected)} expected, {format_usd(estimate.low)} at least, "
        f"{format_usd(estimate.high)} at most"
    )
    blind = bool(plan.unpriced) and budget.per_cell_usd is None
    if plan.unpriced:
        held = format_usd(int((budget.per_cell_usd or 0) * 10**9))
        each = "" if blind else f", each held at {held}"
        click.echo(f"  and {plural(len(plan.unpriced), 'cell')} of unknown price{each}")
    click.echo(f"Estimate rests on: {rests_on(plan.cells)}.")
    if budget.max_usd is not None:
        cap = int(budget.max_usd * 10**9)
        fit = "" if blind else f"; {_fit_label(plan, cap)}"
        click.echo(f"Cap: {format_usd(cap)}{fit}.")
    else:
        click.echo("Cap: none in the matrix; the most that this may cost is taken as one.")
    if budget.warn_usd is not None and estimate.high > budget.warn_usd * 10**9:
        click.secho(f"This may cost more than warn_usd {budget.warn_usd}.", fg="yellow")


def print_levers(plan: Plan, found: Sequence[Lever]) -> None:
    """Print the dearest cells, and what would make the plan cheaper."""
    click.echo("\nThe dearest cells:")
    for cell, worst in dearest(plan):
        click.echo(f"  {format_usd(worst)} at most  {cell.label}")
    if found:
        click.echo("What would make it cheaper:")
        for lever in found:
            click.echo(f"  {lever.label()}")


def _fit_label(plan: Plan, cap: int) -> str:
    """Tell how many cells fit a cap, in plan order, if each costs its worst case."""
    fit = held = 0
    for cell in plan.cells:
        held += worst_case(cell, plan.spec.budget)
        fit += held <= cap
    if fit == len(plan.cells):
        return "all cells fit"
    left = len(plan.cells) - fit
    return (
        f"only the first {fit} of {len(plan.cells)} cells fit if each costs its worst; up to "
        f"{left} would be left as over budget"
    )

"""What a plan may cost, in words: before a run, and in the question whether to spend."""

from collections.abc import Iterator, Sequence

import click

from fal_experiments.core.budget import Forecast, forecast, within_cell_limit, worst_case
from fal_experiments.core.estimate_chain import rests_on
from fal_experiments.core.labels import plural
from fal_experiments.core.levers import Lever, dearest
from fal_experiments.core.matrix import Budget
from fal_experiments.core.money import format_usd, nano_from_usd, usd_to_type
from fal_experiments.core.plan import Plan

_PERIODS = {"ledger-day": "today", "ledger-month": "this month"}


def print_estimate(plan: Plan, elsewhere_nano_usd: int = 0) -> None:
    """Print how many cells there are, and what they may cost in all.

    Args:
        elsewhere_nano_usd: what other batches hold of a cap that is shared with them.
    """
    bought, budget = within_cell_limit(plan), plan.spec.budget
    estimate, too_dear = bought.estimate, len(plan.cells) - len(bought.cells)
    combinations = len(plan.cells) + len(plan.left_out)
    click.echo()
    click.echo(f"{len(bought.cells)} of {combinations} combinations would run.")
    if too_dear:
        click.secho(
            f"{plural(too_dear, 'cell')} may cost more than per_cell_usd {budget.per_cell_usd}: "
            "never bought, and in no sum here.",
            fg="yellow",
        )
        for words in _left_without(plan, bought):
            click.secho(words, fg="yellow")
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
    if bought.cells:
        click.echo(f"Estimate rests on: {rests_on(bought.cells)}.")
    found = None if blind else forecast(plan, elsewhere_nano_usd)
    fit = "; all cells fit" if budget.max_usd and found and found.fit == len(bought.cells) else ""
    click.echo(f"Cap: {_cap_label(budget, elsewhere_nano_usd)}{fit}.")
    for words in _limits(found) if found else ():
        click.secho(words, fg="yellow")
    if budget.warn_usd is not None and estimate.high > budget.warn_usd * 10**9:
        click.secho(f"This may cost more than warn_usd {budget.warn_usd}.", fg="yellow")


def _left_without(plan: Plan, bought: Plan) -> Iterator[str]:
    """Yield which presets have no cell that `per_cell_usd` lets through, and what would."""
    there = {cell.at.preset for cell in bought.cells}
    for preset in dict.fromkeys(cell.at.preset for cell in plan.cells):
        if preset not in there:
            own = [cell for cell in plan.cells if cell.at.preset == preset]
            least = min(worst_case(cell, plan.spec.budget) for cell in own)
            yield f"  no cell of {preset} would run: per_cell_usd {usd_to_type(least)} lets one"


def print_levers(plan: Plan, found: Sequence[Lever]) -> None:
    """Print the dearest cells, and what would make the plan cheaper."""
    click.echo("\nThe dearest cells:")
    for cell, worst in dearest(plan):
        click.echo(f"  {format_usd(worst)} at most  {cell.label}")
    if found:
        click.echo("What would make it cheaper:")
        for lever in found:
            click.echo(f"  {lever.label()}")


def _cap_label(budget: Budget, elsewhere_nano_usd: int) -> str:
    if budget.max_usd is None:
        return "none in the matrix; the most that this may cost is taken as one"
    cap = format_usd(nano_from_usd(budget.max_usd))
    if budget.scope == "batch":
        return cap
    when, taken = _PERIODS[budget.scope], format_usd(elsewhere_nano_usd)
    return f"{cap} for all batches of {when}, of which other batches hold {taken}"


def _limits(found: Forecast) -> Iterator[str]:
    """Yield what the cap leaves unbought, if each cell costs its worst case."""
    if found.left:
        yield (
            f"At their worst {plural(found.fit, 'cell')} fit the cap, and {found.left} would be "
            "left as over budget."
        )

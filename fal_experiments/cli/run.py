"""`fal-exp run MATRIX`: from a matrix file to a report."""

import sys
from decimal import Decimal
from pathlib import Path

import click

from fal_experiments.app.execute import Watch
from fal_experiments.app.frozen import plan_cells
from fal_experiments.app.ledger import bought_before
from fal_experiments.app.planning import Planned, PlanWishes, make_plan
from fal_experiments.app.rivals import counted_elsewhere, refuse_full_cap
from fal_experiments.app.run import RunOptions, run
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import json_option, note
from fal_experiments.cli.ending import end
from fal_experiments.cli.estimate_words import print_estimate, print_levers
from fal_experiments.cli.options import (
    cell_option,
    concurrency_option,
    detach_option,
    faults_option,
    max_usd_option,
    probe_seeds_option,
    stage_options,
)
from fal_experiments.cli.progress import batch_progress
from fal_experiments.core.budget import most_spent
from fal_experiments.core.labels import plural
from fal_experiments.core.levers import levers
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan
from fal_experiments.errors import BadInput

EXIT_DECLINED = 2


@click.command("run")
@click.argument("matrix")
@click.option("--sandbox", is_flag=True, help="Embedded queue: same protocol, no key, no money.")
@faults_option
@click.option("--yes", is_flag=True, help="Spend without asking.")
@cell_option
@max_usd_option
@probe_seeds_option
@detach_option
@concurrency_option
@stage_options
@json_option
def command(  # noqa: PLR0913 - one parameter for each option
    matrix: str,
    cells: tuple[str, ...],
    max_usd: Decimal | None,
    concurrency: int | None,
    faults: Path | None,
    *,
    sandbox: bool,
    yes: bool,
    probe_seeds: bool,
    detach: bool,
    no_render: bool,
    no_report: bool,
    as_json: bool,
) -> int:
    """Run MATRIX: estimate, submit, download, render and report.

    With --sandbox nothing is sent to a provider and no key is needed. Without it FAL_KEY is used,
    and you are asked before money is spent.
    """
    if faults and not sandbox:
        raise BadInput("--faults is for the sandbox only", fix="add --sandbox")
    wishes = PlanWishes(max_usd, probe_seeds, sandbox)
    if cells:
        planned = plan_cells(matrix, Path.cwd(), cells, wishes)
    else:
        planned = make_plan(matrix, Path.cwd(), wishes)
    settings = read_settings(planned.project)
    for warning in planned.plan.warnings:
        note(f"warning: {warning}")
    refuse_full_cap(planned, sandbox=sandbox)
    _tell_of_earlier_batches(planned, sandbox=sandbox)
    if sandbox and not as_json:
        print_estimate(planned.plan, counted_elsewhere(planned, sandbox=True))
        click.echo()
    with batch_progress(planned.plan) as on_event:
        ran = run(
            planned,
            settings,
            RunOptions(sandbox=sandbox, concurrency=concurrency, detached=detach, faults=faults),
            Watch(on_event=on_event, notice=note),
            lambda plan: _may_spend(plan, planned, yes=yes, as_json=as_json),
        )
    if ran is None:
        note("nothing was submitted")
        return EXIT_DECLINED
    return end(ran, render=not no_render, report=not no_report, as_json=as_json)


def _tell_of_earlier_batches(planned: Planned, *, sandbox: bool) -> None:
    """Say that a new run buys again what an earlier one has: a resume would not."""
    before = bought_before(planned.project, planned.plan, sandbox=sandbox)
    for batch, count in before.most_common(1):
        note(
            f"{plural(sum(before.values()), 'result')} of these cells are here already "
            f"({count} in {batch}); a new run makes them again. "
            f"`fal-exp resume {batch}` goes on with that batch instead."
        )


def _may_spend(plan: Plan, planned: Planned, *, yes: bool, as_json: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty() or as_json:
        raise BadInput(
            f"this may cost up to {format_usd(most_spent(plan))}, and nobody is here to agree",
            fix="add --yes to spend, or --sandbox to try for nothing",
        )
    print_estimate(plan, counted_elsewhere(planned, sandbox=False))
    print_levers(plan, levers(plan, planned.replan) if planned.replan else [])
    return click.confirm(f"Spend up to {format_usd(most_spent(plan))}?", default=False)

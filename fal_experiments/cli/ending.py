"""The last stages of run and resume: pictures, report, summary, exit code."""

import click

from fal_experiments.app.batch import Batch
from fal_experiments.app.finish import render, write_human_files, write_report
from fal_experiments.app.run import Ran
from fal_experiments.cli.console import emit_json, note, print_table
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import counts_label, plural, seconds_label
from fal_experiments.core.money import format_usd
from fal_experiments.core.summary import BatchSummary, exit_code, summarise


def end(ran: Ran, *, render: bool, report: bool, as_json: bool) -> int:
    """Render, report, tell, and return the exit code."""
    batch, state = ran.batch, ran.result.state
    if render:
        render_clips(batch, state)
    index = write_report(batch) if report else None
    prompts, learnings = write_human_files(batch)
    summary = summarise(batch.plan, state, batch.name)
    code = exit_code(batch.plan, state, interrupted=ran.result.interrupted)
    paths = {
        "batch": str(batch.folder.path),
        "report": str(index) if index else None,
        "prompts": str(prompts),
        "learnings": str(learnings) if learnings else None,
        "ledger": str(batch.tree.ledger),
    }
    if as_json:
        troubles = [{"message": t.message, "fix": t.fix} for t in ran.result.troubles]
        summed = summary.model_dump(mode="json")
        emit_json({"summary": summed, "paths": paths, "troubles": troubles, "exit_code": code})
        return code
    print_summary(summary)
    for trouble in ran.result.troubles:
        click.secho("trouble: ", fg="yellow", nl=False)
        click.echo(f"{trouble.message}" + (f"\n       → {trouble.fix}" if trouble.fix else ""))
    _print_next(summary, code)
    click.echo()
    for name, path in paths.items():
        if path is not None:
            click.echo(f"{name:<10}{path}")
    return code


def render_clips(batch: Batch, state: BatchState) -> int:
    """Make the pictures of a batch; returns how many clips could not be rendered."""
    with count_progress("rendering") as progress:
        made = render(batch, state, progress)
    broken = [(cell, derived.failed) for cell, derived in made if derived.failed]
    for cell, why in broken:
        note(f"warning: {cell.at.prompt} × {cell.at.preset}, {cell.run_label}: {why}")
    return len(broken)


def print_summary(summary: BatchSummary) -> None:
    """Print counts, costs and times for each preset, and in all."""
    head = ["preset", "result", "estimate", "metered", "runner", "in all"]
    rows = [
        [
            preset.preset,
            counts_label(preset.counts, preset.combinations),
            preset.money.estimate.label(),
            format_usd(preset.money.metered_nano_usd) if preset.money.metered_known else "–",
            seconds_label(preset.inference.median_s if preset.inference else None),
            seconds_label(preset.total.median_s if preset.total else None),
        ]
        for preset in summary.presets
    ]
    click.echo()
    print_table(head, rows, right="estimate metered runner in all")
    click.echo()
    sandbox = "Sandbox, no money moved: " if summary.sandbox else ""
    click.secho(f"{sandbox}{counts_label(summary.counts, summary.combinations)}.", bold=True)
    money = summary.money
    click.echo(
        f"Metered {format_usd(money.metered_nano_usd)} of an estimated {money.estimate.label()}; "
        f"{format_usd(money.counted_nano_usd)} counted of the cap {format_usd(money.cap_nano_usd)}."
    )
    if money.metered_unknown:
        unknown = plural(money.metered_unknown, "attempt")
        click.secho(f"The cost of {unknown} is not known.", fg="red")
    if summary.strict_breaches:
        click.secho(
            f"{plural(summary.strict_breaches, 'result')} served or billed by another endpoint.",
            fg="red",
        )


def _print_next(summary: BatchSummary, code: int) -> None:
    if "submission_unknown" in summary.counts:
        click.secho(
            f"{plural(summary.counts['submission_unknown'], 'submission')} without an answer: the "
            "job may run and be billed. It is held, and never sent again by the tool.",
            fg="red",
        )
    if code == 3:
        click.echo("Some cells did not fit the budget; they cost nothing.")
    if code in {1, 130} and {"pending", "queued", "running", "downloading"} & set(summary.counts):
        click.echo(f"Go on with: fal-exp resume {summary.batch}")

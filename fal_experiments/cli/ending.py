"""The last stages of run and resume: pictures, report, summary, exit code."""

from collections.abc import Mapping, Sequence

import click

from fal_experiments.app.batch import Batch
from fal_experiments.app.finish import Rendering, render, write_human_files, write_report
from fal_experiments.app.index import index_tree
from fal_experiments.app.readable import unread
from fal_experiments.app.rivals import held_by_others
from fal_experiments.app.run import Ran
from fal_experiments.cli.console import emit_json, note, print_table, reader_may_go
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.batch_money import Money
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import counts_label, plural, seconds_label
from fal_experiments.core.money import format_usd
from fal_experiments.core.summary import BatchSummary, exit_code, summarise
from fal_experiments.errors import FalExpError, StorageFailed


def end(ran: Ran, *, render: bool, report: bool, as_json: bool) -> int:
    """Render, report, tell, and return the exit code."""
    batch, state = ran.batch, ran.result.state
    if render:
        render_clips(batch, state)
    index = write_report(batch) if report else None
    warn_of_unread(batch)
    if report:
        _write_index(batch)
    prompts, learnings = write_human_files(batch, state)
    summary = summarise(batch.plan, state, batch.name)
    code = exit_code(batch.plan, state, interrupted=ran.result.interrupted)
    paths = {
        "batch": str(batch.folder.path),
        "report": str(index) if index else None,
        "prompts": str(prompts),
        "learnings": str(learnings) if learnings else None,
        "ledger": str(batch.tree.ledger),
    }
    with reader_may_go():
        steps = next_steps(summary, held_by_others(batch))
        _tell(summary, paths, ran.result.troubles, steps, code if as_json else None)
    return code


def warn_of_unread(batch: Batch) -> None:
    """Tell which files of ratings or votes cannot be read: what is written goes without them."""
    for fault in unread(batch):
        note(f"warning: {fault}; gone on without what is in that file")


def renew_report(batch: Batch) -> None:
    """Write the report again where there is one; what was asked for does not fail for it."""
    if not (batch.folder.report / "index.html").is_file():
        return
    try:
        write_report(batch)
        note(f"the report of {batch.name} is brought up to date")
    except StorageFailed as exc:
        note(f"warning: the report still shows what was known before: {exc.message}")
    _write_index(batch)


def _write_index(batch: Batch) -> None:
    """Bring the page of all batches up to date; a run does not fail for it."""
    try:
        index_tree(batch.project, sandbox=batch.is_sandbox)
    except StorageFailed as exc:
        note(f"warning: {exc.message}")


def _tell(
    summary: BatchSummary,
    paths: Mapping[str, str | None],
    troubles: Sequence[FalExpError],
    steps: Sequence[str],
    json_code: int | None,
) -> None:
    """Print how it ended; with an exit code, as one JSON document that has it."""
    if json_code is not None:
        emit_json(
            {
                "summary": summary.model_dump(mode="json"),
                "paths": paths,
                "troubles": [{"message": t.message, "fix": t.fix} for t in troubles],
                "exit_code": json_code,
            }
        )
        return
    print_summary(summary)
    for trouble in troubles:
        click.secho("trouble: ", fg="yellow", nl=False)
        click.echo(f"{trouble.message}" + (f"\n       → {trouble.fix}" if trouble.fix else ""))
    for step in steps:
        click.echo(step)
    click.echo()
    for name, path in paths.items():
        if path is not None:
            click.echo(f"{name:<10}{path}")


def render_clips(batch: Batch, state: BatchState) -> Rendering:
    """Make the pictures of a batch, and say of which clips there can be none."""
    with count_progress("rendering") as progress:
        done = render(batch, state, progress)
    for cell, why in done.failed:
        note(f"warning: {cell.label}: {why}")
    for cell, why in done.damaged:
        note(f"warning: {cell.label}: its pictures show a part of it only: {why}")
    return done


def money_line(money: Money) -> str:
    """Return what was metered, expected and counted, each with the set that it is of."""
    billed = f"billed {money.billed_label} ({money.billed_note}); " if money.is_reconciled else ""
    return (
        f"Metered {money.metered_label} ({money.metered_note}); {billed}"
        f"estimate {money.estimate_label}; "
        f"{format_usd(money.counted_nano_usd)} counted of the cap {format_usd(money.cap_nano_usd)}."
    )


def print_summary(summary: BatchSummary) -> None:
    """Print counts, costs and times for each preset, and in all."""
    head = ["preset", "result", "estimate", "metered", "runner", "in all"]
    rows = [
        [
            preset.preset,
            counts_label(preset.counts, preset.combinations),
            preset.money.estimate_label,
            preset.money.metered_label,
            seconds_label(preset.inference.median_s if preset.inference else None),
            seconds_label(preset.total.median_s if preset.total else None),
        ]
        for preset in summary.presets
    ]
    click.echo()
    print_table(head, rows, right="estimate metered runner in all")
    click.echo()
    sandbox = "Sandbox, no money moved: " if summary.sandbox else ""
    red = "red" if "submission_unknown" in summary.counts else None
    counted = counts_label(summary.counts, summary.combinations)
    click.secho(f"{sandbox}{counted}.", bold=True, fg=red)
    money = summary.money
    click.echo(money_line(money))
    if money.open_attempts:
        unknown = plural(money.open_attempts, "attempt")
        click.secho(f"The cost of {unknown} is not known.", fg="red")
    if summary.strict_breaches:
        click.secho(
            f"{plural(summary.strict_breaches, 'result')} served or billed by another endpoint.",
            fg="red",
        )


def _sharing(summary: BatchSummary, elsewhere_nano_usd: int) -> str:
    """Return whom a cap is shared with, in words; nothing for the cap of one batch."""
    periods = {"ledger-day": "day", "ledger-month": "month"}
    period = periods.get(summary.cap_scope)
    held = f": others hold {format_usd(elsewhere_nano_usd)} now" if elsewhere_nano_usd else ""
    return f" (all batches of a {period} share it{held})" if period else ""


def next_steps(summary: BatchSummary, elsewhere_nano_usd: int = 0) -> list[str]:
    """Return what a person can do about a batch that is not whole, one step a line.

    `elsewhere_nano_usd`: what other batches hold of a cap that it shares with them.
    """
    counts, resume = summary.counts, f"fal-exp resume {summary.batch}"
    steps = []
    if unknown := counts.get("submission_unknown"):
        steps.append(
            click.style(
                f"{plural(unknown, 'submission')} without an answer: the job may run and be "
                "billed. Held, and not sent again by itself.",
                fg="red",
            )
            + f"\n  Look again: {resume}; or decide: fal-exp ledger resolve CELL --adopt "
            "REQUEST_ID | --resubmit | --abandon"
        )
    if dear := summary.over_cell_limit:
        steps.append(
            f"{plural(dear, 'cell')} may cost more than per_cell_usd allows and cost nothing. "
            "Raise it in the matrix, and run that."
        )
    if over := counts.get("over_budget", 0) - summary.over_cell_limit:
        steps.append(
            f"{plural(over, 'cell')} did not fit the cap{_sharing(summary, elsewhere_nano_usd)} "
            f"and cost nothing. Take them up: {resume} --raise-cap USD"
        )
    if paused := counts.get("paused"):
        steps.append(
            f"{plural(paused, 'cell')} left out, because their preset failed again and again. "
            f"Once that is mended: {resume}"
        )
    if lost := counts.get("download_lost"):
        steps.append(
            f"{plural(lost, 'file')} paid for and gone from the provider. Try once more: {resume}"
        )
    open_states = {"pending", "queued", "running", "downloading", "submitting", "timed_out"}
    if open_states & set(counts):
        steps.append(f"Go on with: {resume}")
    return steps

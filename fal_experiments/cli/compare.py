"""`fal-exp compare BATCH BATCH`: the same cells in several batches, and what has become of them."""

from pathlib import Path

import click

from fal_experiments.app.compare import Compared, compare
from fal_experiments.cli.console import emit_json, heading, json_option, print_table
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.compare_model import money_change, seconds_change
from fal_experiments.core.preset_drift import PresetDrift


@click.command("compare")
@click.argument("batches", nargs=-1, required=True, metavar="BATCH BATCH [BATCH...]")
@click.option(
    "-o",
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the page; compare-FIRST-LAST beside the batches otherwise.",
)
@click.option("--no-media", is_flag=True, help="Compare requests, money and times only.")
@json_option
def command(batches: tuple[str, ...], folder: Path | None, *, no_media: bool, as_json: bool) -> int:
    """Show what has changed from one batch to a later one, cell by cell. Costs nothing.

    Cells are the same by their id, which is that of the whole request; else by prompt, input,
    seed, preset and axes, and then the page shows what differs in the request. Clips are compared
    frame by frame (SSIM); a pair that was compared before is not decoded again.
    """
    with count_progress("comparing") as progress:
        done = compare(batches, Path.cwd(), folder, progress, media=not no_media)
    if as_json:
        emit_json({"page": str(done.page), **done.model.model_dump(mode="json")})
    else:
        _tell(done)
    return 0


def _tell(done: Compared) -> None:
    model = done.model
    for batch in model.batches:
        click.echo(f"{batch.name}: {batch.shared} of {batch.cells} cells shared")
    click.echo()
    head = ["preset", "clips", "SSIM", "cost", "submit to file", "done"]
    rows = [
        [
            drift.preset,
            ", ".join(f"{count} {verdict}" for verdict, count in drift.verdicts.items()) or "–",
            "–" if drift.ssim_median is None else f"{drift.ssim_median:.4f}",
            money_change(drift.cost_before_nano_usd, drift.cost_after_nano_usd),
            seconds_change(drift.total_before_s, drift.total_after_s),
            f"{drift.done_before} → {drift.done_after} of {drift.cells}",
        ]
        for drift in model.presets
    ]
    print_table(head, rows, right="SSIM")
    click.echo()
    for drift in model.presets:
        _tell_preset(drift, of_two=len(model.batches) == 2)
    click.echo(str(done.page))


def _tell_preset(drift: PresetDrift, *, of_two: bool) -> None:
    heading(drift.preset if of_two else f"{drift.preset}, {drift.before} → {drift.after}")
    click.echo(f"  {drift.verdict}")
    for words in (drift.schema_words, *drift.changes):
        click.echo(f"  {words}")

"""`fal-exp measure`: what was measured of the clips of a batch, or of two clips side by side."""

from pathlib import Path

import click

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.measure import explanation, measure_two, rows_of, write_csv
from fal_experiments.cli.console import emit_json, heading, json_option, note, print_table
from fal_experiments.core.labels import plural
from fal_experiments.core.measure_rows import ClipRow, Summary, metric_label, summed, value_text
from fal_experiments.core.measures import PairMeasures
from fal_experiments.core.metrics import CLIP_METRICS, METRICS
from fal_experiments.errors import BadInput


@click.command("measure")
@click.argument("what", nargs=-1, metavar="BATCH | CLIP CLIP")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one line a clip to this file.",
)
@click.option("--explain", is_flag=True, help="Print what every measurement is and cannot tell.")
@json_option
def command(what: tuple[str, ...], *, csv_file: Path | None, explain: bool, as_json: bool) -> int:
    """Show the measurements of BATCH (latest if not named) per preset, or of two clips.

    Of two clips the second is measured against the first: SSIM, PSNR and VMAF.
    """
    if explain:
        click.echo(explanation(), nl=False)
        return 0
    if len(what) > 2:
        raise BadInput(f"{len(what)} names are too many", fix="name one batch, or two clips")
    if len(what) == 2:
        if csv_file is not None:
            raise BadInput("--csv is for a batch", fix="use --json for two clips")
        return _of_pair(Path(what[0]), Path(what[1]), as_json=as_json)
    return _of_batch(what[0] if what else "latest", csv_file, as_json=as_json)


def _of_batch(name: str, csv_file: Path | None, *, as_json: bool) -> int:
    batch = open_batch(name, Path.cwd())
    state, _ = read_state(batch)
    rows = rows_of(batch, state)
    if csv_file is not None:
        write_csv(rows, csv_file)
        note(f"{plural(len(rows), 'clip')} written to {csv_file}")
    by_preset = summed(rows)
    if as_json:
        summaries = {
            preset: {name: each.model_dump(mode="json") for name, each in found.items()}
            for preset, found in by_preset.items()
        }
        emit_json(
            {"batch": batch.name, "clips": [_clip_json(r) for r in rows], "presets": summaries}
        )
    elif csv_file is None:
        heading(f"{batch.name}: median (least to most, n where not all clips have it)")
        _print_summaries(by_preset)
    lacking = [row for row in rows if row.measures is None]
    if lacking:
        note(f"{plural(len(lacking), 'clip')} not measured; first: {lacking[0].why_not}")
    return 1 if lacking else 0


def _clip_json(row: ClipRow) -> dict[str, object]:
    told = row.model_dump(mode="json", exclude={"derived"}) | {"not_measured": row.why_not}
    probe = row.derived.probe.model_dump(mode="json") if row.derived and row.derived.probe else None
    measures = row.measures.model_dump(mode="json") if row.measures else None
    return told | {"probe": probe, "measures": measures}


def _print_summaries(by_preset: dict[str, dict[str, Summary]]) -> None:
    if not by_preset:
        click.echo("no clips yet")
        return
    lines = [
        [metric_label(metric), *(_cell(found[metric.name]) for found in by_preset.values())]
        for metric in CLIP_METRICS
        if any(found[metric.name].n for found in by_preset.values())
    ]
    print_table(["measurement", *by_preset], lines, right=" ".join(by_preset))
    gone = [m for m in CLIP_METRICS if not any(found[m.name].n for found in by_preset.values())]
    if gone:
        click.echo(f"of no clip: {', '.join(metric.title for metric in gone)}")


def _cell(summary: Summary) -> str:
    if not summary.n:
        return "–"
    text = value_text(summary.median)
    if summary.n > 1:
        text += f" ({value_text(summary.least)} to {value_text(summary.most)})"
    return text if summary.n == summary.of else f"{text}, n {summary.n} of {summary.of}"


def _of_pair(first: Path, second: Path, *, as_json: bool) -> int:
    found = measure_two(first, second)
    if as_json:
        emit_json(found.model_dump(mode="json"))
        return 0
    heading(f"{second} against {first}, {found.width_px} × {found.height_px}")
    names = [name for name in METRICS if name in found.values or name in found.missing]
    rows = [[metric_label(METRICS[name]), _pair_text(found, name)] for name in names]
    print_table(["measurement", "value"], rows)
    for told in found.notes:
        click.echo(told)
    return 0


def _pair_text(found: PairMeasures, name: str) -> str:
    if name in found.values:
        return value_text(found.values[name])
    return f"– {found.missing[name]}"

"""`fal-exp ratings show|import|merge|export`: what people say of single clips."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from fal_experiments.app import ratings
from fal_experiments.app.batch import open_batch
from fal_experiments.app.ratings import Format, Shown
from fal_experiments.cli.console import (
    emit_json,
    heading,
    json_option,
    note,
    print_lines,
    print_table,
)
from fal_experiments.core.labels import plural
from fal_experiments.core.ranking_words import agreement_label, price_label, share_label
from fal_experiments.core.ratings import Rating
from fal_experiments.storage.atomic import write_text

HEAD = (
    "preset",
    "rated",
    "keepers",
    "keep rate (95 %)",
    "stars",
    "per keeper (95 %)",
    "rejected for",
)
files_argument = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…"
)
out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to stdout."
)


@click.group("ratings")
def command() -> None:
    """Show, join and export ratings: stars, keep or reject, tags, notes at a time in the clip."""


@command.command("show")
@click.argument("batch", default="latest")
@json_option
def show(batch: str, *, as_json: bool) -> int:
    """Sum up the ratings of BATCH per preset, and how far raters agree."""
    opened = open_batch(batch, Path.cwd())
    found = ratings.shown(opened)
    if as_json:
        emit_json(
            {
                "batch": opened.name,
                "raters": dict(found.raters),
                "presets": [row.model_dump(mode="json") for row in found.presets],
                "money": [row.model_dump(mode="json") for row in found.money],
                "agreement": [row.model_dump(mode="json") for row in found.agreement],
            }
        )
        return 0
    heading(f"{opened.name}: ratings of {plural(len(found.raters), 'rater')}")
    print_table(HEAD, _rows(found), right="stars")
    lines = [("raters", ", ".join(f"{name} {n}" for name, n in found.raters) or "none yet")]
    lines += [("agreement", agreement_label(each)) for each in found.agreement]
    print_lines(lines)
    return 0


def _rows(found: Shown) -> list[list[str]]:
    price = {row.preset: row.keeper for row in found.money}
    return [
        [
            row.preset,
            f"{row.rated} of {plural(row.clips, 'clip')}",
            f"{row.keepers.kept} of {row.keepers.judged}",
            share_label(row.keepers.share),
            "–" if row.mean_stars is None else f"{row.mean_stars:.1f} (n {row.starred})",
            price_label(price[row.preset]),
            ", ".join(f"{reason} {n}" for reason, n in row.reasons) or "–",
        ]
        for row in found.presets
    ]


@command.command("import")
@files_argument
@click.option("--batch", default="latest", show_default=True, help="Whose ratings they are.")
@click.option("--rater", help="Import them under this name.")
@json_option
def import_(files: tuple[Path, ...], batch: str, rater: str | None, *, as_json: bool) -> int:
    """Join ratings.jsonl FILEs of other people to a batch; all of them or nothing.

    Of each rater and clip the later rating holds. Importing a file twice changes nothing.
    """
    opened = open_batch(batch, Path.cwd())
    merged = ratings.import_ratings(opened, files, rater)
    if as_json:
        counts = {"imported": len(merged.news), "known": merged.known, "older": merged.older}
        emit_json({"batch": opened.name, **counts})
        return 0
    older = f", {merged.older} older than what is there" if merged.older else ""
    told = f"{plural(len(merged.news), 'rating')} imported into {opened.name}"
    click.echo(f"{told}, {merged.known} known already{older}")
    return 0


@command.command("merge")
@files_argument
@out_option
@json_option
def merge(files: tuple[Path, ...], out: Path | None, *, as_json: bool) -> int:
    """Join FILEs into one, whatever their order: of each rater and clip the later rating holds."""
    merged = ratings.merge_files(files)
    _write(ratings.jsonl(merged), out, {"ratings": _documents(merged)} if as_json else None)
    return 0


@command.command("export")
@click.argument("batch", default="latest")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "dpo"]),
    default="jsonl",
    show_default=True,
    help="dpo: prompt, chosen and rejected clip of every decided pair, of votes and of ratings.",
)
@out_option
@json_option
def export(batch: str, form: Format, out: Path | None, *, as_json: bool) -> int:
    """Write the ratings of BATCH that hold."""
    opened = open_batch(batch, Path.cwd())
    text = ratings.exported(opened, form)
    document = {"batch": opened.name, "format": form, "lines": _lines(text, form)}
    _write(text, out, document if as_json else None)
    return 0


def _documents(found: Iterable[Rating]) -> list[dict[str, Any]]:
    return [rating.model_dump(mode="json") for rating in found]


def _lines(text: str, form: Format) -> list[Any]:
    """Return what an export says, line by line; of a table each line by column."""
    if form == "csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return [json.loads(line) for line in text.split("\n") if line]


def _write(text: str, out: Path | None, document: Mapping[str, Any] | None) -> None:
    """Write the text; with a document, that is what stdout has instead of it."""
    if out is not None:
        write_text(out, text)
    if document is not None:
        emit_json({**document, "out": str(out) if out else None})
    elif out is None:
        click.echo(text, nl=False)
    else:
        note(f"{plural(text.count(chr(10)), 'line')} written to {out}")

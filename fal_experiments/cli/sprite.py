"""`fal-exp sprite CLIP|BATCH` and `fal-exp sprite plate IMAGE`: walk cycles become assets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.sprite import (
    Made,
    Wish,
    plate_of,
    sprite_of_clip,
    sprites_of_batch,
)
from fal_experiments.cli.console import (
    emit_json,
    heading,
    json_option,
    note,
    print_lines,
    print_table,
)
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.labels import plural
from fal_experiments.core.sprite import MOST_FRAMES, SpriteOrder, SpriteRecord
from fal_experiments.core.sprite_rank import Ranked, rank
from fal_experiments.core.sprite_readings import READINGS, label
from fal_experiments.errors import BadInput

CUT = "cut"
"""The command that is meant when the first word is none: `fal-exp sprite latest`."""


class ClipFirst(click.Group):
    """A group whose first word may be a clip or a batch instead of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the usual command in front, unless one is named or help is asked for."""
        asks = {"-h", "--help", *self.commands}
        return super().parse_args(ctx, args if not args or args[0] in asks else [CUT, *args])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; any other word is the clip or batch of the usual one."""
        return super().get_command(ctx, cmd_name) or self.commands[CUT]


@click.group("sprite", cls=ClipFirst)
def command() -> None:
    """Cut walk cycles out of clips: `fal-exp sprite CLIP` or `fal-exp sprite BATCH`.

    Measures period, seam, foot slide, drift and turns, and writes raw frames, cut frames, a sheet
    with its atlas, and loops.
    """


@command.command(CUT)
@click.argument("what", metavar="CLIP|BATCH")
@click.option("--cell", "cells", multiple=True, metavar="ID", help="Only this cell of the batch.")
@click.option("--all", "take_all", is_flag=True, help="Also clips of prompts not tagged `sprite`.")
@click.option("--anchor", type=click.Path(path_type=Path), help="Picture that CLIP began from.")
@click.option("--frames", type=click.IntRange(2, MOST_FRAMES), help="So many, evenly spaced.")
@click.option("--key", default="auto", show_default=True, help="auto, #rrggbb, or none: opaque.")
@click.option("--tolerance", type=click.IntRange(1, 128), help="Levels of 255 around the key.")
@click.option("--pow2", is_flag=True, help="Sheet sides are powers of two.")
@click.option("--padding", type=click.IntRange(0, 64), default=2, show_default=True)
@click.option("--extrude", type=click.IntRange(0, 16), default=0, show_default=True)
@click.option("--steady", is_flag=True, help="Take out how the figure wanders.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; of a batch, one each cell.")
@json_option
def cut(
    what: str,
    cells: tuple[str, ...],
    anchor: Path | None,
    out: Path | None,
    *,
    take_all: bool,
    as_json: bool,
    **wanted: Any,
) -> int:
    """Measure CLIP, or the sprite clips of BATCH, and cut the best loop of each."""
    order = _order(**wanted)
    clip = Path(what)
    if clip.is_file():
        made = {clip.name: sprite_of_clip(clip, anchor, out, order)}
    else:
        batch = open_batch(what, Path.cwd())
        state, _ = read_state(batch)
        with count_progress("sprites") as progress:
            made = sprites_of_batch(batch, state, Wish(cells, take_all, out), order, progress)
    ranked = rank({key: one.record for key, one in made.items()})
    if as_json:
        emit_json({"sprites": [_json(made[one.key], one) for one in ranked]})
    elif len(ranked) == 1:
        _tell_one(made[ranked[0].key], ranked[0])
    else:
        _tell_many(made, ranked)
    return 0 if all(one.record.loop is not None for one in ranked) else 1


@command.command("plate")
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The PNG to write.")
@click.option("--colour", metavar="#rrggbb", help="Of the ground; a neutral grey if not given.")
@json_option
def plate(image: Path, out: Path | None, colour: str | None, *, as_json: bool) -> int:
    """Make a flat 1280 × 720 plate with the figure of IMAGE, for image-to-video walk cycles."""
    path, made = plate_of(image, out, colour)
    if as_json:
        emit_json({"plate": str(path), "was": made.was, "warnings": list(made.warnings)})
        return 0
    for warning in made.warnings:
        note(f"warning: {warning}")
    behind = "a clear ground" if made.was is None else f"a {made.was} background"
    click.echo(f"{path}: 1280 × 720, cut from {behind}")
    return 0


def _order(frames: int | None, key: str, tolerance: int | None, **sheet: Any) -> SpriteOrder:
    try:
        return SpriteOrder(
            frames=frames,
            key=key.lower(),
            tolerance=tolerance,
            packing="pow2" if sheet["pow2"] else "tight",
            padding_px=sheet["padding"],
            extrude_px=sheet["extrude"],
            steady=sheet["steady"],
        )
    except ValidationError as exc:
        reason = exc.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadInput(f"--key: {reason}") from exc


def _json(made: Made, ranked: Ranked) -> dict[str, Any]:
    return {
        "key": ranked.key,
        "label": made.label,
        "verdict": ranked.verdict,
        "words": ranked.words,
        "folder": str(made.folder) if made.record.failed is None else None,
        "record": made.record.model_dump(mode="json"),
    }


def _tell_one(made: Made, ranked: Ranked) -> None:
    record = made.record
    heading(f"{made.label}: {ranked.verdict}")
    click.echo(ranked.words)
    if record.failed is not None:
        return
    click.echo()
    found = {name: record.value(name) for name in READINGS}
    told = [(READINGS[n].title, label(n, v)) for n, v in found.items() if v is not None]
    print_lines([("loop", _loop_label(record)), *told])
    for why, titles in _not_measured(record).items():
        note(f"not measured: {', '.join(titles)}: {why}")
    for text in record.notes:
        if text not in _not_measured(record):
            note(f"note: {text}")
    if record.files:
        click.echo(f"\n{plural(len(record.files), 'file')} in {made.folder}")


def _not_measured(record: SpriteRecord) -> dict[str, list[str]]:
    """Return the names of readings that could not be taken, by the reason."""
    found: dict[str, list[str]] = {}
    for name, kind in READINGS.items():
        reading = record.readings.get(name)
        if reading is not None and reading.why_not:
            found.setdefault(reading.why_not, []).append(kind.title)
    return found


def _tell_many(made: Mapping[str, Made], ranked: list[Ranked]) -> None:
    names = ("seam", "foot_slide_px", "baseline_drift_px_s")
    print_table(
        ["cell", "clip", "verdict", "loop", *(READINGS[n].title for n in names), "in words"],
        [
            [
                one.key[:8],
                made[one.key].label,
                one.verdict,
                _loop_label(one.record),
                *(label(n, one.record.value(n)) for n in names),
                one.words,
            ]
            for one in ranked
        ],
    )
    loops = sum(one.record.loop is not None for one in ranked)
    click.echo(f"\n{loops} of {plural(len(ranked), 'clip')} have a loop, the best one first")
    best = ranked[0]
    if best.record.files:
        click.echo(f"the best lies in {made[best.key].folder}")


def _loop_label(record: SpriteRecord) -> str:
    loop = record.loop
    if loop is None:
        return "–"
    return f"{loop.end_frame - loop.first_frame} frames, {float(loop.length_s):.2f} s"

"""`fal-exp wall SELECTION`: many clips as one labelled, synced film."""

from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import click

from fal_experiments.app.wall import WallDone, WallRequest, wall
from fal_experiments.cli.console import emit_json, json_option, note, print_table
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.labels import bytes_label
from fal_experiments.core.wall import MOST_FPS, End, Sync
from fal_experiments.core.wall_grid import LEAST_PANE_PX, LONGEST_SIDE_PX, parse_layout
from fal_experiments.core.wall_selection import AXES, Filters
from fal_experiments.core.wall_wish import Wish, parse_offset, parse_window
from fal_experiments.core.wall_words import length_words

EPILOG = (
    "SELECTION is a batch (its folder, name, or `latest`, which is the default) or clip files. "
    "A, B and CELL are a pane's number, cell id, preset or file name."
)


class Seconds(click.ParamType[Fraction]):
    """An exact positive number."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        """Return the number; anything else is a usage error."""
        try:
            number = Fraction(str(value).removesuffix("s").removesuffix("x"))
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a number; write 5 or 2.5", param, ctx)
        if not Fraction(1, 100) <= number <= 3600:
            self.fail(f"{value!r} is not between 0.01 and 3600", param, ctx)
        return number


class Pixels(click.ParamType[int]):
    """`480` or `480px`."""

    name = "px"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of pixels; anything else is a usage error."""
        text = str(value).removesuffix("px")
        if not text.isdecimal() or not LEAST_PANE_PX <= int(text) <= LONGEST_SIDE_PX:
            self.fail(
                f"{value!r} is not a width; write 480 ({LEAST_PANE_PX} to {LONGEST_SIDE_PX})",
                param,
                ctx,
            )
        return int(text)


@click.command("wall", epilog=EPILOG)
@click.argument("selection", nargs=-1)
@click.option("--preset", "presets", multiple=True, metavar="ID", help="Only these presets.")
@click.option("--prompt", "prompts", multiple=True, metavar="ID", help="Only these prompts.")
@click.option("--seed", "seeds", multiple=True, type=int, metavar="N", help="Only these seeds.")
@click.option("--input", "inputs", multiple=True, metavar="ID", help="Only these inputs.")
@click.option("--cell", "cells", multiple=True, metavar="CELL", help="These cells, in this order.")
@click.option("--rows", type=click.Choice(AXES), help="What changes from row to row.")
@click.option("--columns", type=click.Choice(AXES), help="What changes from column to column.")
@click.option("--with-gaps", is_flag=True, help="Show cells without a clip too, and why.")
@click.option("--layout", metavar="3x2", help="Columns x rows; chosen for the clips otherwise.")
@click.option(
    "--sync",
    type=click.Choice(get_args(Sync)),
    default="absolute",
    show_default=True,
    help="One clock; equal progress; or the same place in each clip's loop.",
)
@click.option(
    "--end",
    type=click.Choice(get_args(End)),
    default="hold",
    show_default=True,
    help="What a pane shows on one clock when its clip is over.",
)
@click.option(
    "--window",
    "windows",
    multiple=True,
    metavar="CELL=START-END",
    help="The loop of a clip in seconds, for --sync phase.",
)
@click.option(
    "--offset",
    "offsets",
    multiple=True,
    metavar="[CELL=]SECONDS",
    help="Start a clip that far ahead on one clock, below 0 later; all of them without CELL.",
)
@click.option("--fps", type=click.IntRange(1, MOST_FPS), help="Of the wall; its fastest clip's.")
@click.option("--width", type=Pixels(), help="Of the whole wall.")
@click.option("--pane", type=Pixels(), help="Width of each pane, in place of --width.")
@click.option("--duration", type=Seconds(), help="Seconds of the wall; its longest clip's.")
@click.option("--speed", type=Seconds(), default="1", show_default=True, help="0.5 is half speed.")
@click.option("--captions/--no-captions", default=True, show_default=True)
@click.option("--audio", metavar="CELL|none", default="none", help="The pane that is heard.")
@click.option("--wipe", nargs=2, metavar="A B", help="Two clips with a line that moves over them.")
@click.option("--side-by-side", nargs=2, metavar="A B", help="Two clips beside each other.")
@click.option(
    "-o",
    "--out",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .mp4, .gif or .webp.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@json_option
def command(**given: Any) -> int:
    """Make one film of many clips, each with its name, all on one time."""
    if given["pane"] and given["width"]:
        raise click.UsageError("--pane and --width cannot both be given")
    if given["wipe"] and given["side_by_side"]:
        raise click.UsageError("--wipe and --side-by-side cannot both be given")
    request = WallRequest(
        given["selection"], _filters(given), _wish(given), given["output"], force=given["force"]
    )
    with count_progress("wall") as progress:
        done = wall(request, Path.cwd(), progress)
    for name, why in done.left_out if not request.filters.with_gaps else ():
        note(f"not on the wall: {name}: {why}")
    for pane in done.made.panes:
        if pane.problem:
            note(f"warning: {pane.number} {pane.title} ({pane.name}): {pane.problem}")
    if given["as_json"]:
        emit_json(_document(done))
    else:
        _tell(done)
    return 1 if any(pane.problem for pane in done.made.panes) else 0


def _filters(given: dict[str, Any]) -> Filters:
    return Filters(
        presets=given["presets"],
        prompts=given["prompts"],
        seeds=given["seeds"],
        inputs=given["inputs"],
        cells=given["cells"],
        rows=given["rows"],
        columns=given["columns"],
        with_gaps=given["with_gaps"],
    )


def _wish(given: dict[str, Any]) -> Wish:
    return Wish(
        layout=parse_layout(given["layout"]) if given["layout"] else None,
        sync=given["sync"],
        end=given["end"],
        fps=given["fps"],
        width_px=given["width"],
        pane_px=given["pane"],
        duration_s=given["duration"],
        speed=given["speed"],
        captions=given["captions"],
        audio=None if given["audio"] == "none" else given["audio"],
        windows=tuple(parse_window(text) for text in given["windows"]),
        offsets=tuple(parse_offset(text) for text in given["offsets"]),
        wipe=given["wipe"] or None,
        side_by_side=given["side_by_side"] or None,
    )


def _tell(done: WallDone) -> None:
    made = done.made
    head = ["pane", "title", "about", "name", "clip", "on the wall"]
    rows = [
        [
            str(pane.number),
            pane.title,
            pane.about,
            pane.name,
            length_words(pane.strip) if pane.strip else "not shown",
            pane.done,
        ]
        for pane in made.panes
    ]
    filled = [i for i in range(len(head)) if any(row[i] for row in rows)]
    shown = [[row[i] for i in filled] for row in rows]
    print_table([head[i] for i in filled], shown, right="pane")
    size = f"{made.size_px[0]}×{made.size_px[1]}"
    length_s = made.frames / made.fps
    sound = f"sound of {made.sound}" if made.sound else "silent"
    click.echo()
    click.echo(f"{'; '.join(made.equalised)}.")
    click.echo(f"{size}, {made.fps} fps, {length_s:.2f} s, {bytes_label(made.size_bytes)}, {sound}")
    click.echo(str(made.file))


def _document(done: WallDone) -> dict[str, Any]:
    made = done.made
    return {
        "file": str(made.file),
        "width_px": made.size_px[0],
        "height_px": made.size_px[1],
        "fps": made.fps,
        "frames": made.frames,
        "duration_s": round(made.frames / made.fps, 3),
        "size_bytes": made.size_bytes,
        "layout": str(made.layout),
        "sound": made.sound or None,
        "equalised": list(made.equalised),
        "command": done.command,
        "panes": [
            {
                "pane": pane.number,
                "name": pane.name,
                "title": pane.title,
                "about": pane.about or None,
                "width_px": pane.size_px[0] if pane.size_px else None,
                "height_px": pane.size_px[1] if pane.size_px else None,
                "duration_s": round(float(pane.strip.duration_s), 3) if pane.strip else None,
                "fps": round(float(pane.strip.fps), 3) if pane.strip else None,
                "on_the_wall": pane.done or None,
                "problem": pane.problem or None,
            }
            for pane in made.panes
        ],
        "left_out": [{"name": name, "why": why} for name, why in done.left_out],
    }

"""`fal-exp report BATCH`: the HTML page, the same as one file and as Markdown, and a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.finish import (
    OneFile,
    heavy_files,
    write_human_files,
    write_one_file,
    write_report,
)
from fal_experiments.cli.console import emit_json, json_option, note
from fal_experiments.cli.ending import render_clips, warn_of_unread
from fal_experiments.core.labels import bytes_label, plural
from fal_experiments.core.model import listed
from fal_experiments.errors import BadInput

DEFAULT_LIMIT_MB = 25
"""What most mail servers let through."""


class _Wishes(NamedTuple):
    """What is asked for besides the page."""

    screenshot: Path | None
    view: str
    size_px: tuple[int, int]
    dark: bool
    one_file: OneFile | None
    markdown: bool


@click.command("report")
@click.argument("batch", default="latest")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md"]),
    default="html",
    show_default=True,
    help="md prints the report as Markdown on stdout, with links from the report's folder.",
)
@click.option(
    "--single-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report as one HTML file too, with pictures and clips in it.",
)
@click.option(
    "--limit-mb",
    type=click.FloatRange(min=1),
    default=DEFAULT_LIMIT_MB,
    show_default=True,
    help="How large that file may be; a larger one is refused.",
)
@click.option("--without-clips", is_flag=True, help="Only posters and contact sheets in that file.")
@click.option(
    "--screenshot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take a picture of the page as PNG, with the Chromium of this machine.",
)
@click.option(
    "--view",
    metavar="ADDRESS",
    default="",
    help="What the picture shows: a page of the report, the `#…` of its address, or both.",
)
@click.option("--width", type=click.IntRange(320, 3840), default=1440, show_default=True)
@click.option("--height", type=click.IntRange(320, 8000), default=900, show_default=True)
@click.option("--dark", is_flag=True, help="Take the picture in the dark theme.")
@json_option
def command(batch: str, *, as_json: bool, **options: Any) -> int:
    """Write the report of BATCH (a folder, a name, or `latest`) as it stands now."""
    wanted = _wishes(options)
    if as_json and wanted.markdown:
        raise BadInput(
            "--json and --format md each want stdout for themselves",
            fix="take one; --json names report.md, which has the same text",
        )
    opened = open_batch(batch, Path.cwd())
    made = _write(opened, wanted)
    if as_json:
        emit_json({name: str(path) if path else None for name, path in made.items()})
    elif wanted.markdown:
        click.echo((opened.folder.report / "report.md").read_text("utf-8"), nl=False)
    else:
        for name in ("report", "single_file", "screenshot"):
            if made[name] is not None:
                click.echo(str(made[name]))
    return 0


def _wishes(options: Mapping[str, Any]) -> _Wishes:
    target: Path | None = options["single_file"]
    if target is None and options["without_clips"]:
        raise BadInput("--without-clips says what to leave out of --single-file, which is missing")
    if options["view"] and options["screenshot"] is None:
        raise BadInput("--view says what --screenshot shows, which is missing")
    with_clips = not options["without_clips"]
    return _Wishes(
        screenshot=options["screenshot"],
        view=options["view"],
        size_px=(options["width"], options["height"]),
        dark=options["dark"],
        one_file=OneFile(target, options["limit_mb"], with_clips) if target else None,
        markdown=options["form"] == "md",
    )


def _write(batch: Batch, wanted: _Wishes) -> dict[str, Path | None]:
    """Write all that is wanted, and return where it lies by name."""
    state, _ = read_state(batch)
    render_clips(batch, state)
    index = write_report(batch)
    write_human_files(batch, state)
    warn_of_unread(batch)
    _warn_of_size(batch)
    if wanted.one_file is not None:
        missing = write_one_file(batch, wanted.one_file)
        if missing:
            what = plural(len(missing), "file")
            note(f"warning: {what} of the batch are gone and not in it, first {missing[0]}")
    if wanted.screenshot is not None:
        _picture(index.parent, wanted.screenshot, wanted)
    return {
        "report": index,
        "markdown": index.with_name("report.md"),
        "single_file": wanted.one_file.target if wanted.one_file else None,
        "screenshot": wanted.screenshot,
    }


def _picture(folder: Path, target: Path, wanted: _Wishes) -> None:
    """Take the picture. Raises: BadInput for a view that is no page of the report."""
    page, _, fragment = wanted.view.partition("#")
    pages = sorted(path.name for path in folder.glob("*.html"))
    if page and page not in pages:
        raise BadInput(f"--view {page}: not a page of the report", fix=f"take {listed(pages)}")
    wiring.take_screenshot(
        folder / (page or "index.html"),
        target,
        size_px=wanted.size_px,
        dark=wanted.dark,
        fragment=fragment,
    )


def _warn_of_size(batch: Batch) -> None:
    heavy = heavy_files(batch)
    if heavy is not None:
        note(
            f"warning: the report's own files are {bytes_label(heavy.whole_bytes)}, "
            f"{bytes_label(heavy.detail_bytes)} of it details that are read when a cell is opened: "
            "the page opens as fast as ever, sending it takes a while"
        )

"""`fal-exp review`: the report on this machine alone, and every rating on disk at once."""

import signal
import webbrowser
from pathlib import Path
from threading import Event
from types import FrameType

import click

from fal_experiments.app.batch import open_batch
from fal_experiments.app.review import Tally, batch_site, serving
from fal_experiments.app.review_bundle import VOTES, bundle_site, is_bundle
from fal_experiments.cli.console import emit_json, json_option, note
from fal_experiments.core.labels import plural


@click.command("review")
@click.argument("batch", default="latest", metavar="BATCH | BUNDLE")
@click.option(
    "--rater", help="Who rates; no other name is taken. Else `me`, until the page is told."
)
@click.option("--port", type=click.IntRange(1, 65_535), help="On 127.0.0.1; else a free one.")
@click.option("--no-open", is_flag=True, help="Do not open the page in a browser.")
@json_option
def command(
    batch: str, rater: str | None, port: int | None, *, no_open: bool, as_json: bool
) -> int:
    """Serve the report of BATCH, or a blind BUNDLE, for rating, until Ctrl+C.

    On 127.0.0.1 only, at an address with a random token. What you say is on disk before the page
    says so: ratings.jsonl of the batch, votes.jsonl of the bundle.
    """
    tally = Tally()
    folder = Path.cwd() / batch
    if is_bundle(folder):
        name, target, what = folder.name, folder / VOTES, "vote"
        site = bundle_site(folder, rater, tally)
    else:
        opened = open_batch(batch, Path.cwd())
        name, target, what = opened.name, opened.folder.ratings, "rating"
        site = batch_site(opened, rater, tally)
    with serving(site, name, port) as server:
        note(f"{name}: {server.url}")
        note(f"what you say goes to {target}; Ctrl+C ends")
        if not no_open and not webbrowser.open(server.url):
            note("no browser could be opened; open the address yourself")
        _wait()
    if as_json:
        emit_json({"name": name, "file": str(target), "stored": dict(tally.stored)})
        return 0
    total = sum(tally.stored.values())
    who = ", ".join(f"{rater} {n}" for rater, n in tally.stored.items())
    click.echo(f"{plural(total, what)} stored in {target}" + (f" ({who})" if who else ""))
    return 0


def _wait() -> None:
    """Wait until the person, or the system, has had enough."""
    enough = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        enough.set()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not enough.wait(1):  # a wait without end would not let Windows see Ctrl+C
            pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""`fal-exp blind BATCH`: a test of which clip is better in which nobody can see whose it is."""

from pathlib import Path
from typing import Any, get_args

import click

from fal_experiments.app.blind import BlindDone, BlindRequest, make_blind
from fal_experiments.app.blind_import import Imported, import_votes
from fal_experiments.cli.console import emit_json, json_option, note, print_lines
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.blind_rows import MOST_SHOWN, Kind
from fal_experiments.core.labels import bytes_label, plural
from fal_experiments.core.wall_selection import Filters

EPILOG = (
    "`fal-exp blind BATCH` makes a test, which is short for `fal-exp blind make BATCH`; with "
    "options and no BATCH it is one of the latest. Give the folder, or its --zip, to whoever is "
    "to judge; the key stays in the batch's folder."
)


class MakesByDefault(click.Group):
    """A group whose words are those of `make` where they begin with none of its commands."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, or the one that makes a test of a batch of that name."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, "make")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `make` before a batch, and before an option that is not the group's own."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group("blind", cls=MakesByDefault, epilog=EPILOG)
def command() -> None:
    """Make a blind test of a batch, and read the votes that come back."""


@command.command("make", epilog="See docs/blind.md for what it hides, and what it cannot.")
@click.argument("batch", default="latest")
@click.option(
    "--kind",
    type=click.Choice(get_args(Kind)),
    default="pair",
    show_default=True,
    help="Which of two is better; or the best and the worst of up to four.",
)
@click.option("--prompt", "prompts", multiple=True, metavar="ID", help="Only these prompts.")
@click.option("--preset", "presets", multiple=True, metavar="ID", help="Only these presets.")
@click.option("--seed", "seeds", multiple=True, type=int, metavar="N", help="Only these seeds.")
@click.option("--input", "inputs", multiple=True, metavar="ID", help="Only these inputs.")
@click.option(
    "--shown",
    type=click.IntRange(3, MOST_SHOWN),
    default=MOST_SHOWN,
    show_default=True,
    help="Clips of a best-worst ballot.",
)
@click.option("--ballots", type=click.IntRange(1, 1000), help="Asked of each rater.")
@click.option("--order", type=int, metavar="N", help="Fixes the order in which ballots come.")
@click.option("--keep-pixels", is_flag=True, help="Strip the files, but do not encode anew.")
@click.option("--trim", is_flag=True, help="Cut clips that meet to the shortest of them.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to make; experiments/blind/<id> otherwise.",
)
@click.option("--zip", "packed", is_flag=True, help="Pack the folder too, for sending.")
@json_option
def make(**given: Any) -> int:
    """Write a folder with clips under random names, and a page to vote on them."""
    request = BlindRequest(
        batch=given["batch"],
        kind=given["kind"],
        filters=Filters(
            presets=given["presets"],
            prompts=given["prompts"],
            seeds=given["seeds"],
            inputs=given["inputs"],
        ),
        out=given["out"],
        ballots=given["ballots"],
        seed=given["order"],
        shown=given["shown"],
        keep_pixels=given["keep_pixels"],
        trim=given["trim"],
        zip=given["packed"],
    )
    with count_progress("blind") as progress:
        done = make_blind(request, Path.cwd(), progress)
    for name, why in done.left_out:
        note(f"not in the test: {name}: {why}")
    if given["as_json"]:
        emit_json(_document(done))
    else:
        _tell(done)
    return 0


def _tell(done: BlindDone) -> None:
    view = done.view
    missing = f"{view.without_clip} of {view.combinations} combinations had no clip"
    if view.alone:
        missing += f", {view.alone} met no other"
    lines = [
        ("bundle", str(done.folder)),
        ("key", f"{done.key}: keep it, never give it away"),
        ("key sha256", view.key_sha256),
        ("clips", f"{len(view.clips)} of {plural(len(view.contestants), 'preset')}, {missing}"),
        ("ballots", f"{view.ballots} a rater, {view.kind}"),
        ("size", bytes_label(done.size_bytes)),
    ]
    if done.zip:
        lines.insert(1, ("zip", str(done.zip)))
    print_lines(lines)
    for said in view.notes:
        note(said)
    click.echo(f"When votes come back: fal-exp blind import {done.key.parent.name} votes-*.jsonl")


def _document(done: BlindDone) -> dict[str, Any]:
    view = done.view
    return {
        "bundle": view.bundle,
        "folder": str(done.folder),
        "zip": str(done.zip) if done.zip else None,
        "key": str(done.key),
        "key_sha256": view.key_sha256,
        "kind": view.kind,
        "ballots": view.ballots,
        "clips": len(view.clips),
        "presets": len(view.contestants),
        "combinations": view.combinations,
        "without_clip": view.without_clip,
        "alone": view.alone,
        "size_bytes": done.size_bytes,
        "notes": list(view.notes),
        "left_out": [{"name": name, "why": why} for name, why in done.left_out],
    }


@command.command("import")
@click.argument("batch")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@json_option
def import_(batch: str, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Open the votes of FILEs with the key, and add them to BATCH. Twice adds nothing."""
    done = import_votes(batch, files, Path.cwd())
    if as_json:
        emit_json(
            done._asdict()
            | {"bundles": list(done.bundles), "raters": [each._asdict() for each in done.raters]}
        )
        return 0
    _tell_import(done)
    return 0


def _tell_import(done: Imported) -> None:
    older = done.votes - done.added - done.known
    again = f", {done.known} were there already" if done.known else ""
    again += f", {older} older than another on the same ballot" if older else ""
    click.echo(f"{plural(done.added, 'vote')} added to {done.batch}{again}")
    for each in done.raters:
        twice = (
            f", {each.same} of {plural(each.repeated, 'repeated ballot')} answered the same"
            if each.repeated
            else ""
        )
        click.echo(f"  {each.rater}: {plural(each.votes, 'vote')}{twice}")
    for rater, ballots in done.disputed.items():
        note(
            f"warning: {rater}: {plural(ballots, 'ballot')} answered differently in two files, "
            "or before; the later counts. Two people of one name?"
        )
    for names in done.look_alikes:
        note(f"warning: {' and '.join(map(repr, names))} look alike, and are counted apart")
    if done.unseen:
        note(f"warning: {plural(done.unseen, 'vote')} on clips not seen whole, as far as told")
    click.echo(f"Who is best: fal-exp rank {done.batch}")

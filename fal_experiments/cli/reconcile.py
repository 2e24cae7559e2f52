"""`fal-exp reconcile`: what was estimated, metered and billed, and why they differ."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from fal_experiments.app import decide
from fal_experiments.app.batch import Batch, open_batch
from fal_experiments.app.reconcile import Reconciled, ReconcileOptions, reconcile
from fal_experiments.app.reconcile_choice import batches_between
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.bill_next import print_next
from fal_experiments.cli.bill_words import print_books
from fal_experiments.cli.console import emit_json, json_option, note
from fal_experiments.cli.ending import renew_report
from fal_experiments.cli.options import window_of_options
from fal_experiments.core.books import Tolerance
from fal_experiments.core.labels import plural
from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.usage_import import ImportedBill, joined, read_bill
from fal_experiments.core.usage_rows import MOST_USD
from fal_experiments.errors import BadInput
from fal_experiments.storage.project_files import read_user_text

EXIT_NEEDS_PERSON = 4


@click.command("reconcile")
@click.argument("batches", nargs=-1, metavar="[BATCH]...")
@click.option("--since", help="All batches submitted from this day or moment on (UTC).")
@click.option("--until", help="… and before this one.")
@click.option("--sandbox", is_flag=True, help="With --since: the sandbox's batches.")
@click.option("--wait", "wait_s", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS",
              help="Wait so long for lines that are not in the bill yet.")  # fmt: skip
@click.option("--settle-hours", type=click.FloatRange(0, 24 * 90), default=48.0, show_default=True,
              help="After so long without a line, an attempt counts as not billed.")  # fmt: skip
@click.option("--import", "files", multiple=True, metavar="FILE",
              help="A bill as a file (CSV, JSON, FOCUS) in place of an answer.")  # fmt: skip
@click.option("--key-id", metavar="ID",
              help="On a shared account: look for strange lines on this key only.")  # fmt: skip
@click.option("--fail-over", metavar="2%|USD",
              help="Exit 4 when billed differs from the estimate by more.")  # fmt: skip
@click.option(
    "--ignore",
    metavar="NAME",
    help="This line is somebody else's; or this bill (missing, unexplained), or usage:ENDPOINT, "
    "is right.",
)
@click.option("--adopt", metavar="REQUEST_ID", help="This orphan is the lost submission of --cell.")
@click.option(
    "--cell", help="With --adopt: the cell whose submission got no answer, or was given up."
)
@click.option("--reason", default="", help="With --ignore: why; it is kept.")
@click.option("--dry-run", is_flag=True, help="Show the books, write nothing.")
@click.option("--rows", "all_rows", is_flag=True, help="List every attempt with a difference.")
@click.option("--exact", is_flag=True, help="Show amounts to the nano-dollar.")
@json_option
def command(  # noqa: PLR0913 - one parameter for each option
    *,
    batches: tuple[str, ...],
    since: str | None,
    until: str | None,
    files: tuple[str, ...],
    key_id: str | None,
    fail_over: str | None,
    ignore: str | None,
    adopt: str | None,
    cell: str | None,
    reason: str,
    wait_s: float,
    settle_hours: float,
    sandbox: bool,
    dry_run: bool,
    all_rows: bool,
    exact: bool,
    as_json: bool,
) -> int:
    """Close the books of BATCH (latest if none is named) with the provider's bill.

    Billing events want a key of ADMIN scope (FAL_ADMIN_KEY). Exit 0 when the books close, 4 when
    they need a person: something unexplained, a line that no attempt here explains, a submission
    without an answer, a bill that never came, totals that disagree, or more than --fail-over.
    """
    tolerance = _tolerance(fail_over)
    window = window_of_options(since, until)
    _refuse_words_without_meaning(ignore, adopt, cell, reason, dry_run=dry_run)
    chosen = _chosen(batches, window, sandbox=sandbox)
    settings = read_settings(chosen[0].project)
    if adopt is not None:
        if len(chosen) > 1:
            raise BadInput("--adopt is about one batch", fix="name the batch of --cell")
        place = _required(cell, "--adopt", "--cell")
        said = decide.resolve(chosen[0], settings, place, "adopt", adopt)
        note(
            f"{adopt} is adopted; `fal-exp resume {chosen[0].name}` collects its clip"
            if said.goes_on
            else f"{adopt} is adopted: its bill is that of attempt {said.attempt.number}, whose "
            "place another attempt has taken"
        )
    options = ReconcileOptions(
        since=window[0],
        until=window[1],
        wait_s=wait_s,
        settle=timedelta(hours=settle_hours),
        key_id=key_id,
        ignore=(ignore, _required(reason, "--ignore", "--reason")) if ignore else None,
        imported=_imported(files) if files else None,
        dry_run=dry_run,
    )
    done = reconcile(chosen, settings, options)
    _tell(done, dry_run=dry_run)
    for batch in done.changed:
        renew_report(batch)
    # with nothing to compare, nothing is within a tolerance
    is_blind = fail_over is not None and not done.books.total.can_compare
    exceeded = is_blind or tolerance.is_exceeded_by(done.books.total)
    if as_json:
        emit_json(_json(done, exceeded=exceeded))
    else:
        print_books(done.books, exact=exact, all_rows=all_rows)
        print_next(done.books, exceeded=fail_over if exceeded else None, files=files)
    return EXIT_NEEDS_PERSON if exceeded or done.books.needs_person else 0


def _chosen(
    names: tuple[str, ...], window: tuple[datetime | None, datetime | None], *, sandbox: bool
) -> list[Batch]:
    here = Path.cwd()
    if names or window == (None, None):
        found = [open_batch(name, here) for name in names or ("latest",)]
        return list({batch.name: batch for batch in found}.values())
    found, absent = batches_between(here, *window, sandbox=sandbox)
    for name in absent:
        note(f"{name} is on the ledger, and its folder is not here: it is left out")
    return found


def _imported(files: tuple[str, ...]) -> ImportedBill:
    """Return what all files say, each of them once. Raises: BadInput."""
    texts: dict[str, str] = {}
    for name in files:
        texts.setdefault(read_user_text(Path(name), name), name)
    return joined([read_bill(text, name) for text, name in texts.items()])


def _refuse_words_without_meaning(
    ignore: str | None, adopt: str | None, cell: str | None, reason: str, *, dry_run: bool
) -> None:
    if dry_run and (ignore is not None or adopt is not None):
        raise BadInput("--dry-run writes nothing down, no decision either", fix="leave one out")
    if cell and adopt is None:
        raise BadInput("--cell is for --adopt", fix="add --adopt REQUEST_ID")
    if reason and ignore is None:
        raise BadInput("--reason is for --ignore", fix="add --ignore REQUEST_ID")


def _tolerance(text: str | None) -> Tolerance:
    if text is None:
        return Tolerance()
    try:
        number = Decimal(text.removesuffix("%").removeprefix("$"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < MOST_USD:
        raise BadInput(f"--fail-over: {text!r} is no share and no amount", fix="write 2% or 0.50")
    if text.endswith("%"):
        return Tolerance(share=number / 100)
    return Tolerance(nano_usd=nano_from_usd(number))


def _required(value: str | None, option: str, other: str) -> str:
    if not value:
        raise BadInput(f"{option} needs {other}", fix=f"add {other} …")
    return value


def _tell(done: Reconciled, *, dry_run: bool) -> None:
    for notice in done.notices:
        note(notice)
    would = "would be written" if dry_run else "written down"
    if done.first:
        note(f"{plural(done.first, 'new amount')} of the bill {would}")
    if done.missing:
        note(f"{plural(done.missing, 'attempt')} {would} as not in the bill")
    if done.corrected:
        note(f"{plural(done.corrected, 'correction')} {would}")
    if done.listed_again:
        note(f"{plural(done.listed_again, 'line')} came twice, word for word: counted once")


def _json(done: Reconciled, *, exceeded: bool) -> dict[str, object]:
    books = done.books
    return {
        **books.model_dump(mode="json"),
        "difference_nano_usd": books.total.difference_nano_usd,
        "unexplained_nano_usd": books.unexplained_nano_usd,
        "closed": books.is_closed and not books.needs_person,
        "notices": done.notices,
        "tolerance_exceeded": exceeded,
        "needs_person": books.needs_person,
    }

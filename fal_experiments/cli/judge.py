"""`fal-exp judge BATCH`: a vision model compares the clips of two presets at a time."""

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.judge import (
    Bout,
    Estimate,
    draw_up,
    earlier_judges,
    estimate,
    judge_ledger,
    read_rubric,
)
from fal_experiments.app.judge_session import Asked, Wishes, ask_judge
from fal_experiments.app.settings import read_judge_address
from fal_experiments.cli.console import emit_json, json_option, note
from fal_experiments.cli.judge_words import document, print_bout, print_spent
from fal_experiments.cli.options import Dollars
from fal_experiments.cli.progress import count_progress
from fal_experiments.core.fold import BatchState
from fal_experiments.core.judge_cost import Prices
from fal_experiments.core.judging import Judge
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd, nano_from_usd
from fal_experiments.errors import BadInput

EXIT_STOPPED_BY_CAP = 3
EXIT_DECLINED = 2


class Rate(Dollars):
    """An exact price, which may be 0: a judge on this machine."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the price; anything else is a usage error."""
        if str(value).removeprefix("$") in {"0", "0.0", "0.00"}:
            return Decimal(0)
        return super().convert(value, param, ctx)


@click.command("judge")
@click.argument("batch", default="latest")
@click.option("--model", help="The judge, as its endpoint calls it.")
@click.option("--rubric", type=click.Path(path_type=Path), help="Your own rubric, a text file.")
@click.option("--usd-per-call", type=Rate(), help="What a call costs.")
@click.option("--usd-per-million-input", type=Rate(), help="What a million tokens in cost.")
@click.option("--usd-per-million-output", type=Rate(), help="What a million tokens out cost.")
@click.option("--max-usd", type=Dollars(), help="Spend at most this on judging, now.")
@click.option("--temperature", type=float, help="Sent as it is; the endpoint's own otherwise.")
@click.option("--max-tokens", type=click.IntRange(1), help="Sent as it is; none otherwise.")
@click.option("--concurrency", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--yes", is_flag=True, help="Spend without asking.")
@click.option("--show", is_flag=True, help="Ask nothing; show what judges have said so far.")
@json_option
def command(  # noqa: PLR0913 - one parameter for each option
    batch: str,
    *,
    model: str | None,
    rubric: Path | None,
    usd_per_call: Decimal | None,
    usd_per_million_input: Decimal | None,
    usd_per_million_output: Decimal | None,
    max_usd: Decimal | None,
    temperature: float | None,
    max_tokens: int | None,
    concurrency: int,
    yes: bool,
    show: bool,
    as_json: bool,
) -> int:
    """Let a vision model judge BATCH, preset against preset, each pair in both orders.

    The endpoint is FAL_EXP_JUDGE_URL (OpenAI-compatible, up to /v1), its key FAL_EXP_JUDGE_KEY.
    Judging has a ledger and a cap of its own: it never counts as generation. Answers are kept in
    the batch and not asked for again. See docs/judges.md for what they are worth.
    """
    opened = open_batch(batch, Path.cwd())
    state, _ = read_state(opened)
    if show:
        return _show(opened, state, as_json=as_json)
    if not model:
        raise BadInput("which model is to judge?", fix="add --model, as its endpoint calls it")
    sent = {"temperature": temperature, "max_tokens": max_tokens}
    settings = {name: value for name, value in sent.items() if value is not None}
    bout = draw_up(opened, state, Judge(model, read_rubric(rubric), settings))
    prices = Prices(usd_per_call, usd_per_million_input, usd_per_million_output)
    cap = None if max_usd is None else nano_from_usd(max_usd)
    _check(prices, cap)
    asked = Asked({}, [], stopped_by_cap=False)
    if bout.waiting():
        wishes = Wishes(prices, cap, at_once=concurrency)
        address = read_judge_address(opened.project)
        expected = estimate(bout, prices, judge_ledger(opened).read(), wishes.tries)
        if not _may_spend(bout, expected, max_usd, yes=yes, as_json=as_json):
            note("nothing was asked")
            return EXIT_DECLINED
        with count_progress("judging") as progress:
            asked = ask_judge(bout, address, wishes, progress)
    return _tell(bout, asked, as_json=as_json)


def _check(prices: Prices, cap_nano_usd: int | None) -> None:
    tokens = (prices.usd_per_million_input, prices.usd_per_million_output)
    if prices.usd_per_call is not None and tokens != (None, None):
        raise BadInput("two kinds of price were given", fix="give --usd-per-call or token prices")
    if tokens != (None, None) and None in tokens:
        raise BadInput(
            "only one of the two token prices was given",
            fix="give both --usd-per-million-input and --usd-per-million-output",
        )
    if cap_nano_usd is not None and prices == Prices():
        raise BadInput(
            "--max-usd needs a price: a cap over unknown costs is none",
            fix="add --usd-per-call, or the two token prices",
        )


def _may_spend(
    bout: Bout, expected: Estimate, max_usd: Decimal | None, *, yes: bool, as_json: bool
) -> bool:
    most = expected.most_nano_usd
    at_most = f", at most {format_usd(most)} with all repeats" if most else ""
    capped = "" if max_usd is None else f"; cap {format_usd(nano_from_usd(max_usd))}"
    cost = f"{format_usd(expected.expected_nano_usd)}{at_most}{capped}"
    words = f"{plural(expected.calls, 'call')} to {bout.judge.model}: {cost}"
    if yes:
        note(words)
        return True
    if not sys.stdin.isatty() or as_json:
        raise BadInput(f"{words}, and nobody is here to agree", fix="add --yes to spend")
    click.echo(words)
    return click.confirm("Spend this?", default=False)


def _show(batch: Batch, state: BatchState, *, as_json: bool) -> int:
    judges = earlier_judges(batch)
    bouts = [draw_up(batch, state, judge) for judge in judges]
    nothing = Asked({}, [], stopped_by_cap=False)
    spent = judge_ledger(batch).read()
    if as_json:
        emit_json([document(bout, nothing, spent) for bout in bouts])
        return 0
    if not bouts:
        click.echo(f"no judge has said anything about {batch.name} yet")
    for bout in bouts:
        print_bout(bout, nothing)
    print_spent(batch, spent)
    return 0


def _tell(bout: Bout, asked: Asked, *, as_json: bool) -> int:
    spent = judge_ledger(bout.batch).read()
    code = 0
    if any(outcome.verdict == "unjudged" for outcome in bout.outcomes(asked.missing)):
        code = EXIT_STOPPED_BY_CAP if asked.stopped_by_cap else 1
    if as_json:
        emit_json({**document(bout, asked, spent), "exit_code": code})
        return code
    print_bout(bout, asked)
    print_spent(bout.batch, spent)
    return code

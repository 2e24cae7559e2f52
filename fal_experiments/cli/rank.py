"""`fal-exp rank`: the presets of a batch in order, how sure that is, and what a keeper costs."""

from pathlib import Path
from typing import get_args

import click

from fal_experiments.app.batch import open_batch
from fal_experiments.app.rank import SOURCES, rank_batch
from fal_experiments.cli.console import (
    emit_json,
    heading,
    json_option,
    print_lines,
    print_table,
)
from fal_experiments.core.duels import Source
from fal_experiments.core.ranking import RESAMPLES, Cluster, OfPrompt, Ranking
from fal_experiments.core.ranking_words import (
    GROUP_HEAD,
    HEAD,
    MONEY_HEAD,
    lines_of,
    money_cells,
    percent,
    standing_cells,
)


@click.command("rank")
@click.argument("batch", default="latest")
@click.option(
    "--from",
    "source",
    type=click.Choice([*SOURCES, "all"]),
    help="What to rank from; votes where there are any, else ratings, else a judge's answers.",
)
@click.option(
    "--cluster",
    type=click.Choice(get_args(Cluster)),
    default="ballot",
    show_default=True,
    help="What is drawn again for the intervals; `prompt` asks what other prompts would give.",
)
@click.option(
    "--resamples", type=click.IntRange(1000, 100_000), default=RESAMPLES, show_default=True
)
@json_option
def command(
    batch: str, source: Source | None, cluster: Cluster, resamples: int, *, as_json: bool
) -> int:
    """Rank the presets of BATCH (latest if not named) by Bradley-Terry.

    Says how sure the order is, how few votes decide it, whether the side on which a clip was shown
    played a part, how far raters agree, and what a clip that is kept costs.
    """
    opened = open_batch(batch, Path.cwd())
    ranking = rank_batch(opened, source, cluster, resamples)
    if as_json:
        emit_json(ranking.model_dump(mode="json"))
        return 0
    heading(f"{ranking.batch}: presets by {', '.join(ranking.sources)}")
    _print_standings(ranking)
    click.echo()
    print_lines(list(lines_of(ranking)))
    if len(ranking.prompts) > 1:
        click.echo()
        heading("by prompt: share of points (duels)")
        _print_prompts(ranking.prompts, [row.preset for row in ranking.standings])
    if any(row.keepers.judged for row in ranking.money):
        click.echo()
        heading("keepers")
        print_table(MONEY_HEAD, [money_cells(row) for row in ranking.money], right="spent")
    return 0


def _print_standings(ranking: Ranking) -> None:
    rows = [standing_cells(row) for row in ranking.standings]
    if len(ranking.groups) == 1:
        print_table(HEAD, rows, right="rank first won tied lost")
        return
    number = {p: str(n) for n, group in enumerate(ranking.groups, 1) for p in group}
    rows = [[*row, number[row[0]]] for row in rows]
    print_table([*HEAD, GROUP_HEAD], rows, right="rank first won tied lost group")


def _print_prompts(prompts: tuple[OfPrompt, ...], presets: list[str]) -> None:
    rows = []
    for prompt in prompts:
        shares = {preset: (share, duels) for preset, share, duels in prompt.presets}
        cells = [
            f"{percent(shares[p][0])} ({shares[p][1]:g})" if p in shares else "–" for p in presets
        ]
        rows.append([prompt.prompt, *cells])
    print_table(["prompt", *presets], rows, right=" ".join(presets))

"""What the console says of judgements: standings, agreement, lean, what is missing, the cost."""

from collections.abc import Sequence
from typing import Any

import click

from fal_experiments.app.batch import Batch
from fal_experiments.app.judge import Bout
from fal_experiments.app.judge_session import Asked
from fal_experiments.cli.console import heading, note, print_table
from fal_experiments.core.judge_cost import JudgeRow, Spent, spent_on
from fal_experiments.core.judging import Bias, Outcome, bias_of, standings
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd


def print_bout(bout: Bout, asked: Asked) -> None:
    """Print how the presets fared before one judge, and how far it can be trusted."""
    outcomes = bout.outcomes(asked.missing)
    heading(f"{bout.batch.name}, {bout.judge.in_words}")
    print_table(
        ["preset", "wins", "ties", "losses", "n", "both orders agree", "not judged"],
        [
            [
                row.preset,
                str(row.wins),
                str(row.ties),
                str(row.losses),
                f"{row.judged} of {row.pairs}",
                f"{row.agreed} of {row.judged}",
                str(row.unjudged),
            ]
            for row in standings(outcomes)
        ],
        right="wins ties losses n",
    )
    for line in _bias_lines(bias_of(outcomes)):
        click.echo(line)
    for outcome in outcomes:
        if outcome.verdict == "unjudged":
            note(f"not judged: {outcome.pair.where}: {outcome.why}")
    if asked.rows:
        click.echo(f"asked now: {_spent_label(spent_on(asked.rows))}")


def _bias_lines(bias: Bias) -> list[str]:
    answers = bias.said_first + bias.said_second + bias.said_tie
    lean = (
        f"of {plural(answers, 'answer')} {bias.said_first} preferred the clip shown first, "
        f"{bias.said_second} the one shown second, {bias.said_tie} neither"
    )
    stuck = bias.stuck_first + bias.stuck_second
    if not stuck:
        return [lean]
    return [
        lean,
        (
            f"position bias: in {stuck} of {plural(bias.both, 'pair')} the place decided, not the "
            f"clip ({bias.stuck_first} always the first, {bias.stuck_second} always the second); "
            "they count as ties"
        ),
    ]


def print_spent(batch: Batch, rows: Sequence[JudgeRow]) -> None:
    """Print what judging has cost in the whole project."""
    path = batch.project.relative(batch.project.judge_ledger)
    click.echo(f"all judging in this project: {_spent_label(spent_on(rows))} ({path})")


def _spent_label(spent: Spent) -> str:
    unknown = f", {spent.unknown} of unknown cost" if spent.unknown else ""
    return f"{plural(spent.calls, 'call')}, {format_usd(spent.known_nano_usd)}{unknown}"


def document(bout: Bout, asked: Asked, rows: Sequence[JudgeRow]) -> dict[str, Any]:
    """Return all of it as JSON data."""
    outcomes = bout.outcomes(asked.missing)
    judge = bout.judge
    return {
        "batch": bout.batch.name,
        "judged_by": judge.in_words,
        "judge": {
            "model": judge.model,
            "rubric": judge.rubric.label,
            "rubric_sha256": judge.rubric.sha256,
            "settings": dict(judge.settings),
        },
        "presets": [
            {**row._asdict(), "judged": row.judged, "pairs": row.pairs}
            for row in standings(outcomes)
        ],
        "bias": bias_of(outcomes)._asdict(),
        "pairs": [_pair(outcome) for outcome in outcomes],
        "cost": {
            "now": spent_on(asked.rows)._asdict(),
            "project": spent_on(rows)._asdict(),
            "ledger": str(bout.batch.project.judge_ledger),
        },
    }


def _pair(outcome: Outcome) -> dict[str, Any]:
    one, other = outcome.pair
    return {
        "cells": [one.cell_id, other.cell_id],
        "presets": [one.at.preset, other.at.preset],
        "verdict": outcome.verdict,
        "winner": outcome.winner,
        "why": outcome.why,
        "answers": [
            answer.model_dump(mode="json", include={"first_preset", "answer", "reason", "tries"})
            for answer in outcome.answers
        ],
    }

"""What plug-in metrics and judges said of clips, as numbers of the report's cells."""

from collections.abc import Mapping, Sequence

from fal_experiments.core.metric_plugins import MetricFacts
from fal_experiments.core.report_cell import CellMedia
from fal_experiments.core.report_cell_judge import Judged
from fal_experiments.core.report_model import NumberView
from fal_experiments.core.report_numbers import Scores

PLACES = 4


def scores_of_cells(
    media: Mapping[str, CellMedia], judged: Sequence[Judged], facts: Mapping[str, MetricFacts]
) -> Scores:
    """Return the scores of every clip, by cell id, and what each is called.

    Of two versions of one metric the one that was asked last holds. `judged` has the latest judge
    last; each has a number of its own, because judges must not be mixed.
    """
    views: dict[str, NumberView] = {}
    of_cells: dict[str, dict[str, float]] = {}
    for cell, files in media.items():
        for score in files.scores:
            for name, value in score.values.items():
                view = _view(score.metric, name, facts.get(score.metric))
                views.setdefault(view.key, view)
                of_cells.setdefault(cell, {})[view.key] = float(value)
    for index, one in enumerate(reversed(judged)):
        shares = win_shares(one)
        key = "judge_wins" if index == 0 else f"judge_wins_{index + 1}"
        if shares:
            views[key] = _judge_view(key, one, is_only=len(judged) == 1)
        for cell, share in shares.items():
            of_cells.setdefault(cell, {})[key] = share
    return Scores(tuple(views.values()), of_cells)


def win_shares(judged: Judged) -> dict[str, float]:
    """Return the share of its pairs that each clip won, a tie counting half, by cell id.

    Pairs without a verdict count for neither clip.
    """
    points: dict[str, list[float]] = {}
    for outcome in judged.outcomes:
        if outcome.verdict == "unjudged":
            continue
        for cell in (outcome.pair.one, outcome.pair.other):
            won = 0.5 if outcome.winner is None else float(outcome.winner == cell.at.preset)
            points.setdefault(cell.cell_id, []).append(won)
    return {cell: round(sum(won) / len(won), PLACES) for cell, won in points.items()}


def _view(metric: str, name: str, facts: MetricFacts | None) -> NumberView:
    known = facts.values.get(name) if facts else None
    return NumberView(
        key=f"{metric}.{name}",
        label=known.title if known else metric if name == metric else f"{metric} · {name}",
        unit=known.unit if known else "",
        better=known.direction if known else "neither",
        places=PLACES,
    )


def _judge_view(key: str, judged: Judged, *, is_only: bool) -> NumberView:
    label = "judge wins" if is_only else f"wins, {judged.judge}"
    return NumberView(key=key, label=label, unit="share", better="higher", places=2)

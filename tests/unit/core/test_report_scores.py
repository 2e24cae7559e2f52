"""Scores of plug-ins and judges as numbers of cells: never mixed, never invented."""

from decimal import Decimal

from fal_experiments.core.judging import Outcome, Pair
from fal_experiments.core.metric_plugins import MetricFacts, ValueFacts
from fal_experiments.core.metric_scores import Score
from fal_experiments.core.plan import Cell
from fal_experiments.core.report_cell import CellMedia
from fal_experiments.core.report_cell_judge import Judged
from fal_experiments.core.report_numbers import Numbers, Scores
from fal_experiments.core.report_scores import scores_of_cells, win_shares
from tests.unit.core.materials import plan_of, spec

FACTS = MetricFacts(
    name="clip_score",
    version="2",
    title="CLIP score",
    values={"to_prompt": ValueFacts(title="likeness to prompt", unit="index", direction="higher")},
    source="a test",
    limits="a test",
)


def _media(*scores: Score) -> CellMedia:
    return CellMedia("../cells/c1/1/", None, (), None, scores=scores)


def _score(value: str, version: str = "1", metric: str = "clip_score") -> Score:
    values = {"to_prompt": Decimal(value)}
    return Score(metric=metric, version=version, parameters={}, values=values)


def _pair() -> tuple[Cell, Cell]:
    one, other = plan_of(spec(seeds=1)).cells
    return one, other


def test_the_version_that_was_asked_last_holds_and_facts_name_the_number() -> None:
    found = scores_of_cells(
        {"c1": _media(_score("0.1"), _score("0.2", "2"))}, (), {"clip_score": FACTS}
    )

    assert found.of_cells == {"c1": {"clip_score.to_prompt": 0.2}}
    (view,) = found.views
    assert (view.label, view.better) == ("likeness to prompt", "higher")


def test_a_metric_that_is_not_installed_any_more_only_describes() -> None:
    (view,) = scores_of_cells({"c1": _media(_score("0.1"))}, (), {}).views

    assert (view.label, view.better) == ("clip_score · to_prompt", "neither")


def test_a_failed_score_is_no_number() -> None:
    failed = Score(metric="clip_score", version="1", parameters={}, failed="no weights")

    assert scores_of_cells({"c1": _media(failed)}, (), {}) == Scores((), {})


def test_a_tie_is_half_a_win_and_an_unjudged_pair_counts_for_nobody() -> None:
    one, other = _pair()
    pair = Pair(one, other)
    outcomes = (
        Outcome(pair, "won", one.at.preset),
        Outcome(pair, "tie", None),
        Outcome(pair, "disagreed", None),
        Outcome(pair, "unjudged", None),
    )

    shares = win_shares(Judged("judged by x", outcomes))

    assert shares == {one.cell_id: 0.6667, other.cell_id: 0.3333}
    assert win_shares(Judged("judged by x", outcomes[3:])) == {}


def test_judges_have_numbers_of_their_own_the_latest_first() -> None:
    one, other = _pair()
    first = Judged("judged by a", (Outcome(Pair(one, other), "won", one.at.preset),))
    last = Judged("judged by b", (Outcome(Pair(one, other), "won", other.at.preset),))

    found = scores_of_cells({}, (first, last), {})

    assert [(view.key, view.label) for view in found.views] == [
        ("judge_wins", "wins, judged by b"),
        ("judge_wins_2", "wins, judged by a"),
    ]
    assert found.of_cells[one.cell_id] == {"judge_wins": 0.0, "judge_wins_2": 1.0}


def test_numbers_stand_in_one_order_and_end_with_the_last_that_is_known() -> None:
    scores = scores_of_cells({"c1": _media(_score("0.1"))}, (), {})
    numbers = Numbers(
        {"c2": {"mismatches": 1.0, "cost_usd": 0.5}, "c1": {"mismatches": 0.0}}, scores
    )

    keys = [view.key for view in numbers.views]
    assert keys == ["cost_usd", "mismatches", "clip_score.to_prompt"]
    assert numbers.of("c1") == (None, 0.0, 0.1)
    assert numbers.of("c2") == (0.5, 1.0)
    assert numbers.of("nobody") == ()

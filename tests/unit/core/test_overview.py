"""The overview tells every number with what it was computed from, and says why one is missing."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.judging import Outcome, pairs_of
from fal_experiments.core.overview import build_overview
from fal_experiments.core.overview_facts import OverviewParts, mark_of
from fal_experiments.core.overview_model import Figure, OverviewView, ParetoView
from fal_experiments.core.overview_stats import Reading
from fal_experiments.core.overview_tables import clearly_best
from fal_experiments.core.position_bias import position_bias
from fal_experiments.core.ranking import Ranking, Standing
from fal_experiments.core.report_cell_judge import Judged
from tests.unit.core.overview_batch import EXPECTED, a_plan, attempt, cell, derived, parts, rated

NBSP = "\u00a0"


def _outcome(view: OverviewView, row: int = 0) -> dict[str, Figure]:
    table = view.outcome
    assert table is not None
    labels = [heading.label for heading in table.headings[1:]]
    return dict(zip(labels, table.rows[row].figures, strict=True))


def _words(figure: Figure) -> tuple[str, str]:
    return figure.value, figure.note.replace(NBSP, " ")


def _seeded(count: int) -> list[Attempt]:
    """Return attempts of the first preset that cost $0.50 each and run 1, 2, 3 … seconds."""
    return [attempt(f"a{n}", run_s=n) for n in range(1, count + 1)]


def test_a_preset_is_told_with_all_its_denominators() -> None:
    tries = [*_seeded(5), attempt("a6", "failed", metered=EXPECTED)]

    found = _outcome(build_overview(parts(a_plan("1-7"), tries)))

    assert _words(found["Done"]) == ("5 of 7", "1 failed, 1 not submitted")
    assert _words(found["Metered"]) == ("$3.00", "known for 6 of 6 attempts")
    assert _words(found["Queue"]) == ("4.0 s", "p95 4.0 s, n 5")
    assert _words(found["On the runner"]) == ("3.0 s", "p95 4.8 s, n 5")
    assert _words(found["Keepers"]) == ("not rated", "5 clips to rate")


def test_what_is_billed_stands_beside_what_was_metered_once_a_bill_was_read() -> None:
    first, second = attempt("a1"), attempt("a2")
    before = build_overview(parts(a_plan(), [first, second]))
    first.costs["billed"] = [replace(first.costs["metered"][0], nano_usd=EXPECTED * 2)]

    after = build_overview(parts(a_plan(), [first, second]))

    assert "Billed" not in _outcome(before)
    assert _words(_outcome(after)["Billed"]) == ("$1.00", "known for 1 of 2 attempts")
    assert _words(_outcome(after, 1)["Billed"]) == ("–", "no attempt that costs")


def test_what_has_no_price_is_no_dollars_and_stands_in_no_order() -> None:
    plan = a_plan()
    bare = [
        each if each.cell_id == cell("a1") else each.model_copy(update={"estimate": None})
        for each in plan.cells
    ]

    view = build_overview(parts(plan.model_copy(update={"cells": tuple(bare)}), []))

    found = [_outcome(view, row)["Estimate"] for row in (0, 1)]
    assert [figure.number for figure in found] == [None, None]
    assert [figure.value.split(" + ")[-1] for figure in found] == [
        "1 cell of unknown price",
        "unknown",
    ]


def test_a_usable_second_pays_for_the_failures_too() -> None:
    tries = [attempt("a1"), attempt("a2", "failed", metered=EXPECTED)]

    found = _outcome(build_overview(parts(a_plan(), tries)))

    # a dollar for one clip of five seconds
    told = ("$0.20", "too few for a range, n 1 done of 2 cells")
    assert _words(found["Per usable second"]) == told


@pytest.mark.parametrize(
    ("tries", "why"),
    [
        ([], "nothing was bought"),
        ([attempt("a1", "running", metered=None)], "the cost of 1 attempt is not known"),
        ([attempt("a1", "failed", metered=None)], "no clip is done"),
    ],
)
def test_a_cost_that_cannot_be_told_says_why(tries: Sequence[Attempt], why: str) -> None:
    found = _outcome(build_overview(parts(a_plan(), tries)))

    assert _words(found["Per usable second"]) == ("–", why)


def test_the_length_of_a_clip_is_measured_or_nothing_is_told_by_the_second() -> None:
    given = parts(a_plan(), [attempt("a1")])

    found = _outcome(build_overview(given._replace(derived={})))

    assert found["Per usable second"].note == "the length of 1 clip is not measured"


def test_p95_is_not_told_of_few_values() -> None:
    found = _outcome(build_overview(parts(a_plan("1-4"), _seeded(4))))

    assert _words(found["On the runner"]) == ("2.5 s", "longest 4.0 s, n 4")


def test_keepers_are_counted_among_the_rated_and_priced_by_all_money() -> None:
    ratings = rated(a1="keep", a2="keep", a3="reject")

    found = _outcome(build_overview(parts(a_plan("1-4"), _seeded(4), ratings=ratings)))

    assert _words(found["Keepers"])[0] == "2 of 3"
    assert "1 not rated" in _words(found["Keepers"])[1]
    # two dollars for four clips of which two in three are kept
    assert found["Per keeper"].value == "≈ $0.75"
    told = "projected at the rate so far (3 of 4 clips judged); 95 %: $"
    assert found["Per keeper"].note.startswith(told)
    assert found["Per keeper"].number is None


def test_quality_is_peoples_word_first_then_a_measurement_that_says_so() -> None:
    clips = {n: derived(anchor_ssim=f"0.{n[1]}", loop_seam="2") for n in ("a1", "a2", "b1", "b2")}
    tries = [attempt(name) for name in clips]

    measured = build_overview(parts(a_plan(), tries, clips))
    said = build_overview(parts(a_plan(), tries, clips, rated(a1="keep", b1="reject")))

    assert [quality.key for quality in measured.qualities] == ["anchor_ssim", "loop_seam"]
    assert measured.qualities[0].says.startswith("No one's judgement: the measured")
    assert [quality.key for quality in said.qualities] == [
        "kept",
        "stars",
        "anchor_ssim",
        "loop_seam",
    ]


def _pareto(*costs_and_waits: tuple[int, float]) -> ParetoView:
    """Return cost × latency of two presets with equal clips."""
    tries = [
        attempt(f"{letter}{n}", metered=cost, wait_s=wait)
        for letter, (cost, wait) in zip("ab", costs_and_waits, strict=True)
        for n in (1, 2)
    ]
    found = build_overview(parts(a_plan(), tries)).cost_latency
    assert found is not None
    return found


def test_who_is_dearer_and_slower_is_dominated_and_by_whom() -> None:
    view = _pareto((100, 1), (200, 5))

    assert [point.is_frontier for point in view.points] == [True, False]
    assert [point.verdict for point in view.points] == [
        "on the frontier",
        "dominated by A Seeded",
    ]


def test_who_is_dearer_but_faster_is_on_the_frontier_as_is_an_equal_one() -> None:
    assert all(point.is_frontier for point in _pareto((100, 5), (200, 1)).points)
    assert all(point.is_frontier for point in _pareto((100, 5), (100, 5)).points)


def test_a_difference_that_chance_may_make_says_so() -> None:
    tries = [
        *(attempt("a1", wait_s=1), attempt("a2", metered=EXPECTED * 2, wait_s=9)),
        *(attempt("b1", wait_s=2), attempt("b2", metered=EXPECTED * 2, wait_s=10)),
    ]

    view = build_overview(parts(a_plan(), tries)).cost_latency

    assert view is not None
    assert "their bars overlap on both axes" in view.points[1].verdict


def test_a_bar_that_holds_no_failure_decides_nothing() -> None:
    fine = [attempt(f"a{n}", metered=100, wait_s=4) for n in (1, 2, 3)]
    worse = [
        *(attempt(f"b{n}", metered=200, wait_s=4) for n in (1, 2, 3)),
        attempt("b4", "failed", metered=200),
    ]

    view = build_overview(parts(a_plan("1-4"), [*fine, *worse])).cost_latency

    assert view is not None
    told = "dominated by A Seeded; too little is known of how they vary, so it may be chance"
    assert view.points[1].verdict == told


def test_one_preset_makes_no_plot_and_says_why() -> None:
    view = build_overview(parts(a_plan(), [attempt("a1"), attempt("a2")])).cost_latency

    assert view is not None
    assert view.why_not == "fewer than 2 presets have both numbers"
    assert view.missing == ("B Seedless: nothing was bought",)


def test_a_point_leads_to_the_clips_of_its_preset_alone() -> None:
    points = _pareto((100, 1), (200, 5)).points

    assert [point.href for point in points] == [
        "index.html#hide=preset%3Dseedless",
        "index.html#hide=preset%3Dseeded",
    ]


def test_letters_go_on_after_z() -> None:
    assert [mark_of(index) for index in (0, 25, 26, 27, 701, 702)] == [
        *("A", "Z", "AA", "AB", "ZZ", "AAA"),
    ]


def test_a_strip_has_every_clip_as_a_dot_that_leads_to_it() -> None:
    view = build_overview(parts(a_plan("1-6"), _seeded(6)))

    queue, runner = view.latency
    assert queue.why_not == ""
    assert [dot.value for dot in runner.rows[0].dots] == [1, 2, 3, 4, 5, 6]
    assert runner.rows[0].dots[0].href == "index.html#cell=a000000000000001"
    assert "Seeded · walk · plate, seed 1: 1.0 s" in runner.rows[0].dots[0].label


def test_few_values_make_no_strip_and_say_how_many_there_are() -> None:
    view = build_overview(parts(a_plan(), [attempt("a1")]))

    assert [strip.why_not for strip in view.latency] == ["1 value", "1 value"]


def test_a_strip_of_many_clips_keeps_the_least_and_the_most() -> None:
    view = build_overview(parts(a_plan("1-90"), _seeded(90)))

    values = [dot.value for dot in view.latency[1].rows[0].dots]
    assert len(values) == 40
    assert (values[0], values[-1]) == (1, 90)


@pytest.mark.parametrize(
    ("direction", "best"), [("higher", "a"), ("lower", "b"), ("neither", None)]
)
def test_the_best_is_marked_only_where_no_interval_overlaps(
    direction: str, best: str | None
) -> None:
    clear = {"a": Reading(5, 4, 6, 9, "interval"), "b": Reading(2, 1, 3, 9, "interval")}
    near = clear | {"c": Reading(4, 2.5, 5, 9, "interval")}
    few = clear | {"c": Reading(3.5, 3.4, 3.6, 3, "range")}

    assert clearly_best(clear, direction) == best  # type: ignore[arg-type]
    assert clearly_best(near, direction) is None  # type: ignore[arg-type]
    assert clearly_best(few, direction) is None  # type: ignore[arg-type]


def _judged(given: OverviewParts, winners: Sequence[str | None]) -> Judged:
    pairs = list(pairs_of(given.plan.cells, {c.cell_id for c in given.plan.cells}))
    outcomes = [
        Outcome(pair, "won" if winner else "disagreed", winner)
        for pair, winner in zip(pairs, winners, strict=True)
    ]
    return Judged("judged by J with rubric v1", outcomes)


def test_a_judge_has_a_table_with_ties_as_half_and_the_consistency_of_its_places() -> None:
    given = parts(a_plan("1-4"), [])
    given = given._replace(judged=(_judged(given, ["seeded", "seeded", None, "seedless"]),))

    table = build_overview(given).judged[0]

    assert table.lead == "judged by J with rubric v1"
    first = table.rows[0]
    assert (first.mark, first.title) == ("A", "Seeded")
    assert first.figures[0].number == 2.5 / 4
    assert [figure.value for figure in first.figures[1:5]] == ["2", "1", "1", "0"]
    assert _words(first.figures[5]) == ("3 of 4", "75 %")
    assert build_overview(given).qualities[0].key == "won"


def test_a_batch_that_has_not_begun_has_an_overview() -> None:
    view = build_overview(parts(a_plan(), []))

    assert view.timeline is not None
    assert view.timeline.why_not == "0 attempts so far"
    assert view.metrics is None
    assert view.qualities == ()


def _standing(preset: str, rank: int, score: float) -> Standing:
    return Standing(
        preset=preset,
        rank=rank,
        score=score,
        score_low=score - 50,
        score_high=score + 50,
        rank_low=1,
        rank_high=rank,
        first=0.9 if rank == 1 else 0.1,
        wins=3,
        ties=1,
        losses=2,
        both_bad=0,
    )


def _ranking(groups: tuple[tuple[str, ...], ...]) -> Ranking:
    return Ranking(
        batch="b",
        sources={"votes": 6},
        votes=6,
        duels=6,
        both_bad=0,
        clustered_by="ballot",
        spread_by="resampling",
        resamples=2000,
        random_seed=1,
        more_votes=None,
        flips=None,
        position=position_bias((), ()),
        agreement=(),
        prompts=(),
        money=(),
        raters=("anna", "ben"),
        ballots=6,
        groups=groups,
        standings=(_standing("seedless", 1, 1050), _standing("seeded", 2, 950)),
        unranked=(),
        leader="seedless",
        leader_is_first=0.9,
        decided=False,
        undecided_because=(),
    )


def test_votes_have_a_table_and_are_a_quality_where_they_connect_all_presets() -> None:
    given = parts(a_plan("1-4"), _seeded(4))

    apart = build_overview(given._replace(ranking=_ranking((("seeded",), ("seedless",)))))
    joined = build_overview(given._replace(ranking=_ranking((("seeded", "seedless"),))))

    assert joined.votes is not None
    assert [row.title for row in joined.votes.rows] == ["Seedless", "Seeded"]
    assert _words(joined.votes.rows[0].figures[1]) == ("1,050", "95 %: 1,000–1,100, n 6")
    notes = " ".join(joined.votes.notes).replace(NBSP, " ")
    assert "First place is not decided: Seedless with 90 %." in notes
    assert [quality.key for quality in joined.qualities] == ["votes"]
    assert apart.qualities == ()
    assert apart.votes is not None
    assert "hold within a group only" in " ".join(apart.votes.notes)

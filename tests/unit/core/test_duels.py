"""Votes as duels, and what they tell of places."""

import pytest
from pydantic import ValidationError

from fal_experiments.core.duels import duels_of_judge, duels_of_ratings, duels_of_votes
from fal_experiments.core.position_bias import binomial_p, position_bias
from fal_experiments.core.ranking import groups_of, prompts_of
from fal_experiments.core.ratings import fold_ratings
from fal_experiments.core.votes import Vote, fold_votes, known_votes, new_votes
from tests.unit.core.ballots import cell_id, choice, pair, rating
from tests.unit.core.test_judging import PAIR, answer


def undecided(presets: str, outcome: str) -> Vote:
    said = {"best": None, "worst": None, "outcome": outcome}
    return Vote.model_validate(choice(presets, presets[0], None).model_dump() | said)


def told(votes: list[Vote]) -> set[tuple[str, str]]:
    """(winner, loser) of every duel that is no tie."""
    found = set()
    for duel in duels_of_votes(votes):
        sides = {"first": (duel.first, duel.second), "second": (duel.second, duel.first)}
        if duel.result in sides:
            found.add(sides[duel.result])
    return found


def test_best_beats_all_others_and_all_others_beat_worst() -> None:
    said = told([choice("abcd", best="b", worst="d")])

    assert said == {("b", "a"), ("b", "c"), ("b", "d"), ("a", "d"), ("c", "d")}


def test_without_a_worst_only_the_best_is_told_apart() -> None:
    assert told([choice("abc", best="a", worst=None)]) == {("a", "b"), ("a", "c")}


def test_both_bad_is_a_tie_of_all_that_is_marked_as_such() -> None:
    duels = list(duels_of_votes([undecided("abc", "both bad")]))

    assert {duel.result for duel in duels} == {"tie"}
    assert len(duels) == 3
    assert all(duel.both_bad for duel in duels)


def test_two_clips_of_one_preset_are_no_duel_and_an_answer_given_twice_counts_once() -> None:
    once = pair("a", "b", "first")
    again = pair("b", "a", "first", cells=once.cells[::-1], ballot=f"{once.ballot}.again")

    duels = list(duels_of_votes([once, again, pair("a", "a", "first")]))

    assert [duel.weight for duel in duels] == [0.5, 0.5]
    assert len({duel.ballot for duel in duels}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": None},
        {"best": cell_id(0)},
        {"cells": (cell_id(1), cell_id(1))},
        {"presets": ("a",)},
        {"kind": "best-worst"},
        {"outcome": "left"},
    ],
)
def test_a_pair_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Vote.model_validate(pair("a", "b", "first").model_dump() | change)


def test_a_best_worst_vote_that_contradicts_itself_is_refused() -> None:
    vote = choice("abc", "a", "b")

    for change in (
        {"worst": vote.best},
        {"best": cell_id(999)},
        {"outcome": "tie"},
        {"best": None},
    ):
        with pytest.raises(ValidationError):
            Vote.model_validate(vote.model_dump() | change)


def test_the_later_vote_on_a_ballot_holds_and_joining_twice_adds_nothing() -> None:
    first = pair("a", "b", "first", ballot="x")
    later = pair("a", "b", "second", ballot="x")

    assert fold_votes([first, later]) == [later]
    assert new_votes([first], [later, first]) == [later]
    assert new_votes([first], [later]) == [later]
    assert new_votes([first, later], [later]) == []
    assert new_votes([], [later, first]) == [later]
    assert known_votes([first], [first, later, first]) == 1


def test_answers_of_a_judge_that_contradict_each_other_come_to_a_tie() -> None:
    prompts = {PAIR.one.cell_id: "walk", PAIR.other.cell_id: "walk"}

    duels = list(duels_of_judge([answer("A"), answer("A", back=True)], prompts))

    assert [duel.weight for duel in duels] == [0.5, 0.5]
    assert {duel.first for duel in duels if duel.result == "first"} == {
        PAIR.one.at.preset,
        PAIR.other.at.preset,
    }
    assert len({duel.ballot for duel in duels}) == 1


def test_stars_come_before_verdicts_and_what_cannot_be_compared_is_left_out() -> None:
    one, other = PAIR
    cells = [one, other]

    def result(first: dict[str, object], second: dict[str, object]) -> list[str]:
        lines = [
            rating().model_copy(update={"cell": one.cell_id, **first}),
            rating().model_copy(update={"cell": other.cell_id, **second}),
        ]
        return [duel.result for duel in duels_of_ratings(cells, fold_ratings(lines))]

    assert result({"stars": 4, "verdict": "reject"}, {"stars": 3, "verdict": "keep"}) == ["first"]
    assert result({"stars": 4, "verdict": "reject"}, {"stars": 4, "verdict": "keep"}) == ["second"]
    assert result({"stars": 4}, {"verdict": "keep"}) == []
    assert result({"verdict": "keep"}, {"verdict": "keep"}) == ["tie"]
    assert result({"stars": 4}, {"stars": 4, "rater": "bo"}) == []


def test_the_binomial_test_agrees_with_scipy() -> None:
    # scipy 1.17, stats.binomtest
    assert binomial_p(7, 10) == pytest.approx(0.34375)
    assert binomial_p(0, 5) == pytest.approx(0.0625)
    assert binomial_p(60, 100) == pytest.approx(0.05688793, abs=1e-8)
    assert binomial_p(5, 10) == pytest.approx(1)
    assert binomial_p(0, 0) == 1
    assert binomial_p(2, 10, 0.3) == pytest.approx(0.733172068)


def test_a_rater_who_always_takes_the_first_is_found_out() -> None:
    votes = [pair("a" if n % 2 else "b", "b" if n % 2 else "a", "first") for n in range(20)]

    bias = position_bias(duels_of_votes(votes), votes)

    assert (bias.first.n, bias.first.of, bias.is_marked) == (20, 20, True)
    fair = [pair("a", "b", "first" if n % 2 else "second") for n in range(20)]
    assert not position_bias(duels_of_votes(fair), fair).is_marked


def test_what_no_vote_connects_stands_in_groups_of_its_own() -> None:
    duels = list(
        duels_of_votes([pair("a", "b", "tie"), pair("c", "d", "first"), pair("b", "e", "first")])
    )

    assert groups_of(duels) == [["a", "b", "e"], ["c", "d"]]


def test_points_by_prompt_count_a_tie_half() -> None:
    votes = [pair("a", "b", "tie"), pair("a", "b", "first"), pair("a", "b", "second", prompt="run")]

    run, walk = prompts_of(list(duels_of_votes(votes)))

    assert (run.prompt, run.presets[0]) == ("run", ("b", 1.0, 1.0))
    assert walk.presets == (("a", 0.75, 2.0), ("b", 0.25, 2.0))


def test_a_prompt_of_which_only_half_a_duel_is_known_is_told() -> None:
    (duel,) = duels_of_votes([pair("a", "b", "first")])

    (walk,) = prompts_of([duel._replace(weight=0.5)])

    assert (walk.duels, walk.presets) == (0.5, (("a", 1.0, 0.5), ("b", 0.0, 0.5)))

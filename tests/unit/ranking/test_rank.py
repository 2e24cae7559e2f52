"""Rankings of votes whose outcome is known."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fal_experiments.core.duels import Duel, duels_of_votes
from fal_experiments.core.ranking import Ranking, RankRequest
from fal_experiments.core.ranking_words import lines_of
from fal_experiments.core.votes import Vote
from fal_experiments.ranking.agreement import agreement_of_ratings, agreement_of_votes
from fal_experiments.ranking.rank import rank
from fal_experiments.ranking.strength import log_strengths, wins_of
from tests.unit.core.ballots import choice, pair, rating

PRESETS = tuple("abcdef")


def ranked(votes: Sequence[Vote], presets: Sequence[str] = PRESETS, **how: object) -> Ranking:
    request = RankRequest("b", tuple(presets), tuple(duels_of_votes(votes)), votes=tuple(votes))
    return rank(request._replace(resamples=1000, **how))  # type: ignore[arg-type]


def verdict(ranking: Ranking) -> str:
    return dict(lines_of(ranking))["first place"]


def test_a_clear_winner_is_decided_and_those_without_votes_are_named() -> None:
    votes = [pair("a", other, "first") for other in "bcd" for _ in range(4)]
    votes += [pair(other, "a", "second") for other in "bcd" for _ in range(4)]
    votes += [pair("b", "c", "first") for _ in range(4)]

    ranking = ranked(votes)

    assert (ranking.leader, ranking.decided) == ("a", False)
    assert ranking.unranked == ("e", "f")
    assert [row.preset for row in ranking.standings][:2] == ["a", "b"]
    assert "e, f: no vote" in verdict(ranking)

    whole = ranked(votes, presets=("a", "b", "c", "d"))
    assert (whole.leader, whole.decided, whole.more_votes) == ("a", True, 0)
    assert verdict(whole).startswith("decided at 95 %: a is first")


def test_many_raters_of_one_pair_of_clips_say_nothing_of_the_presets() -> None:
    one = [pair("a", "b", "first", ballot="x") for _ in range(30)]
    votes = [
        vote.model_copy(update={"rater": f"r{n}", "cells": one[0].cells})
        for n, vote in enumerate(one)
    ]

    ranking = ranked(votes, presets=("a", "b"))

    assert (ranking.leader, ranking.decided) == ("a", False)
    assert "seen in 1 set of clips only" in verdict(ranking)


def test_many_raters_of_one_clip_of_each_preset_decide_nothing() -> None:
    ballots = [pair("a", other, "first", ballot=f"x{other}") for other in "bcdef"]
    votes = [
        vote.model_copy(update={"rater": f"r{number}"}) for vote in ballots for number in range(30)
    ]

    assert not ranked(votes).decided


def test_one_prompt_decides_nothing_about_prompts() -> None:
    votes = [pair("a", "b", "first") for _ in range(10)]
    votes += [pair("b", "a", "second") for _ in range(10)]

    assert ranked(votes, presets=("a", "b")).decided
    by_prompt = ranked(votes, presets=("a", "b"), clustered_by="prompt")
    assert not by_prompt.decided
    assert "seen in 1 prompt only" in verdict(by_prompt)


def test_who_wins_at_one_place_only_is_not_the_winner() -> None:
    votes = [pair("a", "b", "first") for _ in range(40)]

    ranking = ranked(votes, presets=("a", "b"))

    assert not ranking.decided
    assert "did not win at the other" in verdict(ranking)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_few_votes_that_all_agree_decide_nothing(count: int) -> None:
    ranking = ranked([pair("a", "b", "first") for _ in range(count)])

    assert ranking.leader == "a"
    assert not ranking.decided
    assert ranking.spread_by == "curvature"
    assert ranking.more_votes is None, "votes on the same few clips would not help"
    assert verdict(ranking).startswith("not decided: a is first")


def test_even_votes_give_even_chances_and_no_promise() -> None:
    votes = [pair("a", "b", "first" if n % 2 else "second") for n in range(40)]

    ranking = ranked(votes)

    assert (ranking.leader, ranking.leader_is_first, ranking.more_votes) == (None, None, None)
    assert "cannot be told apart" in verdict(ranking)
    first, second = ranking.standings
    assert (first.rank, second.rank) == (1, 1)
    assert first.first == pytest.approx(0.5, abs=0.05)
    assert first.score == pytest.approx(second.score)


def test_presets_that_nothing_connects_are_not_put_in_one_order() -> None:
    ranking = ranked([pair("a", "b", "first") for _ in range(30)] + [pair("c", "d", "first")])

    assert ranking.groups == (("a", "b"), ("c", "d"))
    assert (ranking.leader, ranking.decided, ranking.flips) == (None, False, None)
    assert [row.rank for row in ranking.standings] == [1, 2, 1, 2]
    assert "no vote connects" in verdict(ranking)


def test_the_number_of_flips_is_the_least_that_changes_the_first_place() -> None:
    def flips(*, wins: int, losses: int) -> tuple[int | None, bool, str | None]:
        votes = [pair("a", "b", "first") for _ in range(wins)]
        votes += [pair("a", "b", "second") for _ in range(losses)]
        found = ranked(votes, "ab").flips
        assert found is not None
        return found.votes, found.exact, found.instead

    assert flips(wins=5, losses=4) == (1, True, "b")
    assert flips(wins=7, losses=4) == (2, True, "b")
    votes, _, instead = flips(wins=20, losses=5)
    assert (votes, instead) == (8, "b")
    assert ranked([pair("a", "b", "tie")], "ab").flips is None


def test_a_best_worst_vote_is_reversed_as_a_whole() -> None:
    votes = [choice("abc", "a", "c") for _ in range(3)]

    flips = ranked(votes, "abc").flips

    assert flips is not None
    assert (flips.votes, flips.instead) == (2, "c")


def test_both_bad_is_counted_and_a_tie_in_the_ranking() -> None:
    votes = [pair("a", "b", "both bad"), pair("a", "b", "tie"), pair("a", "b", "first")]

    ranking = ranked(votes, "ab")

    assert ranking.both_bad == 1
    assert ranking.standings[0].ties == 2
    assert ranking.standings[0].both_bad == 1


some_votes = st.lists(
    st.tuples(st.permutations("abcd"), st.sampled_from(["first", "second", "tie", "both bad"])),
    min_size=3,
    max_size=15,
)


@settings(max_examples=5)
@given(some_votes, st.randoms(use_true_random=False), st.permutations("wxyz"))
def test_neither_the_order_of_votes_nor_the_names_of_presets_change_the_ranking(
    said: list[tuple[list[str], str]], chance: random.Random, names: list[str]
) -> None:
    votes = [pair(who[0], who[1], outcome) for who, outcome in said]
    mixed = chance.sample(votes, len(votes))
    new = dict(zip("abcd", names, strict=True))
    renamed = [v.model_copy(update={"presets": tuple(new[p] for p in v.presets)}) for v in votes]

    first, second = (ranked(v, "abcd") for v in (votes, mixed))
    third = ranked(renamed, "wxyz")

    assert first == second
    scores = {new[row.preset]: row.score for row in first.standings}
    for row in third.standings:
        assert row.score == pytest.approx(scores[row.preset], abs=0.2)


@given(some_votes)
@settings(max_examples=25)
def test_a_tie_is_the_same_from_both_sides_and_scores_say_who_won_more(
    said: list[tuple[list[str], str]],
) -> None:
    duels = list(duels_of_votes(pair(who[0], who[1], outcome) for who, outcome in said))
    index = {name: place for place, name in enumerate("abcd")}
    swapped = [
        d._replace(first=d.second, second=d.first) if d.result == "tie" else d for d in duels
    ]

    assert wins_of(duels, index).tolist() == wins_of(swapped, index).tolist()
    assert log_strengths(wins_of(duels, index)).sum() == pytest.approx(0, abs=1e-6)


def test_strengths_are_those_of_bradley_and_terry() -> None:
    # 30 to 10 between two presets that the weak prior hardly moves: a factor of 3
    duels = [Duel("a", "b", "first", "votes", str(n), str(n), "p", "r") for n in range(3000)]
    duels += [Duel("a", "b", "second", "votes", str(n), str(n), "p", "r") for n in range(1000)]

    first, second = log_strengths(wins_of(duels, {"a": 0, "b": 1}))

    assert first - second == pytest.approx(1.0986, abs=0.002)


def test_agreement_is_of_the_clips_that_several_have_answered() -> None:
    one = pair("a", "b", "first")
    agrees = pair("b", "a", "second", rater="bo", cells=one.cells[::-1])
    alone = pair("a", "b", "second", rater="bo")

    found = agreement_of_votes([one, agrees, alone])

    assert found is not None
    assert (found.asked, found.raters, found.same, found.alpha) == (1, 2, 1.0, None)
    assert agreement_of_votes([one, alone]) is None


def test_krippendorffs_alpha_is_that_of_the_published_example() -> None:
    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: 4 observers,
    # 12 units, values 1 to 5, missing ones: nominal 0.743, ordinal 0.815
    table = {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
    lines = [
        rating(unit, rater, stars=value)
        for rater, values in table.items()
        for unit, value in enumerate(values)
        if value is not None
    ]

    (stars,) = agreement_of_ratings({line.key: line for line in lines})

    assert stars.about == "stars"
    assert stars.alpha == pytest.approx(0.815, abs=0.001)

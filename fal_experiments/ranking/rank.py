"""Duels → Ranking: strengths, intervals, flips, biases, and whether more votes are needed."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from fal_experiments.core.duels import Duel
from fal_experiments.core.labels import plural
from fal_experiments.core.position_bias import position_bias
from fal_experiments.core.ranking import (
    DECIDED_AT,
    ELO_PER_E,
    Ranking,
    RankRequest,
    Standing,
    groups_of,
    prompts_of,
)
from fal_experiments.ranking.agreement import agreement_of_ratings, agreement_of_votes
from fal_experiments.ranking.curvature import curvature_spread
from fal_experiments.ranking.flips import flips_of
from fal_experiments.ranking.resample import (
    Spread,
    clusters_of,
    spread_of,
)
from fal_experiments.ranking.strength import Floats, strengths_by_group, wins_of

MIDDLE = 1000
Z_DECIDED = 1.6448536269514722
"""Of the normal distribution, one-sided 95 %."""
FEWEST_CLUSTERS = 5
"""A preset is a model, not a clip. Of fewer sets of clips (or prompts) a sign test over them cannot
reach 95 %: all five of five agree by chance in 1 of 32, four of four in 1 of 16."""
HOPELESS_Z = 0.1
"""A lead smaller than this many of its standard deviations tells nothing of what is to come."""


class _Fit(NamedTuple):
    names: list[str]
    groups: list[list[int]]
    strengths: Floats
    spread: Spread
    by_curvature: bool


def rank(request: RankRequest) -> Ranking:
    """Return the ranking. Without any duel every preset is unranked."""
    duels = sorted(request.duels, key=lambda duel: (duel.vote, duel.first, duel.second))
    groups = groups_of(duels)
    fit = _fitted(request, duels, groups) if duels else None
    standings = _standings(duels, fit) if fit else ()
    alone = len(groups) == 1
    leader = _leader(standings) if alone else None
    because = tuple(_objections(request, duels, leader, standings)) if leader else ()
    decided = leader is not None and leader.first >= DECIDED_AT and not because
    needed = _more_votes(fit, len({duel.vote for duel in duels})) if fit and alone else None
    about_votes = agreement_of_votes(request.votes)
    return Ranking(
        batch=request.batch,
        sources=dict(sorted(Counter({d.vote: d.source for d in duels}.values()).items())),
        votes=len({duel.vote for duel in duels}),
        raters=tuple(sorted({duel.rater for duel in duels})),
        ballots=len({duel.ballot for duel in duels}),
        duels=sum(duel.weight for duel in duels),
        both_bad=len({duel.vote for duel in duels if duel.both_bad}),
        clustered_by=request.clustered_by,
        spread_by="curvature" if fit and fit.by_curvature else "resampling",
        resamples=request.resamples,
        random_seed=request.random_seed,
        groups=tuple(map(tuple, groups)),
        standings=standings,
        unranked=tuple(p for p in request.presets if not any(p in group for group in groups)),
        leader=leader.preset if leader else None,
        leader_is_first=leader.first if leader else None,
        decided=decided,
        undecided_because=because,
        more_votes=0 if decided else None if because else needed,
        flips=flips_of(duels, groups[0]) if alone else None,
        position=position_bias(duels, request.votes),
        agreement=(*([about_votes] if about_votes else []), *agreement_of_ratings(request.ratings)),
        prompts=prompts_of(duels),
        money=request.money,
    )


def _leader(standings: Sequence[Standing]) -> Standing | None:
    """Return who stands first, None where several do or another is as likely to be first."""
    first = [standing for standing in standings if standing.rank == 1]
    if len(first) != 1 or any(s.first >= first[0].first for s in standings if s is not first[0]):
        return None
    return first[0]


def _objections(
    request: RankRequest,
    duels: Sequence[Duel],
    leader: Standing,
    standings: Sequence[Standing],
) -> Iterator[str]:
    """Yield why nothing may be said of the preset, however sure the fit is of these votes."""
    by_prompt = request.clustered_by == "prompt"
    seen = {
        duel.prompt if by_prompt else duel.ballot
        for duel in duels
        if leader.preset in (duel.first, duel.second)
    }
    if len(seen) < FEWEST_CLUSTERS:
        what = plural(len(seen), "prompt" if by_prompt else "set") + (
            "" if by_prompt else " of clips"
        )
        yield f"it was seen in {what} only, and {FEWEST_CLUSTERS} are the least to speak of a model"
    bias = position_bias(duels, request.votes)
    if bias.is_marked and not _wins_at_the_other_place(duels, leader.preset):
        yield "votes lean to one place, and it did not win at the other"
    voted = {standing.preset for standing in standings}
    unranked = [preset for preset in request.presets if preset not in voted]
    if unranked:
        yield f"{', '.join(unranked)}: no vote"


def _wins_at_the_other_place(duels: Sequence[Duel], preset: str) -> bool:
    """Tell whether it wins more than it loses where votes do not lean to."""
    shown = [duel for duel in duels if duel.sided]
    leans = sum(d.weight * ((d.result == "first") - (d.result == "second")) for d in shown)
    margin = 0.0
    for duel in shown:
        mine, others = ("second", "first") if leans > 0 else ("first", "second")
        if preset == getattr(duel, mine):
            margin += duel.weight * ((duel.result == mine) - (duel.result == others))
    return margin > 0


def _fitted(request: RankRequest, duels: Sequence[Duel], groups: list[list[str]]) -> _Fit:
    names = [preset for group in groups for preset in group]
    index = {name: place for place, name in enumerate(names)}
    places = [[index[name] for name in group] for group in groups]
    strengths = strengths_by_group(wins_of(duels, index), places)
    by_prompt = request.clustered_by == "prompt"

    def cluster(duel: Duel) -> str:
        return duel.prompt if by_prompt else duel.ballot

    draws, seed = request.resamples, request.random_seed
    drawn = spread_of(clusters_of(duels, cluster, index), places, draws, seed)
    curved = curvature_spread(duels, cluster, index, places, draws, seed)
    leader = places[0][int(np.argmax(strengths[places[0]]))]
    cautious = curved.first[:, leader].mean() < drawn.first[:, leader].mean()
    return _Fit(names, places, strengths, curved if cautious else drawn, by_curvature=cautious)


def _standings(duels: Sequence[Duel], fit: _Fit) -> tuple[Standing, ...]:
    found = []
    for group in fit.groups:
        order = sorted(group, key=lambda i: (-round(float(fit.strengths[i]), 6), fit.names[i]))
        scores = [round(float(fit.strengths[i]), 6) for i in order]
        found += [
            _standing(duels, fit, i, 1 + scores.index(s))
            for i, s in zip(order, scores, strict=True)
        ]
    return tuple(found)


def _standing(duels: Sequence[Duel], fit: _Fit, column: int, rank: int) -> Standing:
    preset = fit.names[column]
    mine = [duel for duel in duels if preset in (duel.first, duel.second)]
    won = sum(d.weight for d in mine if d.result == ("first" if d.first == preset else "second"))
    ties = sum(d.weight for d in mine if d.result == "tie")
    low, high = fit.spread.score_interval(column)
    best, worst = fit.spread.rank_interval(column)
    return Standing(
        preset=preset,
        rank=rank,
        score=_points(float(fit.strengths[column])),
        score_low=_points(low),
        score_high=_points(high),
        rank_low=best,
        rank_high=worst,
        first=round(float(fit.spread.first[:, column].mean()), 4),
        wins=won,
        ties=ties,
        losses=sum(d.weight for d in mine) - won - ties,
        both_bad=sum(d.weight for d in mine if d.both_bad),
    )


def _points(log_strength: float) -> float:
    return round(MIDDLE + ELO_PER_E * log_strength, 1)


def _more_votes(fit: _Fit, votes: int) -> int | None:
    """Return about how many votes are missing if the present leads are true ones.

    The standard deviation of a lead shrinks with the root of the votes; the slowest lead counts.
    """
    leader = int(np.argmax(fit.strengths))
    surest = math.inf
    for rival in range(len(fit.names)):
        if rival != leader:
            lead = float(fit.strengths[leader] - fit.strengths[rival])
            spread = float(np.std(fit.spread.scores[:, leader] - fit.spread.scores[:, rival]))
            surest = min(surest, lead / spread if spread > 0 else math.inf)
    if surest < HOPELESS_Z or math.isinf(surest):
        return None
    return max(1, math.ceil(votes * ((Z_DECIDED / surest) ** 2 - 1)))

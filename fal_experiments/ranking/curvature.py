"""How sure a ranking is by the curvature of the fit: the second opinion beside resampling.

Ballots that all say the same give the same fit however they are drawn, so after three votes for
one preset resampling would be certain. The normal approximation around the fit is not: it knows
that three votes are three. What one person tells of k presets in one go (a best-worst vote, or
the ratings of one row) counts here as k - 1 duels at most, because its duels follow from each
other. So does all that was said of one cluster (a set of clips, or a prompt): thirty people who
look at one clip of each preset tell of those clips, not of thirty.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fal_experiments.core.duels import Duel
from fal_experiments.ranking.resample import Spread, spread_from
from fal_experiments.ranking.strength import PRIOR, Floats, log_strengths, wins_of


def curvature_spread(
    duels: Sequence[Duel],
    cluster: Callable[[Duel], str],
    index: Mapping[str, int],
    groups: Sequence[Sequence[int]],
    draws: int,
    seed: int,
) -> Spread:
    """Return `draws` from the normal approximation of each group's fit."""
    by_person = _tempered(duels, lambda duel: (cluster(duel), duel.ballot, duel.rater))
    wins = wins_of(_tempered(by_person, lambda duel: (cluster(duel),)), dict(index))
    source = np.random.default_rng(seed)
    scores = np.zeros((draws, len(wins)))
    for group in groups:
        mine = wins[np.ix_(group, group)]
        strengths = log_strengths(mine)
        noise = source.standard_normal((draws, len(group)))
        root = np.linalg.cholesky(covariance(mine, strengths))
        drawn = strengths + noise @ root.T
        scores[:, group] = drawn - drawn.mean(axis=1, keepdims=True)
    return spread_from(scores, groups)


def covariance(wins: Floats, strengths: Floats) -> Floats:
    """Return the inverse of the information in the duels and the prior at these log-strengths.

    It is also how each log-strength (row) moves with the wins of each preset (column).
    """
    share = 1 / (1 + np.exp(strengths[None, :] - strengths[:, None]))
    information = (wins + wins.T) * share * (1 - share)
    of_prior = 1 / (1 + np.exp(-strengths))
    prior = 2 * PRIOR * of_prior * (1 - of_prior)
    return np.asarray(np.linalg.inv(np.diag(information.sum(axis=1) + prior) - information))


def _tempered(duels: Sequence[Duel], told_by: Callable[[Duel], tuple[str, ...]]) -> list[Duel]:
    """Return the duels with weights of k - 1 at most for what is told of k presets together."""
    weight: dict[tuple[str, ...], float] = {}
    presets: dict[tuple[str, ...], set[str]] = {}
    for duel in duels:
        told = told_by(duel)
        weight[told] = weight.get(told, 0.0) + duel.weight
        presets.setdefault(told, set()).update((duel.first, duel.second))
    factor = {told: min(1.0, (len(presets[told]) - 1) / weight[told]) for told in presets}
    return [duel._replace(weight=duel.weight * factor[told_by(duel)]) for duel in duels]

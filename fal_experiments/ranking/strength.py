"""Bradley-Terry strengths of presets from wins, by evalica.

Why evalica and not choix or code of our own: it is maintained, compiled, takes weights and ties
(half a win for each side), and has Krippendorff's alpha too. What it lacks is added here:

- A preset that has won everything would be infinitely strong. Each preset has one tie more,
  against an imagined one, which is the prior that M. E. J. Newman proposes (Efficient Computation
  of Rankings from Pairwise Comparisons, JMLR 24 (2023): there one win and one loss, here
  half of each, so that few votes still say something).
- Presets that nothing connects must not be put in one order: the caller fits each group alone.
"""

from collections.abc import Iterable, Sequence

import evalica
import numpy as np
import numpy.typing as npt
import pandas as pd

from fal_experiments.core.duels import Duel
from fal_experiments.core.ranking import POINTS

Floats = npt.NDArray[np.float64]

PRIOR = 0.5
"""Wins, and losses, of each preset against the imagined one."""
MOST_ROUNDS = 10_000
PRECISION = 1e-9


def wins_of(duels: Iterable[Duel], index: dict[str, int]) -> Floats:
    """Return how often each preset (row) won against each other (column), a tie half for both."""
    wins = np.zeros((len(index), len(index)))
    for duel in duels:
        share = POINTS[duel.result]
        first, second = index[duel.first], index[duel.second]
        wins[first, second] += share * duel.weight
        wins[second, first] += (1 - share) * duel.weight
    return wins


def log_strengths(wins: Floats) -> Floats:
    """Return the natural logarithm of each strength, with a mean of 0."""
    count = len(wins)
    winners, losers = np.nonzero(wins)
    real = range(count)
    xs = [*winners.tolist(), *real, *[count] * count]
    ys = [*losers.tolist(), *[count] * count, *real]
    weights = [*wins[winners, losers].tolist(), *[PRIOR] * (2 * count)]
    found = evalica.bradley_terry(
        xs,
        ys,
        [evalica.Winner.X] * len(xs),
        index=pd.RangeIndex(count + 1),
        weights=weights,
        tolerance=PRECISION,
        limit=MOST_ROUNDS,
    )
    strengths = np.log(found.scores.sort_index().to_numpy()[:count])
    return np.asarray(strengths - strengths.mean())


def strengths_by_group(wins: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    """Return log-strengths where each group of presets is measured against itself only."""
    found = np.zeros(len(wins))
    for group in groups:
        found[group] = log_strengths(wins[np.ix_(group, group)])
    return found

"""How sure a ranking is: ballots are drawn again with replacement, and all is fitted anew.

A ballot is drawn with everything that was said of it, because the duels of one vote, and the votes
of several people on the same clips, are no independent news (a cluster bootstrap: A. C. Davison,
D. V. Hinkley, Bootstrap Methods and their Application, 1997). The draws come from a
seed that is printed, over the ballots in the order of their names: the same votes give the same
intervals in whatever order they lie in the file.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fal_experiments.core.duels import Duel
from fal_experiments.ranking.strength import Floats, strengths_by_group, wins_of

EQUAL = 1e-7
"""Strengths nearer to each other than this are one place."""
_DRAWN_AT_ONCE = 100
_TAIL = 2.5


class Spread(NamedTuple):
    """The fits of all resamples. Rows are resamples, columns presets."""

    scores: Floats
    ranks: Floats
    first: Floats
    """The share of first place: 1 for the only one, a half for each of two."""

    def score_interval(self, column: int) -> tuple[float, float]:
        """Return the 95 % interval of a log-strength."""
        low, high = np.percentile(self.scores[:, column], [_TAIL, 100 - _TAIL])
        return float(low), float(high)

    def rank_interval(self, column: int) -> tuple[int, int]:
        """Return the 95 % interval of a rank: whole numbers, the better one first."""
        ranks = np.sort(self.ranks[:, column])
        edge = int(len(ranks) * _TAIL / 100)
        return int(np.floor(ranks[edge])), int(np.ceil(ranks[-1 - edge]))


def clusters_of(
    duels: Sequence[Duel], key: Callable[[Duel], str], index: Mapping[str, int]
) -> Floats:
    """Return the wins of each cluster, in the order of their names."""
    of_cluster: dict[str, list[Duel]] = {}
    for duel in duels:
        of_cluster.setdefault(key(duel), []).append(duel)
    return np.stack([wins_of(some, dict(index)) for _, some in sorted(of_cluster.items())])


def spread_of(
    clusters: Floats, groups: Sequence[Sequence[int]], resamples: int, seed: int
) -> Spread:
    """Return the fits of `resamples` draws of as many clusters as there are."""
    draw = np.random.default_rng(seed)
    even = np.full(len(clusters), 1 / len(clusters))
    scores: list[Floats] = []
    while len(scores) < resamples:
        size = min(_DRAWN_AT_ONCE, resamples - len(scores))
        counts = draw.multinomial(len(clusters), even, size=size).astype(np.float64)
        scores.extend(
            strengths_by_group(wins, groups) for wins in np.tensordot(counts, clusters, axes=1)
        )
    return spread_from(np.stack(scores), groups)


def spread_from(scores: Floats, groups: Sequence[Sequence[int]]) -> Spread:
    """Return log-strengths with the places that they give within each group."""
    ranks, first = np.zeros_like(scores), np.zeros_like(scores)
    for group in groups:
        ranks[:, group], first[:, group] = _places(scores[:, group])
    return Spread(scores, ranks, first)


def _places(scores: Floats) -> tuple[Floats, Floats]:
    """Return the rank of each column (equal ones share the middle) and its share of the first."""
    ahead = scores[:, :, None] - scores[:, None, :]
    better = (ahead < -EQUAL).sum(axis=2)
    equal = (np.abs(ahead) <= EQUAL).sum(axis=2) - 1
    at_top = (better == 0).astype(np.float64)
    return 1 + better + equal / 2, at_top / at_top.sum(axis=1, keepdims=True)

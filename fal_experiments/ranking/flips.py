"""How few votes, told the other way round, would put another preset first.

With the number of duels of each two presets fixed, Bradley-Terry strengths follow from the wins
of each preset alone; so a reversed vote is what it moves between presets. All single reversals are
tried. Beyond that the vote is reversed that, by the slope of the fit, brings the challenger
nearest, then fitted again, and so on: an upper bound, exact at one and at two.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fal_experiments.core.duels import Duel
from fal_experiments.core.ranking import Flips
from fal_experiments.ranking.curvature import covariance
from fal_experiments.ranking.resample import EQUAL
from fal_experiments.ranking.strength import Floats, log_strengths, wins_of

MOST_FLIPS = 200


class _Votes(NamedTuple):
    """Votes that move the same between presets, as one matrix of wins, and how many they are."""

    wins: tuple[Floats, ...]
    counts: tuple[int, ...]


def flips_of(duels: Sequence[Duel], presets: Sequence[str]) -> Flips | None:
    """Return how few votes decide the first place among `presets`, which duels connect.

    None where nobody can be overtaken: a single preset, or no vote that is not a tie.
    """
    index = {preset: place for place, preset in enumerate(presets)}
    votes = _classes(duels, index)
    if len(presets) < 2 or not votes.wins:
        return None
    wins = wins_of(duels, index)
    strengths = log_strengths(wins)
    leader = int(np.argmax(strengths))
    for one in votes.wins:
        instead = _first_after(wins - one + one.T, leader)
        if instead is not None:
            return Flips(votes=1, exact=True, instead=presets[instead], tried=1)
    rivals = [int(i) for i in np.argsort(-strengths, kind="stable") if i != leader]
    found = [path for rival in rivals[:3] if (path := _path(wins, votes, leader, rival))]
    if not found:
        return Flips(votes=None, exact=False, instead=None, tried=MOST_FLIPS)
    count, instead = min(found)
    return Flips(votes=count, exact=count == 2, instead=presets[instead], tried=count)


def _classes(duels: Sequence[Duel], index: Mapping[str, int]) -> _Votes:
    of_vote: dict[str, list[Duel]] = {}
    for duel in duels:
        of_vote.setdefault(duel.vote, []).append(duel)
    counts: Counter[bytes] = Counter()
    kinds: dict[bytes, Floats] = {}
    for _, some in sorted(of_vote.items()):
        wins = wins_of(some, dict(index))
        moved = wins - wins.T
        if np.any(moved.sum(axis=1)):
            counts[moved.tobytes()] += 1
            kinds.setdefault(moved.tobytes(), wins)
    return _Votes(tuple(kinds.values()), tuple(counts[kind] for kind in kinds))


def _first_after(wins: Floats, leader: int) -> int | None:
    """Return who is first with these wins, None where it is still the leader."""
    strengths = log_strengths(wins)
    best = int(np.argmax(strengths))
    return best if strengths[best] > strengths[leader] + EQUAL else None


def _path(wins: Floats, votes: _Votes, leader: int, rival: int) -> tuple[int, int] | None:
    """Return how many reversals unseat the leader on the way to the rival, and who is first."""
    left = list(votes.counts)
    moved = [(one.T - one).sum(axis=1) for one in votes.wins]
    for count in range(1, MOST_FLIPS + 1):
        moves = covariance(wins, log_strengths(wins))
        slope = moves[leader] - moves[rival]
        gains = [float(slope @ move) if n else 0.0 for move, n in zip(moved, left, strict=True)]
        best = int(np.argmin(gains))
        if gains[best] >= 0:
            return None
        left[best] -= 1
        wins = wins - votes.wins[best] + votes.wins[best].T
        instead = _first_after(wins, leader)
        if instead is not None:
            return count, instead
    return None

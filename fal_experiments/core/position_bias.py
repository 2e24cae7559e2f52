"""Whether the clip that is shown first wins more often than it should. Pure.

Sides are dealt so that each preset is first as often as second; then the first should win half of
the votes that are not ties, whichever presets are better. The test is the exact binomial one,
two-sided by the method of small p-values.
"""

from collections.abc import Iterable
from math import exp, lgamma, log

from fal_experiments.core.duels import Duel
from fal_experiments.core.keepers import Share, wilson
from fal_experiments.core.model import Record
from fal_experiments.core.votes import Vote

TOLERANCE = 1e-7
"""Relative: outcomes that are as likely as the one seen count as such in spite of rounding."""


class PositionBias(Record):
    """How votes lean towards a place."""

    first: Share
    """Wins of the clip shown first, of the votes that are not ties."""
    ties: int
    p_value: float
    """The chance of a lean at least as strong, if places played no part."""
    best_first: Share
    """Of best-worst votes: how often the clip at the first place was the best."""
    expected_best_first: float
    """The share that would be even."""

    @property
    def is_marked(self) -> bool:
        """True where the lean is more than chance explains at 5 %."""
        return self.p_value < 0.05


def position_bias(duels: Iterable[Duel], votes: Iterable[Vote]) -> PositionBias:
    """Return how votes lean: pairs and judgements by side, best-worst votes by first place."""
    sided = [duel for duel in duels if duel.sided]
    first = sum(duel.result == "first" for duel in sided)
    decided = sum(duel.result != "tie" for duel in sided)
    chosen = [vote for vote in votes if vote.best is not None]
    best_first = sum(vote.best == vote.cells[0] for vote in chosen)
    even = sum(1 / len(vote.cells) for vote in chosen)
    return PositionBias(
        first=wilson(first, decided),
        ties=len(sided) - decided,
        p_value=binomial_p(first, decided),
        best_first=wilson(best_first, len(chosen)),
        expected_best_first=even / len(chosen) if chosen else 0.0,
    )


def binomial_p(n: int, of: int, share: float = 0.5) -> float:
    """Return the two-sided exact binomial p-value of `n` in `of`; 1 of nothing."""
    if of == 0:
        return 1.0
    seen = _chance(n, of, share) * (1 + TOLERANCE)
    total = sum(chance for k in range(of + 1) if (chance := _chance(k, of, share)) <= seen)
    return min(1.0, total)


def _chance(n: int, of: int, share: float) -> float:
    ways = lgamma(of + 1) - lgamma(n + 1) - lgamma(of - n + 1)
    return exp(ways + n * log(share) + (of - n) * log(1 - share))

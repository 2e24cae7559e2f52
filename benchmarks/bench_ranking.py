"""How many best-worst votes find the best of six models, with raters whose taste is known.

Raters are simulated: of four clips the best is drawn with a chance that grows with e to the power
of its model's strength (Luce's choice rule), the worst of the rest likewise with strengths turned
round. Every model is shown equally often. A strength difference is told as how often the best model
wins against the second of a pair; each further model is weaker by the same step as in `STEP`.
"""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from fal_experiments.core.duels import Duel
from fal_experiments.core.ranking import RankRequest
from fal_experiments.ranking.rank import rank
from fal_experiments.ranking.strength import log_strengths, wins_of

MODELS = "abcdef"
SHOWN = 4
BAR_VOTES = 60
STEP = 0.2
SIMULATIONS = 400
STOPS = 25
LOOK_EVERY = 15
SEED = 4711


class Truth(NamedTuple):
    """How strong each model is; the first is the best."""

    wins: float
    """The share of pairs that the best wins against the second."""

    @property
    def strengths(self) -> dict[str, float]:
        lead = math.log(self.wins / (1 - self.wins))
        return {m: (lead if n == 0 else -STEP * (n - 1)) for n, m in enumerate(MODELS)}


def _drawn(
    chance: random.Random, models: Sequence[str], strengths: dict[str, float], sign: int
) -> str:
    weights = [math.exp(sign * strengths[model]) for model in models]
    return chance.choices(models, weights)[0]


def _shown(chance: random.Random) -> Iterator[tuple[str, ...]]:
    """Yield which models meet: all sets of four, in a new order each round."""
    sets = list(itertools.combinations(MODELS, SHOWN))
    while True:
        chance.shuffle(sets)
        yield from sets


def _votes(chance: random.Random, truth: Truth, count: int) -> list[list[Duel]]:
    """Return the duels of each vote."""
    found = []
    for number, models in enumerate(itertools.islice(_shown(chance), count)):
        best = _drawn(chance, models, truth.strengths, 1)
        rest = [model for model in models if model != best]
        worst = _drawn(chance, rest, truth.strengths, -1)
        pairs = [(best, other) for other in rest] + [(o, worst) for o in rest if o != worst]
        found.append(
            [
                Duel(one, other, "first", "votes", str(number), str(number), "p", "r")
                for one, other in pairs
            ]
        )
    return found


def _found_at(truth: Truth, looks: Sequence[int]) -> dict[int, float]:
    """Return how often the best model stands first after so many votes."""
    chance = random.Random(SEED)  # noqa: S311 - simulates raters
    index = {model: place for place, model in enumerate(MODELS)}
    right = dict.fromkeys(looks, 0)
    for _ in range(SIMULATIONS):
        votes = _votes(chance, truth, max(looks))
        for look in looks:
            wins = wins_of(itertools.chain(*votes[:look]), index)
            right[look] += int(np.argmax(log_strengths(wins))) == 0
    return {look: n / SIMULATIONS for look, n in right.items()}


def _stops(truth: Truth, most: int) -> tuple[int, int, float]:
    """Return how often the stop rule stopped, how often wrongly, and the median of votes needed.

    It is asked again after every few votes, as an impatient person does.
    """
    chance = random.Random(SEED + 1)  # noqa: S311 - simulates raters
    needed, wrong = [], 0
    for _ in range(STOPS):
        votes = _votes(chance, truth, most)
        for look in range(LOOK_EVERY, most + 1, LOOK_EVERY):
            duels = tuple(itertools.chain(*votes[:look]))
            ranking = rank(RankRequest("b", tuple(MODELS), duels, resamples=1000))
            if ranking.decided:
                needed.append(look)
                wrong += ranking.leader != MODELS[0]
                break
    return len(needed), wrong, float(np.median(needed)) if needed else math.nan


def main() -> None:
    """Print the tables."""
    print(f"best of {len(MODELS)} models from best-worst votes of {SHOWN}, simulated raters")
    print(f"first place right, share of {SIMULATIONS} simulations; bar: 95 % at {BAR_VOTES} votes")
    looks = (15, 30, BAR_VOTES, 2 * BAR_VOTES)
    print("best wins against second  " + "".join(f"{look:>6} votes" for look in looks))
    for wins in (0.55, 0.6, 2 / 3, 0.7, 0.75):
        found = _found_at(Truth(wins), looks)
        print(f"{wins:>23.0%}   " + "".join(f"{found[look]:>12.1%}" for look in looks))
    print(f"\nstop rule, asked every {LOOK_EVERY} votes up to {2 * BAR_VOTES}, {STOPS} simulations")
    for wins in (0.5, 2 / 3):
        stopped, wrong, median = _stops(Truth(wins), 2 * BAR_VOTES)
        told = f"after {median:.0f} votes in the median" if stopped else "never"
        print(f"best wins {wins:.0%}: decided {stopped} times, {told}; {wrong} for another model")
    print("at 50 % two models are equally good: every decision is a mistake there")


if __name__ == "__main__":
    main()

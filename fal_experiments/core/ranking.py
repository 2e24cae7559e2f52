"""The ranking of a batch's presets, as data: what `fal-exp rank --json` prints. Pure."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from fal_experiments.core.duels import Duel
from fal_experiments.core.keepers import Keepers, PriceOfKeeper
from fal_experiments.core.model import Record
from fal_experiments.core.position_bias import PositionBias
from fal_experiments.core.ratings import Ratings
from fal_experiments.core.votes import Vote

Cluster = Literal["ballot", "prompt"]
DECIDED_AT = 0.95
RANDOM_SEED = 20_071
RESAMPLES = 2000
POINTS = {"first": 1.0, "tie": 0.5, "second": 0.0}
"""What a duel's result is worth to its first preset."""
ELO_PER_E = 400 / 2.302585092994046
"""Points for a factor of e in strength, as chess counts them: 400 for a factor of ten."""


class Standing(Record):
    """One preset. Intervals are 95 %."""

    preset: str
    rank: int
    score: float
    """In points around 1000: 191 more means 3 wins of 4 against the other."""
    score_low: float
    score_high: float
    rank_low: int
    """The best rank of the interval."""
    rank_high: int
    first: float
    """The probability that it is first: the share of draws in which it is."""
    wins: float
    ties: float
    losses: float
    """In duels; a best-worst vote has several, and one answer of a judge is half a duel."""
    both_bad: float
    """Of its ties, those where neither clip was usable."""


class Flips(Record):
    """How few votes decide who is first."""

    votes: int | None
    """So many votes, told the other way round, would put another preset first; None: more than
    were tried."""
    exact: bool
    """False: no fewer than two are enough, and perhaps fewer than `votes`."""
    instead: str | None
    """Which preset would be first then."""
    tried: int


class Agreement(Record):
    """How far raters agree about what several of them were asked."""

    about: Literal["votes", "keep or reject", "stars"]
    asked: int
    """Ballots or clips that two raters or more have answered."""
    raters: int
    same: float | None
    """The share of pairs of answers that are equal."""
    alpha: float | None
    """Krippendorff's: 1 full agreement, 0 what chance gives. None: not enough answers."""


class OfPrompt(Record):
    """How the presets fared with one prompt: (preset, share of points, duels)."""

    prompt: str
    duels: float
    """Answers of a rater to the same clips share the weight of one."""
    presets: tuple[tuple[str, float, float], ...]
    """A tie is half a point."""


class KeeperCost(Record):
    """What one preset's keepers cost."""

    preset: str
    keepers: Keepers
    spent_nano_usd: int | None
    """None: not known of some attempts, or nothing was bought."""
    keeper: PriceOfKeeper
    usable_second: PriceOfKeeper


class Ranking(Record):
    """The presets of a batch, best first, and how sure that is."""

    batch: str
    sources: dict[str, int]
    """Votes by where they come from."""
    votes: int
    raters: tuple[str, ...]
    ballots: int
    duels: float
    both_bad: int
    """Votes that say so; in the ranking they are ties."""
    clustered_by: Cluster
    spread_by: Literal["resampling", "curvature"]
    """Which of the two gives the intervals: the one that is less sure of the leader. Votes that
    all agree do not vary when they are drawn again; then the curvature of the fit tells."""
    resamples: int
    random_seed: int
    groups: tuple[tuple[str, ...], ...]
    """Presets that no vote connects with each other stand in different groups; scores and ranks
    hold within a group."""
    standings: tuple[Standing, ...]
    unranked: tuple[str, ...]
    """Presets of the batch without a vote."""
    leader: str | None
    leader_is_first: float | None
    """The probability that the leader is first."""
    decided: bool
    undecided_because: tuple[str, ...]
    """What forbids a verdict, however sure the fit is; empty where nothing does."""
    more_votes: int | None
    """About so many more would decide it, if the present difference is a true one; None where
    that cannot be told."""
    flips: Flips | None
    position: PositionBias
    agreement: tuple[Agreement, ...]
    prompts: tuple[OfPrompt, ...]
    money: tuple[KeeperCost, ...]


class RankRequest(NamedTuple):
    """What is to be ranked, and how."""

    batch: str
    presets: tuple[str, ...]
    """All of the batch."""
    duels: tuple[Duel, ...]
    votes: tuple[Vote, ...] = ()
    ratings: Ratings = {}
    money: tuple[KeeperCost, ...] = ()
    clustered_by: Cluster = "ballot"
    resamples: int = RESAMPLES
    random_seed: int = RANDOM_SEED


def groups_of(duels: Iterable[Duel]) -> list[list[str]]:
    """Return the presets that are connected by duels, each group and the list in alphabet order."""
    group: dict[str, set[str]] = {}
    for duel in duels:
        joined = group.get(duel.first, {duel.first}) | group.get(duel.second, {duel.second})
        for preset in joined:
            group[preset] = joined
    return sorted(sorted(each) for each in {frozenset(some) for some in group.values()})


def prompts_of(duels: Sequence[Duel]) -> tuple[OfPrompt, ...]:
    """Return how the presets fared with each prompt, the better ones first."""
    won: dict[str, dict[str, list[float]]] = {}
    total: dict[str, float] = {}
    for duel in duels:
        of_preset = won.setdefault(duel.prompt, {})
        share = POINTS[duel.result]
        for preset, points in ((duel.first, share), (duel.second, 1 - share)):
            sums = of_preset.setdefault(preset, [0.0, 0.0])
            sums[0] += points * duel.weight
            sums[1] += duel.weight
        total[duel.prompt] = total.get(duel.prompt, 0.0) + duel.weight
    found = []
    for prompt, of_preset in sorted(won.items()):
        shares = [(preset, points / n, n) for preset, (points, n) in of_preset.items()]
        shares.sort(key=lambda row: (-row[1], row[0]))
        found.append(OfPrompt(prompt=prompt, duels=total[prompt], presets=tuple(shares)))
    return tuple(found)

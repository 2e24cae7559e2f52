"""The ranking of a batch's presets from what people and judges said of its clips."""

from collections.abc import Sequence
from typing import Literal

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.judge import judgements
from fal_experiments.app.ratings import money_of, read_ratings, read_votes
from fal_experiments.app.readable import with_clip
from fal_experiments.core.duels import (
    Duel,
    Source,
    duels_of_judge,
    duels_of_ratings,
    duels_of_votes,
)
from fal_experiments.core.ranking import Cluster, Ranking, RankRequest
from fal_experiments.core.ratings import Ratings, of_clips
from fal_experiments.core.votes import Vote
from fal_experiments.errors import BadInput

SOURCES: tuple[Source, ...] = ("votes", "ratings", "judge")
NAMED = {"votes": "votes", "ratings": "two ratings to compare", "judge": "judgements"}
WHERE_FROM = (
    "`fal-exp blind` makes a bundle to vote in, `fal-exp review` a page to rate in, "
    "`fal-exp judge` asks a model"
)


def rank_batch(
    batch: Batch, source: Source | Literal["all"] | None, clustered_by: Cluster, resamples: int
) -> Ranking:
    """Return the ranking by one source, or `all`; None: by the first that says something.

    Raises: BadInput where nobody has said anything, or a file is damaged.
    """
    state, _ = read_state(batch)
    ratings, votes = of_clips(read_ratings(batch), with_clip(state)), read_votes(batch)
    tried = [(each,) for each in SOURCES] if source is None else [_of(source)]
    sources, duels = next(
        ((some, found) for some in tried if (found := duels_of(batch, some, votes, ratings))),
        ((), []),
    )
    if not duels:
        named = NAMED.get(source or "all", "votes, no two ratings to compare and no judgements")
        raise BadInput(f"{batch.name} has no {named} to rank from", fix=WHERE_FROM)
    return wiring.rank(
        RankRequest(
            batch=batch.name,
            presets=tuple(batch.plan.presets),
            duels=tuple(duels),
            votes=tuple(votes) if "votes" in sources else (),
            ratings=ratings if "ratings" in sources else {},
            money=money_of(batch, state, ratings),
            clustered_by=clustered_by,
            resamples=resamples,
        )
    )


def _of(source: Source | Literal["all"]) -> tuple[Source, ...]:
    return SOURCES if source == "all" else (source,)


def duels_of(
    batch: Batch, sources: Sequence[Source], votes: Sequence[Vote], ratings: Ratings
) -> list[Duel]:
    """Return every comparison of two presets that the sources hold."""
    cells = batch.plan.cells
    found: list[Duel] = []
    if "votes" in sources:
        found += duels_of_votes(votes)
    if "ratings" in sources:
        found += duels_of_ratings(cells, ratings)
    if "judge" in sources:
        prompts = {cell.cell_id: cell.at.prompt for cell in cells}
        found += duels_of_judge(judgements(batch).read(), prompts)
    return found

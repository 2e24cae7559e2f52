"""What the votes of blind tests say of a batch, for its report."""

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.readable import readable_votes
from fal_experiments.core.duels import duels_of_votes
from fal_experiments.core.ranking import RESAMPLES, Ranking, RankRequest


def ranking_of_votes(batch: Batch) -> Ranking | None:
    """Return the ranking by votes, None without any, or where their file is damaged."""
    votes = readable_votes(batch)
    duels = duels_of_votes(votes)
    if not duels:
        return None
    return wiring.rank(
        RankRequest(
            batch=batch.name,
            presets=tuple(batch.plan.presets),
            duels=tuple(duels),
            votes=tuple(votes),
            ratings={},
            money=(),
            clustered_by="ballot",
            resamples=RESAMPLES,
        )
    )

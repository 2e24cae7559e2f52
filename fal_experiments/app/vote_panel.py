"""What the votes of blind tests say of a batch, for its report."""

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.core.duels import duels_of_votes
from fal_experiments.core.ranking import RESAMPLES, Ranking, RankRequest
from fal_experiments.core.votes import fold_votes
from fal_experiments.storage.ratings import votes_file


def ranking_of_votes(batch: Batch) -> Ranking | None:
    """Return the ranking by votes, None without any. Raises: BadInput for a damaged file."""
    votes = fold_votes(votes_file(batch.folder).read())
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

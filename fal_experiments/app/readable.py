"""What people said of a batch as far as it can be read: damage in it takes nothing else with it."""

from collections.abc import Callable
from typing import TypeVar

from fal_experiments.app.batch import Batch
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ratings import Ratings, fold_ratings, of_clips
from fal_experiments.core.votes import Vote, fold_votes
from fal_experiments.errors import BadInput
from fal_experiments.storage.ratings import ratings_file, votes_file

T = TypeVar("T")


def with_clip(state: BatchState) -> frozenset[str]:
    """Return the cells whose clip was stored."""
    return frozenset(
        cell for cell, tries in state.attempts.items() if tries and tries[-1].asset is not None
    )


def ever_with_clip(state: BatchState) -> frozenset[str]:
    """Return the cells of which any attempt has stored a clip."""
    return frozenset(
        cell
        for cell, tries in state.attempts.items()
        if any(attempt.asset is not None for attempt in tries)
    )


def readable_ratings(batch: Batch, state: BatchState) -> Ratings:
    """Return the ratings of clips that hold; none where the file is damaged: `unread` tells."""
    found, _ = _readable(ratings_file(batch.folder).read)
    return of_clips(fold_ratings(found), with_clip(state))


def readable_votes(batch: Batch) -> list[Vote]:
    """Return the votes that hold; none where the file is damaged: `unread` tells."""
    found, _ = _readable(votes_file(batch.folder).read)
    return fold_votes(found)


def unread(batch: Batch) -> tuple[str, ...]:
    """Return of each file of ratings or votes that is damaged where and how, from its folder."""
    faults = (
        _readable(ratings_file(batch.folder).read)[1],
        _readable(votes_file(batch.folder).read)[1],
    )
    return tuple(
        fault.replace(str(batch.folder.path), "").lstrip("/\\") for fault in faults if fault
    )


def _readable(read: Callable[[], list[T]]) -> tuple[list[T], str]:
    try:
        return read(), ""
    except BadInput as exc:
        return [], exc.message

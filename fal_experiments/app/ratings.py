"""Ratings of a batch: read, joined with files of other people, summed up, exported."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.finish import derived_of
from fal_experiments.app.rated_at import Now, time_flaw, utc_now
from fal_experiments.app.readable import ever_with_clip, with_clip
from fal_experiments.core.duels import Duel, duels_of_ratings, duels_of_votes
from fal_experiments.core.fold import BatchState
from fal_experiments.core.keepers import keepers, spent_by_preset
from fal_experiments.core.ranking import Agreement, KeeperCost
from fal_experiments.core.ratings import (
    Merge,
    Rating,
    Ratings,
    fold_ratings,
    merge_ratings,
    of_clips,
    unknown_cells,
)
from fal_experiments.core.ratings_table import (
    RATING_COLUMNS,
    PresetRatings,
    keeper_costs,
    preference_pairs,
    rated_presets,
    rating_lines,
)
from fal_experiments.core.votes import Vote, fold_votes
from fal_experiments.errors import BadInput
from fal_experiments.storage.ratings import ratings_file, read_brought_ratings, votes_file

Format = Literal["jsonl", "csv", "dpo"]


class Shown(NamedTuple):
    """How a batch was rated."""

    presets: tuple[PresetRatings, ...]
    money: tuple[KeeperCost, ...]
    raters: tuple[tuple[str, int], ...]
    """Who rated how many clips."""
    agreement: tuple[Agreement, ...]


def read_ratings(batch: Batch) -> dict[tuple[str, str], Rating]:
    """Return what holds of a batch. Raises: BadInput for a damaged file."""
    return fold_ratings(ratings_file(batch.folder).read())


def read_votes(batch: Batch) -> list[Vote]:
    """Return the votes that hold of a batch. Raises: BadInput for a damaged file."""
    return fold_votes(votes_file(batch.folder).read())


def read_files(files: Sequence[Path], rater: str | None, now: datetime) -> list[Rating]:
    """Return the ratings of files, under another name where one is given. Raises: BadInput."""

    def flaw(rating: Rating) -> str:
        return time_flaw(rating.at, now)

    found = [rating for path in files for rating in read_brought_ratings(path, flaw)]
    return found if rater is None else [_renamed(rating, rater) for rating in found]


def _renamed(rating: Rating, rater: str) -> Rating:
    return Rating.model_validate({**rating.model_dump(), "rater": rater})


def import_ratings(
    batch: Batch, files: Sequence[Path], rater: str | None, now: Now = utc_now
) -> Merge:
    """Join files to a batch's ratings; all of them, or nothing where one is wrong.

    Raises: BadInput for a file that is not one of ratings, has cells of another batch, or times
    that cannot be.
    """
    came = read_files(files, rater, now())
    unknown = unknown_cells(came, (cell.cell_id for cell in batch.plan.cells))
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise BadInput(
            f"{batch.name} has no cell {', '.join(unknown[:3])}{more}; nothing was imported",
            fix="ratings of another batch? name theirs with --batch",
        )
    _check_clips(batch, came)
    merged = Merge((), 0, 0)

    def choose(here: list[Rating]) -> Sequence[Rating]:
        nonlocal merged
        merged = merge_ratings(here, came)
        return merged.news

    ratings_file(batch.folder).append_chosen(choose)
    return merged


def _check_clips(batch: Batch, came: Iterable[Rating]) -> None:
    """Refuse ratings of cells that never had a clip. Raises: BadInput."""
    state, _ = read_state(batch)
    without = unknown_cells(
        [rating for rating in came if not rating.says_nothing], ever_with_clip(state)
    )
    if without:
        more = f" and {len(without) - 3} more" if len(without) > 3 else ""
        raise BadInput(
            f"{', '.join(without[:3])}{more} of {batch.name} never had a clip to rate; "
            "nothing was imported",
            fix="take their lines out of the file",
        )


def merge_files(files: Sequence[Path]) -> list[Rating]:
    """Return what holds of several files together, by time. Raises: BadInput."""
    holds: list[Rating] = []
    for path in files:
        holds += merge_ratings(holds, read_brought_ratings(path)).news
    return sorted(fold_ratings(holds).values(), key=lambda rating: (rating.at, rating.key))


def jsonl(ratings: Iterable[Rating]) -> str:
    """Return ratings as lines."""
    return "".join(f"{rating.model_dump_json()}\n" for rating in ratings)


def exported(batch: Batch, form: Format) -> str:
    """Return a batch's ratings as text of a form; for `dpo` its votes too. Raises: BadInput."""
    ratings = read_ratings(batch)
    if form == "jsonl":
        return jsonl(rating for rating in ratings.values() if not rating.says_nothing)
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(RATING_COLUMNS)
        writer.writerows(rating_lines(batch.plan.cells, ratings))
        return text.getvalue()
    state, _ = read_state(batch)
    seen = of_clips(ratings, with_clip(state))
    duels = [*duels_of_votes(read_votes(batch)), *duels_of_ratings(batch.plan.cells, seen)]
    return _dpo(batch, state, duels)


def _dpo(batch: Batch, state: BatchState, duels: Iterable[Duel]) -> str:
    prompts = {cell.cell_id: cell.prompt_text for cell in batch.plan.cells}
    clips = {
        cell: attempt.asset.path
        for cell in state.attempts
        if (attempt := state.latest(cell)) is not None and attempt.asset is not None
    }
    pairs = preference_pairs(duels, prompts, clips)
    return "".join(f"{json.dumps(pair, ensure_ascii=False)}\n" for pair in pairs)


def shown(batch: Batch) -> Shown:
    """Return how a batch was rated, preset by preset. Raises: BadInput for a damaged file."""
    state, _ = read_state(batch)
    ratings = of_clips(read_ratings(batch), with_clip(state))
    count: dict[str, int] = {}
    for rating in ratings.values():
        count[rating.rater] = count.get(rating.rater, 0) + (not rating.says_nothing)
    return Shown(
        presets=rated_presets(batch.plan.cells, with_clip(state), ratings),
        money=money_of(batch, state, ratings),
        raters=tuple(sorted((rater, n) for rater, n in count.items() if n)),
        agreement=wiring.agreement_of_ratings(ratings),
    )


def money_of(batch: Batch, state: BatchState, ratings: Ratings) -> tuple[KeeperCost, ...]:
    """Return what the keepers of each preset cost."""
    cells = batch.plan.cells
    duration_s = {
        cell: float(derived.probe.duration_s)
        for cell, (derived, _) in derived_of(batch, state).items()
        if derived.probe is not None
    }
    seen = of_clips(ratings, with_clip(state))
    found = keepers(cells, with_clip(state), seen)
    return keeper_costs(found, cells, seen, spent_by_preset(cells, state), duration_s)

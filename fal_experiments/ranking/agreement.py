"""How far raters agree: equal answers, and Krippendorff's alpha by evalica."""

import math
from collections.abc import Hashable, Iterable, Mapping
from itertools import combinations
from typing import Literal

import evalica
import pandas as pd

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.ranking import Agreement
from fal_experiments.core.ratings import Ratings, of_cells
from fal_experiments.core.votes import Vote

Answers = Mapping[str, Mapping[str, Hashable]]
"""What each rater answered, by what was asked."""


def agreement_of_votes(votes: Iterable[Vote]) -> Agreement | None:
    """Return how far raters agree on ballots that several answered; None where there are none.

    What a rater answered is the preset that won (the best one), or a tie, or both bad; the first
    time, where the same clips came again.
    """
    answers: dict[str, dict[str, Hashable]] = {}
    for vote in votes:
        of_clips = answers.setdefault(canonical_json(vote.clips), {})
        of_clips.setdefault(vote.rater, _answer(vote))
    return _agreement("votes", answers, "nominal")


def _answer(vote: Vote) -> str:
    if vote.best is not None:
        return vote.presets[vote.cells.index(vote.best)]
    place = {"first": 0, "second": 1}.get(vote.outcome or "")
    return vote.presets[place] if place is not None else f"({vote.outcome})"


def agreement_of_ratings(ratings: Ratings) -> tuple[Agreement, ...]:
    """Return how far raters agree on keep or reject, and on stars, of clips that several rated."""
    verdicts: dict[str, dict[str, Hashable]] = {}
    stars: dict[str, dict[str, Hashable]] = {}
    for cell, some in of_cells(ratings).items():
        verdicts[cell] = {r.rater: r.verdict for r in some if r.verdict is not None}
        stars[cell] = {r.rater: r.stars for r in some if r.stars is not None}
    found = (
        _agreement("keep or reject", verdicts, "nominal"),
        _agreement("stars", stars, "ordinal"),
    )
    return tuple(each for each in found if each is not None)


def _agreement(
    about: Literal["votes", "keep or reject", "stars"],
    answers: Answers,
    distance: Literal["nominal", "ordinal"],
) -> Agreement | None:
    shared = {asked: some for asked, some in sorted(answers.items()) if len(some) > 1}
    if not shared:
        return None
    pairs = [pair for some in shared.values() for pair in combinations(some.values(), 2)]
    values = sorted({value for some in shared.values() for value in some.values()}, key=str)
    code = {value: value if isinstance(value, int) else place for place, value in enumerate(values)}
    table = pd.DataFrame(
        {
            asked: {rater: code[value] for rater, value in some.items()}
            for asked, some in shared.items()
        }
    )
    alpha = evalica.alpha(table, distance).alpha if len(values) > 1 else math.nan
    return Agreement(
        about=about,
        asked=len(shared),
        raters=len({rater for some in shared.values() for rater in some}),
        same=sum(one == other for one, other in pairs) / len(pairs),
        alpha=None if math.isnan(alpha) else float(alpha),
    )

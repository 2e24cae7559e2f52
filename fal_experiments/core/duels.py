"""What votes, ratings and judgements say of two presets at a time. Pure.

A duel is the grain of a ranking. One vote may hold several: of four clips the best beats three
and the worst loses to the two others. Those are told together, so they are counted, drawn again
and reversed together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.judging import Judgement
from fal_experiments.core.plan import Cell
from fal_experiments.core.ratings import Rating, Ratings, of_cells
from fal_experiments.core.votes import Vote

Source = Literal["votes", "ratings", "judge"]
Result = Literal["first", "second", "tie"]


class Duel(NamedTuple):
    """One comparison of two presets."""

    first: str
    second: str
    result: Result
    source: Source
    vote: str
    """Which saying it belongs to: what a person would take back as a whole."""
    ballot: str
    """What was asked; the same for all who answered it. Resampling draws ballots."""
    prompt: str
    rater: str
    weight: float = 1.0
    sided: bool = False
    """Whether `first` is the clip that was shown first or left."""
    both_bad: bool = False
    """A tie because neither is usable."""
    cells: tuple[str, str] = ("", "")
    """The clips, in the order of the presets."""


def duels_of_votes(votes: Iterable[Vote]) -> Iterator[Duel]:
    """Yield the duels of votes. Two clips of one preset are not compared.

    Where a rater was shown the same clips again, both answers share the weight of one.
    """
    votes = list(votes)
    times = Counter((vote.rater, vote.clips) for vote in votes)
    for vote in votes:
        preset = dict(zip(vote.cells, vote.presets, strict=True))
        ballot = canonical_json(vote.clips)
        for one, other, result in _results(vote):
            if preset[one] != preset[other]:
                yield Duel(
                    first=preset[one],
                    second=preset[other],
                    result=result,
                    source="votes",
                    vote=canonical_json(vote.key),
                    ballot=ballot,
                    prompt=vote.prompt,
                    rater=vote.rater,
                    weight=1 / times[vote.rater, vote.clips],
                    sided=vote.kind == "pair",
                    both_bad=vote.outcome == "both bad",
                    cells=(one, other),
                )


def _results(vote: Vote) -> Iterator[tuple[str, str, Result]]:
    if vote.outcome is not None:
        result: Result = vote.outcome if vote.outcome in ("first", "second") else "tie"
        for one, other in combinations(vote.cells, 2):
            yield one, other, result
        return
    for one, other in combinations(vote.cells, 2):
        if vote.best in (one, other):
            yield one, other, "first" if one == vote.best else "second"
        elif vote.worst in (one, other):
            yield one, other, "first" if other == vote.worst else "second"


def duels_of_judge(judgements: Iterable[Judgement], prompts: Mapping[str, str]) -> Iterator[Duel]:
    """Yield the duels of a judge's answers; `prompts` says of each cell what it was made from.

    A pair is asked about in both orders, and each answer counts half: answers that contradict
    each other come to a tie. Of one question the last answer holds.
    """
    results: dict[str, Result] = {"A": "first", "B": "second", "tie": "tie"}
    for said in {judgement.key: judgement for judgement in judgements}.values():
        if said.first_preset == said.second_preset or said.first_cell not in prompts:
            continue
        judge = canonical_json([said.model, said.rubric_sha256, said.settings])
        cells = canonical_json(sorted((said.first_cell, said.second_cell)))
        yield Duel(
            first=said.first_preset,
            second=said.second_preset,
            result=results[said.answer],
            source="judge",
            vote=f"{judge} {cells} {said.key}",
            ballot=f"judge {cells}",
            prompt=prompts[said.first_cell],
            rater=f"judge {said.model}",
            weight=0.5,
            sided=True,
            cells=(said.first_cell, said.second_cell),
        )


def duels_of_ratings(cells: Sequence[Cell], ratings: Ratings) -> Iterator[Duel]:
    """Yield a duel for every two clips of one prompt, input and seed that one rater has rated.

    More stars win; where stars are equal or one has none, keep wins over reject. Where neither
    tells them apart although both are rated in the same way, it is a tie.
    """
    of_cell = of_cells(ratings)
    places: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.probe_of is None and cell.cell_id in of_cell:
            at = cell.at
            place = canonical_json([at.prompt, at.input, at.seed, at.repeat, at.vars, at.axes])
            places.setdefault(place, []).append(cell)
    for place, met in places.items():
        for one, other in combinations(met, 2):
            if one.at.preset == other.at.preset:
                continue
            mine = {rating.rater: rating for rating in of_cell[one.cell_id]}
            for theirs in of_cell[other.cell_id]:
                result = _compared(mine.get(theirs.rater), theirs)
                if result is not None:
                    yield Duel(
                        first=one.at.preset,
                        second=other.at.preset,
                        result=result,
                        source="ratings",
                        vote=canonical_json([theirs.rater, one.cell_id, other.cell_id]),
                        ballot=f"ratings {place}",
                        prompt=one.at.prompt,
                        rater=theirs.rater,
                        both_bad=result == "tie" and theirs.verdict == "reject",
                        cells=(one.cell_id, other.cell_id),
                    )


def _compared(one: Rating | None, other: Rating) -> Result | None:
    """Return which of two ratings is better; None where they cannot be compared."""
    if one is None:
        return None
    stars, verdicts = (one.stars, other.stars), (one.verdict, other.verdict)
    if None not in stars and one.stars != other.stars:
        return "first" if (one.stars or 0) > (other.stars or 0) else "second"
    if None not in verdicts and one.verdict != other.verdict:
        return "first" if one.verdict == "keep" else "second"
    return "tie" if None not in stars or None not in verdicts else None

"""Ratings as tables: a line a preset, a line a rating, and pairs for preference training. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from fal_experiments.core.duels import Duel
from fal_experiments.core.keepers import (
    Keepers,
    PriceOfKeeper,
    Spent,
    keepers,
    kept_cells,
    price_of_keeper,
    usable_seconds,
)
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell
from fal_experiments.core.ranking import KeeperCost
from fal_experiments.core.ratings import Ratings, of_cells
from fal_experiments.core.rows import no_formula

RATING_COLUMNS = (
    *("rater", "cell", "preset", "prompt", "input", "seed", "run", "stars", "verdict"),
    *("reasons", "tags", "notes", "at"),
)


class PresetRatings(Record):
    """How one preset was rated."""

    preset: str
    clips: int
    rated: int
    """Clips of which anybody said anything."""
    keepers: Keepers
    mean_stars: float | None
    """The mean over clips of their raters' mean; None where nobody gave stars."""
    starred: int
    reasons: tuple[tuple[str, int], ...]
    """Of rejections, the most frequent first."""


def rated_presets(
    cells: Sequence[Cell], with_clip: Collection[str], ratings: Ratings
) -> tuple[PresetRatings, ...]:
    """Return how each preset was rated, in the order of the cells."""
    said = of_cells(ratings)
    found = []
    for preset, kept in keepers(cells, with_clip, ratings).items():
        mine = [
            cell.cell_id
            for cell in cells
            if cell.at.preset == preset and cell.probe_of is None and cell.cell_id in with_clip
        ]
        stars = [
            sum(given) / len(given)
            for cell in mine
            if (given := [r.stars for r in said.get(cell, ()) if r.stars is not None])
        ]
        reasons = Counter(
            reason
            for cell in mine
            for rating in said.get(cell, ())
            if rating.verdict == "reject"
            for reason in rating.reasons
        )
        found.append(
            PresetRatings(
                preset=preset,
                clips=len(mine),
                rated=sum(cell in said for cell in mine),
                keepers=kept,
                mean_stars=sum(stars) / len(stars) if stars else None,
                starred=len(stars),
                reasons=tuple(sorted(reasons.items(), key=lambda each: (-each[1], each[0]))),
            )
        )
    return tuple(found)


def keeper_costs(
    found: Mapping[str, Keepers],
    cells: Sequence[Cell],
    ratings: Ratings,
    spent: Mapping[str, Spent],
    duration_s: Mapping[str, float],
) -> tuple[KeeperCost, ...]:
    """Return what a keeper, and a second of one, costs with each preset."""
    kept = kept_cells(ratings)
    costs = []
    for preset, fared in found.items():
        mine = [
            cell.cell_id
            for cell in cells
            if cell.at.preset == preset and cell.cell_id in kept and cell.probe_of is None
        ]
        seconds = usable_seconds(mine, duration_s)
        money = spent.get(preset)
        costs.append(
            KeeperCost(
                preset=preset,
                keepers=fared,
                spent_nano_usd=money.nano_usd if money and not money.unknown else None,
                keeper=price_of_keeper(fared, money),
                usable_second=_price_of_second(fared, money, seconds),
            )
        )
    return tuple(costs)


def _price_of_second(fared: Keepers, spent: Spent | None, seconds: float | None) -> PriceOfKeeper:
    if seconds is None or not fared.kept:
        why = "the length of a kept clip is not measured" if fared.kept else "none is kept yet"
        return PriceOfKeeper(why_not=why)
    return price_of_keeper(fared, spent, per=seconds / fared.kept)


def rating_lines(cells: Iterable[Cell], ratings: Ratings) -> Iterator[list[str]]:
    """Yield a line of text for each rating that says something, in the order of the cells."""
    said = of_cells(ratings)
    for cell in cells:
        for rating in sorted(said.get(cell.cell_id, ()), key=lambda r: r.rater):
            notes = " | ".join(f"{note.t_s:g} s: {note.text}" for note in rating.notes)
            line = [
                *(rating.rater, rating.cell, cell.at.preset, cell.at.prompt, cell.at.input or ""),
                "" if cell.at.seed is None else str(cell.at.seed),
                cell.run_label,
                "" if rating.stars is None else str(rating.stars),
                *(rating.verdict or "", "; ".join(rating.reasons), "; ".join(rating.tags), notes),
                rating.at.isoformat(),
            ]
            yield [no_formula(text) for text in line]


def preference_pairs(
    duels: Iterable[Duel], prompts: Mapping[str, str], clips: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield `prompt`, `chosen` and `rejected` of each duel that somebody won: lines for DPO.

    `clips` says where each cell's clip is; a duel of a clip that is not there is left out.
    """
    for duel in duels:
        if duel.result == "tie" or not all(cell in clips for cell in duel.cells):
            continue
        chosen, rejected = duel.cells if duel.result == "first" else reversed(duel.cells)
        yield {
            "prompt": prompts[chosen],
            "chosen": clips[chosen],
            "rejected": clips[rejected],
            "rater": duel.rater,
            "source": duel.source,
        }

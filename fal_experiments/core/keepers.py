"""Which presets' clips are kept, how sure that is, and what a kept clip costs. Pure.

A clip is a keeper when more of its raters say keep than reject; a tie is not. The interval of a
share is Wilson's score interval: E. B. Wilson, Probable Inference, JASA 22 (1927), 209-212; as
recommended for small numbers by Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from fal_experiments.core.fold import BatchState
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell
from fal_experiments.core.ratings import Ratings, majorities

Z_95 = 1.959963984540054
"""Of the normal distribution, two-sided 95 %."""


class Share(Record):
    """A share of `of` things, with its 95 % interval. None where there is nothing to share."""

    n: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.n / self.of if self.of else None


class Keepers(Record):
    """How the clips of one preset fared. Probes of seeds are not among them."""

    preset: str
    clips: int
    """Cells with a clip."""
    judged: int
    """Of them, those with a verdict of anybody; the denominator of the share."""
    kept: int
    rejected: int
    tied: int
    share: Share


class Spent(NamedTuple):
    """What all attempts of a preset cost: billed where known, else metered."""

    nano_usd: int
    unknown: int
    """Attempts that may have cost something, nobody knows what. They are not in the sum."""


class PriceOfKeeper(Record):
    """Nano-USD for one keeper, with the interval of the share. None: not known, or no bound."""

    nano_usd: int | None = None
    """Told only where every clip has a verdict."""
    projected_nano_usd: int | None = None
    """Told only where some clips have none: if the others fared alike. `low` and `high` are then
    those of this number."""
    low: int | None = None
    high: int | None = None
    """None beside a known price means that the data set no upper bound."""
    why_not: str = ""


def wilson(n: int, of: int, z: float = Z_95) -> Share:
    """Return a share with Wilson's interval; of nothing it is 0 to 1."""
    if of == 0:
        return Share(n=0, of=0, low=0.0, high=1.0)
    share, z2 = n / of, z * z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    low = 0.0 if n == 0 else max(0.0, middle - half)
    high = 1.0 if n == of else min(1.0, middle + half)
    return Share(n=n, of=of, low=low, high=high)


def keepers(
    cells: Sequence[Cell], with_clip: Collection[str], ratings: Ratings
) -> dict[str, Keepers]:
    """Return how each preset fared, in the order of the cells; presets without clips too."""
    verdicts = majorities(ratings)
    of_preset: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.probe_of is None:
            of_preset.setdefault(cell.at.preset, []).append(cell)
    found = {}
    for preset, some in of_preset.items():
        clips = [cell.cell_id for cell in some if cell.cell_id in with_clip]
        said = [verdicts[cell_id] for cell_id in clips if cell_id in verdicts]
        kept = said.count("keep")
        found[preset] = Keepers(
            preset=preset,
            clips=len(clips),
            judged=len(said),
            kept=kept,
            rejected=said.count("reject"),
            tied=said.count("tie"),
            share=wilson(kept, len(said)),
        )
    return found


def kept_cells(ratings: Ratings) -> frozenset[str]:
    """Return the cells that are keepers."""
    return frozenset(cell for cell, verdict in majorities(ratings).items() if verdict == "keep")


def spent_by_preset(cells: Iterable[Cell], state: BatchState) -> dict[str, Spent]:
    """Return what each preset has cost over all of its attempts, failed ones and probes too."""
    found: dict[str, Spent] = {}
    for cell in cells:
        before = found.get(cell.at.preset, Spent(0, 0))
        known, unknown = before
        for attempt in state.attempts.get(cell.cell_id, ()):
            costs = (attempt.cost("billed"), attempt.cost("metered"))
            amount = next((c.nano_usd for c in costs if c and c.nano_usd is not None), None)
            known += amount or 0
            unknown += amount is None and attempt.counted_nano_usd > 0
        found[cell.at.preset] = Spent(known, unknown)
    return found


def price_of_keeper(found: Keepers, spent: Spent | None, per: float = 1.0) -> PriceOfKeeper:
    """Return what a keeper costs; with `per` seconds of an average keeper, what one of them costs.

    All money of the preset is divided by the keepers. Where not every clip has a verdict there is
    only a projection: the money divided by the keepers that the share makes likely among all clips.
    """
    if spent is None or spent.unknown:
        unknown = spent.unknown if spent else "every"
        return PriceOfKeeper(why_not=f"the cost of {unknown} of its attempts is unknown")
    if not found.judged:
        return PriceOfKeeper(why_not="no clip has a verdict")
    low = _divided(spent.nano_usd, found.share.high * found.clips * per)
    high = _divided(spent.nano_usd, found.share.low * found.clips * per)
    if found.judged < found.clips:
        middle = _divided(spent.nano_usd, found.kept * found.clips / found.judged * per)
        so_far = f"{found.judged} of {found.clips} judged"
        why_not = f"only {so_far}" if found.kept else f"none is kept yet, {so_far}"
        return PriceOfKeeper(projected_nano_usd=middle, low=low, high=high, why_not=why_not)
    price = _divided(spent.nano_usd, found.kept * per)
    why_not = "" if found.kept else "none is kept"
    return PriceOfKeeper(nano_usd=price, low=low, high=high, why_not=why_not)


def _divided(nano_usd: int, by: float) -> int | None:
    return round(nano_usd / by) if by > 0 else None


def usable_seconds(kept: Collection[str], duration_s: Mapping[str, float]) -> float | None:
    """Return the seconds of all kept clips; None where the length of one is not known."""
    if not kept or any(cell not in duration_s for cell in kept):
        return None
    return sum(duration_s[cell] for cell in kept)

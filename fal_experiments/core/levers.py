"""What would make a plan cheaper: the same matrix with one thing changed, and its price."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from fal_experiments.core.budget import within_cell_limit
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.errors import BadInput

Replan = Callable[[MatrixSpec], Plan]
"""Expand another matrix with the same presets, prompts, inputs and prices. Raises: BadInput."""
TIERS = ("4k", "2160p", "1440p", "1080p", "768p", "720p", "540p", "480p")
MOST_SHOWN = 3
RESOLUTION = "resolution:"


class Lever(NamedTuple):
    """One change of the matrix, and what the plan would cost with it, in nano-USD."""

    change: str
    """As it is written in the matrix: `hold: {audio: false}`."""
    before_nano_usd: int
    after_nano_usd: int
    cells_lost: int
    """Cells that no model could meet then, which is part of why it is cheaper."""

    def label(self) -> str:
        """Return `hold: {audio: false} → $1.34 in place of $2.24`."""
        lost = f", with {self.cells_lost} cells fewer" if self.cells_lost > 0 else ""
        before, after = format_usd(self.before_nano_usd), format_usd(self.after_nano_usd)
        return f"{self.change} → {after} in place of {before}{lost}"


def levers(plan: Plan, replan: Replan) -> list[Lever]:
    """Return the changes that make a plan cheaper, the strongest first.

    Each amount is that of a plan that was really made; nothing is guessed. A change that the
    matrix can not take is left out.
    """
    found, now = [], within_cell_limit(plan)
    for change, spec in _changes(plan.spec):
        try:
            other = within_cell_limit(replan(spec))
        except BadInput:
            continue  # the change does not go with this matrix: it is no lever
        lever = Lever(
            change,
            now.estimate.expected,
            other.estimate.expected,
            len(now.cells) - len(other.cells) if "seeds" not in change else 0,
        )
        is_known = len(other.unpriced) <= len(now.unpriced)
        if other.cells and is_known and lever.after_nano_usd < lever.before_nano_usd:
            found.append(lever)
    return _without_echoes(sorted(found, key=lambda lever: lever.after_nano_usd))


def _without_echoes(found: Sequence[Lever]) -> list[Lever]:
    """Leave out a lower resolution that costs what a higher one does: the models know no other."""
    tiers = [lever for lever in found if RESOLUTION in lever.change]
    best = {lever.after_nano_usd: lever.change for lever in reversed(tiers)}
    return [
        lever
        for lever in found
        if RESOLUTION not in lever.change or best[lever.after_nano_usd] == lever.change
    ]


def dearest(plan: Plan) -> list[tuple[Cell, int]]:
    """Return the three cells that may cost most, with their worst case, the dearest first."""
    cells = within_cell_limit(plan).cells
    priced = [(cell, cell.estimate.high) for cell in cells if cell.estimate is not None]
    return sorted(priced, key=lambda pair: -pair[1])[:MOST_SHOWN]


def _changes(spec: MatrixSpec) -> Iterator[tuple[str, MatrixSpec]]:
    hold = spec.hold
    if hold.audio is not False:
        yield "hold: {audio: false}", _held(spec, audio=False)
    if hold.duration is not None and hold.duration > 2:
        shorter = -(-hold.duration // 2)
        yield f"hold: {{duration: {shorter}}}", _held(spec, duration=shorter)
    if hold.resolution is not None and hold.resolution.lower() in TIERS[:-1]:
        lower = TIERS[TIERS.index(hold.resolution.lower()) + 1 :]
        for tier in lower:
            yield f"hold: {{resolution: {tier}}}", _held(spec, resolution=tier)
    if spec.seeds and len(spec.seeds) > 1:
        kept = spec.seeds[: -(-len(spec.seeds) // 2)]
        yield f"seeds: {len(kept)} of {len(spec.seeds)}", spec.model_copy(update={"seeds": kept})


def _held(spec: MatrixSpec, **values: object) -> MatrixSpec:
    return spec.model_copy(update={"hold": spec.hold.model_copy(update=values)})

"""What has become of a cell from one batch to a later one: request, clip, money, time."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.batch_match import Match, Side
from fal_experiments.core.derived import Derived
from fal_experiments.core.json_changes import JsonChange, json_changes
from fal_experiments.core.likeness import Likeness, Verdict
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell
from fal_experiments.core.report_numbers import Spent
from fal_experiments.core.summary import total_s

SAME_FILE = Likeness(verdict="identical", same_file=True)
"""Of two files that are equal byte by byte, which nobody has to decode."""


class Shown(Record):
    """One batch's side of a cell, as plain numbers. None: not known."""

    batch: str
    cell: str
    state: str
    clip_sha256: str | None
    cost_nano_usd: int | None
    unit_price_usd: str | None
    total_s: float | None
    inference_s: float | None
    seed_sent: int | None
    seed_returned: int | None
    deviations: tuple[str, ...]
    size: str
    """`1280×720, 24.00 fps, 5.04 s`; empty where nothing is measured."""


class Step(Record):
    """A cell in one batch, and in the next of the compared ones that has it."""

    label: str
    preset: str
    before: Shown
    after: Shown
    same_request: bool
    """The same provider, endpoint, arguments, input files and repeat."""
    arguments: tuple[JsonChange, ...]
    verdict: Verdict | None
    """How alike the clips are; None where they could not be compared."""
    ssim: float | None
    likeness: str
    """The same in words, or why there is no verdict."""
    seed: str
    """What that says of the seed; empty where nothing can be said."""

    @property
    def changes(self) -> tuple[str, ...]:
        """What is not as it was, in words; nothing of cost and time, which are never equal."""
        before, after = self.before, self.after
        words = [change.label() for change in self.arguments]
        if before.state != after.state:
            words.append(f"state: {before.state} → {after.state}")
        if before.size and after.size and before.size != after.size:
            words.append(f"clip: {before.size} → {after.size}")
        if before.deviations != after.deviations:
            words.append(f"deviations: {_listed(before.deviations)} → {_listed(after.deviations)}")
        prices = (before.unit_price_usd, after.unit_price_usd)
        if None not in prices and prices[0] != prices[1]:
            words.append(f"unit price: ${prices[0]} → ${prices[1]}")
        return tuple(words)


class Taken(NamedTuple):
    """What a batch has of a cell beside its plan."""

    side: Side
    cell: Cell
    derived: Derived | None

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Every submission of it."""
        return self.side.state.attempts.get(self.cell.cell_id, ())

    @property
    def clip_sha256(self) -> str | None:
        """Of its last clip; None where there is none."""
        last = self.attempts[-1] if self.attempts else None
        return last.asset.sha256 if last is not None and last.asset is not None else None


def neighbours(
    sides: Sequence[Side], match: Match, derived: Sequence[Mapping[str, Derived]]
) -> list[tuple[Taken, Taken]]:
    """Return each batch's side of a cell with that of the next batch that has it."""
    taken = [
        Taken(side, cell, found.get(cell.cell_id))
        for side, cell, found in zip(sides, match.cells, derived, strict=True)
        if cell is not None
    ]
    return list(pairwise(taken))


def step(before: Taken, after: Taken, likeness: Likeness | None) -> Step:
    """Return what has become of a cell. `likeness` is None where a clip is missing."""
    same = before.cell.cell_id == after.cell.cell_id
    verdict = likeness.verdict if likeness is not None else None
    return Step(
        label=after.cell.label,
        preset=after.cell.at.preset,
        before=_shown(before),
        after=_shown(after),
        same_request=same,
        arguments=tuple(_request_changes(before.cell, after.cell)),
        verdict=verdict,
        ssim=_ssim(likeness),
        likeness=_likeness_words(likeness),
        seed=_seed_words(after.cell, verdict) if same else "",
    )


def _request_changes(before: Cell, after: Cell) -> list[JsonChange]:
    found = list(json_changes(before.arguments, after.arguments))
    if before.endpoint != after.endpoint:
        found.insert(0, JsonChange(path="endpoint", before=before.endpoint, after=after.endpoint))
    return found


def _shown(taken: Taken) -> Shown:
    state, cell = taken.side.state, taken.cell
    attempts = taken.attempts
    last = attempts[-1] if attempts else None
    spent = Spent.of(attempts)
    metered = last.cost("metered") if last else None
    price = metered.unit_price_usd if metered else None
    took_s = total_s(last) if last else None
    probe = taken.derived.probe if taken.derived else None
    return Shown(
        batch=taken.side.name,
        cell=cell.cell_id,
        state=state.cell_state(cell.cell_id),
        clip_sha256=taken.clip_sha256,
        cost_nano_usd=None if not attempts or spent.unknown else spent.known_nano_usd,
        unit_price_usd=None if price is None else f"{price.normalize():f}",
        total_s=None if took_s is None else round(took_s, 3),
        inference_s=float(last.inference_s) if last and last.inference_s is not None else None,
        seed_sent=cell.seed_sent,
        seed_returned=last.seed_returned if last else None,
        deviations=tuple(each.label() for each in known_deviations(cell, probe)),
        size=f"{probe.width_px}×{probe.height_px}, {probe.fps:.2f} fps, {probe.duration_s:.2f} s"
        if probe
        else "",
    )


def _ssim(likeness: Likeness | None) -> float | None:
    if likeness is None or likeness.verdict is None:
        return None
    if likeness.verdict == "identical":
        return 1.0
    return None if likeness.ssim_mean is None else float(likeness.ssim_mean)


def _likeness_words(likeness: Likeness | None) -> str:
    if likeness is None:
        return "not compared: a clip is missing"
    return "identical: the same file" if likeness == SAME_FILE else likeness.in_words


def _seed_words(cell: Cell, verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    if cell.seed_sent is None:
        return "no seed was sent, so another clip is to be expected"
    return {
        "identical": "the same request and seed gave the same clip",
        "near": "the same request and seed gave nearly the same clip",
        "different": "the same request and seed gave another clip",
    }[verdict]


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"

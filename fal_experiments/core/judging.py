"""Pairs of results for a judge, its answers in both orders, and what they amount to. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Literal, NamedTuple

from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.model import Json, Record
from fal_experiments.core.plan import Cell

Side = Literal["A", "B", "tie"]
"""What a judge says: the clip shown first, the one shown second, or neither."""
Verdict = Literal["won", "tie", "disagreed", "unjudged"]
"""`disagreed`: each order gave another answer; it counts as a tie. `unjudged`: one is missing."""


class Rubric(NamedTuple):
    """What a judge is told to look at. `label` names the version: `v1`, `mine@0a1b2c3d`."""

    label: str
    text: str
    sha256: str
    """Of the text, so that an edited rubric is another one whatever it is called."""

    @classmethod
    def of(cls, label: str, text: str) -> "Rubric":
        """Return a rubric with its hash."""
        return cls(label, text, sha256_hex(text))


class Judge(NamedTuple):
    """Who judges, and by what: all of it is part of the key of every answer."""

    model: str
    rubric: Rubric
    settings: Mapping[str, Json]
    """What is sent beside the question: temperature, a limit on tokens."""

    @property
    def in_words(self) -> str:
        """Return `judged by MODEL with rubric v1`, which stands beside every number."""
        return f"judged by {self.model} with rubric {self.rubric.label}"


class Pair(NamedTuple):
    """Two results of one prompt, seed and input by two presets, in the order of the plan."""

    one: Cell
    other: Cell

    @property
    def where(self) -> str:
        """Return where in the matrix they stand."""
        at = self.one.at
        seed = f"seed {at.seed}" if at.seed is not None else f"repeat {at.repeat}"
        parts = [at.prompt, *([at.input] if at.input else []), seed]
        return f"{', '.join(parts)}: {at.preset} against {self.other.at.preset}"


class Judgement(Record):
    """One answer of a judge: a line of `judgements.jsonl`."""

    v: Literal[1] = 1
    key: str
    at: datetime
    model: str
    rubric: str
    rubric_sha256: str
    settings: dict[str, Json] = {}
    first_cell: str
    second_cell: str
    first_preset: str
    second_preset: str
    first_sha256: str
    """The clip that was shown first, as A."""
    second_sha256: str
    evidence_sha256: str
    """Over the prompt and the pictures that the judge really saw."""
    answer: Side
    reason: str
    """In the judge's words; data for a person, never obeyed."""
    tries: int


class Outcome(NamedTuple):
    """What both orders together say of a pair. `winner` is a preset, None for a tie."""

    pair: Pair
    verdict: Verdict
    winner: str | None
    why: str = ""
    """For what was not judged: the reason."""
    answers: tuple[Judgement, ...] = ()


class Standing(NamedTuple):
    """How a preset fared. `pairs` counts all of its pairs, those without a verdict too."""

    preset: str
    wins: int
    ties: int
    losses: int
    unjudged: int
    agreed: int
    """Pairs of which both orders said the same."""

    @property
    def judged(self) -> int:
        """Pairs with a verdict."""
        return self.wins + self.ties + self.losses

    @property
    def pairs(self) -> int:
        """All of its pairs."""
        return self.judged + self.unjudged


class Bias(NamedTuple):
    """How often a judge preferred a place: over all answers, and over pairs judged in both orders.

    A judge that sees no difference and always says A has `stuck_first` equal to `both`.
    """

    said_first: int
    said_second: int
    said_tie: int
    both: int
    stuck_first: int
    stuck_second: int


def pairs_of(cells: Sequence[Cell], with_clip: Collection[str]) -> Iterator[Pair]:
    """Yield every two results that differ in nothing but the preset.

    A preset that lacks an axis has one cell for all of its values: it meets each of the other's.
    Probes of seeds are left out, as they repeat a cell.
    """
    shown = [cell for cell in cells if cell.cell_id in with_clip and cell.probe_of is None]
    places: dict[str, list[Cell]] = {}
    for cell in shown:
        at = cell.at
        place = canonical_json([at.prompt, at.input, at.seed, at.repeat, at.vars])
        places.setdefault(place, []).append(cell)
    for met in places.values():
        for one, other in combinations(met, 2):
            if one.at.preset != other.at.preset and _axes_agree(one, other):
                yield Pair(one, other)


def _axes_agree(one: Cell, other: Cell) -> bool:
    return all(
        other.at.axes[axis] == value for axis, value in one.at.axes.items() if axis in other.at.axes
    )


def question_key(judge: Judge, first_sha256: str, second_sha256: str) -> str:
    """Return what identifies a question: both files in their order, the rubric and the model."""
    asked = [first_sha256, second_sha256, judge.rubric.sha256, judge.model, dict(judge.settings)]
    return sha256_hex(canonical_json(asked))


def outcome_of(pair: Pair, forward: Judgement | None, back: Judgement | None, why: str) -> Outcome:
    """Return the verdict of a pair from the answers to both orders.

    `forward` showed `pair.one` first, `back` the other. `why`: the reason for a missing answer.
    """
    answers = tuple(answer for answer in (forward, back) if answer is not None)
    if forward is None or back is None:
        return Outcome(pair, "unjudged", None, why or "not asked", answers)
    said = {"A": pair.one.at.preset, "B": pair.other.at.preset, "tie": None}
    said_back = {"A": pair.other.at.preset, "B": pair.one.at.preset, "tie": None}
    first, second = said[forward.answer], said_back[back.answer]
    if first != second:
        return Outcome(pair, "disagreed", None, answers=answers)
    return Outcome(pair, "tie" if first is None else "won", first, answers=answers)


def standings(outcomes: Sequence[Outcome]) -> list[Standing]:
    """Return how each preset fared, those with the larger share of wins first."""
    presets = dict.fromkeys(
        preset for o in outcomes for preset in (o.pair.one.at.preset, o.pair.other.at.preset)
    )
    rows = [_standing(preset, outcomes) for preset in presets]
    return sorted(rows, key=lambda row: -(row.wins + row.ties / 2) / max(1, row.judged))


def _standing(preset: str, outcomes: Sequence[Outcome]) -> Standing:
    mine = [o for o in outcomes if preset in {o.pair.one.at.preset, o.pair.other.at.preset}]
    return Standing(
        preset=preset,
        wins=sum(o.winner == preset for o in mine),
        ties=sum(o.verdict in {"tie", "disagreed"} for o in mine),
        losses=sum(o.winner not in {None, preset} for o in mine),
        unjudged=sum(o.verdict == "unjudged" for o in mine),
        agreed=sum(o.verdict in {"won", "tie"} for o in mine),
    )


def bias_of(outcomes: Sequence[Outcome]) -> Bias:
    """Return how the answers lean towards a place."""
    said = [answer.answer for o in outcomes for answer in o.answers]
    both = [tuple(a.answer for a in o.answers) for o in outcomes if o.verdict != "unjudged"]
    return Bias(
        said_first=said.count("A"),
        said_second=said.count("B"),
        said_tie=said.count("tie"),
        both=len(both),
        stuck_first=both.count(("A", "A")),
        stuck_second=both.count(("B", "B")),
    )

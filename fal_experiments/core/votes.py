"""Votes between clips: one line of `votes.jsonl` each, with the names put back. Pure.

The file only grows. What holds is the last line of each rater for each ballot of a source.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Protocol, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from fal_experiments.core.model import Record
from fal_experiments.core.ratings import CellId, Rater

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Outcome = Literal["first", "second", "tie", "both bad"]
"""Of a pair: the clip that was shown first or left, the other, neither, or neither is usable."""
Kind = Literal["pair", "best-worst"]
UNDECIDED = ("tie", "both bad")


class Answer(Protocol):
    """What was said of a ballot, in the names of whoever says it."""

    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def best(self) -> str | None: ...
    @property
    def worst(self) -> str | None: ...


def answer_flaw(kind: Kind, clips: Sequence[str], answer: Answer) -> str:
    """Return why an answer cannot be one to these clips; nothing when it can."""
    outcome, best, worst = answer.outcome, answer.best, answer.worst
    if kind == "pair":
        if len(clips) != 2:
            return "a pair has two cells"
        fits = outcome is not None and best is None and worst is None
        return "" if fits else "a pair has an outcome, and neither best nor worst"
    if outcome is not None:
        both = best is None and worst is None and outcome in UNDECIDED
        return "" if both else "best-worst has best, or the outcome tie or both bad"
    if best is None or best not in clips:
        return "best must be one of the cells"
    if worst is not None and (worst not in clips or worst == best):
        return "worst must be another one of the cells"
    return ""


class Vote(Record):
    """What one rater said of the clips of one ballot.

    `cells` and `presets` are parallel and in the order in which the clips were shown. A pair has
    an `outcome`. A best-worst ballot has `best` and perhaps `worst`, or else the outcome `tie` or
    `both bad`, which then is said of all its clips.
    """

    v: Literal[1] = 1
    at: AwareDatetime
    rater: Rater
    source: Name
    """`blind:<bundle id>`."""
    ballot: Name
    prompt: Name
    kind: Kind
    cells: Annotated[tuple[CellId, ...], Field(min_length=2, max_length=4)]
    presets: Annotated[tuple[Name, ...], Field(min_length=2, max_length=4)]
    outcome: Outcome | None = None
    best: CellId | None = None
    worst: CellId | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if len(self.cells) != len(self.presets) or len(set(self.cells)) != len(self.cells):
            raise ValueError("cells must differ, and each needs its preset")
        wrong = answer_flaw(self.kind, self.cells, self)
        if wrong:
            raise ValueError(wrong)
        return self

    @property
    def key(self) -> tuple[str, str, str]:
        """Whose vote it is, and on what."""
        return self.rater, self.source, self.ballot

    @property
    def clips(self) -> tuple[str, ...]:
        """What was to be compared, whichever side each was on: the same for every rater."""
        return (self.source, *sorted(self.cells))


def fold_votes(lines: Iterable[Vote]) -> list[Vote]:
    """Return what holds, in the order in which the ballots were first answered."""
    return list({vote.key: vote for vote in lines}.values())


def new_votes(here: Iterable[Vote], others: Iterable[Vote]) -> list[Vote]:
    """Return which of `others` are to be appended: those that are not there, or are later.

    Joining a file twice adds nothing; of two votes at the same time the one that is there holds.
    """
    holds = {vote.key: vote for vote in here}
    came = {vote.key: vote for vote in sorted(others, key=lambda vote: vote.at)}
    news = [v for key, v in came.items() if key not in holds or v.at > holds[key].at]
    return sorted(news, key=lambda vote: vote.at)


def known_votes(here: Iterable[Vote], others: Iterable[Vote]) -> int:
    """Return how many of `others` are there already, word for word."""
    return len({*here} & {*others})

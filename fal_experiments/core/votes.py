"""Votes between clips: one line of `votes.jsonl` each, with the names put back. Pure.

The file only grows. What holds is the last line of each rater for each ballot of a source.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from fal_experiments.core.model import Record
from fal_experiments.core.ratings import CellId, Rater

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Outcome = Literal["first", "second", "tie", "both bad"]
"""Of a pair: the clip that was shown first or left, the other, neither, or neither is usable."""
UNDECIDED = ("tie", "both bad")


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
    kind: Literal["pair", "best-worst"]
    cells: Annotated[tuple[CellId, ...], Field(min_length=2, max_length=4)]
    presets: Annotated[tuple[Name, ...], Field(min_length=2, max_length=4)]
    outcome: Outcome | None = None
    best: CellId | None = None
    worst: CellId | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if len(self.cells) != len(self.presets) or len(set(self.cells)) != len(self.cells):
            raise ValueError("cells must differ, and each needs its preset")
        wrong = self._wrong_pair() if self.kind == "pair" else self._wrong_choice()
        if wrong:
            raise ValueError(wrong)
        return self

    def _wrong_pair(self) -> str:
        if len(self.cells) != 2:
            return "a pair has two cells"
        if self.outcome is None or self.best is not None or self.worst is not None:
            return "a pair has an outcome, and neither best nor worst"
        return ""

    def _wrong_choice(self) -> str:
        if self.outcome is not None:
            both = self.best is None and self.worst is None and self.outcome in UNDECIDED
            return "" if both else "best-worst has best, or the outcome tie or both bad"
        if self.best is None or self.best not in self.cells:
            return "best must be one of the cells"
        if self.worst is not None and (self.worst not in self.cells or self.worst == self.best):
            return "worst must be another one of the cells"
        return ""

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
    came = {vote.key: vote for vote in others}
    news = [v for key, v in came.items() if key not in holds or v.at > holds[key].at]
    return sorted(news, key=lambda vote: vote.at)

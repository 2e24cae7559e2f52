"""Ratings of clips by people: one line of `ratings.jsonl` each, whole every time. Pure.

The file only grows. What holds is the last line of each rater for each cell; a line with nothing
in it takes a rating back. Files of several people are joined by time, so that the order in which
they arrive plays no part and joining twice changes nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.model import Record, Whole, worded

MOST_WORDS = 24
"""Reasons, and tags, of one rating."""
MOST_NOTES = 100

COMMON_REASONS = (
    "drift",
    "hands or anatomy",
    "wrong motion",
    "cut",
    "text or watermark",
    "plate changed",
    "flicker",
    "too slow",
    "other",
)
"""What the page offers for a rejection; a person may write others."""

Verdict = Literal["keep", "reject"]
Majority = Literal["keep", "reject", "tie"]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"{text!r} has characters that cannot be printed")
    return text


Rater = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(_printable),
]
"""What a person is called in the files: one line, at most 64 characters."""
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_printable),
]
"""A reason or a tag."""
CellId = Annotated[str, worded(r"[0-9a-f]{16}", "the id of a cell: 16 hexadecimal digits")]


class Note(Record):
    """What a person saw at a time in the clip."""

    t_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Rating(Record):
    """What one rater says of one cell, in whole: a line of `ratings.jsonl`."""

    v: Literal[1] = 1
    at: AwareDatetime
    rater: Rater
    cell: CellId
    stars: Annotated[Whole, Field(ge=1, le=5)] | None = None
    verdict: Verdict | None = None
    reasons: Annotated[tuple[Word, ...], Field(max_length=MOST_WORDS)] = ()
    tags: Annotated[tuple[Word, ...], Field(max_length=MOST_WORDS)] = ()
    notes: Annotated[tuple[Note, ...], Field(max_length=MOST_NOTES)] = ()

    @property
    def says_nothing(self) -> bool:
        """True for a rating that was taken back."""
        return not (self.stars or self.verdict or self.reasons or self.tags or self.notes)

    @property
    def key(self) -> tuple[str, str]:
        """Whose it is, and of what."""
        return self.rater, self.cell


Ratings = Mapping[tuple[str, str], Rating]
"""What holds, by (rater, cell). Ratings that were taken back are among them."""


def fold_ratings(lines: Iterable[Rating]) -> dict[tuple[str, str], Rating]:
    """Return what holds: the last line of each rater for each cell."""
    return {rating.key: rating for rating in lines}


class Merge(NamedTuple):
    """What joining other ratings to those that are there comes to."""

    news: tuple[Rating, ...]
    """To be appended, in the order of their time."""
    known: int
    """Ratings that are there already."""
    older: int
    """Ratings of which a later one is there."""


def merge_ratings(here: Iterable[Rating], others: Iterable[Rating]) -> Merge:
    """Return which of `others` are to be appended to `here`.

    Of each rater and cell the later one holds; of two at the same time the one whose text sorts
    last, so that every order of joining ends with the same ratings.
    """
    holds, came = fold_ratings(here), fold_ratings(sorted(others, key=_age))
    news = [r for key, r in came.items() if key not in holds or _age(r) > _age(holds[key])]
    known = sum(holds.get(key) == rating for key, rating in came.items())
    news.sort(key=_age)
    return Merge(tuple(news), known, len(came) - len(news) - known)


def _age(rating: Rating) -> tuple[datetime, str]:
    return rating.at, canonical_json(rating.model_dump(mode="json"))


def of_clips(ratings: Ratings, with_clip: Collection[str]) -> dict[tuple[str, str], Rating]:
    """Return the ratings of cells that have a clip: nobody can have seen the others."""
    return {key: rating for key, rating in ratings.items() if rating.cell in with_clip}


def of_cells(ratings: Ratings) -> dict[str, list[Rating]]:
    """Return what the raters say of each cell, without ratings that were taken back."""
    found: dict[str, list[Rating]] = {}
    for rating in ratings.values():
        if not rating.says_nothing:
            found.setdefault(rating.cell, []).append(rating)
    return found


def majority_of(verdicts: Iterable[Verdict | None]) -> Majority | None:
    """Return what more raters say than not; None where nobody says keep or reject."""
    counts = Counter(verdict for verdict in verdicts if verdict is not None)
    if not counts:
        return None
    if counts["keep"] == counts["reject"]:
        return "tie"
    return "keep" if counts["keep"] > counts["reject"] else "reject"


def majorities(ratings: Ratings) -> dict[str, Majority]:
    """Return the majority verdict of every cell that has one."""
    found = {
        cell: majority_of(rating.verdict for rating in some)
        for cell, some in of_cells(ratings).items()
    }
    return {cell: verdict for cell, verdict in found.items() if verdict is not None}


def unknown_cells(lines: Sequence[Rating], known: Iterable[str]) -> list[str]:
    """Return the cells that are rated and are not among the known, in order of appearance."""
    cells = set(known)
    return list(dict.fromkeys(rating.cell for rating in lines if rating.cell not in cells))

"""Votes that came back from a blind bundle: read with suspicion, then given names again. Pure.

Everything in such a file may be wrong or made up. A vote counts only when its bundle, the hash of
its key, its clips and its answer are all possible in that bundle.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, Field, ValidationError

from fal_experiments.core.blind import BlindKey, BundleId, ClipName, Sha256
from fal_experiments.core.blind_rows import MOST_SHOWN, Kind
from fal_experiments.core.model import Record
from fal_experiments.core.ratings import Rater
from fal_experiments.core.votes import Outcome, Vote, answer_flaw
from fal_experiments.errors import BadInput

MOST_LINES = 100_000
AGAIN = "again"
"""Ends the name of a ballot that was shown a second time."""
SEEN_WHOLE = 0.8
"""The page counts a clip as seen from this share of its length on."""

CHANGED = "was the file changed? The page writes no such vote"

Share = Annotated[float, Field(ge=0, le=1)]


class SealedVote(Record):
    """One line of a bundle's `votes-<rater>.jsonl`, in the bundle's random names."""

    v: Literal[1] = 1
    at: AwareDatetime
    rater: Rater
    bundle: BundleId
    key_sha256: Sha256
    ballot: Annotated[str, Field(max_length=200)]
    kind: Kind
    clips: Annotated[tuple[ClipName, ...], Field(min_length=2, max_length=MOST_SHOWN)]
    """In the order in which they were shown: left first."""
    outcome: Outcome | None = None
    best: ClipName | None = None
    worst: ClipName | None = None
    seen: Annotated[tuple[Share, ...], Field(max_length=MOST_SHOWN)] = ()
    """How much of each clip was played or scrubbed through."""

    @property
    def is_again(self) -> bool:
        """True for a ballot that came a second time."""
        return self.ballot.endswith(f".{AGAIN}")

    @property
    def is_seen(self) -> bool:
        """True when it says of every clip that it was seen whole; silence says it of none."""
        told_of_all = len(self.seen) == len(self.clips)
        return told_of_all and min(self.seen) >= SEEN_WHOLE


class Bundle(Record):
    """As much of a bundle as tells which votes are possible in it: its data and its key agree."""

    bundle: BundleId
    key_sha256: Sha256
    kind: Kind
    most_shown: Annotated[int, Field(ge=2, le=MOST_SHOWN)] | None
    """None where it is not known: the key does not have it."""
    rows: tuple[frozenset[ClipName], ...]


class Consistency(NamedTuple):
    """How often a rater said of the same clips what they had said before."""

    rater: str
    votes: int
    repeated: int
    same: int


def read_sealed(data: bytes, name: str) -> list[SealedVote]:
    """Return the votes of a file.

    Raises: BadInput naming file and line of the first one that is not a vote, or that was cut off.
    """
    lines = data.split(b"\n")
    if lines[-1].strip():
        raise BadInput(
            f"{name}:{len(lines)}: the last line was cut off",
            fix="download the votes again from the page, where they are kept",
        )
    if len(lines) > MOST_LINES:
        raise BadInput(f"{name}: more than {MOST_LINES:,} lines are not a person's votes")
    votes = [_vote(line, f"{name}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not votes:
        raise BadInput(f"{name}: there are no votes in it")
    return votes


def _vote(line: bytes, where: str) -> SealedVote:
    try:
        return SealedVote.model_validate_json(line)
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the line"
        raise BadInput(
            f"{where}: {field}: {first['msg'].removeprefix('Value error, ')}",
            fix="expected a line that a blind bundle's page wrote; was the file changed?",
        ) from exc


def unblinded(votes: Sequence[SealedVote], key: BlindKey, key_sha256: str, name: str) -> list[Vote]:
    """Return votes with their names put back, in the order given.

    Raises: BadInput when a vote belongs to another bundle or key, or is not possible in this one.
    """
    if any(vote.bundle != key.bundle for vote in votes):
        raise BadInput(f"{name}: it has votes of several bundles", fix="import them one by one")
    said = {vote.key_sha256 for vote in votes}
    if said != {key_sha256}:
        raise BadInput(
            f"{name}: its bundle was sealed with the key {min(said - {key_sha256})[:12]}…, and "
            f"the key at hand has SHA-256 {key_sha256[:12]}…",
            fix="the key or the votes were changed since the bundle was made; restore the key",
        )
    prompts = {clip: row.prompt for row in key.rows.values() for clip in row.clips}
    bundle = Bundle(
        bundle=key.bundle,
        key_sha256=key_sha256,
        kind=key.kind,
        most_shown=None,
        rows=tuple(frozenset(row.clips) for row in key.rows.values()),
    )
    for vote in votes:
        if said_wrong := vote_flaw(vote, bundle):
            raise BadInput(f"{name}: ballot {vote.ballot}: {said_wrong}", fix=CHANGED)
    return [_unblinded(vote, key, prompts, f"{name}: ballot {vote.ballot}") for vote in votes]


def vote_flaw(vote: SealedVote, of: Bundle) -> str:
    """Return why a vote is not possible in a bundle; nothing when it is.

    The one check: what a review stores, an import takes.
    """
    shown = len(vote.clips)
    rows = [len(row) for row in of.rows if row.issuperset(vote.clips)]
    is_ours = (vote.bundle, vote.key_sha256) == (of.bundle, of.key_sha256)
    is_named = vote.ballot.removesuffix(f".{AGAIN}") == "-".join(vote.clips)
    is_full = any(_is_full(shown, row, of.most_shown) for row in rows)
    flaws = (
        (not is_ours, f"it is not of bundle {of.bundle} and its key"),
        (len(set(vote.clips)) != shown, "one clip stands in it twice"),
        (not rows, f"these clips do not meet in bundle {of.bundle}"),
        (not is_named, "its name does not fit its clips"),
        ((vote.kind == "pair") != (shown == 2), f"{shown} clips are no {vote.kind}"),
        (
            of.kind == "pair" and vote.kind != "pair",
            f"it is {vote.kind}, and bundle {of.bundle} has pairs only",
        ),
        (
            of.kind == "best-worst" and not is_full,
            f"a {of.kind} ballot of these clips does not show {shown}",
        ),
        (
            not {vote.best, vote.worst} - {None} <= set(vote.clips),
            "its best or worst is none of its clips",
        ),
    )
    said = next((why for is_flaw, why in flaws if is_flaw), "")
    return said or answer_flaw(vote.kind, vote.clips, vote)


def _is_full(shown: int, row: int, most_shown: int | None) -> bool:
    """Tell whether a best-worst ballot shows as many clips as it may, or its whole row."""
    if most_shown is None:
        return min(3, row) <= shown
    return shown == min(most_shown, row)


def _unblinded(vote: SealedVote, key: BlindKey, prompts: dict[str, str], where: str) -> Vote:
    of = {clip: key.clips[clip] for clip in vote.clips}
    try:
        return Vote(
            at=vote.at,
            rater=vote.rater,
            source=f"blind:{key.bundle}",
            ballot=vote.ballot,
            prompt=prompts[vote.clips[0]],
            kind=vote.kind,
            cells=tuple(of[clip].cell for clip in vote.clips),
            presets=tuple(of[clip].preset for clip in vote.clips),
            outcome=vote.outcome,
            best=of[vote.best].cell if vote.best is not None else None,
            worst=of[vote.worst].cell if vote.worst is not None else None,
        )
    except ValidationError as exc:
        said = exc.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadInput(f"{where}: {said}", fix=CHANGED) from exc


def consistency(votes: Sequence[SealedVote]) -> list[Consistency]:
    """Return for each rater how often they agreed with themself on ballots shown twice."""
    return [
        Consistency(rater, len(own), len(pairs), sum(_answer(a) == _answer(b) for a, b in pairs))
        for rater in dict.fromkeys(vote.rater for vote in votes)
        for own in [[vote for vote in votes if vote.rater == rater]]
        for pairs in [list(_pairs(own))]
    ]


def _pairs(votes: Sequence[SealedVote]) -> Iterable[tuple[SealedVote, SealedVote]]:
    first = {frozenset(vote.clips): vote for vote in votes if not vote.is_again}
    for vote in votes:
        if vote.is_again and frozenset(vote.clips) in first:
            yield first[frozenset(vote.clips)], vote


def _answer(vote: SealedVote) -> tuple[str | None, ...]:
    """Return what was said of which clip, whatever its side."""
    side = {"first": vote.clips[0], "second": vote.clips[1]}
    return (side.get(vote.outcome or "", vote.outcome), vote.best, vote.worst)

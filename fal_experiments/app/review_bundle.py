"""A blind bundle served for voting: its votes are kept in the bundle, in its random names."""

import json
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from fal_experiments.app import wiring
from fal_experiments.app.rated_at import check_past, utc_now
from fal_experiments.app.review import Tally
from fal_experiments.core.blind_votes import Bundle, SealedVote, read_sealed, vote_flaw
from fal_experiments.core.model import Record
from fal_experiments.core.ratings import Rater
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import write_bytes

if TYPE_CHECKING:
    from fal_experiments.reporting.review_files import ReviewSite

VOTES = "votes.jsonl"
KEPT = "kept-votes.js"
"""What the page is told of votes.jsonl, so that a rater goes on where they were, on another day."""


class Said(Record):
    """What the page of a bundle sends: all votes of a rater, and the ballots they took back."""

    rater: Rater
    votes: Annotated[tuple[SealedVote, ...], Field(max_length=5000)]
    taken_back: Annotated[tuple[str, ...], Field(max_length=5000)] = ()


def is_bundle(folder: Path) -> bool:
    """Tell whether a folder is a blind bundle."""
    return (folder / "index.html").is_file() and (folder / "data.js").is_file()


def bundle_site(folder: Path, rater: str | None, tally: Tally) -> "ReviewSite":
    """Return a bundle as a site that takes votes. Raises: BadInput for another kind of folder."""
    folder = folder.resolve()
    bundle = _read(folder)
    lock = Lock()

    def take(body: bytes) -> dict[str, Any]:
        said = _said(body, bundle, rater)
        with lock:
            stored = _keep(folder / VOTES, said)
        tally.stored[said.rater] = len(stored)
        return {"rater": said.rater, "votes": len(stored)}

    return wiring.review_site(
        root=folder,
        page=folder / "index.html",
        folders=(folder,),
        inboxes={"votes": take},
        made={folder / KEPT: lambda: wiring.kept_votes_script(_votes(folder / VOTES))},
        scripts=(KEPT,),
        rater=rater or "",
    )


def _read(folder: Path) -> Bundle:
    try:
        text = (folder / "data.js").read_text("utf-8")
        data = json.loads(text[text.index("(") + 1 : text.rindex(")")])
        return Bundle(
            bundle=data["bundle"],
            key_sha256=data["key_sha256"],
            kind=data["kind"],
            most_shown=data["most_shown"],
            rows=tuple(frozenset(row["clips"]) for row in data["rows"]),
        )
    except (OSError, ValueError, LookupError, TypeError) as exc:
        raise BadInput(
            f"{folder} is neither a batch nor a blind bundle",
            fix="name a batch, or a folder that `fal-exp blind` made",
        ) from exc


def _said(body: bytes, bundle: Bundle, rater: str | None) -> Said:
    try:
        said = Said.model_validate_json(body)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise BadInput(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from exc
    if rater is not None and said.rater != rater:
        raise BadInput(f"this review takes the votes of {rater} only, not of {said.rater}")
    check_past("a vote", (vote.at for vote in said.votes), utc_now())
    for vote in said.votes:
        if vote.rater != said.rater:
            raise BadInput(f"ballot {vote.ballot}: it is of {vote.rater}, not of {said.rater}")
        if flaw := vote_flaw(vote, bundle):
            raise BadInput(f"ballot {vote.ballot}: {flaw}")
    return said


def _votes(path: Path) -> list[SealedVote]:
    data = path.read_bytes() if path.exists() else b""
    return read_sealed(data, path.name) if data else []


def _keep(path: Path, said: Said) -> list[SealedVote]:
    """Write what holds now, whole; returns the rater's votes.

    Votes that the page does not know, of another tab or browser, stay; those taken back go.
    """
    before = _votes(path)
    others = [vote for vote in before if vote.rater != said.rater]
    mine = {vote.ballot: vote for vote in before if vote.rater == said.rater}
    for ballot in said.taken_back:
        mine.pop(ballot, None)
    mine |= {vote.ballot: vote for vote in said.votes}
    lines = [*others, *mine.values()]
    write_bytes(path, "".join(f"{vote.model_dump_json()}\n" for vote in lines).encode())
    return list(mine.values())

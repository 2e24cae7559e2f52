"""A blind bundle served for voting: its votes are kept in the bundle, in its random names."""

import json
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from fal_experiments.app import wiring
from fal_experiments.app.review import Tally
from fal_experiments.core.blind import BundleId, ClipName, Sha256
from fal_experiments.core.blind_votes import SealedVote, read_sealed
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


class _Bundle(Record):
    """As much of a bundle's data as tells which votes are its own."""

    bundle: BundleId
    key_sha256: Sha256
    clips: frozenset[ClipName]


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


def _read(folder: Path) -> _Bundle:
    try:
        text = (folder / "data.js").read_text("utf-8")
        data = json.loads(text[text.index("(") + 1 : text.rindex(")")])
        return _Bundle(
            bundle=data["bundle"], key_sha256=data["key_sha256"], clips=frozenset(data["clips"])
        )
    except (OSError, ValueError, LookupError, TypeError) as exc:
        raise BadInput(
            f"{folder} is neither a batch nor a blind bundle",
            fix="name a batch, or a folder that `fal-exp blind` made",
        ) from exc


def _said(body: bytes, bundle: _Bundle, rater: str | None) -> Said:
    try:
        said = Said.model_validate_json(body)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise BadInput(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from exc
    if rater is not None and said.rater != rater:
        raise BadInput(f"this review takes the votes of {rater} only, not of {said.rater}")
    for vote in said.votes:
        ours = (vote.bundle, vote.key_sha256) == (bundle.bundle, bundle.key_sha256)
        if not ours or vote.rater != said.rater or not bundle.clips.issuperset(vote.clips):
            raise BadInput(f"ballot {vote.ballot} is not one of this bundle and rater")
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

"""Takes votes back from a blind test: the key is held against its published hash first."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from fal_experiments.app.batch import Batch, open_batch
from fal_experiments.app.rated_at import FIX, Now, time_flaw, utc_now
from fal_experiments.core.blind import BlindKey
from fal_experiments.core.blind_raters import disputed, look_alikes
from fal_experiments.core.blind_votes import (
    Consistency,
    SealedVote,
    consistency,
    read_sealed,
    unblinded,
)
from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.votes import Vote, known_votes, new_votes
from fal_experiments.errors import BadInput
from fal_experiments.storage.project_files import read_user_text
from fal_experiments.storage.ratings import votes_file


class Imported(NamedTuple):
    """What came in."""

    batch: str
    bundles: tuple[str, ...]
    votes: int
    """In the files; one that stands there twice is one."""
    added: int
    """Those that were not there yet."""
    known: int
    """Those that were there already; what is left was given up for a later vote on its ballot."""
    unseen: int
    """Votes that do not say that all their clips were seen whole; the page writes no such vote."""
    raters: tuple[Consistency, ...]
    disputed: dict[str, int]
    """Of a rater: ballots answered differently in several files, or before; the later counts."""
    look_alikes: tuple[tuple[str, ...], ...]
    """Names of raters, of the files or from before, that differ hardly."""


def import_votes(name: str, files: Sequence[Path], cwd: Path, now: Now = utc_now) -> Imported:
    """Add the votes of files to a batch; all of them, or nothing where one is wrong.

    Raises: BadInput for a file that is not one of votes, or that no key of the batch opens.
    """
    batch = open_batch(name, cwd)
    sealed: list[SealedVote] = []
    opened: list[list[Vote]] = []
    for path in files:
        came = _read(path, now())
        key, key_sha256 = _key(batch, came[0].bundle, str(path))
        opened.append(unblinded(came, key, key_sha256, str(path)))
        sealed += came
    votes = [vote for file in opened for vote in file]
    before = votes_file(batch.folder).read()
    added = votes_file(batch.folder).append_chosen(lambda here: new_votes(here, votes))
    return Imported(
        batch=batch.name,
        bundles=tuple(dict.fromkeys(vote.bundle for vote in sealed)),
        votes=len({*votes}),
        added=len(added),
        known=known_votes(before, votes),
        unseen=sum(not vote.is_seen for vote in sealed),
        raters=tuple(consistency(sealed)),
        disputed=disputed([before, *opened]),
        look_alikes=tuple(_alike(votes, before)),
    )


def _read(path: Path, now: datetime) -> list[SealedVote]:
    """Return the votes of a file. Raises: BadInput with the line that cannot be one."""
    text = read_user_text(path, str(path))
    came = read_sealed(text.encode(), str(path))
    numbers = (n for n, line in enumerate(text.split("\n"), 1) if line.strip())
    for number, vote in zip(numbers, came, strict=True):
        if flaw := time_flaw(vote.at, now):
            raise BadInput(f"{path}:{number}: {flaw}", fix=FIX)
    return came


def _alike(votes: Sequence[Vote], before: Sequence[Vote]) -> list[tuple[str, ...]]:
    """Return names that look alike where one of them comes now."""
    now = {vote.rater for vote in votes}
    found = look_alikes(vote.rater for vote in (*votes, *before))
    return [names for names in found if now.intersection(names)]


def _key(batch: Batch, bundle: str, shown: str) -> tuple[BlindKey, str]:
    """Return the key of a bundle and the hash of its file. Raises: BadInput."""
    path = batch.folder.blind_key(bundle)
    if not path.is_file():
        has = [
            each.name for each in sorted(batch.folder.path.glob(batch.folder.blind_key("*").name))
        ]
        raise BadInput(
            f"{shown}: its votes are of bundle {bundle}, and {batch.name} has no {path.name}",
            fix=f"it has {', '.join(has)}" if has else "was the blind test made of another batch?",
        )
    text = read_user_text(path, path.name)
    try:
        key = BlindKey.model_validate_json(text)
    except ValidationError as exc:
        said = exc.errors()[0]["msg"]
        raise BadInput(f"{path.name}: {said}", fix="restore the key from a copy") from exc
    if key.plan_sha256 != batch.plan_sha256:
        raise BadInput(
            f"{path.name}: it was made for another plan, of batch {key.batch}",
            fix="import the votes into that batch",
        )
    return key, sha256_hex(path.read_bytes())

"""Ratings and votes of a batch on disk, and files of them that people bring."""

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from fal_experiments.core.ratings import Rating
from fal_experiments.core.votes import Vote
from fal_experiments.errors import BadInput
from fal_experiments.storage.json_lines import JsonLines
from fal_experiments.storage.layout import BatchFolder
from fal_experiments.storage.project_files import MAX_TEXT_BYTES, read_user_text

MOST_LINES = 200_000
"""A person who rates a clip a second needs two and a half days for them."""


def ratings_file(folder: BatchFolder) -> JsonLines[Rating]:
    """Return the ratings of a batch."""
    return JsonLines(folder.ratings, Rating, MAX_TEXT_BYTES)


def votes_file(folder: BatchFolder) -> JsonLines[Vote]:
    """Return the votes of a batch."""
    return JsonLines(folder.votes, Vote, MAX_TEXT_BYTES)


def _none(_: Rating) -> str:
    return ""


def read_brought_ratings(path: Path, flaw: Callable[[Rating], str] = _none) -> list[Rating]:
    """Return the ratings of a file that somebody brings, in the order of its lines.

    `flaw` says why a rating cannot be taken, nothing where it can.
    Raises: BadInput naming file, line and field of the first thing that is no rating; also for a
    last line that was cut off, for a file without ratings, and for one that is too large.
    """
    lines = read_user_text(path, str(path)).split("\n")
    if len(lines) > MOST_LINES:
        raise BadInput(f"{path}: more than {MOST_LINES:,} lines are nobody's ratings")
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path}: line {number}"
            rating = _rating(line, where, is_end=number == len(lines))
            if why := flaw(rating):
                raise BadInput(f"{where}: {why}")
            found.append(rating)
    if not found:
        raise BadInput(f"{path}: there are no ratings in it")
    return found


def _rating(line: str, where: str, *, is_end: bool) -> Rating:
    try:
        return Rating.model_validate_json(line)
    except ValidationError as exc:
        first = exc.errors()[0]
        if first["type"] == "json_invalid" and is_end:
            raise BadInput(
                f"{where}: the last line was cut off",
                fix="download or copy the file again; nothing was imported",
            ) from exc
        field = ".".join(map(str, first["loc"])) or "the line"
        said = first["msg"].removeprefix("Value error, ")
        raise BadInput(
            f"{where}: {field}: {said}",
            fix="expected a line of ratings.jsonl, as the report and `fal-exp review` write it; "
            "nothing was imported",
        ) from exc

"""A batch's report served for rating: what is served, and where what people say goes."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, read_state
from fal_experiments.app.finish import write_report
from fal_experiments.app.rated_at import Now, check_past, utc_now
from fal_experiments.app.ratings import read_ratings
from fal_experiments.app.readable import ever_with_clip
from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.ratings import Rating, merge_ratings
from fal_experiments.errors import BadInput, LaterThere
from fal_experiments.storage.ratings import ratings_file

if TYPE_CHECKING:
    from fal_experiments.reporting.review_files import ReviewSite
    from fal_experiments.reporting.review_server import ReviewServer

FIRST_PORT, PORTS = 20_000, 20_000
FOLDERS = ("report", "cells", "inputs", "walls")
FILES = ("matrix.yaml", "plan.json", "events.jsonl", "batch.json")
"""What of a batch's folder its report links to; nothing else is served."""


@dataclass
class Tally:
    """What was stored while the server ran: how many answers of whom."""

    stored: Counter[str] = field(default_factory=Counter)


def batch_site(batch: Batch, rater: str | None, tally: Tally, now: Now = utc_now) -> "ReviewSite":
    """Write a batch's report and return it as a site that takes ratings.

    Raises: BadInput for damaged ratings, StorageFailed.
    """
    read_ratings(batch)
    index = write_report(batch)
    root, folder = batch.project.root.resolve(), batch.folder.path.resolve()
    state, _ = read_state(batch)
    clips = [
        batch.project.root / attempt.asset.path
        for cell in state.attempts
        if (attempt := state.latest(cell)) is not None and attempt.asset is not None
    ]

    seen = ever_with_clip(state)

    def take(body: bytes) -> dict[str, Any]:
        nonlocal seen
        rating = _rating(body, batch, rater, now())
        if rating.cell not in seen:  # a run that goes on has stored it meanwhile
            seen = ever_with_clip(read_state(batch)[0])
        if rating.cell not in seen and not rating.says_nothing:
            raise BadInput(f"cell {rating.cell} of {batch.name} has no clip to rate")
        keep(batch, rating)
        tally.stored[rating.rater] += 1
        return rating.model_dump(mode="json")

    page = folder / "report" / index.name
    return wiring.review_site(
        root=root if page.is_relative_to(root) else folder,
        page=page,
        folders=tuple(folder / name for name in FOLDERS),
        files=frozenset(path.resolve() for path in (*clips, *(folder / each for each in FILES))),
        inboxes={"ratings": take},
        made={page.with_name("data-ratings.js"): lambda: ratings_script(batch)},
        rater=rater or "",
    )


def ratings_script(batch: Batch) -> bytes:
    """Return the script with the ratings that hold now. Raises: BadInput for damaged ones."""
    return wiring.ratings_script(tuple(read_ratings(batch).values()))


def keep(batch: Batch, rating: Rating) -> None:
    """Store a rating before this returns. Raises: LaterThere, which has the one that holds."""

    def choose(here: list[Rating]) -> Sequence[Rating]:
        before = next((r for r in reversed(here) if r.key == rating.key), None)
        news = merge_ratings([before] if before else [], [rating]).news
        if before is not None and before != rating and not news:
            raise LaterThere(
                f"not stored: the rating of {rating.rater} at {before.at.isoformat()} holds",
                before.model_dump(mode="json"),
            )
        return news

    ratings_file(batch.folder).append_chosen(choose)


def _rating(body: bytes, batch: Batch, rater: str | None, now: datetime) -> Rating:
    try:
        rating = Rating.model_validate_json(body)
    except ValidationError as exc:
        first = exc.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{'.'.join(map(str, first['loc'])) or 'body'}: {said}") from exc
    if all(cell.cell_id != rating.cell for cell in batch.plan.cells):
        raise BadInput(f"{batch.name} has no cell {rating.cell}")
    if rater is not None and rating.rater != rater:
        raise BadInput(f"this review takes the ratings of {rater} only, not of {rating.rater}")
    check_past("the rating", [rating.at], now)
    return rating


@contextlib.contextmanager
def serving(site: "ReviewSite", name: str, port: int | None) -> Iterator["ReviewServer"]:
    """Serve a site until the block ends.

    A batch has the same port every time where nobody else uses it, because a browser keeps what
    could not be sent by address: a later review finds it there and sends it.
    Raises: BadInput when a port that was asked for is taken.
    """
    usual = FIRST_PORT + int(sha256_hex(name)[:8], 16) % PORTS
    server = wiring.review_server(site, usual if port is None else port)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(server)
        except BadInput:
            if port is not None:
                raise
            server = wiring.review_server(site, 0)
            held.enter_context(server)
        yield server

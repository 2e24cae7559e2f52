"""Ratings and votes of tests: of made-up cells, a minute apart."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from fal_experiments.core.ratings import Rating
from fal_experiments.core.votes import Vote

BEGIN = datetime(2026, 11, 20, 10, tzinfo=UTC)
_ballots = count()


def cell_id(number: int) -> str:
    """The id of a made-up cell."""
    return f"{number:016x}"


def rating(cell: int = 1, rater: str = "anna", minute: int = 0, **said: Any) -> Rating:
    """A rating of a made-up cell."""
    at = BEGIN + timedelta(minutes=minute)
    return Rating(at=at, rater=rater, cell=cell_id(cell), **said)


def pair(first: str, second: str, outcome: Any, rater: str = "anna", **more: Any) -> Vote:
    """A vote on two clips, by default a ballot of its own."""
    number = next(_ballots)
    fields: dict[str, Any] = {
        "at": BEGIN + timedelta(minutes=number),
        "rater": rater,
        "source": "blind:0a1b2c3d",
        "ballot": str(number),
        "prompt": "walk",
        "kind": "pair",
        "cells": (cell_id(2 * number), cell_id(2 * number + 1)),
        "presets": (first, second),
        "outcome": outcome,
    }
    return Vote.model_validate(fields | more)


def choice(presets: str, best: str, worst: str | None, rater: str = "anna", **more: Any) -> Vote:
    """A best-worst vote on clips of presets of one letter each."""
    number = next(_ballots)
    cells = dict(zip(presets, (cell_id(8 * number + i) for i in range(len(presets))), strict=True))
    fields: dict[str, Any] = {
        "at": BEGIN + timedelta(minutes=number),
        "rater": rater,
        "source": "blind:0a1b2c3d",
        "ballot": str(number),
        "prompt": "walk",
        "kind": "best-worst",
        "cells": tuple(cells.values()),
        "presets": tuple(presets),
        "best": cells[best],
        "worst": cells[worst] if worst else None,
    }
    return Vote.model_validate(fields | more)

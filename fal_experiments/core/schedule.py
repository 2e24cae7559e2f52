"""When to ask again, and which attempts to take up first. No clock: times come in as numbers."""

from collections.abc import Sequence
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Cell

POLL_FIRST_S = 0.25
POLL_LAST_S = 10.0
POLL_SHARE = 0.08
"""A job is seen to end at most this share of its own duration too late."""
RETRY_FIRST_S = 0.5
RETRY_LAST_S = 30.0


def poll_after_s(waited_s: float, usual_s: float | None, asked_s: float | None) -> float:
    """Return the pause before the next status request.

    It grows with the time already waited, is cut short towards the preset's usual duration, and
    is never shorter than what the provider asked for (Retry-After).
    """
    pause = min(max(waited_s * POLL_SHARE, POLL_FIRST_S), POLL_LAST_S)
    if usual_s is not None and waited_s < usual_s:
        pause = min(max(usual_s - waited_s, POLL_FIRST_S), max(pause, usual_s * POLL_SHARE))
    return max(pause, asked_s or 0.0)


def retry_after_s(tries: int, asked_s: float | None, *, jitter: float) -> float:
    """Return the pause before repeating a free request that failed `tries` times.

    `jitter` is a random number in [0, 1): the pause is between half and the whole of the backoff,
    so that many waiting requests do not return together.
    """
    backoff = min(RETRY_FIRST_S * 2.0 ** (tries - 1), RETRY_LAST_S)
    return max(backoff * (0.5 + jitter / 2), asked_s or 0.0)


class Work(NamedTuple):
    """What is left to do: attempts to collect, then cells to submit, both in plan order."""

    collect: tuple[tuple[Cell, Attempt], ...]
    submit: tuple[Cell, ...]
    held: tuple[tuple[Cell, Attempt], ...]
    """Unknown submissions: only a person decides about these."""


def remaining(cells: Sequence[Cell], state: BatchState) -> Work:
    """Return what is left of a batch, from its events alone.

    An accepted job is collected, never submitted again. A paid result whose download failed is
    collected again too. What was refused before any job existed, and may succeed now, is
    submitted again as a new attempt.
    """
    collect: list[tuple[Cell, Attempt]] = []
    submit: list[Cell] = []
    held: list[tuple[Cell, Attempt]] = []
    for cell in cells:
        attempt = state.latest(cell.cell_id)
        if attempt is None or _may_submit_again(attempt):
            submit.append(cell)
        elif attempt.state == "submission_unknown":
            held.append((cell, attempt))
        elif attempt.state in {"queued", "running", "downloading"} or _paid_but_lost(attempt):
            collect.append((cell, attempt))
    return Work(tuple(collect), tuple(submit), tuple(held))


def _may_submit_again(attempt: Attempt) -> bool:
    failure = attempt.failure
    return attempt.state == "rejected" and failure is not None and failure.retry_can_help


def _paid_but_lost(attempt: Attempt) -> bool:
    """Tell whether a result exists whose file could not be had: it is fetched, never made again."""
    return attempt.state == "failed" and attempt.media_url is not None

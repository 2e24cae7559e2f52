"""When to ask again, and which attempts to take up first. No clock: times come in as numbers."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Cell

POLL_FIRST_S = 0.25
POLL_LAST_S = 10.0
POLL_SHARE = 0.05
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


_STILL_TO_COLLECT = {"queued", "running", "downloading", "timed_out"}


class Work(NamedTuple):
    """What is left to do: attempts to collect, then cells to submit, both in plan order."""

    collect: tuple[tuple[Cell, Attempt], ...]
    submit: tuple[Cell, ...]
    held: tuple[tuple[Cell, Attempt], ...]
    """Unknown submissions: looked up in the provider's request list, else left to a person."""


def remaining(cells: Sequence[Cell], state: BatchState, missing: Collection[str] = ()) -> Work:
    """Return what is left of a batch, from its events alone.

    An accepted job is collected, never submitted again. A paid result whose download failed is
    collected again too. What was refused before any job existed, or failed unbilled, and may
    succeed now, is submitted again as a new attempt. Of a cancelled batch nothing is submitted.
    `missing` are cells whose clip was here and is not: it is fetched again too.
    """
    if state.cancelled_at is not None:
        cells = [cell for cell in cells if state.latest(cell.cell_id) is not None]
    collect: list[tuple[Cell, Attempt]] = []
    submit: list[Cell] = []
    held: list[tuple[Cell, Attempt]] = []
    for cell in cells:
        attempt = state.latest(cell.cell_id)
        if attempt is None:
            submit.append(cell)
        elif may_submit_again(attempt):
            if state.cancelled_at is None:
                submit.append(cell)
        elif attempt.state == "submission_unknown":
            held.append((cell, attempt))
        elif (
            attempt.state in _STILL_TO_COLLECT or _paid_but_lost(attempt) or cell.cell_id in missing
        ):
            collect.append((cell, attempt))
    return Work(tuple(collect), tuple(submit), tuple(held))


def may_submit_again(attempt: Attempt) -> bool:
    """Tell whether a cell whose last attempt ended so may be submitted once more, by itself.

    Only where no money moved: the provider took no job, or it failed unbilled and says that a
    retry can help. An unknown submission only where it was decided so, and that is on the log.
    """
    failure = attempt.failure
    if attempt.state == "abandoned":
        return attempt.resolved is not None and attempt.resolved.decision == "resubmit"
    if attempt.state not in {"rejected", "failed"} or failure is None or attempt.media_url:
        return False
    return failure.retry_can_help and failure.billed == "no"


def _paid_but_lost(attempt: Attempt) -> bool:
    """Tell whether a result exists whose file could not be had: it is fetched, never made again."""
    return attempt.state in {"failed", "download_lost"} and attempt.media_url is not None

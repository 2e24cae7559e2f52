"""Why a cell has no clip, in words for a person: the same in console, status and report."""

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Cell

WORDS = {
    "over_budget": "not submitted: at its worst it did not fit what was left of the cap",
    "cancelled": "not submitted: the batch was cancelled before its turn",
    "pending": "not submitted yet",
    "submitting": "on its way to the provider",
    "queued": "waiting at the provider",
    "running": "running at the provider",
    "downloading": "made and paid for; its file is not here yet",
}


def reason(state: BatchState, cell: Cell) -> str:
    """Return why a cell is not done; nothing for one that is."""
    attempt = state.latest(cell.cell_id)
    where = state.cell_state(cell.cell_id)
    if attempt is not None and where == attempt.state and (told := _of_attempt(attempt)):
        return told
    if where == "paused" and state.finished is not None:
        why = state.finished.pauses.get(cell.at.preset, "")
        return f"not submitted: its preset was paused, {why}"
    return WORDS.get(where, "")


def _of_attempt(attempt: Attempt) -> str:
    if attempt.state == "submission_unknown" and attempt.searched is not None:
        ids = ", ".join(attempt.searched.candidates)
        return attempt.searched.note + (f": {ids}" if ids else "")
    if attempt.state == "abandoned" and attempt.resolved is not None:
        return attempt.resolved.reason
    return attempt.failure.label() if attempt.failure else ""

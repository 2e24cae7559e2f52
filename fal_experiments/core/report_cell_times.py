"""The attempts of a cell on one line of time: submit, queue, run, download, and how each ended."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from fal_experiments.core.attempt import IN_FLIGHT, Attempt
from fal_experiments.core.labels import STATE_LABELS, STATE_TONES, seconds_label, time_label
from fal_experiments.core.report_cell_model import AttemptView, SpanView
from fal_experiments.core.report_lines import LabelledValue

_WORDS = {
    "submit": "sending the request",
    "queue": "in the queue",
    "run": "running",
    "download": "fetching the result",
}


def attempt_views(attempts: Sequence[Attempt], last_at: datetime | None) -> tuple[AttemptView, ...]:
    """Return the attempts of a cell, oldest first; times count from the first one's submit.

    Args:
        last_at: when anything was last heard of the batch: so far reaches what is still under way.
    """
    if not attempts:
        return ()
    origin = attempts[0].intended_at
    return tuple(_view(attempt, origin, last_at) for attempt in attempts)


def _view(attempt: Attempt, origin: datetime, last_at: datetime | None) -> AttemptView:
    ended = attempt.ended_at
    total = seconds_label((ended - attempt.intended_at).total_seconds()) if ended else "not ended"
    return AttemptView(
        number=attempt.number,
        state_label=STATE_LABELS[attempt.state],
        tone=STATE_TONES[attempt.state],
        started_at=time_label(attempt.intended_at),
        total_label=total,
        request_id=attempt.request_id or "",
        reason=attempt.failure.label() if attempt.failure else "",
        spans=tuple(_span(phase, origin) for phase in _phases(attempt, last_at)),
        lines=tuple(_lines(attempt)),
    )


class _Phase(NamedTuple):
    kind: str
    words: str
    start: datetime
    end: datetime
    goes_on: bool = False


def _phases(attempt: Attempt, last_at: datetime | None) -> Iterator[_Phase]:
    """Yield the phases that are known, one after the other, none of them twice."""
    came_at = attempt.completed_at or attempt.received_at
    known = (
        ("submit", attempt.accepted_at),
        ("queue", attempt.running_at),
        ("run", came_at),
        ("download", attempt.ended_at if came_at else None),
    )
    start, waiting = attempt.intended_at, "submit"
    for kind, end in known:
        if end is None:
            continue
        unseen = kind == "run" and attempt.running_at is None
        words = "in the queue and running" if unseen else _WORDS[kind]
        yield _Phase(kind, words, start, max(start, end))
        start, waiting = max(start, end), _next(kind)
    if attempt.ended_at is not None and came_at is None:
        yield _Phase(waiting, _WORDS[waiting], start, max(start, attempt.ended_at))
    elif attempt.unknown_at is not None and attempt.accepted_at is None:
        yield _Phase("submit", "waiting for an answer", start, max(start, attempt.unknown_at))
    elif attempt.state in IN_FLIGHT and last_at is not None:
        words = f"{_WORDS[waiting]} so far"
        yield _Phase(waiting, words, start, max(start, last_at), goes_on=True)


def _next(kind: str) -> str:
    kinds = list(_WORDS)
    return kinds[min(kinds.index(kind) + 1, len(kinds) - 1)]


def _span(phase: _Phase, origin: datetime) -> SpanView:
    length_s = (phase.end - phase.start).total_seconds()
    return SpanView.model_validate(
        {
            "kind": phase.kind,
            "label": phase.words,
            "start_s": round((phase.start - origin).total_seconds(), 3),
            "end_s": round((phase.end - origin).total_seconds(), 3),
            "length_label": seconds_label(length_s),
            "times_label": f"{_clock(phase.start)} – {_clock(phase.end)} UTC",
            "goes_on": phase.goes_on,
        }
    )


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def _lines(attempt: Attempt) -> Iterator[LabelledValue]:
    if attempt.inference_s is not None:
        yield LabelledValue(
            label="on the runner",
            value=seconds_label(attempt.inference_s),
            note="as the provider measured it",
        )
    if attempt.cancel_asked:
        yield LabelledValue(label="cancel", value="was asked for")
    if attempt.searched is not None:
        yield LabelledValue(label="searched for", value=attempt.searched.note)
    if attempt.resolved is not None:
        who = "a person" if attempt.resolved.by == "person" else "the program"
        decision = f"{attempt.resolved.decision}, by {who}"
        yield LabelledValue(label="decided", value=decision, note=attempt.resolved.reason)

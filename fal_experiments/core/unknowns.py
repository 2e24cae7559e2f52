"""Which request of the provider's list is which unknown submission.

Requests with equal inputs are interchangeable: any of them is what an attempt with that input
bought. So it is enough to count them, as long as each is claimed once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.request import Ticket

SENT_BEFORE = timedelta(seconds=60)
SENT_AFTER = timedelta(seconds=300)
"""How far from an attempt's own times its request may stand: clocks differ, proxies hold back."""


class PastRequest(NamedTuple):
    """A request in the provider's list."""

    ticket: Ticket
    sent_at: datetime
    """On our clock, as far as the two are known to differ."""
    body_sha256: str | None
    """Of the canonical JSON of its input; None where the provider keeps no payloads."""
    tags: Mapping[str, str] = {}
    """The tags that were sent along, where they come back."""


class Lost(NamedTuple):
    """An unknown submission: what was sent, and by which attempt."""

    attempt: Attempt
    tags: Mapping[str, str]
    settled: bool
    """True once the list had time enough to show everything."""
    contested: bool = False
    """True when another batch lacks an equal request: only tags can tell whose one is."""


class Match(NamedTuple):
    """What a search says."""

    adopted: tuple[tuple[Attempt, Ticket], ...]
    open: tuple[Attempt, ...]
    """Not told by this list: absent, or more requests than attempts."""
    candidates: Mapping[tuple[str, int], tuple[str, ...]]
    """By cell and attempt number: requests that may be it, which only a person can choose from."""


def match_unknowns(
    lost: Sequence[Lost], found: Sequence[PastRequest], claimed: Collection[str]
) -> Match:
    """Return which attempts adopt which requests.

    `lost` holds every unknown attempt of one endpoint, `claimed` the request ids that belong to an
    attempt already. An answer that was no ticket may have named its request, and tags name the
    attempt of a request. Without either, the unclaimed requests with an
    attempt's input are adopted when they are as many as the unknown attempts with that input.
    Fewer are adopted only when all are settled: until then more may appear. More are never
    adopted: some are somebody else's.
    """
    free = [request for request in found if request.ticket.request_id not in claimed]
    adopted: list[tuple[Attempt, Ticket]] = []
    left: list[Lost] = []
    for one in lost:
        named = next((request for request in free if _names(request, one)), None)
        if named is None:
            left.append(one)
        else:
            free.remove(named)
            adopted.append((one.attempt, named.ticket))
    open_: list[Attempt] = []
    candidates: dict[tuple[str, int], tuple[str, ...]] = {}
    for sha256 in dict.fromkeys(one.attempt.request_sha256 for one in left):
        group = [one for one in left if one.attempt.request_sha256 == sha256]
        equal = [one.attempt for one in group]
        fit = [request for request in free if _fits(request, equal)]
        fit.sort(key=lambda request: (request.sent_at, request.ticket.request_id))
        settled, contested = all(g.settled for g in group), any(g.contested for g in group)
        enough = len(fit) == len(equal) or (settled and len(fit) < len(equal))
        if enough and not (contested and fit):
            adopted += [(a, r.ticket) for a, r in zip(equal, fit, strict=False)]
            open_ += equal[len(fit) :]
            continue
        open_ += equal
        if fit:
            ids = tuple(request.ticket.request_id for request in fit)
            candidates |= {(a.cell, a.number): ids for a in equal}
    return Match(tuple(adopted), tuple(open_), candidates)


def attempt_tags(batch: str, cell: str, number: int) -> dict[str, str]:
    """Return the tags that a paid request carries, so that it can be found by them."""
    return {"fal-exp.batch": batch, "fal-exp.cell": cell, "fal-exp.attempt": str(number)}


def _names(request: PastRequest, lost: Lost) -> bool:
    """Tell whether a request is this attempt for certain: by the answer's id, or by its tags."""
    if request.ticket.request_id == lost.attempt.named:
        return True
    return bool(request.tags) and all(
        request.tags.get(key) == value for key, value in lost.tags.items()
    )


def _fits(request: PastRequest, equal: Sequence[Attempt]) -> bool:
    """Tell whether a request may be one of these attempts, by input and time."""
    if request.body_sha256 != equal[0].request_sha256:
        return False
    if any(key.startswith("fal-exp.") for key in request.tags):
        return False  # it names an attempt, and that is none of these
    first = min(attempt.intended_at for attempt in equal)
    last = max(attempt.unknown_at or attempt.intended_at for attempt in equal)
    return first - SENT_BEFORE <= request.sent_at <= last + SENT_AFTER

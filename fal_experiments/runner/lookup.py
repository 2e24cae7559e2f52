"""Looks for unknown submissions in the provider's request list, until it is told what they are.

A list may lag, so that a request is missing proves nothing at first: only after `settle_s` is an
unknown submission called absent.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.events import AttemptEvent, CellResolved, UnknownSearched
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ports import RequestFinder
from fal_experiments.core.request import Ticket
from fal_experiments.core.schedule import retry_after_s
from fal_experiments.core.unknowns import Lost, Match, attempt_tags, match_unknowns
from fal_experiments.errors import ServiceUnreachable
from fal_experiments.runner.attempt import Tools

Decided = Callable[[Attempt], None]
"""Called when an attempt was adopted, or is to be submitted again; the log says which."""


class Rivals(NamedTuple):
    """What other batches say of the same provider, at one moment."""

    claimed: Collection[str]
    """Request ids that belong to attempts of other batches."""
    contested: Collection[str]
    """Our cells of which another batch has an unknown submission with an equal input."""


class LookupRules(NamedTuple):
    """How an unknown submission is treated."""

    finders: Mapping[str, RequestFinder]
    settle_s: float
    resubmit_when_absent: bool
    rivals: Callable[[], Rivals]


class Lookup:
    """The search for the unknown submissions of one batch, an endpoint at a time."""

    def __init__(self, tools: Tools, state: BatchState, rules: LookupRules) -> None:
        self._tools = tools
        self._state = state
        self._rules = rules
        self._told: set[tuple[str, int]] = set()

    def lost(self, endpoint: str) -> list[Attempt]:
        """Return the unknown submissions of an endpoint that no search has judged yet."""
        return [
            attempt
            for attempt in self._attempts()
            if attempt.state == "submission_unknown"
            and attempt.endpoint == endpoint
            and (attempt.cell, attempt.number) not in self._told
        ]

    async def search(self, provider: str, endpoint: str, decided: Decided) -> None:
        """Search until every unknown submission of an endpoint is adopted, or told to be absent.

        What is decided is on the log before `decided` is called. Raises: StorageFailed.
        """
        rounds = 0
        while attempts := self.lost(endpoint):
            finder = self._rules.finders.get(provider)
            if finder is None:
                note = f"{provider} has no list of requests to look into"
                await self._tell(attempts, "unreadable", note)
                return
            settled = [attempt for attempt in attempts if self._is_settled(attempt)]
            try:
                since = min(attempt.intended_at for attempt in attempts)
                found = await finder.sent_since(endpoint, since)
            except ServiceUnreachable as exc:
                await self._tell(settled, "unreadable", exc.message)
            else:
                rivals = self._rules.rivals()
                ready = self._ready(attempts, rivals)
                claimed = {*self._own_requests(), *rivals.claimed}
                await self._take(match_unknowns(ready, found, claimed), decided)
            rounds += 1
            if self.lost(endpoint):
                if self._tools.stopping():  # a resume searches on; nobody should wait for it now
                    return
                await self._pause(rounds)

    async def _take(self, match: Match, decided: Decided) -> None:
        """Write down what a search has told."""
        for attempt, ticket in match.adopted:
            await self._adopt(attempt, ticket)
            decided(attempt)
        for attempt in match.open:
            if not self._is_settled(attempt):
                continue
            ids = match.candidates.get((attempt.cell, attempt.number), ())
            if ids:
                note = f"{len(ids)} requests may be it, and it is not told which"
                await self._tell([attempt], "ambiguous", note, ids)
            elif self._rules.resubmit_when_absent:
                await self._resubmit(attempt)
                decided(attempt)
            else:
                await self._tell([attempt], "absent", "not found at the provider")

    async def _adopt(self, attempt: Attempt, ticket: Ticket) -> None:
        await self._log(
            CellResolved,
            attempt,
            decision="adopt",
            by="tool",
            reason=f"request {ticket.request_id} stands in the provider's list with this input",
            ticket=ticket,
        )

    async def _resubmit(self, attempt: Attempt) -> None:
        await self._log(
            CellResolved,
            attempt,
            decision="resubmit",
            by="tool",
            reason=f"not in the provider's list {self._rules.settle_s:g} s later, and the matrix "
            "says on_unknown: resubmit-when-absent",
        )

    async def _tell(
        self,
        attempts: Sequence[Attempt],
        found: Literal["absent", "ambiguous", "unreadable"],
        note: str,
        candidates: tuple[str, ...] = (),
    ) -> None:
        for attempt in attempts:
            self._told.add((attempt.cell, attempt.number))
            await self._log(UnknownSearched, attempt, found=found, note=note, candidates=candidates)

    def _ready(self, attempts: Sequence[Attempt], rivals: Rivals) -> list[Lost]:
        """Return what can be matched now.

        While a request with the same input is being POSTed, it may stand in the list before its
        answer is here, and would be taken for the lost one.
        """
        posting = {a.request_sha256 for a in self._attempts() if a.state == "submitting"}
        return [
            Lost(
                attempt=attempt,
                tags=attempt_tags(self._tools.batch, attempt.cell, attempt.number),
                settled=self._is_settled(attempt),
                contested=attempt.cell in rivals.contested,
            )
            for attempt in attempts
            if attempt.request_sha256 not in posting
        ]

    def _is_settled(self, attempt: Attempt) -> bool:
        began = attempt.unknown_at or attempt.intended_at
        return self._tools.clock.now() >= began + timedelta(seconds=self._rules.settle_s)

    async def _pause(self, rounds: int) -> None:
        pause_s = retry_after_s(rounds, None, jitter=self._tools.jitter())
        await self._tools.clock.sleep(min(pause_s, self._rules.settle_s))

    def _own_requests(self) -> list[str]:
        """Return requests that are some attempt's. What an unknown one was named may be adopted."""
        return [
            attempt.request_id
            for attempt in self._attempts()
            if attempt.request_id and (attempt.ticket or attempt.state == "abandoned")
        ]

    def _attempts(self) -> list[Attempt]:
        return [attempt for tries in self._state.attempts.values() for attempt in tries]

    async def _log(
        self, kind: Callable[..., AttemptEvent], attempt: Attempt, **fields: object
    ) -> None:
        event = kind(
            at=self._tools.clock.now(),
            batch=self._tools.batch,
            cell=attempt.cell,
            attempt=attempt.number,
            **fields,
        )
        await self._tools.log.append(event)  # type: ignore[arg-type]  # one of the log's events

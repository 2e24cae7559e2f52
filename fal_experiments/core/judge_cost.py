"""What judging costs: prices, rows of its own ledger, and a cap of its own. Pure.

Judging is not generation: its rows stand in `judge-ledger.jsonl`, a file that no sum, cap or
reconciliation of generations reads. A row kind inside `ledger.jsonl` would have to be kept out of
each of them, and of every program that reads that file.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from fal_experiments.core.judge_answer import Reply, Usage
from fal_experiments.core.model import Record
from fal_experiments.core.money import nano_from_usd

MILLION = 1_000_000
CallState = Literal["asked", "answered", "refused", "lost"]


class JudgeRow(Record):
    """One call of a judge. A later row with the same `call_id` replaces an earlier one.

    `asked` is on disk before the call leaves: a call whose end is not known is a call all the
    same. Amounts are integer nano-USD; None is not known, never zero.
    """

    v: Literal[1] = 1
    kind: Literal["judge"] = "judge"
    call_id: str
    at: datetime
    batch: str
    sandbox_batch: bool
    """The clips cost nothing; the judge does."""
    question: str
    model: str
    rubric: str
    host: str
    state: CallState
    http_status: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_nano_usd: int | None = None
    cost_source: str
    held_nano_usd: int | None = None
    """What counts against the cap: the cost, else the worst that it can be."""
    why: str = ""


class Prices(NamedTuple):
    """What a person says that calls cost. All None: not known."""

    usd_per_call: Decimal | None = None
    usd_per_million_input: Decimal | None = None
    usd_per_million_output: Decimal | None = None

    @property
    def are_by_token(self) -> bool:
        """Tell whether tokens have prices, both kinds."""
        return None not in {self.usd_per_million_input, self.usd_per_million_output}

    @property
    def source(self) -> str:
        """Say where a cost comes from."""
        if self.usd_per_call is not None:
            return f"given: ${self.usd_per_call} a call"
        if self.are_by_token:
            return (
                f"usage × given prices: ${self.usd_per_million_input} and "
                f"${self.usd_per_million_output} per million tokens in and out"
            )
        return "no price given"

    def cost_nano_usd(self, usage: Usage | None) -> int | None:
        """Return the cost of an answered call, rounded up; None where it cannot be known."""
        if self.usd_per_call is not None:
            return nano_from_usd(self.usd_per_call, round_up=True)
        rate_in, rate_out = self.usd_per_million_input, self.usd_per_million_output
        if usage is None or rate_in is None or rate_out is None:
            return None
        usd = (usage.input_tokens * rate_in + usage.output_tokens * rate_out) / MILLION
        return nano_from_usd(usd, round_up=True)

    def worst_nano_usd(self, before: Iterable[JudgeRow], model: str) -> int | None:
        """Return the most that a call can cost, else the most that one of this model has cost.

        With prices by token nobody knows a call's cost before: None until one was answered.
        """
        if self.usd_per_call is not None:
            return nano_from_usd(self.usd_per_call, round_up=True)
        usages = (
            Usage(row.input_tokens, row.output_tokens)
            for row in before
            if row.model == model and row.input_tokens is not None and row.output_tokens is not None
        )
        costs = [cost for u in usages if (cost := self.cost_nano_usd(u)) is not None]
        return max(costs, default=None)


def ended_row(asked: JudgeRow, at: datetime, reply: Reply, prices: Prices) -> JudgeRow:
    """Return the row of a call that has ended.

    A refusal costs nothing. A call whose answer was lost may have been billed: its cost is not
    known, and what was held for it stays held.
    """
    usage = reply.usage
    cost = prices.cost_nano_usd(usage) if reply.state == "answered" else None
    if reply.state == "refused":
        cost = 0
    return asked.model_copy(
        update={
            "at": at,
            "state": reply.state,
            "http_status": reply.http_status,
            "input_tokens": usage.input_tokens if usage else None,
            "output_tokens": usage.output_tokens if usage else None,
            "cost_nano_usd": cost,
            "held_nano_usd": asked.held_nano_usd if cost is None else cost,
            "why": reply.why,
        }
    )


def fold_judge_rows(rows: Iterable[JudgeRow]) -> list[JudgeRow]:
    """Return the latest row of each call, in the order in which they were asked."""
    latest: dict[str, JudgeRow] = {}
    for row in rows:
        latest[row.call_id] = row
    return list(latest.values())


class Spent(NamedTuple):
    """Sums over calls. `unknown` of `calls` have a cost that is not known; no sum has them."""

    calls: int
    known_nano_usd: int
    unknown: int


def spent_on(rows: Iterable[JudgeRow]) -> Spent:
    """Return what calls have cost."""
    folded = fold_judge_rows(rows)
    known = [row.cost_nano_usd for row in folded if row.cost_nano_usd is not None]
    return Spent(len(folded), sum(known), len(folded) - len(known))


class Purse:
    """Keeps the cap of one call of `judge`: held and spent, plus the next call's worst, ≤ cap.

    With a price a call the cap cannot be broken. With prices by token nobody knows a call's cost
    before it ends: calls are then asked one at a time, and the last one may cost more than any
    before it. A call whose cost stays unknown ends the asking: a cap over unknown costs is none.
    """

    def __init__(self, cap_nano_usd: int | None, worst_nano_usd: int | None) -> None:
        self._cap = cap_nano_usd
        self.worst_nano_usd = worst_nano_usd
        self._counted = 0
        self.is_blind = False
        """A call's cost could not be known though there is a cap."""

    def take(self) -> bool:
        """Hold the next call's worst; False when the cap has no room for it."""
        if self._cap is None:
            return True
        worst = self.worst_nano_usd or 0
        if self.is_blind or self._counted >= self._cap or self._counted + worst > self._cap:
            return False
        self._counted += worst
        return True

    def settle(self, held_before: int | None, row: JudgeRow) -> None:
        """Put what a call really cost in the place of what was held for it."""
        if row.held_nano_usd is None:
            self.is_blind = self._cap is not None
            return
        self._counted += row.held_nano_usd - (held_before or 0)
        self.worst_nano_usd = max(self.worst_nano_usd or 0, row.held_nano_usd)

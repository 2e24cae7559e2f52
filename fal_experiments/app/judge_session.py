"""Asks a judge: each call on the judge's ledger before it leaves, within its cap, a few at once."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.judge import Ask, Bout, judge_ledger, judgements, question
from fal_experiments.app.settings import JudgeAddress
from fal_experiments.core.judge_answer import Reply, Said, read_answer
from fal_experiments.core.judge_cost import (
    JudgeRow,
    Prices,
    Purse,
    ended_row,
    fold_judge_rows,
)
from fal_experiments.core.judge_question import Question
from fal_experiments.core.judging import Judgement
from fal_experiments.core.schedule import retry_after_s
from fal_experiments.storage.json_lines import alone

if TYPE_CHECKING:
    from fal_experiments.providers.judge import JudgeEndpoint

Progress = Callable[[int, int], None]
HOPELESS = {401, 402, 403, 404}
"""A wrong key, no credit, no such model: every other call would fail too."""
CAP = "not asked: the cap is reached"
BLIND = "not asked: the endpoint does not say what a call used, so the cap cannot be kept"


class Wishes(NamedTuple):
    """How to ask."""

    prices: Prices
    cap_nano_usd: int | None = None
    tries: int = 4
    """Calls for one question at most, whatever they are answered."""
    at_once: int = 4


class Asked(NamedTuple):
    """What became of it."""

    missing: dict[str, str]
    """Why a question has no answer, by its key."""
    rows: list[JudgeRow]
    """The calls of this session."""
    stopped_by_cap: bool


def ask_judge(bout: Bout, address: JudgeAddress, wishes: Wishes, progress: Progress) -> Asked:
    """Ask what has no answer yet; answers are added to `bout.known` and kept on disk.

    Raises: StorageFailed, with what was answered so far kept; BadInput when another process asks
    about this batch.
    """
    with alone(bout.batch.folder.judge_lock, f"asking a judge about {bout.batch.name}"):
        return asyncio.run(_Session(bout, wishes, progress).run(address))


class _Session:
    def __init__(self, bout: Bout, wishes: Wishes, progress: Progress) -> None:
        self._bout = bout
        self._wishes = wishes
        self._progress = progress
        self._clock = wiring.system_clock()
        self._ledger = judge_ledger(bout.batch)
        self._answers = judgements(bout.batch)
        before = self._ledger.read()
        self._numbers = {row.call_id for row in fold_judge_rows(before)}
        worst = wishes.prices.worst_nano_usd(before, bout.judge.model)
        self._purse = Purse(wishes.cap_nano_usd, worst)
        self._missing: dict[str, str] = {}
        self._rows: list[JudgeRow] = []
        self._hopeless = ""
        self._stopped_by_cap = False

    async def run(self, address: JudgeAddress) -> Asked:
        asks = self._bout.waiting()
        key = address.key.value if address.key else ""
        endpoint = wiring.judge_endpoint(address.url, key, self._bout.judge, self._clock)
        one_by_one = self._wishes.cap_nano_usd is not None and self._wishes.prices.are_by_token
        gate = asyncio.Semaphore(1 if one_by_one else self._wishes.at_once)
        done = 0
        self._progress(0, len(asks))

        async def one(ask: Ask) -> None:
            nonlocal done
            async with gate:
                await self._answer(endpoint, ask)
            done += 1
            self._progress(done, len(asks))

        try:
            async with asyncio.TaskGroup() as group:
                for ask in asks:
                    group.create_task(one(ask))
        finally:
            await endpoint.aclose()
        return Asked(self._missing, self._rows, self._stopped_by_cap)

    async def _answer(self, endpoint: "JudgeEndpoint", ask: Ask) -> None:
        shown = question(self._bout, ask)
        if isinstance(shown, str):
            self._missing[ask.key] = shown
            return
        for tries in range(1, self._wishes.tries + 1):
            if self._may_not_ask(ask):
                return
            reply = await self._call(endpoint, ask, shown)
            said = read_answer(reply.text) if reply.state == "answered" else reply.why
            if isinstance(said, Said):
                self._keep(ask, shown, said, tries)
                return
            self._missing[ask.key] = f"no answer in {tries} tries: {said}"
            if reply.http_status in HOPELESS:
                self._hopeless = f"not asked: {reply.why}"
            if reply.state != "answered":
                if not reply.can_help_again:
                    return
                pause_s = retry_after_s(tries, reply.retry_after_s, jitter=wiring.jitter())
                if tries < self._wishes.tries:
                    await self._clock.sleep(pause_s)

    def _may_not_ask(self, ask: Ask) -> bool:
        if self._hopeless:
            self._missing.setdefault(ask.key, self._hopeless)
            return True
        if self._purse.take():
            return False
        self._stopped_by_cap = True
        before = self._missing.get(ask.key)
        now = BLIND if self._purse.is_blind else CAP
        self._missing[ask.key] = f"{before}; {now}" if before else now
        return True

    async def _call(self, endpoint: "JudgeEndpoint", ask: Ask, shown: Question) -> Reply:
        row = JudgeRow(
            call_id=self._call_id(ask),
            at=self._clock.now(),
            batch=self._bout.batch.name,
            sandbox_batch=self._bout.batch.is_sandbox,
            question=ask.key,
            model=self._bout.judge.model,
            rubric=self._bout.judge.rubric.label,
            host=endpoint.host,
            state="asked",
            cost_source=self._wishes.prices.source,
            held_nano_usd=self._purse.worst_nano_usd,
        )
        self._ledger.append(row)
        reply = await endpoint.ask(shown)
        ended = ended_row(row, self._clock.now(), reply, self._wishes.prices)
        self._purse.settle(row.held_nano_usd, ended)
        self._ledger.append(ended)
        self._rows.append(ended)
        return reply

    def _call_id(self, ask: Ask) -> str:
        stem = f"{self._bout.batch.name}/{ask.key[:16]}"
        number = 1
        while f"{stem}/{number}" in self._numbers:
            number += 1
        self._numbers.add(f"{stem}/{number}")
        return f"{stem}/{number}"

    def _keep(self, ask: Ask, shown: Question, said: Said, tries: int) -> None:
        judge, sha256s = self._bout.judge, self._bout.sha256s
        answer = Judgement(
            key=ask.key,
            at=self._clock.now(),
            model=judge.model,
            rubric=judge.rubric.label,
            rubric_sha256=judge.rubric.sha256,
            settings=dict(judge.settings),
            first_cell=ask.first.cell_id,
            second_cell=ask.second.cell_id,
            first_preset=ask.first.at.preset,
            second_preset=ask.second.at.preset,
            first_sha256=sha256s[ask.first.cell_id],
            second_sha256=sha256s[ask.second.cell_id],
            evidence_sha256=shown.evidence_sha256,
            answer=said.answer,
            reason=said.reason,
            tries=tries,
        )
        self._answers.append(answer)
        self._bout.known[ask.key] = answer
        self._missing.pop(ask.key, None)

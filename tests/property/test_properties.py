"""Rules that hold for every matrix, every log and every order of events."""

import asyncio
import contextlib
import json
import random
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fal_experiments.core.events import BatchStarted, LedgerEvent, event_line
from fal_experiments.core.fold import fold, settle_interrupted
from fal_experiments.core.ids import canonical_json, cell_id, slug
from fal_experiments.core.money import format_usd, nano_from_usd, usd_from_nano
from fal_experiments.core.schedule import remaining
from fal_experiments.core.seeds import format_seeds, parse_seeds
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import (
    Answer,
    BadInput,
    DownloadFailed,
    ResultFailed,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.runner.shutdown import Shutdown
from fal_experiments.storage.event_log import read_log
from tests.contract.scripted import InstantClock
from tests.unit.core.histories import done
from tests.unit.core.materials import SEEDED, plan_of, spec
from tests.unit.runner.fakes import FakeProvider, MemoryLog, Way, engine

PLAN = plan_of(spec(presets=["seeded"], seeds="1-8"))
COST = 500_000_000
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(st.dictionaries(st.text(), values), st.randoms(use_true_random=False))
def test_canonical_json_does_not_depend_on_the_order_of_keys(
    arguments: dict[str, Any], shuffler: random.Random
) -> None:
    items = list(arguments.items())
    shuffler.shuffle(items)

    assert canonical_json(dict(items)) == canonical_json(arguments)


@given(st.dictionaries(st.text(), values), st.integers(1, 9))
def test_a_cell_id_survives_json_and_changes_with_the_repeat(
    arguments: dict[str, Any], repeat: int
) -> None:
    def of(body: dict[str, Any], n: int) -> str:
        return cell_id(provider="fal", endpoint="a/b", arguments=body, repeat=n)

    assert of(json.loads(json.dumps(arguments)), repeat) == of(arguments, repeat)
    assert of(arguments, repeat) != of(arguments, repeat + 1)


@given(st.text())
def test_a_slug_is_always_a_safe_folder_name(text: str) -> None:
    made = slug(text)

    assert made
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not made.startswith("-")
    assert len(made) <= 48


@given(st.integers(0, 10**15))
def test_money_loses_nothing_on_the_way_to_dollars_and_back(nano_usd: int) -> None:
    assert nano_from_usd(usd_from_nano(nano_usd)) == nano_usd


@given(st.integers(0, 10**13))
def test_a_label_is_within_half_a_unit_of_its_last_place(nano_usd: int) -> None:
    label = format_usd(nano_usd)

    if not label.startswith("<"):
        shown = Decimal(label.removeprefix("$").replace(",", ""))
        unit = Decimal("0.0001") if nano_usd < 10 * 10**9 else Decimal("0.01")
        assert abs(shown - usd_from_nano(nano_usd)) <= unit / 2


@given(st.sets(st.integers(0, 10_000), min_size=1, max_size=40))
def test_seeds_that_are_shown_can_be_read_again(seeds: set[int]) -> None:
    ordered = tuple(sorted(seeds))

    assert parse_seeds(format_seeds(ordered).replace("–", "-")) == ordered


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_never_crashes(text: str) -> None:
    with contextlib.suppress(BadInput):
        load(text, "m.yaml")


@given(st.integers(0, len(b"".join(map(event_line, done().events)))))
def test_a_log_cut_at_any_byte_reads_as_a_prefix(cut: int) -> None:
    events = done().events
    on_disk = b"".join(map(event_line, events))[:cut]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_bytes(on_disk)
        log = read_log(path)

    assert log.events == events[: len(log.events)]
    assert len(log.events) >= on_disk.count(b"\n")
    assert fold(log.events).next_seq == len(log.events) + 1


trouble = st.sampled_from(["none", "unknown", "rejected", "failed", "flaky", "billed", "lost"])


@given(
    troubles=st.lists(trouble, min_size=8, max_size=8),
    cap_cells=st.integers(1, 6),
    concurrency=st.integers(1, 8),
    polls=st.integers(0, 4),
    crash_after=st.integers(1, 80),
)
@settings(max_examples=150)
def test_the_cap_is_never_passed_whatever_happens_in_whatever_order(
    troubles: Sequence[str], cap_cells: int, concurrency: int, polls: int, crash_after: int
) -> None:
    """At every event: what the provider may have charged so far is at most the cap."""
    cap = cap_cells * PLAN.cells[0].estimate.high if PLAN.cells[0].estimate else 0
    provider = _Charging(troubles, polls)
    log = MemoryLog()
    asyncio.run(_session(provider, log, cap, concurrency))
    resumed = MemoryLog(fold(log.events[:crash_after]))
    settle_interrupted(resumed.state)
    intended = {e.cell for e in log.events[:crash_after] if e.type == "submit_intended"}
    before = len(provider.submitted)
    provider.forget_after(log.events[:crash_after])
    asyncio.run(_session(provider, resumed, cap, concurrency))

    assert provider.most_charged <= cap
    again = {PLAN.cells[seed - 1].cell_id for seed in provider.submitted[before:]}
    assert again.isdisjoint(intended - _rejected(log.events[:crash_after]))


class _Charging(FakeProvider):
    """Knows what it has charged or may still charge, in the worst case, at every moment."""

    def __init__(self, troubles: Sequence[str], polls: int) -> None:
        super().__init__(polls=polls)
        self.charged: dict[int, int] = {}
        self.most_charged = 0
        for seed, what in enumerate(troubles, start=1):
            self._prepare(seed, what)

    def _prepare(self, seed: int, what: str) -> None:
        units = Answer(422, {"x-fal-billable-units": "4"}, "")
        errors: dict[str, tuple[dict[int, list[Exception | None]], Exception]] = {
            "unknown": (self.on_submit, SubmitUnknown("?", kind="no_answer")),
            "rejected": (self.on_submit, SubmitRejected("no", kind="x", billed="no")),
            "flaky": (
                self.on_fetch,
                ResultFailed("x", kind="x", billed="no", retry_can_help=True),
            ),
            "failed": (self.on_fetch, ResultFailed("x", kind="x", billed="no")),
            "billed": (
                self.on_fetch,
                ResultFailed("x", kind="x", billed="yes", answer=units, units=Decimal(4)),
            ),
            "lost": (
                self.on_download,
                DownloadFailed("x", kind="download_failed", billed="yes", retry_can_help=True),
            ),
        }
        if what in errors:
            script, error = errors[what]
            script[seed] = [error] * (4 if what == "lost" else 1)

    async def submit(self, request: Any) -> Any:
        seed = int(request.body["seed"])
        try:
            accepted = await super().submit(request)
        except SubmitUnknown:  # the job may be there all the same
            self._charge(seed)
            raise
        self._charge(seed)
        return accepted

    async def fetch(self, ticket: Any, output: Any) -> Any:
        try:
            return await super().fetch(ticket, output)
        except ResultFailed as exc:
            seed = int(ticket.request_id.removeprefix("job-"))
            self.charged[seed] = 0 if exc.billed == "no" else 400_000_000
            raise

    def _charge(self, seed: int) -> None:
        self.charged[seed] = COST
        self.most_charged = max(self.most_charged, sum(self.charged.values()))

    def forget_after(self, events: Sequence[LedgerEvent]) -> None:
        """A crash loses events, never jobs: what was charged stays charged."""
        kept = {e.cell for e in events if e.type == "submit_intended"}
        self.charged = {
            seed: cost
            for seed, cost in self.charged.items()
            if PLAN.cells[seed - 1].cell_id in kept
        }


def _rejected(events: Sequence[LedgerEvent]) -> set[str]:
    """Cells without a job that may cost: refused before, or failed unbilled."""
    return {
        e.cell
        for e in events
        if e.type == "submit_rejected" or (e.type == "attempt_failed" and e.failure.billed == "no")
    }


async def _session(provider: FakeProvider, log: MemoryLog, cap: int, concurrency: int) -> None:
    await log.append(
        BatchStarted(
            at=InstantClock().now(),
            batch="b",
            session=log.state.sessions + 1,
            tool_version="0",
            plan_sha256="",
            sandbox=False,
            strict=True,
            cap_nano_usd=cap,
        )
    )
    way = Way(concurrency=concurrency, retries=1)
    run = engine(provider, log, SEEDED, Shutdown(), way)
    await run.run(PLAN.cells, remaining(PLAN.cells, log.state))

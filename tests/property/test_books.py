"""The books: whatever was estimated, metered and billed, the reasons add up to the nano-dollar."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.attempt import Attempt, AttemptState, Cost, advance
from fal_experiments.core.bill_reasons import BILL_REASONS, explain
from fal_experiments.core.bill_units import expected_nano_usd
from fal_experiments.core.books import Orphan, Read, books
from fal_experiments.core.money import Band, nano_from_usd
from fal_experiments.core.plan import Basis, Cell
from fal_experiments.core.reconcile import Entry, billed_event, match
from fal_experiments.core.request import Ticket
from fal_experiments.core.usage import UsageLine
from tests.unit.core.materials import SEEDED, plan_of, spec

AT = datetime(2026, 12, 1, tzinfo=UTC)
CELL = plan_of(spec(presets=["seeded"], seeds="1")).cells[0]
NANO = st.integers(min_value=-(10**12), max_value=10**12)
RATES = st.one_of(st.none(), st.decimals(min_value=0, max_value=100, places=6, allow_nan=False))
STATES: Sequence[AttemptState] = (
    "done",
    "failed",
    "rejected",
    "cancelled",
    "download_lost",
    "timed_out",
    "abandoned",
    "queued",
    "submission_unknown",
)


@st.composite
def costs(draw: st.DrawFn) -> Cost:
    """Return any amount with any units, some of which are unknown."""
    return Cost(
        nano_usd=draw(st.one_of(st.none(), NANO)),
        units=draw(RATES),
        unit="seconds",
        unit_price_usd=draw(RATES),
        source="a test",
        at=AT,
        discount_nano_usd=draw(st.one_of(st.none(), NANO)),
        lines=draw(st.integers(min_value=1, max_value=3)),
    )


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    """Return a cell with any estimate, or none."""
    if draw(st.booleans()):
        return CELL.model_copy(update={"estimate": None, "basis": None})
    expected = draw(st.integers(min_value=0, max_value=10**12))
    percent = draw(st.one_of(st.none(), st.sampled_from([Decimal(10), Decimal("99.9")])))
    basis = Basis(
        source="rule",
        as_of="d",
        quantity=draw(RATES),
        unit="s",
        unit_usd=draw(RATES),
        discount_percent=percent,
    )
    if percent and basis.quantity and basis.unit_usd and draw(st.booleans()):
        left = basis.quantity * basis.unit_usd * (1 - percent / 100)
        expected = nano_from_usd(left)  # an estimate that has the discount taken off
    band = Band(low=0, expected=expected, high=expected)
    return CELL.model_copy(
        update={"estimate": band, "basis": draw(st.sampled_from([basis, None, CELL.basis]))}
    )


@st.composite
def attempts(draw: st.DrawFn, request_id: str = "r") -> Attempt:
    """Return an attempt in any state with any amounts."""
    one = Attempt(
        cell=CELL.cell_id,
        number=1,
        endpoint=CELL.endpoint,
        request_sha256="x",
        reserved_nano_usd=600_000_000,
        intended_at=AT,
        state=draw(st.sampled_from(STATES)),
    )
    one.ended_at = AT + timedelta(seconds=30)
    one.ticket = ticket(request_id)
    for amount in ("metered", "billed"):
        if seen := draw(st.lists(costs(), max_size=2)):
            one.costs[amount] = seen
    return one


def ticket(request_id: str) -> Ticket:
    """Return a ticket of a request."""
    return Ticket(
        provider="fal",
        endpoint=CELL.endpoint,
        request_id=request_id,
        status_url="s",
        response_url="r",
        cancel_url="c",
    )


@st.composite
def lines(draw: st.DrawFn) -> UsageLine:
    """Return a line of one of a few requests, own or strange."""
    second = draw(st.integers(min_value=0, max_value=5))
    at = AT + timedelta(seconds=second)
    return UsageLine(
        request_id=draw(st.sampled_from(["r0", "r1", "r2", "stranger"])),
        endpoint="vendor/seeded",
        at=at,
        at_text=f"{at.isoformat()}",
        units=draw(st.sampled_from([None, Decimal(5), Decimal("5.25")])),
        nano_usd=draw(st.integers(min_value=0, max_value=10**9)),
        source=draw(st.sampled_from(["billing-events", "bill.csv, line 2"])),
    )


@given(cells(), attempts())
def test_reasons_add_up_to_billed_less_estimate_whatever_is_known(
    cell: Cell, attempt: Attempt
) -> None:
    reasons = explain(cell, attempt, SEEDED)
    seen = attempt.cost("billed")
    billed = seen.nano_usd if seen and seen.nano_usd is not None else 0

    assert sum(reasons.values()) == billed - expected_nano_usd(cell)
    assert set(reasons) <= set(BILL_REASONS)
    assert 0 not in reasons.values()


@given(st.lists(st.tuples(cells(), attempts()), max_size=4), st.lists(lines(), max_size=3))
def test_the_books_of_any_attempts_and_orphans_close(
    made: list[tuple[Cell, Attempt]], strange: list[UsageLine]
) -> None:
    entries = [Entry("b", cell, attempt, SEEDED) for cell, attempt in made]

    closed = books(entries, orphans=[Orphan(line=line) for line in strange], read=Read("a test"))

    total = closed.total
    assert sum(total.reasons.values()) == total.difference_nano_usd
    parts = [*closed.presets, *([closed.orphaned] if closed.orphaned else [])]
    assert sum(part.billed_nano_usd for part in parts) == total.billed_nano_usd


def _entries() -> list[Entry]:
    entries = []
    for number in range(3):
        one = Attempt(CELL.cell_id, number + 1, CELL.endpoint, "x", 600_000_000, AT)
        one.state, one.ended_at, one.ticket = "done", AT, ticket(f"r{number}")
        entries.append(Entry("b", CELL, one, SEEDED))
    return entries


@given(st.lists(lines(), max_size=8), st.randoms(), st.booleans())
def test_a_bill_read_again_in_any_order_and_any_number_of_times_changes_nothing(
    bill: list[UsageLine],
    chance: object,
    settled: bool,
) -> None:
    until = AT + timedelta(days=3) if settled else None
    entries = _entries()
    once = match(entries, bill, complete_until=until)
    shuffled = [*bill, *bill]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random

    again = match(entries, shuffled, complete_until=until)

    assert [_said(o) for o in again.observations] == [_said(o) for o in once.observations]
    assert {o.digest for o in again.orphans} == {o.digest for o in once.orphans}
    by_key = {entry.key: entry.attempt for entry in entries}
    for seen in once.observations:
        advance(by_key[seen.batch, seen.cell, seen.attempt], billed_event(seen, AT))
    assert match(entries, bill, complete_until=until).observations == ()


def _said(seen: object) -> str:
    """Return an observation without where it was read: equal lines may come from two places."""
    return str(seen.model_dump(exclude={"source"}))  # type: ignore[attr-defined]


@given(st.lists(lines(), max_size=8))
def test_every_line_is_charged_to_an_attempt_or_told_as_an_orphan(bill: list[UsageLine]) -> None:
    found = match(_entries(), bill, complete_until=None)

    charged = sum(o.nano_usd or 0 for o in found.observations)
    strange = sum(line.nano_usd for line in found.orphans)
    assert charged + strange == sum({o.digest: o.nano_usd for o in bill}.values())

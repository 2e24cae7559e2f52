"""Why a bill is not the estimate: each code where it is true, and `unknown` where none is."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fal_experiments.core.attempt import Attempt, AttemptState, Cost, advance
from fal_experiments.core.bill_reasons import explain
from fal_experiments.core.books import Orphan, Read, books
from fal_experiments.core.money import Band
from fal_experiments.core.plan import Basis, Cell
from fal_experiments.core.reconcile import Entry, billed_event, match
from fal_experiments.core.request import Ticket
from fal_experiments.core.usage import UsageLine
from tests.unit.core.materials import SEEDED, plan_of, spec

AT = datetime(2026, 12, 1, tzinfo=UTC)
EXPECTED = 250_000_000
FIVE, RATE = Decimal(5), Decimal("0.05")
BASIS = Basis(source="rule", as_of="a day", quantity=FIVE, unit="s", unit_usd=RATE)
CELL = (
    plan_of(spec(presets=["seeded"], seeds="1"))
    .cells[0]
    .model_copy(
        update={
            "estimate": Band(low=EXPECTED, expected=EXPECTED, high=EXPECTED),
            "basis": BASIS,
            "requested_s": FIVE,
        }
    )
)
TENTH = BASIS.model_copy(update={"discount_percent": Decimal(10)})
LESS = EXPECTED * 9 // 10
DISCOUNTED = CELL.model_copy(
    update={"estimate": Band(low=LESS, expected=LESS, high=EXPECTED), "basis": TENTH}
)


def cost(
    nano_usd: int | None = EXPECTED,
    units: Decimal | None = FIVE,
    price: Decimal | None = RATE,
    *,
    off: int | None = None,
    lines: int = 1,
) -> Cost:
    """Five seconds at five cents, or what is said otherwise."""
    return Cost(nano_usd, units, "s", price, "a test", AT, discount_nano_usd=off, lines=lines)


def attempt(
    state: AttemptState = "done",
    *,
    metered: Cost | None = None,
    billed: Cost | None = None,
    number: int = 1,
) -> Attempt:
    """An attempt with the amounts that are known of it."""
    one = Attempt(CELL.cell_id, number, CELL.endpoint, "x", 600_000_000, AT, state=state)
    one.ended_at = AT
    one.ticket = Ticket(
        provider="fal",
        endpoint=CELL.endpoint,
        request_id=f"r{number}",
        status_url="s",
        response_url="r",
        cancel_url="c",
    )
    one.costs = {name: [seen] for name, seen in (("metered", metered), ("billed", billed)) if seen}
    return one


@pytest.mark.parametrize(
    ("billed", "reasons"),
    [
        (cost(), {}),
        (cost(EXPECTED * 9 // 10, off=EXPECTED // 10), {"discount": -EXPECTED // 10}),
        (cost(300_000_000, price=Decimal("0.06")), {"price_changed": 50_000_000}),
        (cost(300_000_000, Decimal(6)), {"unit_mismatch": 50_000_000}),
        (cost(2 * EXPECTED, Decimal(10), lines=2), {"platform_retry": EXPECTED}),
        (cost(EXPECTED + 1), {"rounding": 1}),
        (cost(EXPECTED + 100), {"unknown": 100}),
        (cost(EXPECTED, Decimal(1), Decimal("0.25")), {}),
        (cost(None, None, None), {"missing_event": -EXPECTED}),
    ],
    ids=["same", "discount", "price", "longer", "twice", "rounding", "unknown", "units", "none"],
)
def test_a_bill_that_is_not_what_was_metered(billed: Cost, reasons: dict[str, int]) -> None:
    assert explain(CELL, attempt(metered=cost(), billed=billed), SEEDED) == reasons


def test_a_length_that_the_bill_rounds_up_is_told_apart_from_one_that_was_not_expected() -> None:
    metered = cost(262_500_000, Decimal("5.25"))

    reasons = explain(CELL, attempt(metered=metered, billed=cost(300_000_000, Decimal(6))), SEEDED)

    assert reasons == {"duration_rounded": 50_000_000}


def test_units_that_a_bill_counts_otherwise_are_no_reason_when_the_money_is_the_same() -> None:
    # one video of 25 cents, less a tenth, in place of five seconds of five cents
    billed = cost(LESS, Decimal(1), Decimal("0.25"), off=EXPECTED - LESS)

    reasons = explain(CELL, attempt(metered=cost(), billed=billed), SEEDED)

    assert reasons == {"discount": LESS - EXPECTED}


def test_a_price_and_units_that_nearly_make_up_for_each_other_leave_nothing_unknown() -> None:
    billed = cost(EXPECTED + 4, Decimal(10), Decimal("0.0250000004"))

    reasons = explain(CELL, attempt(metered=cost(), billed=billed), SEEDED)

    assert set(reasons) == {"price_changed", "unit_mismatch"}
    assert sum(reasons.values()) == 4


@pytest.mark.parametrize(
    ("billed", "reasons"),
    [
        (cost(EXPECTED * 2, None, RATE * 2), {"price_changed": EXPECTED}),
        (cost(EXPECTED, None, RATE), {}),
        (cost(EXPECTED * 2, None, RATE), {"unknown": EXPECTED}),
        (cost(EXPECTED * 2, None, None), {"unknown": EXPECTED}),
    ],
    ids=["other price", "as metered", "no such units", "no price"],
)
def test_a_bill_without_units_is_explained_where_its_price_times_the_metered_units_is_its_amount(
    billed: Cost, reasons: dict[str, int]
) -> None:
    assert explain(CELL, attempt(metered=cost(), billed=billed), SEEDED) == reasons


def test_a_bill_without_units_that_is_whole_units_at_its_price_is_rounded() -> None:
    used = Decimal("4.2")
    metered = cost(210_000_000, used)
    near = CELL.model_copy(update={"estimate": Band(low=1, expected=210_000_000, high=EXPECTED)})

    reasons = explain(near, attempt(metered=metered, billed=cost(units=None)), SEEDED)

    assert reasons == {"duration_rounded": 40_000_000}


@pytest.mark.parametrize("is_metered", [True, False])
def test_an_amount_that_is_not_units_times_price_is_unknown_and_no_matter_of_units(
    is_metered: bool,
) -> None:
    seen = cost(2 * EXPECTED)

    reasons = explain(CELL, attempt(metered=seen if is_metered else None, billed=seen), SEEDED)

    assert reasons == {"unknown": EXPECTED}


def test_two_lines_of_a_request_that_was_not_metered_are_a_platform_retry() -> None:
    billed = cost(2 * EXPECTED, Decimal(10), lines=2)

    assert explain(CELL, attempt(billed=billed), SEEDED) == {"platform_retry": EXPECTED}


def test_a_plan_that_says_no_basis_proves_no_matter_of_units() -> None:
    old = CELL.model_copy(update={"basis": None})

    reasons = explain(old, attempt(billed=cost(300_000_000, Decimal(6))), SEEDED)

    assert reasons == {"unknown": 50_000_000}


@pytest.mark.parametrize(
    ("billed", "reasons"),
    [
        (cost(LESS, off=EXPECTED - LESS), {}),
        (cost(), {"discount": EXPECTED - LESS}),
        (
            cost(270_000_000, Decimal(6), off=30_000_000),
            {"unit_mismatch": 50_000_000, "discount": -5_000_000},
        ),
    ],
    ids=["came", "did not come", "came for a longer clip"],
)
def test_a_discount_that_was_expected_is_no_matter_of_length(
    billed: Cost, reasons: dict[str, int]
) -> None:
    assert explain(DISCOUNTED, attempt(metered=cost(), billed=billed), SEEDED) == reasons


def test_a_discount_that_the_unit_price_shows_already_is_not_taken_off_twice() -> None:
    seen = cost(270_000_000, Decimal(6), Decimal("0.045"))
    price = SEEDED.price
    assert price is not None
    stated = SEEDED.model_copy(update={"price": price.model_copy(update={"unit_price_usd": RATE})})

    reasons = explain(DISCOUNTED, attempt(metered=seen, billed=seen), stated)

    assert reasons == {"unit_mismatch": 45_000_000}


OWN = BASIS.model_copy(update={"source": "ledger", "samples": 5, "sample_units": FIVE})
SAMPLED = DISCOUNTED.model_copy(update={"basis": OWN})
"""Five own bills of equal requests were a tenth below the page's price."""


@pytest.mark.parametrize(
    ("billed", "reasons"),
    [
        (cost(LESS, off=EXPECTED - LESS), {}),
        (cost(LESS, units=None, price=None), {}),
        (cost(), {"price_changed": EXPECTED - LESS}),
        (cost(200_000_000, off=50_000_000), {"discount": -25_000_000}),
        (cost(240_000_000, off=10_000_000), {"discount": 15_000_000}),
        (cost(270_000_000, Decimal(6), off=30_000_000), {"unit_mismatch": 45_000_000}),
        (cost(300_000_000, Decimal(6)), {"price_changed": 30_000_000, "unit_mismatch": 45_000_000}),
        (cost(2 * LESS, Decimal(10), Decimal("0.045"), lines=2), {"platform_retry": LESS}),
        (cost(EXPECTED + 100), {"price_changed": EXPECTED - LESS, "unknown": 100}),
        (cost(400_000_000, units=None, price=None), {"unknown": 400_000_000 - LESS}),
    ],
    ids=[
        "as before", "no units told", "dearer", "more off", "less off", "longer",
        "longer and dearer", "twice", "no product", "nothing told",
    ],
)  # fmt: skip
def test_against_the_median_of_own_bills_neither_page_nor_meter_has_a_part(
    billed: Cost, reasons: dict[str, int]
) -> None:
    assert explain(SAMPLED, attempt(metered=cost(), billed=billed), SEEDED) == reasons


def test_own_bills_that_always_count_more_than_the_page_are_no_reason() -> None:
    six = OWN.model_copy(update={"sample_units": Decimal(6)})
    cell = CELL.model_copy(
        update={"basis": six, "estimate": Band(low=1, expected=300_000_000, high=300_000_000)}
    )

    told = [
        explain(cell, attempt(metered=cost(), billed=one), SEEDED)
        for one in (
            cost(300_000_000, Decimal(6)),
            cost(),
            cost(330_000_000, Decimal(6), Decimal("0.055")),
        )
    ]

    assert told == [{}, {"unit_mismatch": -50_000_000}, {"price_changed": 30_000_000}]


def test_without_the_samples_units_nothing_is_called_a_matter_of_units() -> None:
    old = SAMPLED.model_copy(update={"basis": OWN.model_copy(update={"sample_units": None})})
    clip = cost(LESS + 10_000_000, Decimal(1), Decimal("0.235"))

    assert explain(old, attempt(metered=cost(), billed=clip), SEEDED) == {
        "price_changed": 10_000_000
    }


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("failed", "failed_but_billed"),
        ("cancelled", "cancelled_but_billed"),
        ("download_lost", "download_lost"),
        ("abandoned", "duplicate_submit"),
    ],
)
def test_what_gave_no_clip_and_cost_money_is_told_by_how_it_ended(
    state: AttemptState, code: str
) -> None:
    one = attempt(state, billed=cost(300_000_000, Decimal(6)))

    assert explain(CELL, one, SEEDED) == {"no_clip": -EXPECTED, code: 300_000_000}


@pytest.mark.parametrize("state", ["queued", "running", "downloading", "timed_out"])
def test_what_may_still_give_a_clip_is_not_called_failed(state: AttemptState) -> None:
    assert explain(CELL, attempt(state, billed=cost()), SEEDED) == {}


def _entry(one: Attempt, cell: Cell = CELL) -> Entry:
    return Entry("b", cell, one, SEEDED)


def test_too_much_here_never_makes_up_for_too_little_there() -> None:
    more, less = cost(EXPECTED + 10**8), cost(EXPECTED - 10**8)
    tries = [attempt(metered=cost(), billed=more), attempt(metered=cost(), billed=less, number=2)]

    found = books([_entry(one) for one in tries], read=Read("a test"))

    assert found.total.reasons == {"unknown": 0}
    assert found.unexplained_nano_usd == 2 * 10**8
    assert found.needs_person


def test_a_refund_to_a_stranger_hides_nothing_that_is_unexplained() -> None:
    one = attempt(metered=cost(), billed=cost(EXPECTED + 10**8))

    found = books([_entry(one)], orphans=[Orphan(line=_line(-(10**8), "s"))], read=Read("a test"))

    assert found.unexplained_nano_usd == 2 * 10**8


def _line(nano_usd: int, at_text: str) -> UsageLine:
    return UsageLine(
        request_id="r1", endpoint="e", at=AT, at_text=at_text, nano_usd=nano_usd, source="a file"
    )


def test_a_file_that_holds_one_of_two_known_lines_takes_nothing_back() -> None:
    one, both = attempt(), [_line(EXPECTED, "1"), _line(EXPECTED, "2")]
    (seen,) = match([_entry(one)], both, complete_until=None).observations
    advance(one, billed_event(seen, AT))

    part = match([_entry(one)], both[:1], complete_until=None)
    assert part.parts == ()
    whole = match([_entry(one)], both[:1], complete_until=AT)

    assert part.observations == ()
    assert [seen.nano_usd for seen in whole.observations] == [EXPECTED]

"""The books of some attempts and lines: what is late, missing, nobody's, or claimed twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from fal_experiments.core.attempt import Attempt, AttemptState, Cost, advance
from fal_experiments.core.bill_rows import Accepted
from fal_experiments.core.books import Books, Orphan, Read, Tolerance, books
from fal_experiments.core.cross_check import CrossCheck
from fal_experiments.core.money import Band
from fal_experiments.core.plan import Cell
from fal_experiments.core.reconcile import Entry, billed_event, match
from fal_experiments.core.request import Failure, Ticket
from fal_experiments.core.usage import UsageLine
from tests.unit.core.materials import SEEDED, plan_of, spec

AT = datetime(2026, 12, 1, tzinfo=UTC)
LATER = AT + timedelta(days=3)
EXPECTED = 250_000_000
CELL = (
    plan_of(spec(presets=["seeded"], seeds="1"))
    .cells[0]
    .model_copy(update={"estimate": Band(low=EXPECTED, expected=EXPECTED, high=EXPECTED)})
)
UNPRICED = CELL.model_copy(update={"estimate": None, "basis": None})


def entry(
    state: AttemptState = "done",
    billed: int | None = None,
    *,
    cell: Cell = CELL,
    request_id: str = "r",
    number: int = 1,
) -> Entry:
    """Return an attempt of that state, with its bill where one is named."""
    one = Attempt(cell.cell_id, number, cell.endpoint, "x", 600_000_000, AT, state=state)
    urls = {"status_url": "s", "response_url": "r", "cancel_url": "c"}
    one.ticket = Ticket(provider="fal", endpoint=cell.endpoint, request_id=request_id, **urls)
    if billed is not None:
        one.costs["billed"] = [Cost(billed, None, None, None, "a test", AT)]
    return Entry("b", cell, one, SEEDED)


def failed(billed: int | None = None) -> Entry:
    """Return an attempt that gave no clip, and that the provider does not charge."""
    one = entry("failed", billed, number=2, request_id="f")
    one.attempt.failure = Failure(kind="internal_error", message="", billed="no")
    return one


def line(nano_usd: int = EXPECTED, request_id: str = "r", units: str = "5") -> UsageLine:
    """Return a line of a bill."""
    return UsageLine(
        request_id=request_id,
        endpoint=CELL.endpoint,
        at=AT,
        at_text="then",
        units=Decimal(units),
        nano_usd=nano_usd,
        source="billing-events",
    )


def closed(*entries: Entry, orphans: tuple[Orphan, ...] = ()) -> Books:
    """Return the books of all."""
    return books(entries, orphans=orphans, read=Read("a test"))


def test_a_bill_that_may_still_come_is_a_late_event_and_nothing_a_person_must_do() -> None:
    shown = closed(entry())

    assert shown.total.reasons == {"late_event": -EXPECTED}
    assert not shown.needs_person
    assert not shown.is_closed


def test_lines_that_nobody_has_spoken_of_are_in_the_total_under_a_code_of_their_own() -> None:
    shown = closed(entry(billed=EXPECTED), orphans=(Orphan(line=line(7, "stranger")),))

    assert shown.orphaned is not None
    assert shown.orphaned.reasons == {"orphan_request": 7}
    assert shown.total.reasons == {"orphan_request": 7}
    assert shown.total.billed_nano_usd == EXPECTED + 7
    assert shown.needs_person


def test_what_is_somebody_elses_is_in_no_sum() -> None:
    ignored = Orphan(line=line(7, "stranger"), decision="ignored", reason="Anna's")

    shown = closed(entry(billed=EXPECTED), orphans=(ignored,))

    assert shown.orphaned is None
    assert (shown.total.reasons, shown.total.billed_nano_usd) == ({}, EXPECTED)
    assert shown.is_closed
    assert not shown.needs_person


@pytest.mark.parametrize("state", ["queued", "running", "downloading", "timed_out"])
def test_a_job_without_an_end_that_never_came_into_the_bill_is_missing_in_the_end(
    state: AttemptState,
) -> None:
    waiting = entry(state)

    early = match([waiting], [], complete_until=AT)
    late = match([waiting], [], complete_until=LATER)

    assert early.observations == ()
    assert [seen.nano_usd for seen in late.observations] == [None]
    advance(waiting.attempt, billed_event(late.observations[0], LATER))
    shown = closed(waiting)
    assert (shown.total.missing, shown.under_way) == (1, 1)
    assert waiting.attempt.counted_nano_usd == waiting.attempt.reserved_nano_usd


def test_one_line_is_charged_once_though_two_attempts_claim_its_request() -> None:
    claims = [entry(number=1), entry(number=2)]

    found = match(claims, [line()], complete_until=None)

    assert [(seen.attempt, seen.nano_usd) for seen in found.observations] == [(1, EXPECTED)]
    assert found.orphans == ()


def test_a_credit_for_a_request_is_taken_off_and_is_no_second_charge() -> None:
    one = entry()
    told = [line(), line(-EXPECTED // 5, units="-1").model_copy(update={"at_text": "later"})]

    (seen,) = match([one], told, complete_until=None).observations
    advance(one.attempt, billed_event(seen, LATER))

    shown = closed(one)
    assert shown.total.billed_nano_usd == EXPECTED * 4 // 5
    assert shown.total.reasons == {"discount": -EXPECTED // 5}


def test_five_units_are_five_units_however_they_are_written() -> None:
    told = [line(units="5"), line(units="5.0").model_copy(update={"source": "bill.csv"})]

    found = match([entry()], told, complete_until=None)

    assert [seen.nano_usd for seen in found.observations] == [EXPECTED]
    assert found.listed_again == 1


@pytest.mark.parametrize(
    ("shown", "is_exceeded"),
    [
        (closed(entry(billed=EXPECTED * 2)), True),
        (closed(entry(billed=EXPECTED), entry("done", number=2)), False),
        (closed(entry(billed=EXPECTED), entry(billed=EXPECTED, cell=UNPRICED)), False),
        (closed(entry(billed=EXPECTED), orphans=(Orphan(line=line(EXPECTED)),)), False),
        (closed(entry(billed=EXPECTED * 2), failed()), True),
        (closed(entry(billed=EXPECTED), failed()), False),
        (closed(entry(billed=EXPECTED), failed(billed=0)), False),
        (closed(entry(billed=EXPECTED), failed(billed=EXPECTED // 2)), True),
    ],
    ids=[
        "both known",
        "no bill yet",
        "no estimate",
        "no attempt",
        "dear beside one for nothing",
        "one for nothing",
        "one with a bill of nothing",
        "one that failed for half",
    ],
)
def test_only_what_has_an_estimate_and_a_bill_can_be_over_the_tolerance(
    shown: Books, is_exceeded: bool
) -> None:
    assert Tolerance(share=Decimal("0.02")).is_exceeded_by(shown.total) is is_exceeded


def test_a_credit_for_more_than_was_charged_is_not_explained() -> None:
    one = entry()
    told = [line(), line(-1000 * EXPECTED, units="-1").model_copy(update={"at_text": "later"})]

    (seen,) = match([one], told, complete_until=None).observations
    advance(one.attempt, billed_event(seen, LATER))

    assert closed(one).total.reasons == {"unknown": -1000 * EXPECTED}
    assert one.attempt.counted_nano_usd == 0, "no credit makes room under a cap"


@pytest.mark.parametrize(
    ("second", "reasons"),
    [
        (EXPECTED, {"platform_retry": EXPECTED}),
        (4000 * EXPECTED, {"unknown": 4000 * EXPECTED}),
    ],
)
def test_a_further_line_is_a_retry_only_where_it_charges_the_job_again(
    second: int, reasons: dict[str, int]
) -> None:
    one = entry()
    one.attempt.costs["metered"] = [Cost(EXPECTED, Decimal(5), "s", Decimal("0.05"), "a test", AT)]
    bare = {"units": None, "at_text": "later"}
    told = [line().model_copy(update={"units": None}), line(second).model_copy(update=bare)]

    (seen,) = match([one], told, complete_until=None).observations
    advance(one.attempt, billed_event(seen, LATER))

    assert closed(one).total.reasons == reasons


@pytest.mark.parametrize(("usage", "is_off"), [(EXPECTED, False), (EXPECTED + 10**6, True)])
def test_an_awaited_bill_excuses_no_more_of_a_total_than_it_may_cost(
    usage: int, is_off: bool
) -> None:
    waiting = entry()
    waiting.attempt.costs["metered"] = [Cost(EXPECTED, None, None, None, "a test", AT)]
    check = CrossCheck(endpoint=CELL.endpoint, lines_nano_usd=0, usage_nano_usd=usage)
    read = Read("billing events", has_lines=True, has_totals=True)

    shown = books([waiting], cross_checks=[check], read=read)

    assert shown.needs_person is is_off


def test_what_costs_nothing_is_no_bill_that_the_others_could_be_called_billed_by() -> None:
    shown = closed(entry(), failed())

    assert (shown.total.has_bill, shown.total.can_compare) == (False, False)
    assert closed(failed()).total.has_bill


def test_a_charge_without_an_estimate_can_be_held_against_no_tolerance() -> None:
    shown = closed(entry(billed=EXPECTED, cell=UNPRICED))

    assert (shown.total.has_bill, shown.total.can_compare) == (True, False)


def test_only_another_amount_is_a_correction() -> None:
    one = entry(billed=EXPECTED)
    (told,) = one.attempt.costs["billed"]

    one.attempt.costs["billed"] = [told, replace(told, billed_as="a sku"), told]
    same = closed(one)
    one.attempt.costs["billed"].append(replace(told, nano_usd=1))
    other = closed(one)

    assert (same.corrections, same.total.corrected) == ((), 0)
    assert [(c.before_nano_usd, c.now_nano_usd) for c in other.corrections] == [(EXPECTED, 1)]
    assert other.total.corrected == 1


def test_a_file_that_calls_the_endpoint_otherwise_says_nothing_new() -> None:
    one = entry()
    (seen,) = match([one], [line()], complete_until=LATER).observations
    advance(one.attempt, billed_event(seen, AT))
    sku = line().model_copy(update={"endpoint": "a-sku", "source": "focus.csv, line 2"})

    assert match([one], [sku], complete_until=None).observations == ()


NOON = AT + timedelta(hours=12, seconds=1)


@pytest.mark.parametrize(
    ("told", "is_part"),
    [
        ([(EXPECTED // 2, NOON)], False),
        ([(EXPECTED // 2, AT)], False),
        ([(-EXPECTED // 4, NOON)], True),
        ([(EXPECTED // 2, NOON + timedelta(days=32))], True),
        ([(-EXPECTED // 4, NOON + timedelta(days=32))], True),
        ([(EXPECTED, NOON), (-EXPECTED // 4, NOON + timedelta(days=32))], False),
        ([(-1, NOON + timedelta(days=3)), (-1, NOON + timedelta(days=4))], True),
        ([(EXPECTED, NOON + timedelta(days=32))], True),
        ([(EXPECTED, NOON - timedelta(seconds=1))], False),
        ([(EXPECTED, NOON), (1, NOON + timedelta(seconds=47))], False),
        ([(EXPECTED, AT + timedelta(days=1))], True),
    ],
    ids=[
        "another amount", "another amount by the day", "a credit alone", "next month",
        "a credit of next month", "with what is known", "two credits", "the same amount",
        "the same by the hour", "one more", "the next day",
    ],
)  # fmt: skip
def test_a_file_with_a_part_of_a_bill_neither_replaces_nor_adds_to_what_is_known(
    told: list[tuple[int, datetime]], is_part: bool
) -> None:
    one = entry(billed=EXPECTED)
    one.attempt.costs["billed"][0].billed_at = NOON
    lines = [
        line(amount).model_copy(update={"at": at, "at_text": at.isoformat()}) for amount, at in told
    ]

    found = match([one], lines, complete_until=None)
    whole = match([one], lines, complete_until=LATER)

    assert bool(found.parts) == is_part
    assert not (found.parts and found.observations)
    assert whole.parts == ()


def test_a_submission_that_was_given_up_and_never_billed_is_missing_until_a_person_agrees() -> None:
    one = entry("abandoned")
    one.attempt.ticket = None

    early = match([one], [], complete_until=AT)
    (late,) = match([one], [], complete_until=LATER).observations
    advance(one.attempt, billed_event(late, LATER))
    open_ones = closed(one)
    agreed = books([one], accepted={one.row_id: Accepted("asked them")}, read=Read("a test"))

    assert early.observations == ()
    assert open_ones.missing_open == (one.row_id,)
    assert [given.row_id for given in open_ones.given_up] == [one.row_id]
    assert (open_ones.needs_person, agreed.is_closed, agreed.needs_person) == (True, True, False)
    assert one.attempt.counted_nano_usd == one.attempt.reserved_nano_usd


def test_a_submission_that_may_still_be_found_is_not_missing() -> None:
    one = entry("submission_unknown")
    one.attempt.ticket = None

    assert match([one], [], complete_until=LATER).observations == ()


def test_a_file_that_overlaps_what_is_known_and_goes_on_takes_no_line_back() -> None:
    one = entry(billed=2 * EXPECTED)
    told = one.attempt.costs["billed"][0]
    told.billed_at, told.lines = NOON, 2
    lines = [
        line(amount).model_copy(update={"at": at, "at_text": at.isoformat()})
        for amount, at in ((EXPECTED, NOON), (5, NOON + timedelta(seconds=47)))
    ]

    found = match([one], lines, complete_until=None)

    assert (len(found.parts), found.observations) == (1, ())


def test_with_nothing_to_compare_nothing_is_within_a_tolerance() -> None:
    shown = closed(failed(billed=0), entry(request_id="other"))

    assert not shown.total.can_compare

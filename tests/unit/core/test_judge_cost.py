"""What judging costs, is held, and may cost at most."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.judge_answer import Reply, Usage
from fal_experiments.core.judge_cost import (
    JudgeRow,
    Prices,
    Purse,
    ended_row,
    fold_judge_rows,
    spent_on,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)
PER_CALL = Prices(usd_per_call=Decimal("0.01"))
BY_TOKEN = Prices(None, Decimal("1.25"), Decimal(10))
USAGE = Usage(2001, 50)
CENT = 10_000_000


def asked(call_id: str = "b/k/1", held: int | None = CENT) -> JudgeRow:
    return JudgeRow(
        call_id=call_id,
        at=AT,
        batch="b",
        sandbox_batch=False,
        question="k",
        model="toy",
        rubric="v1",
        host="localhost",
        state="asked",
        cost_source="given",
        held_nano_usd=held,
    )


def test_a_call_costs_its_price_or_its_tokens_times_theirs_rounded_up() -> None:
    assert PER_CALL.cost_nano_usd(None) == CENT
    assert BY_TOKEN.cost_nano_usd(USAGE) == 3_001_250
    assert Prices(None, Decimal("0.0001"), Decimal(0)).cost_nano_usd(Usage(1, 0)) == 1


def test_what_is_not_known_is_none_and_never_zero() -> None:
    assert BY_TOKEN.cost_nano_usd(None) is None
    assert Prices().cost_nano_usd(USAGE) is None
    assert Prices().source == "no price given"


@pytest.mark.parametrize(
    ("reply", "cost", "held"),
    [
        (Reply("answered", "x", USAGE, 200), CENT, CENT),
        (Reply("refused", http_status=429, why="busy"), 0, 0),
        (Reply("lost", why="no answer"), None, CENT),
    ],
)
def test_the_end_of_a_call_settles_what_was_held(reply: Reply, cost: int | None, held: int) -> None:
    row = ended_row(asked(), AT, reply, PER_CALL)

    assert (row.state, row.cost_nano_usd, row.held_nano_usd) == (reply.state, cost, held)


def test_a_call_that_never_ended_is_counted_with_unknown_cost() -> None:
    done = ended_row(asked("b/k/2"), AT, Reply("answered", "x", USAGE, 200), PER_CALL)

    assert spent_on([asked(), asked("b/k/2"), done]) == (2, CENT, 1)
    assert fold_judge_rows([asked("b/k/2"), done]) == [done]


def test_with_token_prices_the_worst_is_what_this_model_has_used_at_most() -> None:
    before = [
        ended_row(asked(str(n)), AT, Reply("answered", "", Usage(1000 * n, 0)), Prices())
        for n in (3, 5, 4)
    ]

    assert BY_TOKEN.worst_nano_usd(before, "toy") == 6_250_000
    assert BY_TOKEN.worst_nano_usd(before, "another") is None
    assert PER_CALL.worst_nano_usd([], "another") == CENT


@given(
    st.integers(1, 40),
    st.lists(st.tuples(st.sampled_from(["answered", "refused", "lost"]), st.booleans())),
)
def test_a_price_a_call_never_breaks_the_cap(cap_cents: int, calls: list[tuple[str, bool]]) -> None:
    purse = Purse(cap_cents * CENT, CENT)
    counted, in_flight = 0, 0
    for state, ends_at_once in calls:
        if not purse.take():
            assert counted + (in_flight + 1) * CENT > cap_cents * CENT
            break
        in_flight += 1
        if ends_at_once:
            row = ended_row(asked(), AT, Reply(state), PER_CALL)  # type: ignore[arg-type]
            purse.settle(CENT, row)
            in_flight, counted = in_flight - 1, counted + (row.held_nano_usd or 0)
        assert counted + in_flight * CENT <= cap_cents * CENT


def test_by_token_the_last_call_may_go_over_and_is_the_last() -> None:
    purse = Purse(5_000_000, None)
    taken = 0
    while purse.take():
        taken += 1
        held = purse.worst_nano_usd
        row = ended_row(asked(held=held), AT, Reply("answered", "", Usage(2400, 0)), BY_TOKEN)
        purse.settle(held, row)

    assert taken == 1, "a second call of 0.003 would not fit below 0.005"


def test_a_cap_over_unknown_costs_ends_the_asking() -> None:
    purse = Purse(CENT, None)

    assert purse.take()
    purse.settle(None, ended_row(asked(held=None), AT, Reply("answered"), BY_TOKEN))

    assert purse.is_blind
    assert not purse.take()


def test_without_a_cap_nothing_stops() -> None:
    purse = Purse(None, None)
    purse.settle(None, ended_row(asked(held=None), AT, Reply("lost"), Prices()))

    assert purse.take()
    assert not purse.is_blind

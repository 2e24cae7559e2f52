"""Medians, quantiles and ratios are exact, and an interval holds what it promises."""

import itertools
import math
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core.overview_stats import (
    LEAST,
    LEAST_MADE,
    Reading,
    interval_rank,
    median_of,
    quantile,
    ratio_of,
    student_t,
)

numbers = st.floats(min_value=-1e6, max_value=1e6)


def test_of_few_values_the_range_is_told_and_of_enough_an_interval() -> None:
    assert median_of([]) is None
    assert median_of([3.0]) == Reading(3.0, 3.0, 3.0, 1, "alone")
    assert median_of([2, 2, 2]) == Reading(2, 2, 2, 3, "alike")
    assert median_of([4, 1, 3]) == Reading(3, 1, 4, 3, "range")
    assert median_of([5, 1, 2, 6, 4, 3]) == Reading(3.5, 1, 6, 6, "interval")
    assert median_of(range(1, 10)) == Reading(5, 2, 8, 9, "interval")


@pytest.mark.parametrize(
    ("n", "rank"), [(6, 1), (8, 1), (9, 2), (12, 3), (15, 4), (20, 6), (25, 8), (50, 18)]
)
def test_the_rank_of_the_interval_is_that_of_printed_tables(n: int, rank: int) -> None:
    """Conover, Practical Nonparametric Statistics, 3rd ed., and every sign test's table."""
    assert interval_rank(n) == rank


@given(st.integers(min_value=LEAST, max_value=400))
def test_an_interval_of_the_median_covers_it_in_95_of_100_cases_and_is_the_narrowest(
    n: int,
) -> None:
    def coverage(rank: int) -> Fraction:
        return 1 - 2 * Fraction(sum(comb(n, k) for k in range(rank)), 2**n)

    rank = interval_rank(n)
    assert coverage(rank) >= Fraction(95, 100) > coverage(rank + 1)


def test_five_values_hold_no_interval() -> None:
    with pytest.raises(ValueError, match="5 values"):
        interval_rank(5)


def test_quantiles_are_between_neighbours() -> None:
    assert quantile([1, 2, 3, 4, 5], 0.5) == 3
    assert quantile([1, 2, 3, 4, 5], 0.95) == pytest.approx(4.8)
    assert quantile([7], 0.95) == 7
    with pytest.raises(ValueError, match="nothing"):
        quantile([], 0.5)


@given(st.lists(numbers, min_size=1, max_size=40))
def test_a_higher_share_is_never_a_lower_value(values: list[float]) -> None:
    found = [quantile(values, share / 20) for share in range(21)]
    assert found[0] == min(values)
    assert found[-1] == max(values)
    assert all(a <= b + 1e-6 for a, b in itertools.pairwise(found))


def test_a_ratio_counts_what_brought_nothing() -> None:
    assert ratio_of([1.0, 1.0], [5.0, 0.0]) == Reading(0.4, 0.4, 0.4, 2, "few", 1)
    assert ratio_of([1.0], [0.0]) is None
    assert ratio_of([1.0, 1.0, 0.0], [5.0, 5.0, 0.0]) == Reading(0.2, 0.2, 0.2, 2, "alike")


def test_the_interval_of_a_ratio_is_the_linearised_one() -> None:
    money, seconds = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [5.0, 5.0, 5.0, 5.0, 5.0, 0.0]
    found = ratio_of(money, seconds)
    assert found is not None
    ratio = 6 / 25
    rests = [1 - ratio * s for s in seconds]
    half = student_t(5) * (6 / 5 * sum(r * r for r in rests)) ** 0.5 / 25 / ratio
    assert found.value == ratio
    assert found.high == pytest.approx(ratio * math.exp(half))
    assert found.low == pytest.approx(ratio / math.exp(half))
    assert found.made == 5


@given(st.integers(0, 5), st.integers(0, 40))
def test_no_price_that_is_possible_is_nothing(done: int, more: int) -> None:
    found = ratio_of([1.0] * (6 + more), [5.0] * done + [0.0] * (6 + more - done))

    assert (found is None) == (done == 0)
    if found is not None:
        assert found.low > 0
        assert found.kind == ("few" if done < LEAST_MADE else "interval")


def test_fewer_values_than_an_interval_wants_have_no_range_where_one_failed() -> None:
    assert ratio_of([1.0] * 4, [5.0, 5.0, 4.0, 0.0]) == Reading(4 / 14, 4 / 14, 4 / 14, 4, "few", 3)


def test_equal_prices_are_alike_in_spite_of_floats() -> None:
    found = ratio_of([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [1, 2, 3, 4, 5, 6])

    assert found is not None
    assert found.kind == "alike"


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 100)), min_size=1, max_size=30))
def test_a_ratio_lies_in_its_own_interval(pairs: list[tuple[float, float]]) -> None:
    tops, bottoms = [t for t, _ in pairs], [b for _, b in pairs]
    found = ratio_of(tops, bottoms)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high


@pytest.mark.parametrize(("freedom", "t"), [(5, 2.571), (8, 2.306), (10, 2.228), (30, 2.042)])
def test_students_t_is_that_of_printed_tables(freedom: int, t: float) -> None:
    assert student_t(freedom) == pytest.approx(t, abs=0.004)

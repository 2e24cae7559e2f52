"""After five own attempts estimates are within 5 % of bills, and bills within the band in 95 %.

`python -m benchmarks.bench_estimates` prints the numbers.
"""

import pytest

from benchmarks.bench_estimates import (
    ATTEMPTS,
    BAR_ERROR,
    BAR_IN_BAND,
    outcome,
    recorded,
    sandbox_books,
)
from fal_experiments.core.history import MIN_SAMPLES


def test_public_bills_are_met_after_five_own_attempts() -> None:
    found = outcome(recorded(), after=MIN_SAMPLES, until=ATTEMPTS)

    assert found.median_error <= BAR_ERROR
    assert found.in_band >= BAR_IN_BAND


@pytest.mark.parametrize("fault", ["", "units rounded up", "10 % discount"])
def test_the_sandboxs_books_are_met_after_five_own_attempts(fault: str) -> None:
    found = outcome(list(sandbox_books(fault)), after=MIN_SAMPLES, until=ATTEMPTS)

    assert found.series > 100
    assert found.median_error <= BAR_ERROR
    assert found.in_band >= BAR_IN_BAND


def test_a_price_that_changes_is_followed_and_only_its_first_attempt_is_a_surprise() -> None:
    dearer = list(sandbox_books("10 % dearer from the 6th"))

    soon = outcome(dearer, after=MIN_SAMPLES + 1, until=ATTEMPTS)
    later = outcome(dearer, after=2 * MIN_SAMPLES, until=ATTEMPTS)

    assert soon.in_band == 1
    assert later.worst_error == 0

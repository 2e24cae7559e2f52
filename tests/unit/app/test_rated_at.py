"""A time that is still to come is refused; a clock may be a little ahead."""

from datetime import UTC, datetime, timedelta

import pytest

from fal_experiments.app.rated_at import AHEAD, check_past
from fal_experiments.errors import BadInput

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_the_future_is_refused_and_a_clock_a_little_ahead_is_not() -> None:
    check_past("a rating", [], NOW)
    check_past("a rating", [NOW - timedelta(days=400), NOW + AHEAD], NOW)

    with pytest.raises(BadInput, match=r"a rating: its time, 2099-.*still to come"):
        check_past("a rating", [NOW, NOW.replace(year=2099)], NOW)
    with pytest.raises(BadInput, match=r"a vote: its time, 1970-.*before 2020-01-01"):
        check_past("a vote", [NOW, NOW.replace(year=1970)], NOW)

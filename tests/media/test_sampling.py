"""The frames that are shown are the nearest ones, whatever the times are."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.media.sampling import (
    Nearest,
    decimal_s,
    sheet_moments_s,
    short_decimal,
    steady_moments_s,
)

seconds = st.fractions(min_value=0, max_value=60, max_denominator=1000)
clip_times = st.lists(seconds, min_size=1, max_size=30, unique=True).map(sorted)
moments = st.lists(seconds, min_size=1, max_size=20).map(sorted)


@given(times_s=clip_times, moments_s=moments)
def test_every_moment_gets_the_frame_nearest_to_it(
    times_s: list[Fraction], moments_s: list[Fraction]
) -> None:
    made: list[Fraction] = []

    def make(frame: Fraction) -> Fraction:
        made.append(frame)
        return frame

    nearest = Nearest(moments_s, make)
    for at_s in times_s:
        nearest.offer(at_s, at_s)
    taken = nearest.finish()

    reached = [moment for moment in moments_s if moment <= times_s[-1]]
    for moment, shot in zip(reached, taken, strict=False):
        assert abs(moment - shot.at_s) == min(abs(moment - at_s) for at_s in times_s)
        assert shot.picture == shot.at_s
    assert len(reached) <= len(taken) <= len(reached) + 1
    assert made == sorted(set(made))


@given(times_s=clip_times, tiles=st.integers(1, 20))
def test_a_sheet_goes_from_the_first_frame_to_the_last(times_s: list[Fraction], tiles: int) -> None:
    chosen = sheet_moments_s(times_s, tiles)

    assert len(chosen) == min(tiles, len(times_s))
    assert chosen[-1] == times_s[-1]
    assert chosen[0] == (times_s[0] if len(chosen) > 1 else times_s[-1])
    assert list(chosen) == sorted(chosen)


@given(
    duration_s=st.fractions(min_value=Fraction(1, 100), max_value=500, max_denominator=999),
    fps=st.integers(1, 50),
    most=st.integers(2, 600),
)
def test_steady_moments_end_before_the_clip_and_are_bounded(
    duration_s: Fraction, fps: int, most: int
) -> None:
    first_s = Fraction(1, 3)
    chosen = steady_moments_s(first_s, duration_s, fps, most)

    assert 1 <= len(chosen) <= most
    assert chosen[0] == first_s
    assert chosen[-1] < first_s + duration_s
    step_s = chosen[1] - chosen[0] if len(chosen) > 1 else duration_s
    assert chosen[-1] + step_s >= first_s + duration_s


def test_frames_that_end_too_early_leave_no_moment_of_theirs_empty() -> None:
    nearest = Nearest([Fraction(0), Fraction(4), Fraction(8)], str)
    for at_s in (0, 1, 2):
        nearest.offer(Fraction(at_s), at_s)

    assert [shot.picture for shot in nearest.finish()] == ["0", "2"]


@pytest.mark.parametrize(
    ("value", "text"),
    [("24", "24"), ("30.000", "30"), ("23.976023", "23.976"), ("100", "100"), ("0.50", "0.5")],
)
def test_numbers_are_written_short_and_without_exponent(value: str, text: str) -> None:
    assert str(short_decimal(Decimal(value), 3)) == text


def test_seconds_are_kept_to_the_microsecond() -> None:
    assert decimal_s(Fraction(121, 24)) == Decimal("5.041667")

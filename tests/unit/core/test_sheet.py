"""Which moments stand on a sheet that shows every scene."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from fal_experiments.core.sheet import scene_moments

TIMES = tuple(Decimal(index) for index in range(100))


def chosen(cuts: list[int], count: int) -> list[int]:
    """Return the seconds that are chosen of a hundred."""
    return [int(at_s) for at_s in scene_moments(TIMES, [Decimal(cut) for cut in cuts], count)]


def test_without_cuts_moments_are_even_from_the_first_to_the_last() -> None:
    assert chosen([], 4) == [0, 33, 66, 99]


def test_every_scene_has_its_first_frame_however_short_it_is() -> None:
    found = chosen([10, 12, 90], 9)

    assert {0, 10, 12, 90, 99} <= set(found)
    assert len(found) == 9
    assert max(b - a for a, b in pairwise(found)) <= 16


def test_long_scenes_have_more_tiles_than_short_ones() -> None:
    found = chosen([20], 11)

    assert len([at_s for at_s in found if at_s < 20]) == 2
    assert len([at_s for at_s in found if at_s >= 20]) == 9


@pytest.mark.parametrize("count", [2, 3, 5])
def test_more_scenes_than_tiles_leave_scenes_out_evenly(count: int) -> None:
    cuts = list(range(10, 100, 10))

    found = chosen(cuts, count)

    assert len(found) == count
    assert (found[0], found[-1]) == (0, 99)
    assert set(found[:-1]) <= {0, *cuts}


def test_one_tile_is_the_first_frame() -> None:
    assert chosen([50], 1) == [0]


def test_no_more_moments_than_there_are() -> None:
    times_s = (Fraction(0), Fraction(1, 3))

    assert scene_moments(times_s, [Fraction(1, 3)], 16) == times_s


@pytest.mark.parametrize("count", range(1, 101))
def test_exactly_so_many_moments_are_chosen_and_none_twice(count: int) -> None:
    found = chosen([1, 2, 50, 98, 99], count)

    assert len(found) == len(set(found)) == count
    assert found == sorted(found)

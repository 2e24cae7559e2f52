"""Seeds can be written as people write them, and nothing else."""

import pytest

from fal_experiments.core.seeds import format_seeds, parse_seeds


@pytest.mark.parametrize(
    ("written", "seeds"),
    [
        (7, (7,)),
        (0, (0,)),
        ("1-3", (1, 2, 3)),
        ("1 - 3", (1, 2, 3)),
        ("1, 5, 9", (1, 5, 9)),
        ("1-9 (+2)", (1, 3, 5, 7, 9)),
        ("1-3, 10, 20-22", (1, 2, 3, 10, 20, 21, 22)),
        ([1, "4-5"], (1, 4, 5)),
        ({"count": 3, "from": 100}, (100, 101, 102)),
        ({"count": 2}, (1, 2)),
        (2**32 - 1, (2**32 - 1,)),
    ],
)
def test_every_form_gives_its_seeds_in_order(written: object, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(written) == seeds


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("3-1", "runs backwards"),
        ("1-9 (+0)", "never ends"),
        ([1, 1], "stands twice"),
        (-1, "not a seed"),
        (True, "not a seed"),
        (1.5, "not a seed"),
        ("", "not a seed"),
        ([], "no seed"),
        ("one", "not a seed"),
        ("١-٣", "not a seed"),
        (2**32, "above"),
        ("0-4000000000", "the limit is"),
        ({"count": 0}, "not a seed"),
        ({"count": 2, "step": 3}, "not a seed"),
        ({"count": 10**9}, "the limit is"),
    ],
)
def test_anything_else_is_refused_with_a_reason(written: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_seeds(written)


def test_seeds_are_shown_as_short_as_they_can_be_read() -> None:
    assert format_seeds((1, 2, 3, 7, 9, 10)) == "1–3, 7, 9, 10"

"""What holds of several lines, of several files, and of several raters."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fal_experiments.core.attempt import Attempt, Cost
from fal_experiments.core.duels import duels_of_ratings
from fal_experiments.core.fold import BatchState
from fal_experiments.core.keepers import Spent, keepers, price_of_keeper, spent_by_preset, wilson
from fal_experiments.core.ranking_words import price_label
from fal_experiments.core.ratings import (
    Rating,
    Verdict,
    fold_ratings,
    majorities,
    majority_of,
    merge_ratings,
    unknown_cells,
)
from fal_experiments.core.ratings_table import preference_pairs, rated_presets, rating_lines
from tests.unit.core.ballots import BEGIN, cell_id, rating
from tests.unit.core.materials import plan_of, spec

PLAN = plan_of(spec())
some_ratings = st.lists(
    st.builds(
        rating,
        cell=st.integers(1, 3),
        rater=st.sampled_from(["anna", "bo"]),
        minute=st.integers(0, 5),
        stars=st.none() | st.integers(1, 5),
        verdict=st.sampled_from([None, "keep", "reject"]),
    ),
    max_size=8,
)


def spent_of_seeded() -> Spent:
    """Two attempts of the seeded preset, one of them metered, one billed as well."""
    first, second = (c.cell_id for c in PLAN.cells[:2])
    metered = Cost(70, None, None, None, "header", BEGIN)
    billed = Cost(50, None, None, None, "event", BEGIN)
    attempts = {}
    for cell, costs in (
        (first, {"metered": [metered], "billed": [billed]}),
        (second, {"metered": [metered]}),
    ):
        attempt = Attempt(cell, 1, "e", "0", 100, BEGIN, state="done")
        attempt.costs = costs
        attempts[cell] = [attempt]
    state = BatchState(attempts=attempts)
    return spent_by_preset(PLAN.cells, state)[PLAN.cells[0].at.preset]


def joined(files: list[list[Rating]]) -> list[Rating]:
    held: list[Rating] = []
    for file in files:
        held += merge_ratings(held, file).news
    return held


@given(st.lists(some_ratings, min_size=1, max_size=3))
def test_files_joined_in_any_order_end_with_the_same_ratings(files: list[list[Rating]]) -> None:
    ends = [fold_ratings(joined(list(order))) for order in permutations(files)]
    ends.append(fold_ratings(joined([[rating for file in files for rating in file]])))

    assert all(end == ends[0] for end in ends)


@given(some_ratings, some_ratings)
def test_joining_a_file_twice_adds_nothing(here: list[Rating], came: list[Rating]) -> None:
    held = joined([here, came])

    again = merge_ratings(held, came)

    assert again.news == ()
    assert again.known + again.older == len(fold_ratings(came))


def test_the_last_line_of_a_rater_for_a_cell_holds_and_one_that_says_nothing_takes_it_back() -> (
    None
):
    lines = [
        rating(stars=2, minute=9),
        rating(stars=4),
        rating(rater="bo", stars=1),
        rating(rater="bo"),
    ]

    held = fold_ratings(lines)

    assert held["anna", cell_id(1)].stars == 4
    assert held["bo", cell_id(1)].says_nothing


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([], None),
        ([None, None], None),
        (["keep", None], "keep"),
        (["keep", "reject"], "tie"),
        (["keep", "reject", "reject"], "reject"),
    ],
)
def test_the_majority_is_of_those_who_say_keep_or_reject(
    verdicts: list[Verdict | None], said: str | None
) -> None:
    assert majority_of(verdicts) == said


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stars", 6),
        ("stars", True),
        ("stars", "5"),
        ("verdict", "maybe"),
        ("rater", "  "),
        ("rater", "a\nb"),
        ("cell", "../../etc"),
        ("at", "2026-11-20T10:00:00"),
        ("notes", [{"t_s": -1, "text": "x"}]),
        ("notes", [{"t_s": float("nan"), "text": "x"}]),
        ("reasons", ["x"] * 25),
        ("more", 1),
        ("v", 2),
    ],
)
def test_a_line_that_is_no_rating_is_refused(field: str, value: object) -> None:
    line = rating(stars=3).model_dump(mode="json") | {field: value}

    with pytest.raises(ValidationError):
        Rating.model_validate(line)


def test_cells_of_another_batch_are_named_once_each() -> None:
    lines = [rating(1), rating(7), rating(7, rater="bo")]

    assert unknown_cells(lines, [cell_id(1)]) == [cell_id(7)]


def test_wilson_gives_the_intervals_of_the_textbook() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29
    for n, of, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        share = wilson(n, of)
        assert (round(share.low, 4), round(share.high, 4)) == (low, high)
    assert (wilson(0, 0).low, wilson(0, 0).high, wilson(0, 0).value) == (0.0, 1.0, None)


def test_a_keeper_costs_all_money_of_its_preset_and_unknown_money_is_said() -> None:
    cells = PLAN.cells
    ids = [cell.cell_id for cell in cells if cell.at.preset == "seeded"]
    held = fold_ratings(
        Rating(at=BEGIN, rater="anna", cell=cell, verdict="keep" if n == 0 else "reject")
        for n, cell in enumerate(ids)
    )
    found = keepers(cells, {cell.cell_id for cell in cells}, held)["seeded"]
    spent = spent_of_seeded()

    price = price_of_keeper(found, spent)

    assert (found.kept, found.judged, found.clips) == (1, len(ids), len(ids))
    assert price.nano_usd == spent.nano_usd
    assert (price.low or 0) < spent.nano_usd < (price.high or 0)
    unknown = price_of_keeper(found, spent._replace(unknown=2))
    assert (unknown.nano_usd, unknown.why_not) == (
        None,
        "the cost of 2 of its attempts is unknown",
    )


def test_where_not_every_clip_has_a_verdict_the_share_stands_for_the_rest() -> None:
    cells = PLAN.cells
    ids = [cell.cell_id for cell in cells if cell.at.preset == "seeded"]
    held = fold_ratings([Rating(at=BEGIN, rater="anna", cell=ids[0], verdict="keep")])
    found = keepers(cells, set(ids), held)
    spent = spent_of_seeded()

    price = price_of_keeper(found["seeded"], spent)
    assert (price.nano_usd, price.projected_nano_usd) == (None, round(spent.nano_usd / len(ids)))
    assert price_label(price).startswith("≈ <$")
    assert price_label(price).endswith(f"projected, only 1 of {len(ids)} judged")
    assert majorities(held) == {ids[0]: "keep"}
    other = next(name for name in found if name != "seeded")
    assert found[other].clips == 0


def test_the_table_of_presets_counts_clips_stars_and_reasons() -> None:
    cells = PLAN.cells
    ids = [cell.cell_id for cell in cells if cell.at.preset == "seeded"]
    held = fold_ratings(
        [
            Rating(at=BEGIN, rater="anna", cell=ids[0], stars=5, verdict="keep"),
            Rating(at=BEGIN, rater="bo", cell=ids[0], stars=4, verdict="reject", reasons=("cut",)),
            Rating(at=BEGIN + timedelta(1), rater="bo", cell=ids[1], tags=("=1+1",)),
        ]
    )

    row = next(r for r in rated_presets(cells, set(ids), held) if r.preset == "seeded")
    lines = list(rating_lines(cells, held))

    assert (row.rated, row.mean_stars, row.reasons) == (2, 4.5, (("cut", 1),))
    assert (row.keepers.tied, row.keepers.kept) == (1, 0)
    assert len(lines) == 3
    assert "'=1+1" in next(line for line in lines if line[1] == ids[1])


def test_ratings_become_pairs_of_chosen_and_rejected_only_within_a_row() -> None:
    first, second = (
        PLAN.cells[0],
        next(
            c
            for c in PLAN.cells
            if c.at.preset != PLAN.cells[0].at.preset and c.at.seed == PLAN.cells[0].at.seed
        ),
    )
    held = fold_ratings(
        [
            Rating(at=BEGIN, rater="anna", cell=first.cell_id, stars=2),
            Rating(at=BEGIN, rater="anna", cell=second.cell_id, stars=5),
            Rating(at=BEGIN, rater="bo", cell=second.cell_id, stars=1),
        ]
    )
    duels = list(duels_of_ratings(PLAN.cells, held))
    prompts = {c.cell_id: c.prompt_text for c in PLAN.cells}

    (pair,) = preference_pairs(duels, prompts, {c.cell_id: c.cell_id for c in PLAN.cells})

    assert (pair["chosen"], pair["rejected"]) == (second.cell_id, first.cell_id)
    assert list(preference_pairs(duels, prompts, {})) == []

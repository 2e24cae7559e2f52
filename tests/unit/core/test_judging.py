"""Which results meet, what two answers amount to, and how presets stand."""

from datetime import UTC, datetime
from itertools import product

import pytest

from fal_experiments.core.judging import (
    Judge,
    Judgement,
    Outcome,
    Pair,
    Rubric,
    Side,
    bias_of,
    outcome_of,
    pairs_of,
    question_key,
    standings,
)
from fal_experiments.core.plan import Cell
from tests.unit.core.materials import SEEDED, SEEDLESS, plan_of, preset, spec

SIDES: tuple[Side, ...] = ("A", "B", "tie")
JUDGE = Judge("toy", Rubric.of("v1", "Look."), {})
THIRD = preset("third", seed={"support": "none"})
CELLS = plan_of(spec()).cells
PAIR = next(pairs_of(CELLS, {cell.cell_id for cell in CELLS}))


def met(cells: tuple[Cell, ...]) -> list[Pair]:
    return list(pairs_of(cells, {cell.cell_id for cell in cells}))


def answer(side: Side, *, back: bool = False) -> Judgement:
    first, second = (PAIR.other, PAIR.one) if back else (PAIR.one, PAIR.other)
    return Judgement(
        key=f"{side}{back}",
        at=datetime(2026, 11, 20, tzinfo=UTC),
        model="toy",
        rubric="v1",
        rubric_sha256="ab",
        first_cell=first.cell_id,
        second_cell=second.cell_id,
        first_preset=first.at.preset,
        second_preset=second.at.preset,
        first_sha256="1",
        second_sha256="2",
        evidence_sha256="3",
        answer=side,
        reason="so",
        tries=1,
    )


def outcome(forward: Side, back: Side) -> Outcome:
    return outcome_of(PAIR, answer(forward), answer(back, back=True), "")


def test_results_of_two_presets_meet_for_the_same_prompt_seed_and_input_only() -> None:
    prompts = [{"id": "walk", "text": "He walks."}, {"id": "run", "text": "He runs."}]

    pairs = met(plan_of(spec(prompts=prompts)).cells)

    assert len(pairs) == 4
    for one, other in pairs:
        assert one.at.preset != other.at.preset
        assert (one.at.prompt, one.at.seed, one.at.input) == (
            other.at.prompt,
            other.at.seed,
            other.at.input,
        )


def test_three_presets_make_three_pairs_a_place() -> None:
    matrix = spec(presets=["seeded", "seedless", "third"], seeds="1")

    plan = plan_of(matrix, (SEEDED, SEEDLESS, THIRD), schemas={})

    assert len(met(plan.cells)) == 3


def test_a_result_without_a_clip_meets_nobody() -> None:
    assert list(pairs_of(CELLS, {CELLS[0].cell_id})) == []


def test_a_preset_without_the_axis_meets_each_value_of_the_other() -> None:
    pairs = met(plan_of(spec(seeds="1", axes={"cfg": [0.3, 0.7]})).cells)

    assert [sorted(len(cell.at.axes) for cell in pair) for pair in pairs] == [[0, 1], [0, 1]]


@pytest.mark.parametrize(("forward", "back"), [*product(SIDES, repeat=2)])
def test_only_the_same_preset_in_both_orders_wins(forward: Side, back: Side) -> None:
    found = outcome(forward, back)

    winners = {("A", "B"): "seeded", ("B", "A"): "seedless"}
    assert found.winner == winners.get((forward, back))
    ties = {("tie", "tie"): "tie"}
    expected = "won" if found.winner else ties.get((forward, back), "disagreed")
    assert found.verdict == expected


def test_one_order_alone_is_no_verdict() -> None:
    assert outcome_of(PAIR, answer("A"), None, "HTTP 500")[1:4] == ("unjudged", None, "HTTP 500")
    assert outcome_of(PAIR, None, None, "").why == "not asked"


def test_every_pair_stands_in_the_count_of_both_presets() -> None:
    unjudged = outcome_of(PAIR, answer("A"), None, "x")
    outcomes = [outcome("A", "B"), outcome("A", "A"), outcome("tie", "tie"), unjudged]

    first, second = standings(outcomes)

    assert first == ("seeded", 1, 2, 0, 1, 2)
    assert second == ("seedless", 0, 2, 1, 1, 2)
    assert (first.judged, first.pairs) == (3, 4)


def test_a_lean_to_a_place_is_counted_over_answers_and_pairs() -> None:
    outcomes = [outcome("A", "A"), outcome("B", "B"), outcome("A", "B"), outcome("tie", "A")]

    assert bias_of(outcomes) == (4, 3, 1, 4, 1, 1)


def test_a_question_is_another_one_when_anything_that_decides_it_is() -> None:
    keys = {
        question_key(JUDGE, "1", "2"),
        question_key(JUDGE, "2", "1"),
        question_key(JUDGE, "1", "3"),
        question_key(JUDGE._replace(model="other"), "1", "2"),
        question_key(JUDGE._replace(rubric=Rubric.of("v1", "Look again.")), "1", "2"),
        question_key(JUDGE._replace(settings={"temperature": 0}), "1", "2"),
    }

    assert len(keys) == 6
    assert question_key(JUDGE, "1", "2") in keys

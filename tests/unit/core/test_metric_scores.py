"""Scores are found again by all that decides them, and are summed with their count."""

from decimal import Decimal

import pytest

from fal_experiments.core.metric_plugins import Described, MetricFacts, ValueFacts
from fal_experiments.core.metric_scores import (
    BadScore,
    KeptScores,
    Score,
    checked_values,
    score_table,
    wanted_score,
)

VALUE = ValueFacts(title="a", unit="points", direction="higher")
FACTS = MetricFacts(
    name="toy", version="1", title="Toy", values={"a": VALUE, "b": VALUE}, source="s", limits="l"
)
TOY = Described(name="toy", package="p", target="m:C", facts=FACTS, parameters={"x": "1"})


def score(**changes: object) -> Score:
    made = wanted_score(TOY).model_copy(update={"values": {"a": Decimal("1.5")}})
    return made.model_copy(update=changes)


@pytest.mark.parametrize(
    "change",
    [
        {"metric": "other"},
        {"version": "2"},
        {"parameters": {"x": "2"}},
        {"identity": {"weights_sha256": "ab"}},
    ],
)
def test_a_score_is_found_only_under_the_same_circumstances(change: dict[str, object]) -> None:
    kept = KeptScores(asset_sha256="f1").with_score("f1", score())

    assert kept.find("f1", wanted_score(TOY)) == score()
    assert kept.find("f1", score(**change)) is None
    assert kept.find("f2", wanted_score(TOY)) is None


def test_a_failed_score_is_asked_for_again_and_replaced() -> None:
    kept = KeptScores(asset_sha256="f1").with_score("f1", score(failed="no", values={}))

    assert kept.find("f1", wanted_score(TOY)) is None
    assert kept.with_score("f1", score()).scores == (score(),)


def test_scores_of_another_file_are_forgotten() -> None:
    kept = KeptScores(asset_sha256="f1").with_score("f1", score(metric="other"))

    assert kept.with_score("f2", score()) == KeptScores(asset_sha256="f2", scores=(score(),))


@pytest.mark.parametrize(
    "given",
    [{}, [], None, {"c": 1.0}, {"a": True}, {"a": "1"}, {"a": float("inf")}, {"a": float("nan")}],
)
def test_what_is_no_score_is_refused(given: object) -> None:
    with pytest.raises(BadScore):
        checked_values(given, FACTS)


def test_numbers_are_kept_to_six_digits() -> None:
    assert checked_values({"a": 1 / 3, "b": 2}, FACTS) == {
        "a": Decimal("0.333333"),
        "b": Decimal(2),
    }


def test_the_table_counts_results_without_a_score_too() -> None:
    table = score_table(
        TOY,
        [
            ("p", score()),
            ("p", score(values={"a": Decimal("2.5")})),
            ("p", score(failed="no", values={})),
            ("q", score(failed="no", values={})),
        ],
    )

    rows = {(row.preset, row.value): row for row in table}
    assert len(rows) == 4
    assert rows["p", "a"][3:] == (2, 3, 2.0, 2.0, 1.5, 2.5)
    assert rows["p", "b"][3:] == (0, 3, None, None, None, None)
    assert rows["q", "a"][3:] == (0, 1, None, None, None, None)

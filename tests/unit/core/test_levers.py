"""What would make a plan cheaper is worked out by planning again, and two plans are compared."""

from typing import Any

import pytest

from fal_experiments.core.expand import expand
from fal_experiments.core.levers import dearest, levers
from fal_experiments.core.markdown_text import plain
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.plan import Plan
from fal_experiments.core.plan_diff import diff_markdown, plan_diff
from fal_experiments.core.prompt import prompt_from_entry
from fal_experiments.core.sense import Materials
from tests.unit.core.materials import plan_of, preset, spec

PRICE = {
    "unit": "second",
    "rules": [
        {"when": {"sound": True}, "usd": "0.20"},
        {"when": {"sound": False}, "usd": "0.10"},
    ],
    "source": "a test",
    "as_of": "2026-08-02",
}
SOUND = preset(
    "sound",
    arguments={"duration": "5", "sound": True},
    controls={
        "duration": {
            "knob": "duration",
            "choices": [{"send": "5", "means": 5}, {"send": "10", "means": 10}],
        },
        "audio": {"knob": "sound", "choices": [True, False]},
    },
    price=PRICE,
    task="text-to-video",
    inputs={"prompt": "prompt"},
)


def _replan(matrix: MatrixSpec) -> Plan:
    prompts = [prompt_from_entry(entry) for entry in matrix.prompts]
    return expand(matrix, Materials(prompts, [SOUND], {}, []))


def _matrix(**changes: Any) -> MatrixSpec:
    fields: dict[str, Any] = {
        "presets": ["sound"],
        "task": "text-to-video",
        "inputs": [],
        "seeds": "1-4",
        "hold": {"duration": 10},
    }
    return spec(**fields | changes)


def test_each_lever_is_the_price_of_a_plan_that_was_really_made() -> None:
    matrix = _matrix()
    plan = _replan(matrix)

    found = {lever.change: lever.after_nano_usd for lever in levers(plan, _replan)}

    assert plan.estimate.expected == 8 * 10**9
    halves = {"hold: {audio: false}", "hold: {duration: 5}", "seeds: 2 of 4"}
    assert set(found) == halves
    assert set(found.values()) == {4 * 10**9}


def test_a_lever_that_changes_nothing_is_none() -> None:
    plan = _replan(_matrix(seeds=1, hold={"duration": 5, "audio": False}))

    assert levers(plan, _replan) == []


def test_the_dearest_cells_come_first() -> None:
    plan = plan_of(spec(presets=["seeded", "seedless"], seeds="1-2"))

    worst = [amount for _, amount in dearest(plan)]

    assert worst == sorted(worst, reverse=True)
    assert len(worst) == 3


def test_a_difference_counts_cells_and_money_both_ways() -> None:
    older = plan_of(spec(presets=["seeded"], seeds="1-2"))
    newer = plan_of(spec(presets=["seeded"], seeds="2-4"))

    diff = plan_diff(older, newer)

    assert (len(diff.added), len(diff.removed), diff.repriced) == (2, 1, ())
    assert diff.after_nano_usd - diff.before_nano_usd == 500_000_000
    text = diff_markdown(diff, "a.yaml", "b.yaml")
    assert "| seeded | 2 | 1 | 0 | 1 | $1.00 | $1.50 | +$0.50 |" in text


def test_a_change_of_the_caps_is_told_though_no_cell_has_changed() -> None:
    older = plan_of(spec(presets=["seeded"], seeds="1-2"))
    newer = plan_of(spec(presets=["seeded"], seeds="1-2", budget={"max_usd": "9"}))

    diff = plan_diff(older, newer)

    assert any(words.startswith("budget.max_usd: ") and "→ 9" in words for words in diff.budget)
    assert plain(diff.budget[0]) in diff_markdown(diff, "a.yaml", "b.yaml")


def test_a_plan_differs_in_nothing_from_itself() -> None:
    plan = plan_of(spec(presets=["seeded"], seeds="1-2"))

    assert "the same cells at the same prices" in diff_markdown(plan_diff(plan, plan), "a", "a")


@pytest.mark.parametrize("word", ["a|b", "`x`", "<b>"])
def test_hostile_names_stay_text_in_the_markdown(word: str) -> None:
    plan = plan_of(spec(presets=["seeded"], seeds=1))

    first = diff_markdown(plan_diff(plan, plan), word, word).splitlines()[0]

    assert "<b>" not in first.replace("`<b>`", "")

"""Cells of several batches find each other; what has changed is told once, with its reason."""

from decimal import Decimal
from typing import Any

from fal_experiments.core.batch_compare import SAME_FILE, Step, neighbours, step
from fal_experiments.core.batch_match import Match, Side, match_cells
from fal_experiments.core.compare_model import money_change, seconds_change
from fal_experiments.core.fold import BatchState
from fal_experiments.core.json_changes import json_changes
from fal_experiments.core.likeness import Likeness
from fal_experiments.core.preset_drift import PresetDrift, preset_drifts
from fal_experiments.core.request import Quote
from tests.unit.core.histories import History, done, failure
from tests.unit.core.materials import SCHEMAS, SEEDED, SEEDLESS, plan_of, preset, schema, spec

DIFFERENT = Likeness(verdict="different", ssim_mean=Decimal("0.41"))


def side(name: str, *presets: Any, schemas: Any = SCHEMAS, **changes: Any) -> Side:
    """A batch of nothing that has run yet."""
    used = presets or (SEEDED, SEEDLESS)
    plan = plan_of(spec(**changes), used, schemas=schemas)
    return Side(name, plan, BatchState())


def ids(match: Match) -> list[str | None]:
    """The ids of a match."""
    return [cell.cell_id if cell else None for cell in match.cells]


def run(of: Side, history: History, cell: int = 0) -> None:
    """Let a cell of a batch have that history."""
    history.cell = of.plan.cells[cell].cell_id
    of.state.apply_all(
        event.model_copy(update={"cell": history.cell}) if hasattr(event, "cell") else event
        for event in history.events
    )


def steps_of(sides: list[Side], likeness: Likeness | None = None) -> list[Step]:
    """Every step between neighbouring batches."""
    nothing: list[dict[str, Any]] = [{} for _ in sides]
    pairs = (p for match in match_cells(sides) for p in neighbours(sides, match, nothing))
    return [step(*pair, likeness) for pair in pairs]


def drift_of(sides: list[Side], likeness: Likeness | None = None) -> PresetDrift:
    """The only line of the only preset."""
    (drift,) = preset_drifts(sides, steps_of(sides, likeness))
    return drift


def test_equal_requests_find_each_other_though_the_matrix_has_grown() -> None:
    one = side("a", seeds="1-2")
    other = side("b", seeds="2-4")

    found = match_cells([one, other])

    seeded = [m for m in found if m.any.at.preset == "seeded"]
    assert [(m.any.at.seed, len(set(ids(m)))) for m in seeded] == [(2, 1)]
    assert all(len(set(ids(m))) == 1 for m in found), "every one is the same request"


def test_a_changed_request_is_found_by_its_place_and_its_changes_are_named() -> None:
    longer = preset("seeded", arguments={"duration": "10"})
    (first, *_) = steps_of(
        [side("a", SEEDED, presets=["seeded"]), side("b", longer, presets=["seeded"])]
    )

    assert not first.same_request
    assert first.changes == ('duration: "5" → "10"',)
    assert first.seed == "", "another request says nothing of the seed"


def test_in_three_batches_each_is_held_against_the_one_before_that_has_the_cell() -> None:
    sides = [side("a", seeds="1"), side("b", seeds="2"), side("c", seeds="1-2")]

    found = [s for s in steps_of(sides) if s.preset == "seeded"]

    assert [(s.before.batch, s.after.batch) for s in found] == [("a", "c"), ("b", "c")]


def test_money_state_and_seed_are_told_and_unknown_stays_unknown() -> None:
    sides = [side(name, SEEDED, presets=["seeded"], seeds="1") for name in "ab"]
    run(sides[0], done(50))
    run(sides[1], History().started().intended().accepted().failed(failure()).finished())

    (found,) = steps_of(sides)

    assert (found.before.cost_nano_usd, found.after.cost_nano_usd) == (50, None)
    assert "state: done → failed" in found.changes
    assert found.likeness == "not compared: a clip is missing"


def test_another_clip_of_the_same_request_and_seed_points_at_the_model() -> None:
    sides = [side(name, SEEDED, presets=["seeded"], seeds="1") for name in "ab"]

    (found,) = steps_of(sides, DIFFERENT)

    assert found.seed == "the same request and seed gave another clip"
    assert "1 of 1 equal requests with a seed" in drift_of(sides, DIFFERENT).verdict
    assert drift_of(sides, SAME_FILE).verdict == "as it was"
    seedless = [side(name, SEEDLESS, presets=["seedless"], seeds="1") for name in "ab"]
    assert "say nothing of the model" in drift_of(seedless, DIFFERENT).verdict


def test_schema_price_and_preset_that_changed_are_named() -> None:
    newer = SCHEMAS | {
        "vendor/seeded": schema(
            "vendor/seeded",
            duration={"type": "string", "enum": ["5"]},
            seed={"type": "integer"},
            cfg={"type": "number", "minimum": 0, "maximum": 1},
        ).model_copy(update={"as_of": "2026-11-20"})
    }
    retitled = SEEDED.model_copy(update={"title": "Seeded 2"})
    sides = [
        side("a", SEEDED, presets=["seeded"]),
        side("b", retitled, presets=["seeded"], schemas=newer),
    ]
    for each, usd in zip(sides, ("0.10", "0.12"), strict=True):
        each.state.quotes["vendor/seeded"] = Quote(
            unit_price_usd=Decimal(usd), unit="second", as_of="2026-11-20", source="a test"
        )

    drift = drift_of(sides)

    assert drift.schema_words == "schema snapshot differs, 2026-08-02 → 2026-11-20"
    assert drift.changes == (
        'schema: duration: values gone: "10"',
        "unit price: was $0.1 a unit (second), is $0.12 a unit (second)",
        'preset: title: "Seeded" → "Seeded 2"',
    )


def test_json_is_compared_place_by_place() -> None:
    before = {"a": [1, {"b": 2}], "gone": None, "same": 5.0}
    after = {"same": 5, "a": [1, {"b": 3}], "new": [1]}

    assert [change.label() for change in json_changes(before, after)] == [
        "a[1].b: 2 → 3",
        "gone: null → –",
        "new: – → [1]",
    ]


def test_changes_of_money_and_time_are_said_with_their_share() -> None:
    assert money_change(270_000_000, 270_000_000) == "$0.27"
    assert money_change(100_000_000, 125_000_000) == "$0.10 → $0.125 (+$0.025, +25%)"
    assert money_change(None, None) == "unknown"
    assert money_change(None, 1_000_000_000) == "unknown → $1.00"
    assert seconds_change(10.0, 5.0) == "10.0 s → 5.0 s (-50%)"
    assert seconds_change(None, 5.0) == "– → 5.0 s"

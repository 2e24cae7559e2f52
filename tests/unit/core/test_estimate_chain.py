"""The best source at hand gives the estimate, says so, and never makes the cap less safe."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.budget import check_budget, worst_case
from fal_experiments.core.discount import Discount, discount_of, read_discounts
from fal_experiments.core.estimate import Estimate
from fal_experiments.core.estimate_chain import Asked, Evidence, best_estimate, rests_on
from fal_experiments.core.expand import expand
from fal_experiments.core.history import Samples
from fal_experiments.core.money import Band
from fal_experiments.core.plan import Plan
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import prompt_from_entry
from fal_experiments.core.sense import Materials
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput
from tests.unit.core.materials import PLATE, SCHEMAS, SEEDED, preset, spec
from tests.unit.core.test_price_seen import seen

P = preset("p")
BLIND = preset("p", price=None)
FIVE = {"duration": "5"}
KEY = Asked(P, FIVE).price_key
SEVEN = Samples(n=7, median=490_000_000, low=480_000_000, high=700_000_000, youngest="2026-11-30")
PAST: dict[str, Any] = {"past_usd": Decimal("0.37"), "past_day": "2026-11-29"}


def _of(one: Preset, **evidence: Any) -> Estimate:
    return best_estimate(Asked(one, FIVE), Evidence(**evidence))


def _band(found: Estimate) -> tuple[int, int, int]:
    assert found.band is not None
    return found.band.low, found.band.expected, found.band.high


def _source(found: Estimate) -> str | None:
    return found.basis.source if found.basis else None


def test_five_own_attempts_go_before_the_rule_which_still_says_what_is_reserved() -> None:
    found = _of(P, samples={KEY: SEVEN})
    mild = _of(P, samples={KEY: SEVEN._replace(high=490_000_000)})

    assert _band(found) == (480_000_000, 490_000_000, 700_000_000)
    assert _band(mild) == (480_000_000, 490_000_000, 600_000_000)
    assert _source(found) == "ledger"
    assert found.basis is not None
    assert (found.basis.samples, found.basis.as_of) == (7, "2026-11-30")
    assert found.note == ("median of 7 own attempts, 2026-11-30 (rule: 5 s × $0.1 (2026-08-02))")


def test_fewer_than_five_change_nothing() -> None:
    assert _of(P, samples={KEY: SEVEN._replace(n=4)}) == _of(P)


def test_attempts_with_other_arguments_are_no_samples() -> None:
    ten = best_estimate(Asked(P, {"duration": "10"}), Evidence(samples={KEY: SEVEN}))

    assert _source(ten) == "rule"


def test_the_chain_goes_down_to_unknown() -> None:
    by_second = {"vendor/p": seen("0.2")}
    with_past = {"vendor/p": seen("0.2", **PAST)}

    assert _source(_of(P, seen=with_past)) == "rule"
    assert _source(_of(BLIND, samples={KEY: SEVEN}, seen=with_past)) == "ledger"
    assert _source(_of(BLIND, seen=with_past)) == "provider"
    assert _source(_of(BLIND, seen=by_second)) == "list"
    assert _of(BLIND).band is None
    assert _band(_of(BLIND, seen=with_past))[1] == 370_000_000
    assert _band(_of(BLIND, seen=by_second))[1] == 1_000_000_000


@pytest.mark.parametrize(
    "unit", ["units", "unit", "1000 tokens", "1k tokens", "1m tokens", "compute seconds", ""]
)
def test_a_unit_price_without_a_clear_unit_leaves_the_price_unknown(unit: str) -> None:
    found = _of(BLIND, seen={"vendor/p": seen("1", unit)})

    assert (found.band, found.basis) == (None, None)
    assert found.note == "the preset has no price"


def test_a_price_of_zero_and_an_average_of_zero_are_not_told() -> None:
    nothing = seen("0", past_usd=Decimal(0), past_day="2026-11-29")

    assert _of(BLIND, seen={"vendor/p": nothing}).band is None


def test_where_fal_is_dearer_the_higher_figure_is_reserved_and_the_rule_stays() -> None:
    dearer = _of(P, seen={"vendor/p": seen("0.15")})
    cheaper = _of(P, seen={"vendor/p": seen("0.01")})

    assert _band(dearer) == (500_000_000, 500_000_000, 900_000_000)
    assert dearer.note.endswith("up to $0.90 by fal's unit price of 2026-12-01")
    assert cheaper == _of(P)


def test_a_discount_lowers_what_is_expected_and_reserves_as_before() -> None:
    off = Discount(endpoint="vendor/*", percent=Decimal(10), source="s", as_of="2026-10-01")

    found = _of(P, discounts=[off])

    assert _band(found) == (450_000_000, 450_000_000, 600_000_000)
    assert found.note == "5 s × $0.1 (2026-08-02), less 10 % (2026-10-01)"
    assert found.basis is not None
    assert found.basis.discount_percent == 10


def test_a_discount_that_fals_unit_price_shows_is_reserved_too() -> None:
    price = {"unit": "second", "rules": [{"usd": "0.10", "high_usd": "0.12"}], "source": "s",
             "as_of": "d", "unit_price_usd": "0.10"}  # fmt: skip
    off = Discount(endpoint="vendor/*", percent=Decimal(10), source="s", as_of="2026-10-01")
    stated = preset("p", price=price)

    shown = _of(stated, discounts=[off], seen={"vendor/p": seen("0.09", "units")})
    not_shown = _of(stated, discounts=[off], seen={"vendor/p": seen("0.10", "units")})

    assert _band(shown)[2] == 540_000_000
    assert _band(not_shown)[2] == 600_000_000


def test_discounts_are_read_with_file_and_line() -> None:
    good = (
        "discounts:\n"
        "  - {endpoint: 'fal-ai/kling*', percent: 12.5, source: a mail, as_of: 2026-09-01}\n"
    )
    found = read_discounts(load(good, "discounts.yaml"))

    assert discount_of("fal-ai/kling-video/v3", found) == found[0]
    assert discount_of("fal-ai/veo3.1", found) is None
    assert found[0].left == Decimal("0.875")
    with pytest.raises(BadInput, match=r"discounts.yaml:2:"):
        read_discounts(load(good.replace("12.5", "120"), "discounts.yaml"))


def _plan(one: Preset, evidence: Evidence, **budget: Any) -> Plan:
    matrix = spec(presets=["seeded"], seeds="1", budget=budget, hold={"duration": 5})
    prompts = [prompt_from_entry(entry) for entry in matrix.prompts]
    return expand(matrix, Materials(prompts, [one], SCHEMAS, [PLATE], evidence))


def test_an_average_is_shown_and_still_no_price_that_a_budget_may_rest_on() -> None:
    average = Evidence(seen={"vendor/seeded": seen("1", "units", endpoint="vendor/seeded", **PAST)})
    blind = SEEDED.model_copy(update={"price": None})
    refused = _plan(blind, average)
    allowed = _plan(blind, average, allow_unpriced=["seeded"], per_cell_usd="2")

    with pytest.raises(BadInput, match="worst case of preset seeded is unknown"):
        check_budget(refused)
    check_budget(allowed)
    assert allowed.estimate == Band(low=370_000_000, expected=370_000_000, high=2 * 10**9)
    assert worst_case(allowed.cells[0], allowed.spec.budget) == 2 * 10**9
    assert rests_on(allowed.cells) == "1 cell provider's average"


def test_a_plan_warns_of_a_price_that_is_not_what_the_preset_says() -> None:
    dearer = Evidence(seen={"vendor/seeded": seen("0.15", endpoint="vendor/seeded")})

    plan = _plan(SEEDED, dearer)

    assert any("the rule's highest price × 1.5 is reserved" in text for text in plan.warnings)
    assert plan.estimate.high == 900_000_000
    assert plan.snapshot() == _plan(SEEDED, dearer).snapshot()

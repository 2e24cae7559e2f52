"""The books: whatever is asked, units × unit price is the estimate to the nano-dollar."""

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core import strict_yaml
from fal_experiments.core.control_kinds import KnobControl
from fal_experiments.core.estimate import estimate
from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.preset import Preset, read_preset
from fal_experiments.sandbox.books import charge, no_charge, unit_price, units_for
from tests.sandbox.lab import CATALOGUE, TELLER, UNPRICED

PRESETS = Path(__file__).parents[2] / "presets"


def presets() -> list[Preset]:
    """Return every preset of the project."""
    return [
        read_preset(strict_yaml.load(path.read_text("utf-8"), path.name), file_stem=path.stem)
        for path in sorted(PRESETS.glob("*.yaml"))
    ]


def every_setting(preset: Preset) -> list[dict[str, Any]]:
    """Return the preset's arguments under every value of every knob that hold can turn."""
    knobs = [control for control in preset.controls.values() if isinstance(control, KnobControl)]
    values = [[(knob.knob, choice.send) for choice in knob.choices] for knob in knobs]
    return [preset.arguments | dict(setting) for setting in product(*values)]


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.id)
def test_units_times_price_is_the_estimate_for_every_setting(preset: Preset) -> None:
    price = unit_price(preset)
    known = 0
    for arguments in every_setting(preset):
        band = estimate(preset, arguments).band
        if band is None:
            continue
        known += 1
        cost = charge(preset, sent=arguments, made=arguments, service_s=Decimal(60))
        assert cost.cost_nano_usd == band.expected
        assert cost.units * price.usd * 10**9 == band.expected
        assert (cost.unit, cost.unit_price_usd) == (price.unit, price.usd)
    assert known > 0


@pytest.mark.parametrize(
    ("preset_id", "unit", "usd"),
    [
        ("kling-v3-pro-i2v", "seconds", "0.14"),
        ("veo-3-1-fast-t2v", "seconds", "0.1"),
        ("seedance-pro-i2v", "1m tokens", "2.5"),
        ("seedance-2-i2v", "1000 tokens", "0.008"),
        ("hailuo-02-standard-i2v", "units", "0.001"),
    ],
)
def test_each_endpoint_has_one_unit_price(preset_id: str, unit: str, usd: str) -> None:
    (preset,) = (preset for preset in presets() if preset.id == preset_id)

    price = unit_price(preset)

    assert (price.unit, price.usd) == (unit, Decimal(usd))


def test_a_length_that_the_model_chose_is_billed_as_it_was_made() -> None:
    preset = CATALOGUE[TELLER].preset
    sent = {"duration": "auto", "resolution": "144p"}

    cost = charge(preset, sent=sent, made=sent | {"duration": "2"}, service_s=Decimal(1))

    assert cost.cost_nano_usd == 60_000_000


def test_an_endpoint_without_a_price_is_billed_by_the_compute_second() -> None:
    cost = charge(CATALOGUE[UNPRICED].preset, sent={}, made={}, service_s=Decimal("61.5"))

    assert (cost.unit, cost.units, cost.cost_nano_usd) == (
        "compute seconds",
        Decimal("61.5"),
        61_500_000,
    )


def test_a_refused_request_costs_nothing() -> None:
    assert no_charge(CATALOGUE[TELLER].preset).cost_nano_usd == 0
    assert no_charge(None).units == 0


@given(cost=st.integers(0, 10**13), price=st.decimals("0.000001", 50, places=6))
def test_units_always_multiply_back_to_the_cost(cost: int, price: Decimal) -> None:
    assert nano_from_usd(units_for(cost, price) * price) == cost

"""The books: whatever is asked, units × unit price is the estimate to the nano-dollar."""

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fal_experiments.core import strict_yaml
from fal_experiments.core.control_kinds import FramesControl, KnobControl, RangeControl
from fal_experiments.core.estimate import estimate, seconds_asked
from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.preset import Preset, read_preset
from fal_experiments.sandbox.books import Done, charge, no_charge, unit_price, units_for
from tests.sandbox.lab import CATALOGUE, TELLER, UNPRICED
from tests.sandbox.studio import EDITOR, PAINTER, STUDIO

PRESETS = Path(__file__).parents[2] / "presets"


def presets() -> list[Preset]:
    """Return every preset of the project."""
    return [
        read_preset(strict_yaml.load(path.read_text("utf-8"), path.name), file_stem=path.stem)
        for path in sorted(PRESETS.glob("*.yaml"))
    ]


def every_setting(preset: Preset) -> list[dict[str, Any]]:
    """Return the preset's arguments under every value of each knob that its price depends on."""
    price = preset.price
    named = {knob for rule in price.rules for knob in rule.when} if price else set()
    named |= {sizes.knob for sizes in (price.tokens, price.megapixels) if sizes} if price else set()
    length = preset.controls.get("duration")
    values = [
        [(control.knob, choice.send) for choice in control.choices]
        for control in preset.controls.values()
        if isinstance(control, KnobControl) and (control.knob in named or control is length)
    ]
    if isinstance(length, RangeControl):
        values.append([(length.knob, float(length.least)), (length.knob, 7.5)])
    if isinstance(length, FramesControl):
        values.append([(length.frames_knob, frames) for frames in (length.least, 100)])
    return [preset.arguments | dict(setting) for setting in product(*values)]


INPUT_S = Decimal("4.2")


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.id)
def test_units_times_price_is_the_estimate_for_every_setting(preset: Preset) -> None:
    price = unit_price(preset)
    for arguments in every_setting(preset):
        length_s = seconds_asked(preset, arguments, INPUT_S)
        band = estimate(preset, arguments, INPUT_S).band
        cost = charge(preset, Done(arguments, length_s or Decimal(5), Decimal(60), INPUT_S))
        assert (cost.unit, cost.unit_price_usd) == (price.unit, price.usd)
        assert nano_from_usd(cost.units * price.usd) == cost.cost_nano_usd > 0
        if band is not None:
            assert cost.cost_nano_usd == band.expected


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
    made = {"duration": "auto", "resolution": "144p"}

    cost = charge(preset, Done(made, length_s=Decimal(2), service_s=Decimal(1)))

    assert cost.cost_nano_usd == 60_000_000


def test_an_endpoint_without_a_price_is_billed_by_the_compute_second() -> None:
    cost = charge(CATALOGUE[UNPRICED].preset, Done({}, Decimal(5), Decimal("61.5")))

    assert (cost.unit, cost.units, cost.cost_nano_usd) == (
        "compute seconds",
        Decimal("61.5"),
        61_500_000,
    )


def test_input_seconds_count_where_the_rule_says_so() -> None:
    preset = STUDIO[EDITOR].preset

    cost = charge(preset, Done({}, Decimal(3), Decimal(1), input_s=Decimal(3)))

    assert cost.cost_nano_usd == 60_000_000


def test_each_picture_is_billed_and_what_a_request_costs_on_top_once() -> None:
    cost = charge(STUDIO[PAINTER].preset, Done({}, Decimal(1), Decimal(1), files=3))

    assert cost.cost_nano_usd == 121_000_000


@pytest.mark.parametrize(
    "preset",
    [p for p in presets() if p.output.kind == "image" and p.price and p.price.count_knob],
    ids=lambda preset: preset.id,
)
def test_three_pictures_of_one_request_cost_what_the_plan_says(preset: Preset) -> None:
    for arguments in every_setting(preset):
        asked = arguments | {"num_images": 3}
        band, single = (estimate(preset, arguments | {"num_images": n}).band for n in (3, 1))
        cost = charge(preset, Done(asked, Decimal(1), Decimal(1), files=3))
        if band is not None and single is not None:  # a size that the model chooses has no price
            assert cost.cost_nano_usd == band.expected > single.expected


def test_a_stated_unit_price_is_the_one_that_scales_the_units() -> None:
    preset = CATALOGUE[TELLER].preset
    assert preset.price is not None
    stated = preset.price.model_copy(update={"unit_price_usd": Decimal("0.14")})

    cost = charge(
        preset.model_copy(update={"price": stated}),
        Done({"resolution": "144p"}, Decimal(2), Decimal(1)),
    )

    assert (cost.unit_price_usd, cost.cost_nano_usd) == (Decimal("0.14"), 60_000_000)
    assert nano_from_usd(cost.units * cost.unit_price_usd) == cost.cost_nano_usd


def test_a_refused_request_costs_nothing() -> None:
    assert no_charge(CATALOGUE[TELLER].preset).cost_nano_usd == 0
    assert no_charge(None).units == 0


@given(cost=st.integers(0, 10**13), price=st.decimals("0.000001", 50, places=6))
def test_units_always_multiply_back_to_the_cost(cost: int, price: Decimal) -> None:
    assert nano_from_usd(units_for(cost, price) * price) == cost

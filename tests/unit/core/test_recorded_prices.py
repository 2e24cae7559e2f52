"""Bills that people have published, each stated as a rule: the amount comes out to the digit.

Cases of references/fal-platform.md 4.1 and 4.2. A unit is not a second there; the rules say what
was counted and what a unit cost.
"""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.estimate import estimate
from fal_experiments.core.money import nano_from_usd
from tests.unit.core.materials import preset

S480 = {"resolution": "480p"}


def _by(unit: str, usd: str, **more: Any) -> dict[str, Any]:
    rules = more.pop("rules", [{"usd": usd}])
    return {"unit": unit, "rules": rules, "source": "4.2", "as_of": "2026-09"} | more


AS_MADE = {"duration": {"follows": "video"}}
"""What is billed is the length that was made, whatever was asked for."""
RECORDED: list[tuple[str, dict[str, Any], str, str]] = [
    ("Gemini Omni, 3 s came as 3.008", _by("second", "0.1"), "3.008", "0.3008"),
    ("Gemini Omni, 3 s came as 3.029333", _by("second", "0.1"), "3.029333", "0.3029333"),
    ("Gemini Omni, an edit of 5 s", _by("second", "0.1"), "5.034667", "0.5034667"),
    ("MiniMax, 5.72 s of sound are 6", _by("second", "0.05", step="1"), "5.72", "0.3"),
    ("H3 Max, 0.92 s", _by("second", "0.05"), "0.92", "0.046"),
    (
        "8 units of a cent for one second at 480p",
        _by("second", "0.08", rules=[{"when": S480, "usd": "0.08"}]),
        "1",
        "0.08",
    ),
    (
        "Seedance 2.0 mini, 4 s at 480p: 38.8 units of 0.007",
        _by("second", "0.0679", rules=[{"when": S480, "usd": "0.0679"}]),
        "4",
        "0.2716",
    ),
    (
        "flux/dev, 512×512 is one megapixel",
        _by("megapixel", "0.025", megapixels={"knob": "resolution", "pixels": {"480p": 262_144}}),
        "1",
        "0.025",
    ),
    ("nano-banana-2, high thinking: 1.025 units of 0.08", _by("image", "0.082"), "1", "0.082"),
    ("seedream v5 pro, auto_2K: 2.0 units of 0.0675", _by("image", "0.135"), "1", "0.135"),
    ("Kling o3 edit, 10 s: 12 units of 0.14", _by("second", "0.168"), "10", "1.68"),
    ("pikaframes, 3 s: at least 5", _by("second", "0.04", least="5"), "3", "0.2"),
]


@pytest.mark.parametrize(("price", "seconds", "usd"), [r[1:] for r in RECORDED],
                         ids=[r[0] for r in RECORDED])  # fmt: skip
def test_a_recorded_bill_comes_out_exactly(price: dict[str, Any], seconds: str, usd: str) -> None:
    found = estimate(preset("p", price=price, controls=AS_MADE), S480, Decimal(seconds))

    assert found.band is not None
    assert found.band.expected == nano_from_usd(Decimal(usd))


def test_lip_sync_is_billed_by_the_length_of_the_sound_that_is_given() -> None:
    price = _by("second", "0.13", seconds="audio")  # 3.28 s were 42.64 units of a cent

    found = estimate(preset("p", price=price), {}, Decimal(9), Decimal("3.28"))
    unknown = estimate(preset("p", price=price), {}, Decimal(9))

    assert found.band is not None
    assert found.band.expected == nano_from_usd(Decimal("0.4264"))
    assert unknown.band is None
    assert "length of the input" in unknown.note


def test_lip_sync_by_started_blocks_of_five_seconds() -> None:
    price = _by("second", "0.0028", seconds="input", step="5")  # $0.014 each, kling lipsync

    bands = [estimate(preset("p", price=price), {}, Decimal(s)).band for s in ("5", "5.01", "12")]

    assert [band.expected for band in bands if band] == [14_000_000, 28_000_000, 42_000_000]


def test_fals_own_nano_dollars_of_a_recorded_row() -> None:
    assert nano_from_usd(Decimal("2.6006458333333335") * Decimal("0.001")) == 2_600_646
    assert nano_from_usd(Decimal("38.8") * Decimal("0.007")) == 271_600_000

"""The exact arguments of a cell as they were sent, and why each of them is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from fal_experiments.core.controls import knobs_of_hold
from fal_experiments.core.fairness import neutral_knobs
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.labels import hold_label, hold_name
from fal_experiments.core.matrix import HOLD_KEYS
from fal_experiments.core.model import Json
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.preset import InputKnobs, Preset, argument_name
from fal_experiments.core.report_lines import LabelledValue
from fal_experiments.core.schema import INPUT_REF


def as_sent(value: Json, uploads: Mapping[tuple[str, str], str], provider: str) -> Json:
    """Return arguments with the address of each local input in its place, where it is uploaded."""
    if isinstance(value, dict):
        if set(value) == {INPUT_REF}:
            return uploads.get((provider, str(value[INPUT_REF])), value)
        return {key: as_sent(item, uploads, provider) for key, item in value.items()}
    if isinstance(value, list):
        return [as_sent(item, uploads, provider) for item in value]
    return value


def origins(cell: Cell, plan: Plan) -> tuple[LabelledValue, ...]:
    """Return why each argument is sent, in the order of the arguments.

    `neutral` marks what the preset sets against the vendor's own value, so that nothing is
    rewritten or added unasked.
    """
    use = plan.presets[cell.at.preset]
    neutral = {line.knob: line.default for line in neutral_knobs(plan.spec, use, cell.arguments)}
    told = dict(_told(cell, plan, use.preset))
    return tuple(_origin(knob, told, neutral) for knob in cell.arguments)


def _origin(
    knob: str, told: Mapping[str, tuple[str, str]], neutral: Mapping[str, Any]
) -> LabelledValue:
    if knob in told:
        value, note = told[knob]
        return LabelledValue(label=knob, value=value, note=note)
    if knob in neutral:
        note = f"the vendor’s own value is {canonical_json(neutral[knob])}"
        return LabelledValue(label=knob, value="neutral", note=note, tone="busy")
    return LabelledValue(label=knob, value="preset")


def _told(cell: Cell, plan: Plan, preset: Preset) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what decides an argument besides the preset, the stronger last."""
    for knob, word in _of_inputs(preset.inputs):
        yield knob, (word, "")
    hold = plan.spec.hold.stated()
    for key in HOLD_KEYS:
        if key in cell.at.axes or key in hold:
            value = cell.at.axes.get(key, hold.get(key))
            for knob in knobs_of_hold(preset, key):
                kind = "axis" if key in cell.at.axes else "held"
                yield knob, (kind, f"{hold_name(key)} {hold_label(key, value)}")
    for name in cell.at.axes:
        if name not in HOLD_KEYS:
            yield name, ("axis", "")
    if preset.seed.knob is not None and cell.seed_sent is not None:
        yield preset.seed.knob, ("seed", "")


def _of_inputs(knobs: InputKnobs) -> Iterator[tuple[str, str]]:
    if knobs.prompt is not None:
        yield argument_name(knobs.prompt), "prompt"
    for part in ("image", "last_frame", "references", "video", "audio"):
        knob = getattr(knobs, part)
        if knob is not None:
            yield argument_name(knob), f"input {hold_name(part)}"
    if knobs.elements is not None:
        yield knobs.elements.knob, "input elements"
    if knobs.shots is not None:
        yield knobs.shots.knob, "shots"

"""A preset against the snapshot of its endpoint: what is wrong, and what could be better."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from fal_experiments.core.control_kinds import (
    Control,
    FramesControl,
    KnobControl,
    RangeControl,
    TextControl,
)
from fal_experiments.core.inputs import InputFile, input_arguments, taken_parts
from fal_experiments.core.preset import Preset, argument_name
from fal_experiments.core.preset_check_facts import fact_faults
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.skeleton_controls import choices_of

MOST_DAYS = 180
"""Facts older than this are worth another look."""
_ROLES = {"references": "references.0", "elements": "elements.0.image"}
_DAY = re.compile(r"(20[0-9]{2})-([01][0-9])(?:-([0-3][0-9]))?")
_STAND_IN = "0" * 64


class Finding(NamedTuple):
    """One thing that was found. Advice is no reason to fail."""

    about: str
    """The preset, alias or snapshot."""
    what: str
    is_advice: bool = False


def check_preset(preset: Preset, schema: EndpointSchema | None) -> Iterator[Finding]:
    """Yield what a preset says that the snapshot of its endpoint does not bear out."""
    if schema is None:
        yield Finding(preset.id, f"no snapshot of {preset.endpoint}", is_advice=True)
        return
    for request in requests_of(preset, schema):
        for words in schema.violations(request):
            yield Finding(preset.id, f"a whole request is refused: {words}")
    for fault in fact_faults(preset, schema):
        yield Finding(preset.id, fault.label())
    for key, control in preset.controls.items():
        for words in _control_faults(control, schema):
            yield Finding(preset.id, f"controls.{key}: {words}")
    for knob in unsent_defaults(preset, schema):
        default = schema.default_of(knob)
        yield Finding(preset.id, f"arguments.{knob}: the vendor's default {default!r} is not sent")
    yield from _seed_faults(preset, schema)


def unsent_defaults(preset: Preset, schema: EndpointSchema) -> tuple[str, ...]:
    """Return the knobs whose default the preset leaves to the vendor, who may change it."""
    properties = schema.input.get("properties", {})
    stated = {knob for knob, field in properties.items() if field.get("default") is not None}
    return tuple(sorted(stated - set(preset.arguments)))


def requests_of(preset: Preset, schema: EndpointSchema) -> Iterator[dict[str, Any]]:
    """Yield whole requests: one with what the endpoint needs, one more for each other input."""
    needed, optional = _parts(preset, schema)
    for part in (None, *optional):
        parts = _compatible(part, needed, preset, schema)
        files = [_file(name) for name in parts]
        yield {
            **preset.arguments,
            **({preset.inputs.prompt: "x" * 8} if preset.inputs.prompt else {}),
            **input_arguments(preset.inputs, {file.role: file for file in files}),
            **({preset.seed.knob: 7} if preset.seed.knob else {}),
        }


def _parts(preset: Preset, schema: EndpointSchema) -> tuple[list[str], list[str]]:
    """Return the inputs that every request has, and the others."""
    required = set(schema.input.get("required", ()))
    parts = sorted(taken_parts(preset.inputs))
    names = {part: _knob(preset, part) for part in parts}
    needed = [p for p in parts if names[p] in required or (p == "image" and _starts_from(preset))]
    if not needed and preset.task in {"reference-to-video", "image-to-image"} and parts:
        needed = [next(p for p in ("references", "image", "video", *parts) if p in parts)]
    return needed, [part for part in parts if part not in needed]


def _starts_from(preset: Preset) -> bool:
    return preset.task == "image-to-video"


def _knob(preset: Preset, part: str) -> str:
    knob = getattr(preset.inputs, part)
    return argument_name(knob if isinstance(knob, str) else str(knob.knob))


def _compatible(
    part: str | None, needed: list[str], preset: Preset, schema: EndpointSchema
) -> list[str]:
    """Return the needed inputs and one more, without those that exclude it."""
    if part is None:
        return needed
    apart = {
        name
        for rule in schema.constraints
        if rule.rule == "not_both" and _knob(preset, part) in rule.fields
        for name in rule.fields
    }
    return [p for p in needed if _knob(preset, p) not in apart] + [part]


def _file(part: str) -> InputFile:
    role = _ROLES.get(part, part)
    return InputFile(id="x", role=role, sha256=_STAND_IN)


def _control_faults(control: Control, schema: EndpointSchema) -> Iterator[str]:
    match control:
        case TextControl():
            yield from _unknown(control.text_knob, schema)
        case KnobControl():
            yield from _unknown(control.knob, schema)
            yield from _choice_faults(control, schema)
        case RangeControl():
            yield from _unknown(control.knob, schema)
            for end in (control.least, control.most):
                if end:
                    yield from _refused({control.knob: int(end)}, schema)
        case FramesControl():
            yield from _unknown(control.frames_knob, schema)
            for frames in (control.least, control.most):
                yield from _refused({control.frames_knob: frames}, schema)


def _choice_faults(control: KnobControl, schema: EndpointSchema) -> Iterator[str]:
    field = schema.input.get("properties", {}).get(control.knob, {})
    for choice in control.choices:
        yield from _refused({control.knob: choice.send}, schema)
    sent = [choice.send for choice in control.choices]
    for value in choices_of(field):
        if value not in sent and isinstance(value, str | int):
            yield f"the endpoint takes {value!r}, too"


def _unknown(knob: str, schema: EndpointSchema) -> Iterator[str]:
    if knob not in schema.knobs:
        yield f"the endpoint has no knob {knob}"


def _refused(arguments: Mapping[str, Any], schema: EndpointSchema) -> Iterator[str]:
    for knob in arguments:
        said = schema.violations(dict(arguments))
        yield from (words for words in said if words.startswith(f"{knob}:"))


def _seed_faults(preset: Preset, schema: EndpointSchema) -> Iterator[Finding]:
    has_knob = "seed" in schema.knobs
    if has_knob != preset.takes_seed and preset.seed.knob in {None, "seed"}:
        has = "has a seed knob" if has_knob else "has no seed knob"
        yield Finding(preset.id, f"seed: the endpoint {has}, the preset says {preset.seed.support}")
    returns = "seed" in schema.output.get("properties", {})
    if preset.seed.support == "accepted" and not returns:
        yield Finding(preset.id, "seed: accepted, but the result returns none")


def age_findings(preset: Preset, schema: EndpointSchema | None, today: date) -> Iterator[Finding]:
    """Yield facts without a date, and those that are older than half a year."""
    dated = {f"facts.{name}": fact.as_of for name, fact in preset.facts.items()}
    if preset.price is not None:
        dated["price"] = preset.price.as_of
    if schema is not None:
        dated["schema"] = schema.as_of
    for name, as_of in dated.items():
        day = day_of(as_of)
        if day is None:
            yield Finding(preset.id, f"{name}: {as_of!r} is no date such as 2026-08-02 or 2026-09")
        elif preset.status == "current" and (today - day).days > MOST_DAYS:
            days = (today - day).days
            yield Finding(preset.id, f"{name} is {days} days old ({as_of})", is_advice=True)


def day_of(as_of: str) -> date | None:
    """Return the day that a date names; the first of a month that stands alone."""
    found = _DAY.fullmatch(as_of)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    try:
        return date(year, month, day)
    except ValueError:
        return None

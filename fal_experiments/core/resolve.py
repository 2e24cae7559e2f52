"""One combination → the exact request and what it may cost, or why it cannot be made."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fal_experiments.core.combinations import Combination
from fal_experiments.core.controls import (
    CannotMeet,
    Circumstances,
    Met,
    applies,
    meet,
    plain_number,
)
from fal_experiments.core.estimate import seconds_asked
from fal_experiments.core.estimate_chain import NO_EVIDENCE, Asked, Evidence, best_estimate
from fal_experiments.core.ids import cell_id
from fal_experiments.core.inputs import (
    InputFile,
    input_arguments,
    lacking,
    taken_parts,
    too_many,
    unused,
)
from fal_experiments.core.matrix import HOLD_KEYS, HoldKey, MatrixSpec, OnMismatch
from fal_experiments.core.media_limits import broken_limits
from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.plan import Cell, Deviation, InputStamp, LeftOutCell
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Worded, shot_argument
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.errors import BadInput

_HOLD_RANK: dict[str, int] = {key: rank for rank, key in enumerate(HOLD_KEYS)}
_LENGTH_LAST: tuple[HoldKey, ...] = ("duration",)
"""A length that is a number of frames depends on the rate, which is met before it."""


def resolve(
    spec: MatrixSpec,
    combination: Combination,
    schema: EndpointSchema | None,
    evidence: Evidence = NO_EVIDENCE,
) -> Cell | LeftOutCell:
    """Return the cell of one combination, or why it cannot be.

    Args:
        evidence: what is known of prices beside the preset's own rule.

    Raises: BadInput under `on_mismatch: error`.
    """
    c = combination
    misfit = _misfit(c)
    if misfit is not None:
        return LeftOutCell(at=c.at, state="unsupported", reason=misfit)
    try:
        worded = _worded(c)
        deviations = [*_unused_inputs(c, spec.on_mismatch), *_unused_shots(c, worded, spec)]
        arguments, missed = _arguments(c, worded, spec.on_mismatch)
    except CannotMeet as exc:
        if spec.on_mismatch == "error":
            raise BadInput(
                f"preset {c.preset.id} cannot meet this: {exc}",
                fix="change hold or on_mismatch",
                path=("hold",),
            ) from None
        return LeftOutCell(at=c.at, state="unsupported", reason=str(exc))
    refused = _refused(schema, arguments, c.files)
    if refused:
        return LeftOutCell(at=c.at, state="unsupported", reason="; ".join(refused))
    in_order = sorted(missed, key=lambda deviation: _HOLD_RANK[deviation.hold])
    cell = _cell(c, worded, arguments, [*deviations, *in_order])
    cell = _priced(cell, c, evidence, spec.budget.per_cell_usd)
    return cell.model_copy(update={"schema_sha256": schema.sha256 if schema else None})


def _misfit(c: Combination) -> str | None:
    """Return why an input cannot be what a preset starts from, in words."""
    without = lacking(c.preset, c.files)
    if without is None:
        return too_many(c.preset.inputs, c.files)
    who = f"input {c.at.input}" if c.at.input else f"prompt {c.at.prompt}, without an input,"
    return f"{who} gives no {without}"


def _worded(c: Combination) -> Worded:
    worded = c.prompt.for_preset(c.preset)
    if worded is None:
        raise CannotMeet("the model takes one prompt, and this one has only shots")
    return worded


def _arguments(
    c: Combination, worded: Worded, on_mismatch: OnMismatch
) -> tuple[dict[str, Any], list[Deviation]]:
    """Return the whole body, and what of hold it does not meet. Raises: CannotMeet."""
    preset = c.preset
    arguments: dict[str, Any] = dict(preset.arguments) | dict(c.knobs)
    deviations: list[Deviation] = []
    hold = {key: asked for key, asked in c.hold.items() if applies(preset, key)}
    for key, asked in sorted(hold.items(), key=lambda item: item[0] in _LENGTH_LAST):
        if key == "duration" and worded.shots:
            continue
        met = meet(preset, key, asked, Circumstances(c.files, arguments, on_mismatch))
        arguments |= met.arguments
        deviations += [met.deviation] if met.deviation else []
    if worded.shots:
        met = _length_of_shots(c, worded, Circumstances(c.files, arguments, on_mismatch))
        arguments |= met.arguments
        deviations += [met.deviation] if met.deviation else []
    arguments |= _words(preset, worded)
    arguments |= input_arguments(preset.inputs, c.files)
    if preset.seed.knob is not None and c.at.seed is not None:
        arguments[preset.seed.knob] = c.at.seed
    return arguments, deviations


def _words(preset: Preset, worded: Worded) -> dict[str, Any]:
    knobs = preset.inputs
    if worded.shots and knobs.shots is not None:
        shots = knobs.shots
        return {shots.knob: [shot_argument(shot, shots) for shot in worded.shots]}
    return {} if knobs.prompt is None else {knobs.prompt: worded.text}


def _length_of_shots(c: Combination, worded: Worded, around: Circumstances) -> Met:
    """Return how the length that the shots add up to is met, against what is held."""
    length_s = sum((shot.duration for shot in worded.shots), Decimal(0))
    free = around._replace(on_mismatch="nearest")
    met = meet(c.preset, "duration", length_s, free)
    got = met.deviation.got if met.deviation else plain_number(length_s)
    held = plain_number(c.hold.get("duration", length_s))
    if got == held:
        return Met(met.arguments)
    why = f"the shots add up to {length_s.normalize():f} s"
    deviation = Deviation(hold="duration", asked=held, got=got, why=why)
    return Met(met.arguments, _allowed(deviation, around.on_mismatch))


def _unused_shots(c: Combination, worded: Worded, spec: MatrixSpec) -> list[Deviation]:
    if not c.prompt.shots or worded.shots:
        return []
    count = len(c.prompt.shots)
    why = "the model takes one prompt, and gets the text in place of the shots"
    deviation = Deviation(hold="shots", asked=count, got="one prompt", why=why)
    return [_allowed(deviation, spec.on_mismatch)]


def _unused_inputs(c: Combination, on_mismatch: OnMismatch) -> list[Deviation]:
    """Return what an input gives and the model has no knob for: never dropped in silence."""
    return [
        _allowed(
            Deviation(hold=name, asked="given", got="not used", why="the model has no knob for it"),
            on_mismatch,
        )
        for name in unused(c.preset.inputs, c.files)
    ]


def _allowed(deviation: Deviation, on_mismatch: OnMismatch) -> Deviation:
    if on_mismatch != "nearest":
        raise CannotMeet(f"{deviation.label()}: {deviation.why}")
    return deviation


def _refused(
    schema: EndpointSchema | None, arguments: dict[str, Any], files: Mapping[str, InputFile]
) -> tuple[str, ...]:
    if schema is None:
        return ()
    by_content = {file.sha256: file for file in files.values() if file.sha256 is not None}
    broken = broken_limits(schema.input, arguments, by_content)
    return schema.violations(arguments) + broken


def _cell(
    c: Combination, worded: Worded, arguments: dict[str, Any], deviations: list[Deviation]
) -> Cell:
    preset = c.preset
    return Cell(
        cell_id=cell_id(
            provider=preset.provider,
            endpoint=preset.endpoint,
            arguments=arguments,
            repeat=c.repeat,
        ),
        at=c.at,
        provider=preset.provider,
        endpoint=preset.endpoint,
        family=preset.family,
        task=preset.task,
        prompt_text=worded.text,
        prompt_dialect=worded.dialect,
        arguments=arguments,
        inputs={
            role: InputStamp(sha256=file.sha256, url=file.url, size_bytes=file.size_bytes)
            for role, file in c.files.items()
            if file.part in taken_parts(preset.inputs)
        },
        seed_sent=c.at.seed if preset.takes_seed else None,
        seed_support=preset.seed.support,
        repeat=c.repeat,
        deviations=tuple(deviations),
    )


def _priced(cell: Cell, c: Combination, evidence: Evidence, per_cell_usd: Decimal | None) -> Cell:
    """Return a cell with what it may cost, and what that rests on.

    Where nothing tells the worst case, `per_cell_usd` is reserved, or more where more was paid.
    """
    video, sound = c.files.get("video"), c.files.get("audio")
    input_s, audio_s = (file.duration_s if file else None for file in (video, sound))
    asked = Asked(c.preset, cell.arguments, input_s, audio_s)
    cost = best_estimate(asked, evidence)
    if cost.band is not None and cost.basis is not None and not cost.basis.has_worst_case:
        held = nano_from_usd(per_cell_usd or Decimal(0), round_up=True)
        band = cost.band.model_copy(update={"high": max(cost.band.high, held)})
        cost = cost._replace(band=band)
    return cell.model_copy(
        update={
            "estimate": cost.band,
            "estimate_note": cost.note,
            "basis": cost.basis,
            "requested_s": seconds_asked(c.preset, cell.arguments, input_s),
            "price_key": asked.price_key,
        }
    )

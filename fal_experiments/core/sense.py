"""What a matrix names, and the questions no preset of it could answer: refused before expansion."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fal_experiments.core.control_kinds import FollowsControl
from fal_experiments.core.controls import knobs_of_hold, other_ratio
from fal_experiments.core.estimate_chain import NO_EVIDENCE, Evidence
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.inputs import InputFile, lacking, starts_from, taken_parts
from fal_experiments.core.matrix import HOLD_KEYS, MatrixSpec
from fal_experiments.core.model import nearest
from fal_experiments.core.preset import Preset, argument_name
from fal_experiments.core.price_seen import warning_of
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.errors import BadInput

_NEEDED = {
    "image": "an image",
    "last_frame": "a last frame",
    "references": "reference images",
    "elements": "elements",
    "video": "a video",
    "audio": "a sound file",
}


SPRITE_TAG = "sprite"
"""A prompt with this tag makes frames for a game: its plate is looked at more closely."""
PLATE_PX = (1280, 720)


class Materials(NamedTuple):
    """Everything a matrix names, already read."""

    prompts: Sequence[Prompt]
    presets: Sequence[Preset]
    schemas: Mapping[str, EndpointSchema]
    """By endpoint; an endpoint without a snapshot is missing."""
    inputs: Sequence[InputFile]
    evidence: Evidence = NO_EVIDENCE
    """What is known of prices beside the presets' own rules."""


def has_axis(name: str, preset: Preset, schema: EndpointSchema | None) -> bool:
    """Tell whether an axis applies to a preset: a hold key always does, a knob if it has it."""
    if name in HOLD_KEYS:
        return True
    return name in (schema.knobs if schema else preset.arguments)


def check_sense(spec: MatrixSpec, materials: Materials) -> None:
    """Refuse what no preset of the matrix could take, naming the field."""
    tasks = {prompt.task or spec.task for prompt in materials.prompts}
    for index, preset in enumerate(materials.presets):
        place = ("presets", index)
        if preset.status == "retired":
            instead = f"use {preset.successor}" if preset.successor else "choose another preset"
            why = f": {preset.status_note}" if preset.status_note else ""
            raise BadInput(f"{preset.id} is retired{why}", fix=instead, path=place)
        if preset.task not in tasks:
            raise BadInput(
                f"{preset.id} does {preset.task}, and no prompt has that task",
                fix=f"set task: {preset.task} on the matrix or on a prompt, or drop the preset",
                path=place,
            )
        _check_inputs(preset, materials, place)
    for task in tasks - {preset.task for preset in materials.presets}:
        raise BadInput(
            f"a prompt has task {task}, and no preset does that",
            fix="add a preset of that task, or change the prompt's task",
            path=("prompts",),
        )
    for name, values in spec.axes.items():
        if name not in HOLD_KEYS:
            _check_knob_axis(name, values, materials)
            _check_owner(spec, name, materials)
    _check_variables(spec, materials)


def _check_inputs(preset: Preset, materials: Materials, place: tuple[str | int, ...]) -> None:
    """Refuse a preset that needs a file which no input of the matrix gives."""
    schema = materials.schemas.get(preset.endpoint)
    required = set(schema.input.get("required", ())) if schema else set()
    given = {file.part for file in materials.inputs}
    for knob, parts in _carriers(preset).items():
        if knob in required and not parts & given:
            raise _missing_input(preset, sorted(parts), f" ({knob})", place)
    files = {file.role: file for file in materials.inputs}
    if lacking(preset, files) is not None:
        raise _missing_input(preset, starts_from(preset), "", place)


def _carriers(preset: Preset) -> dict[str, set[str]]:
    """Return which fields of an input an argument carries; a list may carry several."""
    found: dict[str, set[str]] = {}
    for part in taken_parts(preset.inputs):
        knob = getattr(preset.inputs, part)
        name = argument_name(knob if isinstance(knob, str) else knob.knob)
        found.setdefault(name, set()).add(part)
    return found


def _missing_input(
    preset: Preset, parts: list[str], knob: str, place: tuple[str | int, ...]
) -> BadInput:
    example = {"references": "references: [path/to/a.png]", "image": "image: path/to/a.png"}
    one = example.get(parts[0], f"{parts[0]}: path/to/file")
    needed = " or ".join(_NEEDED[part] for part in parts)
    return BadInput(
        f"{preset.id} needs {needed}{knob}, and the matrix gives none",
        fix=f"add inputs: [{{id: plate, {one}}}]",
        path=place,
    )


def _check_variables(spec: MatrixSpec, materials: Materials) -> None:
    used: set[str] = set()
    for index, prompt in enumerate(materials.prompts):
        unknown = prompt.variables - set(spec.vars)
        for name in sorted(unknown):
            raise BadInput(
                f"prompt {prompt.id} names {{{{ {name} }}}}, and vars gives no value for it"
                f"{nearest(name, set(spec.vars))}",
                fix=f"add vars: {{{name}: [...]}}",
                path=("prompts", index),
            )
        used |= prompt.variables
    for name in spec.vars:
        if name not in used:
            raise BadInput(
                f"no prompt names {{{{ {name} }}}}", fix="drop it, or use it", path=("vars", name)
            )


def _check_knob_axis(name: str, values: Sequence[Any], materials: Materials) -> None:
    schemas = [materials.schemas.get(p.endpoint) for p in materials.presets]
    takers = [p for p, s in zip(materials.presets, schemas, strict=True) if has_axis(name, p, s)]
    if not takers:
        known = {knob for schema in schemas if schema for knob in schema.knobs} | set(HOLD_KEYS)
        raise BadInput(
            f"no preset of this matrix has this knob{nearest(name, known)}",
            fix="`fal-exp presets show ID` lists the knobs of a preset",
            path=("axes", name),
        )
    for index, value in enumerate(values):
        said = {
            preset.id: _said_of(name, value, materials.schemas[preset.endpoint])
            for preset in takers
            if preset.endpoint in materials.schemas
        }
        if len(said) == len(takers) and all(said.values()):
            preset_id, words = next(iter(said.items()))
            raise BadInput(
                f"{preset_id} refuses {canonical_json(value)}: {words}", path=("axes", name, index)
            )


def _check_owner(spec: MatrixSpec, name: str, materials: Materials) -> None:
    """Refuse an axis over an argument that something else in the matrix decides already."""
    decided = [key for key in HOLD_KEYS if key in spec.axes or key in spec.hold.stated()]
    for preset in materials.presets:
        if name in preset.inputs.names:
            raise BadInput(
                f"{name} carries the words or a file of {preset.id}: they have their own fields",
                fix="use prompts (text, shots) or inputs (image, last_frame, references, …)",
                path=("axes", name),
            )
        for key in decided:
            if name in knobs_of_hold(preset, key):
                raise BadInput(
                    f"{name} is what meets {key} for {preset.id}, and {key} is held or varied too",
                    fix=f"vary {key} in axes, or leave it out of hold",
                    path=("axes", name),
                )


def _said_of(knob: str, value: Any, schema: EndpointSchema) -> str:
    """Return what the schema says of one value, apart from fields that are simply not given yet."""
    return "; ".join(v for v in schema.violations({knob: value}) if v.startswith(knob))


def warnings_of(spec: MatrixSpec, materials: Materials) -> Iterator[str]:
    """Yield what is not wrong, and a person may not have meant."""
    for preset in materials.presets:
        if preset.endpoint not in materials.schemas:
            yield f"{preset.id}: no schema snapshot of {preset.endpoint}; arguments are not checked"
        price_warning = warning_of(preset, materials.evidence.seen.get(preset.endpoint))
        if price_warning is not None:
            yield price_warning
    yield from _plate_warnings(materials)
    asked = spec.hold.aspect_ratio
    makers = [p.id for p in materials.presets if p.takes_image and _chooses_its_ratio(p)]
    if asked is None or not makers:
        return
    for image in materials.inputs:
        ratio = other_ratio(image, asked)
        if ratio and image.role == "image":
            yield (
                f"input {image.id} is {ratio} and {asked} is held: {', '.join(makers)} will crop "
                "or extend it"
            )


def _plate_warnings(materials: Materials) -> Iterator[str]:
    """Yield what is wrong with the picture that a sprite's clip would start from.

    Source: the fal-video document that the project grew from: checkerboards become floors and
    rooms, and a flat 1280×720 plate per direction is what gave usable walk cycles.
    """
    tagged = [prompt for prompt in materials.prompts if SPRITE_TAG in prompt.tags]
    for file in materials.inputs:
        if file.role != "image" or file.background is None:
            continue
        name = f"input {file.id}"
        for_sprites = any(p.inputs is None or file.id in p.inputs for p in tagged)
        if file.background == "transparent":
            yield f"{name} is transparent: models flatten it, often to black; give it a flat colour"
        elif file.background == "checkerboard":
            yield (
                f"{name} stands before a checkerboard: video models take it for a floor or a room; "
                "give it one flat colour"
            )
        elif for_sprites and file.background != "flat":
            yield f"{name} has a {file.background} background: a sprite's plate needs a flat one"
        if for_sprites and (file.width_px, file.height_px) != PLATE_PX:
            size = f"{file.width_px}×{file.height_px}"
            yield f"{name} is {size}: 1280×720 is what most models take a sprite's plate in"


def _chooses_its_ratio(preset: Preset) -> bool:
    """Tell whether a model makes the ratio that is asked for, whatever its input looks like."""
    control = preset.controls.get("aspect_ratio")
    return control is not None and not isinstance(control, FollowsControl)

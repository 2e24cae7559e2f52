"""Matrix × presets → plan: every combination once, in order, with what it sends and may cost."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product, zip_longest
from typing import Any, NamedTuple

from fal_experiments.core.controls import CannotMeet, meet
from fal_experiments.core.estimate import estimate
from fal_experiments.core.ids import canonical_json, cell_id, slug
from fal_experiments.core.matrix import HOLD_KEYS, Exclude, HoldKey, MatrixSpec, Order
from fal_experiments.core.plan import (
    Cell,
    Coordinates,
    Deviation,
    InputImage,
    LeftOutCell,
    Plan,
    PresetUse,
    SchemaStamp,
)
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.schema import INPUT_REF, EndpointSchema
from fal_experiments.core.sense import Materials, check_sense, has_axis, warnings_of
from fal_experiments.errors import BadInput

MAX_CELLS = 100_000


def expand(spec: MatrixSpec, materials: Materials) -> Plan:
    """Return the plan of `spec`.

    Cell ids follow from content, so re-ordering the matrix changes none of them, and the same
    matrix, presets and inputs give the same plan byte for byte.

    Raises: BadInput for an axis that no preset has, a value that every preset refuses, an exclude
    rule that matches nothing, an image-to-video matrix without an image, or an empty matrix.
    """
    check_sense(spec, materials)
    cells: dict[str, Cell] = {}
    left_out: list[LeftOutCell] = []
    rules = _Rules(spec.exclude)
    for combination in _combinations(spec, materials):
        reason = rules.match(combination.at)
        if reason is not None:
            left_out.append(LeftOutCell(at=combination.at, state="excluded", reason=reason))
            continue
        outcome = _resolve(spec, materials, combination)
        if isinstance(outcome, LeftOutCell):
            left_out.append(outcome)
        elif outcome.cell_id in cells:
            left_out.append(_duplicate(outcome, cells[outcome.cell_id]))
        else:
            cells[outcome.cell_id] = outcome
    rules.refuse_idle()
    _check_worth_running(left_out, cells)
    return Plan(
        spec=spec,
        slug=slug(spec.name),
        prompts=tuple(materials.prompts),
        inputs=tuple(materials.inputs),
        presets={p.id: _use(p, materials.schemas.get(p.endpoint)) for p in materials.presets},
        cells=tuple(_ordered(list(cells.values()), spec.order)),
        left_out=tuple(left_out),
        warnings=tuple(warnings_of(spec, materials)),
    )


class _Combination(NamedTuple):
    at: Coordinates
    prompt: Prompt
    preset: Preset
    images: Mapping[str, InputImage]
    hold: Mapping[HoldKey, Any]
    knobs: Mapping[str, Any]
    repeat: int


def _combinations(spec: MatrixSpec, materials: Materials) -> Iterator[_Combination]:
    image_ids = list(dict.fromkeys(image.id for image in materials.inputs))
    seeds: Sequence[int | None] = spec.seeds or (None,)
    count = 0
    for prompt, preset in product(materials.prompts, materials.presets):
        if (prompt.task or spec.task) != preset.task:
            continue
        schema = materials.schemas.get(preset.endpoint)
        axes = {k: v for k, v in spec.axes.items() if has_axis(k, preset, schema)}
        inputs: Sequence[str | None] = image_ids if preset.takes_image else (None,)
        for input_id, values in product(inputs, product(*axes.values())):
            varied = dict(zip(axes, values, strict=True))
            images = _images_of(input_id, materials)
            hold = spec.hold.stated() | {k: varied[k] for k in HOLD_KEYS if k in varied}
            knobs = {k: v for k, v in varied.items() if k not in HOLD_KEYS}
            for (index, seed), repeat in product(enumerate(seeds), range(1, spec.repeats + 1)):
                count += 1
                if count > MAX_CELLS:
                    raise BadInput(f"the matrix has more than {MAX_CELLS:,} cells", fix="split it")
                at = Coordinates(
                    prompt=prompt.id,
                    preset=preset.id,
                    input=input_id,
                    seed=seed,
                    repeat=repeat,
                    axes=varied,
                )
                nth = repeat if preset.takes_seed else index * spec.repeats + repeat
                yield _Combination(at, prompt, preset, images, hold, knobs, nth)


def _images_of(input_id: str | None, materials: Materials) -> dict[str, InputImage]:
    return {image.role: image for image in materials.inputs if image.id == input_id}


def _resolve(spec: MatrixSpec, materials: Materials, c: _Combination) -> Cell | LeftOutCell:
    """Return the cell of one combination, or why it cannot be."""
    try:
        arguments, deviations = _arguments(spec, c)
    except CannotMeet as exc:
        if spec.on_mismatch == "error":
            raise BadInput(
                f"preset {c.preset.id} cannot meet this: {exc}",
                fix="change hold or on_mismatch",
                path=("hold",),
            ) from None
        return LeftOutCell(at=c.at, state="unsupported", reason=str(exc))
    schema = materials.schemas.get(c.preset.endpoint)
    refused = schema.violations(arguments) if schema else ()
    if refused:
        return LeftOutCell(at=c.at, state="unsupported", reason="; ".join(refused))
    return _cell(c, arguments, deviations)


def _arguments(spec: MatrixSpec, c: _Combination) -> tuple[dict[str, Any], list[Deviation]]:
    """Return the whole body, and what of hold it does not meet. Raises: CannotMeet."""
    preset = c.preset
    arguments: dict[str, Any] = dict(preset.arguments)
    deviations: list[Deviation] = []
    for key, asked in c.hold.items():
        met = meet(preset, key, asked, c.images.get("image"), spec.on_mismatch)
        arguments |= met.arguments
        deviations += [met.deviation] if met.deviation else []
    arguments |= c.knobs
    arguments[preset.inputs.prompt] = c.prompt.for_preset(preset)[0]
    arguments |= _input_arguments(preset, c.images)
    if preset.seed.knob is not None and c.at.seed is not None:
        arguments[preset.seed.knob] = c.at.seed
    return arguments, deviations


def _cell(c: _Combination, arguments: dict[str, Any], deviations: list[Deviation]) -> Cell:
    preset = c.preset
    text, dialect = c.prompt.for_preset(preset)
    cost = estimate(preset, arguments)
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
        prompt_text=text,
        prompt_dialect=dialect,
        arguments=arguments,
        seed_sent=c.at.seed if preset.takes_seed else None,
        repeat=c.repeat,
        deviations=tuple(deviations),
        estimate=cost.band,
        estimate_note=cost.note,
    )


def _input_arguments(preset: Preset, images: Mapping[str, InputImage]) -> dict[str, Any]:
    knobs = {"image": preset.inputs.image, "last_frame": preset.inputs.last_frame}
    return {
        knob: {INPUT_REF: images[role].sha256} if images[role].sha256 else images[role].url
        for role, knob in knobs.items()
        if knob is not None and role in images
    }


def _duplicate(cell: Cell, first: Cell) -> LeftOutCell:
    where = f"prompt {first.at.prompt}, {first.run_label}"
    varied = ", ".join(f"{k} {v}" for k, v in first.at.axes.items())
    return LeftOutCell(
        at=cell.at,
        state="duplicate",
        cell_id=first.cell_id,
        reason=f"sends the same request as {where}{', ' + varied if varied else ''}; bought once",
    )


class _Rules:
    """The exclude rules, and which of them left nothing out."""

    def __init__(self, rules: Sequence[Exclude]) -> None:
        self._rules = rules
        self._used: set[int] = set()

    def match(self, at: Coordinates) -> str | None:
        values = {**at.axes, **at.model_dump(exclude={"axes"})}
        for index, rule in enumerate(self._rules):
            if all(values.get(k) in allowed for k, allowed in rule.match.items()):
                self._used.add(index)
                return rule.reason
        return None

    def refuse_idle(self) -> None:
        for index, rule in enumerate(self._rules):
            if index not in self._used:
                said = ", ".join(f"{k}: {canonical_json(v)}" for k, v in rule.match.items())
                raise BadInput(
                    f"the rule ({said}) leaves nothing out",
                    fix="check its names against presets, prompts, inputs, seeds and axes",
                    path=("exclude", index),
                )


def _ordered(cells: list[Cell], order: Order) -> list[Cell]:
    if order == "listed":
        return cells
    if order == "cheapest-first":
        unpriced_last = 2**62
        return sorted(cells, key=lambda c: c.estimate.expected if c.estimate else unpriced_last)
    by_preset: dict[str, list[Cell]] = {}
    for cell in cells:
        by_preset.setdefault(cell.at.preset, []).append(cell)
    rounds = zip_longest(*by_preset.values())
    return [cell for one in rounds for cell in one if cell is not None]


def _use(preset: Preset, schema: EndpointSchema | None) -> PresetUse:
    stamp = SchemaStamp(as_of=schema.as_of, sha256=schema.sha256) if schema else None
    return PresetUse(preset=preset, checked_against=stamp)


def _check_worth_running(left_out: Sequence[LeftOutCell], cells: Mapping[str, Cell]) -> None:
    if cells:
        return
    reasons = list(dict.fromkeys(f"{cell.at.preset}: {cell.reason}" for cell in left_out))[:5]
    listed = "".join(f"\n  {reason}" for reason in reasons)
    raise BadInput(f"no cell of the matrix can run{listed}", fix="change hold, axes or exclude")

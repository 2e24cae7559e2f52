"""Matrix × presets → plan: every combination once, in order, with what it sends and may cost."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from fal_experiments.core.combinations import combinations
from fal_experiments.core.ids import canonical_json, slug
from fal_experiments.core.json_values import same_json
from fal_experiments.core.matrix import Exclude, MatrixSpec, Order
from fal_experiments.core.plan import (
    Cell,
    Coordinates,
    LeftOutCell,
    Plan,
    PresetUse,
    SchemaStamp,
)
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt_braces import check_braces
from fal_experiments.core.resolve import resolve
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.seed_probe import seed_probes
from fal_experiments.core.sense import Materials, check_sense, has_axis, warnings_of
from fal_experiments.errors import BadInput


def expand(spec: MatrixSpec, materials: Materials, *, probe_seeds: bool = False) -> Plan:
    """Return the plan of `spec`; with `probe_seeds`, one cell of each seeded preset runs twice.

    Cell ids follow from content, so re-ordering the matrix changes none of them, and the same
    matrix, presets, inputs and evidence of prices give the same plan byte for byte.

    Raises: BadInput for an axis that no preset has, a value that every preset refuses, braces that
    no variable fills, an exclude rule that matches nothing, an image-to-video matrix without an
    image, or an empty matrix.
    """
    check_braces(materials.prompts)
    _check_nulls(spec, materials)
    check_sense(spec, materials)
    cells: dict[str, Cell] = {}
    left_out: list[LeftOutCell] = []
    rules = _Rules(spec.exclude)
    for combination in combinations(spec, materials):
        reason = rules.match(combination.at)
        if reason is not None:
            left_out.append(LeftOutCell(at=combination.at, state="excluded", reason=reason))
            continue
        schema = materials.schemas.get(combination.preset.endpoint)
        outcome = resolve(spec, combination, schema, materials.evidence)
        if isinstance(outcome, LeftOutCell):
            left_out.append(outcome)
        elif outcome.cell_id in cells:
            left_out.append(_duplicate(outcome, cells[outcome.cell_id]))
        else:
            cells[outcome.cell_id] = outcome
    rules.refuse_idle()
    _check_worth_running(left_out, cells)
    in_order = _ordered(list(cells.values()), spec.order)
    return Plan(
        spec=spec,
        slug=slug(spec.name),
        prompts=tuple(materials.prompts),
        inputs=tuple(materials.inputs),
        presets={p.id: _use(p, materials.schemas.get(p.endpoint)) for p in materials.presets},
        cells=(*in_order, *(seed_probes(in_order, spec.repeats) if probe_seeds else ())),
        left_out=tuple(left_out),
        warnings=tuple(warnings_of(spec, materials)),
    )


def _check_nulls(spec: MatrixSpec, materials: Materials) -> None:
    """Refuse null for a knob of an endpoint without a schema, which alone could say it is taken."""
    unchecked = [p for p in materials.presets if p.endpoint not in materials.schemas]
    for name, values in spec.axes.items():
        takers = [preset.id for preset in unchecked if has_axis(name, preset, None)]
        if takers and any(value is None for value in values):
            raise BadInput(
                f"null is sent only where a schema says that it is taken, and {takers[0]} has none",
                fix="leave the value out; `fal-exp presets import` brings the schema",
                path=("axes", name, list(values).index(None)),
            )


def _duplicate(cell: Cell, first: Cell) -> LeftOutCell:
    where = f"prompt {first.at.prompt}, {first.run_label}"
    varied = ", ".join(f"{k} {v}" for k, v in {**first.at.vars, **first.at.axes}.items())
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
        values = {**at.vars, **at.axes, **at.model_dump(exclude={"axes", "vars"})}
        for index, rule in enumerate(self._rules):
            if all(_is_one_of(values, k, allowed) for k, allowed in rule.match.items()):
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


def _is_one_of(values: Mapping[str, Any], name: str, allowed: Sequence[Any]) -> bool:
    """Tell whether a cell has a value under a name that a rule allows; an axis may not be its."""
    return name in values and any(same_json(values[name], one) for one in allowed)


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
    return PresetUse(preset=preset, checked_against=stamp, snapshot=schema)


def _check_worth_running(left_out: Sequence[LeftOutCell], cells: Mapping[str, Cell]) -> None:
    if cells:
        return
    reasons = list(dict.fromkeys(f"{cell.at.preset}: {cell.reason}" for cell in left_out))[:5]
    listed = "".join(f"\n  {reason}" for reason in reasons)
    raise BadInput(f"no cell of the matrix can run{listed}", fix="change hold, axes or exclude")

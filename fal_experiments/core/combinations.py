"""Every combination that a matrix names: prompt × preset × input × axes × seed × repeat."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from fal_experiments.core.inputs import InputFile, of_task
from fal_experiments.core.matrix import HOLD_KEYS, HoldKey, MatrixSpec
from fal_experiments.core.plan import Coordinates
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.sense import Materials, has_axis
from fal_experiments.errors import BadInput

MAX_CELLS = 100_000


class Combination(NamedTuple):
    """One place of the matrix, with all that decides what is sent there."""

    at: Coordinates
    prompt: Prompt
    """Its variables are filled in."""
    preset: Preset
    files: Mapping[str, InputFile]
    """The input's files by role; empty where there is none."""
    hold: Mapping[HoldKey, Any]
    knobs: Mapping[str, Any]
    repeat: int
    """Which of the equal requests this is; counts seeds too where the model takes none."""


class _Where(NamedTuple):
    """A combination but for seed and repeat."""

    prompt: Prompt
    preset: Preset
    input: str | None
    files: Mapping[str, InputFile]
    axes: Mapping[str, Any]
    vars: Mapping[str, str]


def combinations(spec: MatrixSpec, materials: Materials) -> Iterator[Combination]:
    """Yield every combination once, in the order of the matrix. Raises: BadInput for too many."""
    seeds: Sequence[int | None] = spec.seeds or (None,)
    count = 0
    for where in _places(spec, materials):
        hold = spec.hold.stated() | {k: where.axes[k] for k in HOLD_KEYS if k in where.axes}
        knobs = {k: v for k, v in where.axes.items() if k not in HOLD_KEYS}
        for (index, seed), repeat in product(enumerate(seeds), range(1, spec.repeats + 1)):
            count += 1
            if count > MAX_CELLS:
                raise BadInput(f"the matrix has more than {MAX_CELLS:,} cells", fix="split it")
            at = Coordinates(
                prompt=where.prompt.id,
                preset=where.preset.id,
                input=where.input,
                seed=seed,
                repeat=repeat,
                axes=dict(where.axes),
                vars=dict(where.vars),
            )
            nth = repeat if where.preset.takes_seed else index * spec.repeats + repeat
            yield Combination(at, where.prompt, where.preset, where.files, hold, knobs, nth)


def _places(spec: MatrixSpec, materials: Materials) -> Iterator[_Where]:
    for prompt, preset in product(materials.prompts, materials.presets):
        if (prompt.task or spec.task) != preset.task:
            continue
        schema = materials.schemas.get(preset.endpoint)
        axes = {k: v for k, v in spec.axes.items() if has_axis(k, preset, schema)}
        named = {k: v for k, v in spec.vars.items() if k in prompt.variables}
        files_of = files_for(prompt, preset, materials)
        for words, input_id, values in product(
            product(*named.values()), files_of or (None,), product(*axes.values())
        ):
            chosen = dict(zip(named, words, strict=True))
            yield _Where(
                prompt.filled(chosen),
                preset,
                input_id,
                files_of[input_id] if input_id is not None else {},
                dict(zip(axes, values, strict=True)),
                chosen,
            )


def files_for(
    prompt: Prompt, preset: Preset, materials: Materials
) -> dict[str, dict[str, InputFile]]:
    """Return the inputs that a prompt and a preset meet: id → role → file.

    One that gives nothing of what the preset takes is among them: it is left out with a reason.
    """
    found: dict[str, dict[str, InputFile]] = {}
    for file in materials.inputs:
        if prompt.inputs is None or file.id in prompt.inputs:
            found.setdefault(file.id, {})[file.role] = file
    wanted = {name: of_task(preset.task, files) for name, files in found.items()}
    return {name: files for name, files in wanted.items() if files}

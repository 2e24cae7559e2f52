"""Whatever preset comes with the program: what the tool sends for it is served, drawn and billed.

A preset that is added is taken up here by itself.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

import pytest

from fal_experiments.core.entries import Task
from fal_experiments.core.expand import expand
from fal_experiments.core.inputs import InputFile, taken_parts
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.plan import Cell
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import prompt_from_entry
from fal_experiments.core.schema import INPUT_REF
from fal_experiments.core.sense import Materials
from fal_experiments.sandbox.books import Done, charge
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.clips.draw import draw_clip
from fal_experiments.sandbox.clips.look import look_at
from fal_experiments.sandbox.clips.order import ClipMade, Medium, MediumFacts
from fal_experiments.sandbox.file_store import FileStore
from fal_experiments.sandbox.inputs import Inputs, inputs_of
from fal_experiments.sandbox.outputs import output_body
from fal_experiments.sandbox.recipe import Recipe, recipe_for
from fal_experiments.sandbox.validation import errors_in, known_arguments, with_defaults
from fal_experiments.storage.bundled import bundled_root
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf
from tests.sandbox.lab import picture
from tests.sandbox.studio import film, tone

SHELF = PresetShelf(Project(bundled_root()))
CURRENT = [id_ for id_ in SHELF.ids() if SHELF.read(id_).status == "current"]
FACTS = {
    "image": MediumFacts(1280, 720),
    "video": MediumFacts(1280, 720, Decimal(4), 24.0, has_audio=True),
    "audio": MediumFacts(duration_s=Decimal(4), has_audio=True),
}
ROLES = {"references": "references.0", "elements": "elements.0.image"}


class Served(NamedTuple):
    """A preset's typical request, as the sandbox understands it."""

    cell: Cell
    endpoint: CataloguedEndpoint
    arguments: dict[str, Any]
    inputs: Inputs

    @property
    def recipe(self) -> Recipe:
        return recipe_for(self.endpoint, self.arguments, self.inputs, take=0)


def parts_of(preset: Preset, required: set[str]) -> list[str]:
    """Return the inputs that a typical request has: those that it must have, or the first."""
    taken = taken_parts(preset.inputs)
    knobs = {part: getattr(preset.inputs, part) for part in taken}
    names = {part: getattr(knob, "knob", knob).removesuffix("[]") for part, knob in knobs.items()}
    needed = [part for part in sorted(taken) if names[part] in required]
    if "image" in taken and preset.task == "image-to-video":
        needed.append("image")
    if needed or preset.task.startswith("text-"):
        return list(dict.fromkeys(needed))
    usual: tuple[str, ...] = ("references", "image", "video", "audio")
    return [part for part in usual if part in taken][:1]


def input_file(part: str) -> InputFile:
    """Return a file of a size that every endpoint takes."""
    facts = FACTS.get(part, FACTS["image"])
    return InputFile(
        id="set",
        role=ROLES.get(part, part),
        sha256=f"{part:-<64}",
        width_px=facts.width_px,
        height_px=facts.height_px,
        size_bytes=9000,
        duration_s=facts.duration_s,
        fps=Decimal(str(facts.fps)) if facts.fps else None,
        has_audio=facts.has_audio,
    )


def typical_cell(preset: Preset) -> Cell:
    """Return the one cell of the smallest matrix of a preset."""
    schema = SHELF.schema(preset.endpoint)
    assert schema is not None
    parts = parts_of(preset, set(schema.input.get("required", ())))
    spec = MatrixSpec.model_validate(
        {
            "name": "typical",
            "task": preset.task,
            "prompts": [{"id": "walk", "text": "It walks in place."}],
            "presets": [preset.id],
            "seeds": "7",
        }
    )
    prompts = [prompt_from_entry(entry) for entry in spec.prompts]
    files = [input_file(part) for part in parts]
    plan = expand(spec, Materials(prompts, [preset], {preset.endpoint: schema}, files))
    assert not plan.left_out, plan.left_out[0].reason
    (cell,) = plan.cells
    return cell


def addressed(value: Any) -> Any:
    """Return arguments with an address for each input."""
    if isinstance(value, dict):
        if set(value) == {INPUT_REF}:
            return f"https://files.invalid/{value[INPUT_REF]}"
        return {key: addressed(item) for key, item in value.items()}
    return [addressed(item) for item in value] if isinstance(value, list) else value


@cache
def served(preset_id: str) -> Served:
    """Return what the sandbox makes of the tool's request, up to the drawing."""
    preset = SHELF.read(preset_id)
    cell = typical_cell(preset)
    endpoint = CataloguedEndpoint(preset, SHELF.schema(preset.endpoint))
    body = addressed(cell.arguments)
    assert errors_in(endpoint.schema, body) == []
    assert known_arguments(endpoint.schema, body) == body, "nothing that is sent is dropped"
    arguments = with_defaults(endpoint.schema, body)
    no_files = cast("FileStore", None)  # the addresses are foreign: nothing is looked for
    inputs = inputs_of(endpoint, arguments, no_files, datetime.now(UTC))
    facts = tuple(FACTS[medium.kind] for medium in inputs.media)
    return Served(cell, endpoint, arguments, replace(inputs, facts=facts))


@pytest.mark.parametrize("preset_id", CURRENT)
def test_a_typical_request_is_taken_and_costs_what_was_estimated(preset_id: str) -> None:
    job = served(preset_id)
    recipe = job.recipe
    done = Done(recipe.made, recipe.length_s, Decimal(60), recipe.input_s, files=len(recipe.orders))

    cost = charge(job.endpoint.preset, done)

    assert cost.cost_nano_usd > 0
    if job.cell.estimate is not None:
        assert cost.cost_nano_usd == job.cell.estimate.expected


@pytest.mark.parametrize("preset_id", CURRENT)
def test_the_result_stands_where_the_preset_looks_for_it(preset_id: str) -> None:
    job = served(preset_id)

    found: Any = output_body(job.endpoint, job.recipe, [{"url": "https://files.invalid/out"}])
    for part in job.endpoint.preset.output.path.split("."):
        found = found[int(part)] if part.isdecimal() else found[part]

    assert found == "https://files.invalid/out"


@cache
def content(kind: str) -> bytes:
    """Return a real file of a kind, within every limit."""
    if kind == "video":
        return film(4, fps=24, size_px=(1280, 720))
    return tone(4) if kind == "audio" else picture(1280, 720)


@pytest.mark.parametrize("task", get_args(Task))
def test_one_preset_of_each_task_is_drawn_from_real_files(task: str, tmp_path: Path) -> None:
    job = served(next(id_ for id_ in CURRENT if SHELF.read(id_).task == task))
    media = tuple(
        Medium(data=content(medium.kind), kind=medium.kind, loc=medium.loc, limits=medium.limits)
        for medium in job.inputs.media
    )
    facts = look_at(media)
    assert isinstance(facts, tuple)
    inputs = replace(job.inputs, media=media, facts=facts)
    order = recipe_for(job.endpoint, job.arguments, inputs, take=0).order

    made = draw_clip(
        replace(order, lines=64, size_px=None, frame_count=min(2, order.frame_count)),
        tmp_path / "clip",
    )

    assert isinstance(made, ClipMade)

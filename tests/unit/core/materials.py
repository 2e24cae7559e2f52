"""Small presets, schemas and matrices for tests of the core."""

from typing import Any

from fal_experiments.core.expand import expand
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.plan import Plan
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import prompt_from_entry
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.sense import Materials

PLATE = InputFile(
    id="plate", role="image", sha256="ab" * 32, path="a.png", width_px=1280, height_px=720
)


def schema(endpoint: str, **knobs: dict[str, Any]) -> EndpointSchema:
    """An endpoint that takes prompt, image_url and `knobs`."""
    properties = {"prompt": {"type": "string"}, "image_url": {"type": "string"}, **knobs}
    return EndpointSchema(
        endpoint=endpoint,
        as_of="2026-08-02",
        source="a test",
        input={"type": "object", "properties": properties, "required": ["prompt"]},
        output={},
    )


def preset(preset_id: str, **changes: Any) -> Preset:
    """An image-to-video preset with a duration knob of text values, priced by the second."""
    fields: dict[str, Any] = {
        "id": preset_id,
        "title": preset_id.title(),
        "provider": "fal",
        "endpoint": f"vendor/{preset_id}",
        "family": preset_id,
        "task": "image-to-video",
        "arguments": {"duration": "5"},
        "inputs": {"image": "image_url"},
        "controls": {
            "duration": {
                "knob": "duration",
                "choices": [{"send": "5", "means": 5}, {"send": "10", "means": 10}],
            },
            "aspect_ratio": {"follows": "image"},
            "resolution": {"unstated": "the page names no size"},
            "audio": {"fixed": False},
        },
        "seed": {"support": "accepted", "knob": "seed"},
        "price": {
            "unit": "second",
            "rules": [{"usd": "0.10", "high_usd": "0.12"}],
            "source": "a test",
            "as_of": "2026-08-02",
        },
    }
    return Preset.model_validate(fields | changes)


SEEDED = preset("seeded")
SEEDLESS = preset("seedless", seed={"support": "none"})
SCHEMAS = {
    "vendor/seeded": schema(
        "vendor/seeded",
        duration={"type": "string", "enum": ["5", "10"]},
        seed={"type": "integer"},
        cfg={"type": "number", "minimum": 0, "maximum": 1},
    ),
    "vendor/seedless": schema("vendor/seedless", duration={"type": "string", "enum": ["5", "10"]}),
}


def spec(**changes: Any) -> MatrixSpec:
    """A matrix of one prompt and both presets on one image."""
    fields: dict[str, Any] = {
        "name": "a test",
        "task": "image-to-video",
        "prompts": [{"id": "walk", "text": "He walks."}],
        "presets": ["seeded", "seedless"],
        "seeds": "1-2",
        "inputs": [{"id": "plate", "image": "a.png"}],
        "order": "listed",
    }
    return MatrixSpec.model_validate(fields | changes)


def plan_of(
    matrix: MatrixSpec,
    presets: tuple[Preset, ...] = (SEEDED, SEEDLESS),
    images: tuple[InputFile, ...] = (PLATE,),
    schemas: dict[str, EndpointSchema] = SCHEMAS,
) -> Plan:
    """The plan of a matrix over presets made for tests."""
    prompts = [prompt_from_entry(entry) for entry in matrix.prompts]
    used = [p for p in presets if p.id in matrix.presets]
    return expand(matrix, Materials(prompts, used, schemas, images))

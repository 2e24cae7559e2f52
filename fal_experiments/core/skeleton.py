"""An endpoint's snapshot → the first draft of its preset: every default explicit, nothing hidden.

What rewrites a prompt or a clip behind a person's back (prompt expansion, auto_fix, interpolation,
watermarks) starts on its neutral side. What a schema cannot say is `unstated`, never guessed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fal_experiments.core.entries import Task
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.schema_sources import SchemaSource, openapi_url, read_sources
from fal_experiments.core.skeleton_controls import controls_of, is_open_choice
from fal_experiments.core.skeleton_inputs import (
    AUDIO_KNOBS,
    IMAGE_KNOBS,
    LAST_FRAME_KNOBS,
    ONE_REFERENCE_KNOBS,
    REFERENCE_KNOBS,
    VIDEO_KNOBS,
    inputs_of,
)

NEUTRAL: dict[str, Any] = {
    "prompt_optimizer": False,
    "enable_prompt_expansion": False,
    "enhance_prompt": False,
    "auto_fix": False,
    "prompt_expansion_mode": "disabled",
    "thinking_type": "disabled",
    "interpolator_model": "none",
    "num_interpolated_frames": 0,
    "multi_shots": False,
    "watermark": False,
    "enable_web_search": False,
}
"""Knobs that rewrite the prompt, the clip, or look elsewhere, and the value that does not."""
_TASK_PARTS: dict[str, Task] = {
    "image-to-video": "image-to-video",
    "text-to-video": "text-to-video",
    "reference-to-video": "reference-to-video",
    "first-last-frame-to-video": "image-to-video",
    "transition": "image-to-video",
    "video-to-video": "video-to-video",
    "motion-control": "video-to-video",
    "edit-video": "video-to-video",
    "video-edit": "video-to-video",
    "extend-video": "video-to-video",
    "text-to-image": "text-to-image",
    "image-to-image": "image-to-image",
}
SHORT_TASKS = {
    "text-to-video": "t2v",
    "image-to-video": "i2v",
    "reference-to-video": "r2v",
    "video-to-video": "v2v",
    "text-to-image": "t2i",
    "image-to-image": "i2i",
    "first-last-frame-to-video": "flf",
}
_FAMILIES = (
    "seedance", "seedream", "kling", "veo", "sora", "hailuo", "minimax", "happy-horse", "wan",
    "ltx", "grok", "gemini", "luma", "pixverse", "nano-banana", "flux", "qwen", "gpt-image",
    "z-image",
)  # fmt: skip


class Draft(NamedTuple):
    """The fields of a preset in their order, and what a person still has to decide."""

    fields: dict[str, Any]
    remarks: tuple[str, ...]


def draft_of(
    schema: EndpointSchema,
    *,
    preset_id: str | None = None,
    title: str | None = None,
    price: Mapping[str, Any] | None = None,
) -> Draft:
    """Return a draft that passes the schema once its remarks are followed.

    Args:
        price: the `price` field, where a source of prices was given.
    """
    properties = schema.input.get("properties", {})
    task = task_of(schema)
    shown = task.replace("-", " ")
    remarks = list(_undecided(schema))
    fields: dict[str, Any] = {
        "id": preset_id or slug_of(schema.endpoint),
        "title": f"{title or schema.endpoint} · {shown}",
        "provider": "fal",
        "endpoint": schema.endpoint,
        "family": family_of(schema.endpoint),
        "task": task,
        "arguments": arguments_of(schema),
        "inputs": inputs_of(properties, task),
        "controls": controls_of(properties, task),
        "seed": seed_of(schema),
    }
    if task.endswith("image"):
        fields["output"] = {"kind": "image", "path": "images.0.url"}
    if price is not None:
        fields["price"] = dict(price)
    else:
        remarks.append("price: unknown; until it is here a budget blocks this preset")
    fields["facts"] = facts_of(schema)
    if schema.notes:
        fields["facts"]["schema"]["note"] = "; ".join(schema.notes)
    return Draft(fields, tuple(remarks))


def facts_of(schema: EndpointSchema) -> dict[str, dict[str, str]]:
    """Return where the schema was read as facts of a preset, as its snapshot tells it.

    `schema` is the first place, `defaults` the document that corrected its defaults and limits.
    """
    document = SchemaSource(openapi_url(schema.endpoint), "OpenAPI document", schema.as_of)
    first, *more = read_sources(schema.source) or (document,)
    found = {"schema": {"source": first.address, "as_of": first.as_of}}
    for place in more:
        found["defaults"] = {"source": place.address, "as_of": place.as_of, "note": place.what}
    return found


def slug_of(endpoint: str) -> str:
    """Return an id for a preset of an endpoint: `kling-video-v3-pro-i2v`."""
    short = "/".join(SHORT_TASKS.get(part, part) for part in endpoint.split("/"))
    plain = short.removeprefix("fal-ai/").replace("/", "-").replace(".", "-").replace("_", "-")
    return plain.lower()[:64].strip("-")


def family_of(endpoint: str) -> str:
    """Return the family that chooses the idiom of prompts, or the vendor where it is unknown."""
    found = (name for name in _FAMILIES if name in endpoint.lower())
    return next(found, endpoint.split("/", maxsplit=1)[0].lower())


def task_of(schema: EndpointSchema) -> Task:
    """Return what an endpoint does, by its id, or else by what it takes and gives."""
    for part in schema.endpoint.split("/"):
        if part in _TASK_PARTS:
            return _TASK_PARTS[part]
    properties, required = schema.input.get("properties", {}), schema.input.get("required", [])
    if "images" in schema.output.get("properties", {}):
        return (
            "image-to-image" if any(k in properties for k in REFERENCE_KNOBS) else "text-to-image"
        )
    if any(knob in required for knob in VIDEO_KNOBS):
        return "video-to-video"
    if any(knob in required for knob in IMAGE_KNOBS):
        return "image-to-video"
    if any(knob in required for knob in ONE_REFERENCE_KNOBS):
        return "reference-to-video"
    return "text-to-video"


def arguments_of(schema: EndpointSchema) -> dict[str, Any]:
    """Return every default of the vendor, neutral where it would rewrite; booleans told as false.

    A boolean without a stated default is mostly false (references/presets-notes.md 1.3): sending
    it removes the doubt.
    """
    found: dict[str, Any] = {}
    for knob, field in schema.input.get("properties", {}).items():
        if knob in NEUTRAL:
            found[knob] = NEUTRAL[knob]
        elif field.get("default") is not None:
            found[knob] = field["default"]
        elif field.get("type") == "boolean":
            found[knob] = False
        elif "const" in field:
            found[knob] = field["const"]
        elif knob in schema.input.get("required", ()) and is_open_choice(field):
            found[knob] = field["enum"][0]
    return found


def seed_of(schema: EndpointSchema) -> dict[str, Any]:
    """Return what the endpoint does with a seed, read from what it takes and what it returns."""
    returns = "seed" in schema.output.get("properties", {})
    if "seed" in schema.knobs:
        if returns:
            note = "the result returns the seed that was used"
            return {"support": "accepted", "knob": "seed", "note": note}
        note = "the result does not say which seed was used"
        return {"support": "accepted-not-returned", "knob": "seed", "note": note}
    note = "the endpoint has no seed knob; a seed that is sent is dropped in silence"
    if returns:
        note += ". The result still returns one"
    return {"support": "none", "note": note}


def _undecided(schema: EndpointSchema) -> Iterator[str]:
    given = {
        "prompt",
        *IMAGE_KNOBS,
        *LAST_FRAME_KNOBS,
        *REFERENCE_KNOBS,
        *ONE_REFERENCE_KNOBS,
        *VIDEO_KNOBS,
        *AUDIO_KNOBS,
    }
    for knob in schema.input.get("required", ()):
        field = schema.input["properties"].get(knob, {})
        if knob in given or field.get("default") is not None:
            continue
        if is_open_choice(field):
            said = ", ".join(map(str, field["enum"]))
            yield f"arguments.{knob}: required without a default; choose one of {said}"
        else:
            yield f"arguments.{knob}: required, and no input fills it"

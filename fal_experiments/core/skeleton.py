"""An endpoint's snapshot → the first draft of its preset: every default explicit, nothing hidden.

What rewrites a prompt or a clip behind a person's back (prompt expansion, auto_fix, interpolation,
watermarks) starts on its neutral side. What a schema cannot say is `unstated`, never guessed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fal_experiments.core.entries import Task
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.skeleton_controls import controls_of, is_open_choice

Fields = Mapping[str, Any]

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
IMAGE_KNOBS = (
    "image_url",
    "start_image_url",
    "first_frame_url",
    "first_image_url",
    "subject_reference_image_url",
)
LAST_FRAME_KNOBS = ("end_image_url", "tail_image_url", "last_frame_url")
REFERENCE_KNOBS = ("image_urls", "reference_image_urls")
VIDEO_KNOBS = ("video_url", "video_urls", "reference_video_urls")
AUDIO_KNOBS = ("audio_url", "target_audio_url", "audio_urls", "reference_audio_urls")
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
    fields["facts"] = {"schema": {"source": openapi_url(schema.endpoint), "as_of": schema.as_of}}
    if schema.notes:
        fields["facts"]["schema"]["note"] = "; ".join(schema.notes)
    return Draft(fields, tuple(remarks))


def openapi_url(endpoint: str) -> str:
    """Return the public address of an endpoint's OpenAPI document."""
    return f"https://fal.ai/api/openapi/queue/openapi.json?endpoint_id={endpoint}"


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


def inputs_of(properties: Fields, task: Task) -> dict[str, Any]:
    """Return which argument takes which input, by the names that fal's endpoints use."""
    found: dict[str, Any] = {"prompt": "prompt" if "prompt" in properties else None}
    references = _first(properties, REFERENCE_KNOBS)
    found["image"] = _first(properties, IMAGE_KNOBS)
    if task == "image-to-image" and references and found["image"] is None:
        found["image"] = f"{references}[]"
    found["last_frame"] = _first(properties, LAST_FRAME_KNOBS)
    found["references"] = references
    items = properties.get("elements", {}).get("items", {}).get("properties", {})
    if "frontal_image_url" in items:
        parts = {"references": "reference_image_urls", "video": "video_url"}
        more = {part: knob for part, knob in parts.items() if knob in items}
        found["elements"] = {"knob": "elements", "image": "frontal_image_url", **more}
    if not task.endswith("image"):
        found["video"] = _one_file(properties, _first(properties, VIDEO_KNOBS))
        found["audio"] = _one_file(properties, _first(properties, AUDIO_KNOBS))
    if "multi_prompt" in properties:
        found["shots"] = {"knob": "multi_prompt", "text": "prompt", "duration": "duration"}
    return {part: knob for part, knob in found.items() if knob is not None or part == "prompt"}


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


def _first(properties: Fields, knobs: tuple[str, ...]) -> str | None:
    return next((knob for knob in knobs if knob in properties), None)


def _one_file(properties: Fields, knob: str | None) -> str | None:
    """Return a knob that takes one file: `video_urls[]` where it takes a list."""
    is_list = knob is not None and properties[knob].get("type") == "array"
    return f"{knob}[]" if is_list else knob

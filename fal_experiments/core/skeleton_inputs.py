"""Which argument of an endpoint takes which input, by the names that fal's endpoints use."""

from collections.abc import Mapping
from typing import Any

from fal_experiments.core.entries import Task

Fields = Mapping[str, Any]

IMAGE_KNOBS = (
    "image_url",
    "start_image_url",
    "first_frame_url",
    "first_image_url",
)
LAST_FRAME_KNOBS = ("end_image_url", "tail_image_url", "last_frame_url")
REFERENCE_KNOBS = ("image_urls", "reference_image_urls")
ONE_REFERENCE_KNOBS = ("subject_reference_image_url", "reference_image_url")
"""Those that take a single file, which is no first frame."""
VIDEO_KNOBS = ("video_url", "video_urls", "reference_video_urls")
AUDIO_KNOBS = ("audio_url", "target_audio_url", "audio_urls", "reference_audio_urls")


def inputs_of(properties: Fields, task: Task) -> dict[str, Any]:
    """Return which argument takes which input, by the names that fal's endpoints use."""
    found: dict[str, Any] = {"prompt": "prompt" if "prompt" in properties else None}
    several = _first(properties, REFERENCE_KNOBS)
    found["image"] = _first(properties, IMAGE_KNOBS)
    if task == "image-to-image" and several and found["image"] is None:
        found["image"] = f"{several}[]"
    found["last_frame"] = _first(properties, LAST_FRAME_KNOBS)
    found["references"] = _references(properties)
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


def _first(properties: Fields, knobs: tuple[str, ...]) -> str | None:
    return next((knob for knob in knobs if knob in properties), None)


def _references(properties: Fields) -> str | None:
    """Return the knob of references: `reference_image_url[0]` where it takes one file only."""
    several = _first(properties, REFERENCE_KNOBS)
    one = _first(properties, ONE_REFERENCE_KNOBS)
    return several if several or one is None else f"{one}[0]"


def _one_file(properties: Fields, knob: str | None) -> str | None:
    """Return a knob that takes one file: `video_urls[]` where it takes a list."""
    is_list = knob is not None and properties[knob].get("type") == "array"
    return f"{knob}[]" if is_list else knob

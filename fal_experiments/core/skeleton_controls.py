"""How an endpoint's knobs meet each key of `hold`, as far as their names and values tell it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fal_experiments.core.entries import Task

Fields = Mapping[str, Any]
Control = dict[str, Any]

SOUND_KNOBS = (
    "generate_audio",
    "generate_audio_switch",
    "audio",
    "keep_audio",
    "keep_original_sound",
)
REWRITING_KNOBS = ("prompt_optimizer", "enable_prompt_expansion", "enhance_prompt", "auto_fix")
RATIOS_OF_SIZES = {
    "square_hd": "1:1",
    "square": "1:1",
    "portrait_4_3": "3:4",
    "portrait_16_9": "9:16",
    "landscape_4_3": "4:3",
    "landscape_16_9": "16:9",
    "1024x1024": "1:1",
    "1536x1024": "3:2",
    "1024x1536": "2:3",
}
"""Shapes of the named sizes that fal's image endpoints share."""
_LEFT_TO_THE_MODEL = ("auto", "adaptive")
_LENGTH = re.compile(r"([0-9]+)s?")


def controls_of(properties: Fields, task: Task) -> dict[str, Control]:
    """Return a control for every key of hold; `unstated` says why there is none."""
    return {
        "duration": _duration(properties, task),
        "aspect_ratio": _aspect_ratio(properties, task),
        "resolution": _resolution(properties),
        "audio": _audio(properties, task),
        "fps": _fps(properties, task),
        "negative_prompt": _negative_prompt(properties),
        "prompt_enhancement": _prompt_enhancement(properties),
    }


def is_open_choice(field: Mapping[str, Any]) -> bool:
    """Tell whether a field has listed values and no default."""
    return bool(field.get("enum")) and field.get("default") is None


def choices_of(field: Mapping[str, Any]) -> list[Any]:
    """Return the listed values of a field, without those that leave the choice to the model."""
    return [value for value in _listed(field) if not _is_left(value)]


def _listed(field: Mapping[str, Any]) -> Iterator[Any]:
    for part in field.get("anyOf") or [field]:
        yield from (value for value in part.get("enum", ()) if value is not None)


def _is_left(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_LEFT_TO_THE_MODEL)


def _duration(properties: Fields, task: Task) -> Control:
    if task.endswith("image"):
        return {"unstated": "a picture has no length"}
    field = properties.get("duration")
    if field is not None:
        return _length_knob(field)
    frames = properties.get("num_frames")
    if frames is not None and "maximum" in frames:
        return _frames(frames, properties)
    if "video_url" in properties:
        return {"follows": "video"}
    return {"unstated": "the endpoint has no length knob and its schema names no length"}


def _length_knob(field: Mapping[str, Any]) -> Control:
    if "const" in field:
        found = _LENGTH.fullmatch(str(field["const"]))
        return {"fixed": int(found[1])} if found else {"unstated": "the knob has one value only"}
    choices = choices_of(field)
    if choices:
        whole = [{"send": 0, "means": "video"} if c == 0 else c for c in choices]
        return {"knob": "duration", "choices": whole}
    if field.get("type") not in {"integer", "number"}:
        return {"unstated": "the knob duration takes free text whose values are not stated"}
    control: Control = {"knob": "duration", "least": field.get("minimum", 0)}
    if "maximum" in field:
        control["most"] = field["maximum"]
    return control | ({"step": 1} if field["type"] == "integer" else {})


def _frames(frames: Mapping[str, Any], properties: Fields) -> Control:
    rate = properties.get("frames_per_second", {})
    control = {
        "frames_knob": "num_frames",
        "least": frames.get("minimum", 1),
        "most": frames["maximum"],
    }
    if isinstance(rate.get("default"), int):
        return control | {"fps": rate["default"], "fps_knob": "frames_per_second"}
    return {"unstated": "num_frames sets the length at a rate that is not stated"}


def _aspect_ratio(properties: Fields, task: Task) -> Control:
    for knob in ("aspect_ratio", "image_size"):
        field = properties.get(knob)
        choices = choices_of(field) if field else []
        if knob == "image_size" and choices:
            known = [
                {"send": c, "means": RATIOS_OF_SIZES[c]} for c in choices if c in RATIOS_OF_SIZES
            ]
            return {"knob": knob, "choices": known}
        if choices:
            return {"knob": knob, "choices": choices}
    if task == "image-to-video":
        return {"follows": "image"}
    if task == "video-to-video" and "image_url" not in properties:
        return {"follows": "video"}
    return {"unstated": "the endpoint has no ratio knob and its schema names no ratio"}


def _resolution(properties: Fields) -> Control:
    field = properties.get("resolution")
    if field is None:
        if "image_size" in properties:
            return {"unstated": "image_size sets size and ratio at once"}
        return {"unstated": "the endpoint has no size knob and its schema names no size"}
    if "const" in field:
        return {"fixed": field["const"]}
    return {"knob": "resolution", "choices": [_size_choice(c) for c in choices_of(field)]}


def _size_choice(label: Any) -> Any:
    """Return a label of size; 0.5K and 1K of pictures are 512 and 1,024 pixels a side."""
    sides = {"0.5k": "512p", "1k": "1024p", "true_1080p": "full 1080p"}
    means = sides.get(str(label).lower())
    return {"send": label, "means": means} if means else label


def _audio(properties: Fields, task: Task) -> Control:
    if task.endswith("image"):
        return {"unstated": "a picture has no sound"}
    for knob in SOUND_KNOBS:
        if properties.get(knob, {}).get("type") == "boolean":
            return {"knob": knob, "choices": [True, False]}
    return {"unstated": "the endpoint has no switch for sound and its schema does not speak of it"}


def _fps(properties: Fields, task: Task) -> Control:
    if task.endswith("image"):
        return {"unstated": "a picture has no frame rate"}
    for knob in ("fps", "frames_per_second"):
        field = properties.get(knob)
        if field is not None and choices_of(field):
            return {"knob": knob, "choices": choices_of(field)}
        if field is not None and "maximum" in field:
            return {
                "knob": knob, "least": field.get("minimum", 1), "most": field["maximum"], "step": 1,
            }  # fmt: skip
    return {"unstated": "the endpoint has no knob for the frame rate and its schema names none"}


def _negative_prompt(properties: Fields) -> Control:
    if "negative_prompt" in properties:
        return {"text_knob": "negative_prompt"}
    return {"unstated": "the endpoint takes no negative prompt"}


def _prompt_enhancement(properties: Fields) -> Control:
    for knob in REWRITING_KNOBS:
        if knob in properties:
            return {"knob": knob, "choices": [True, False]}
    for knob in ("prompt_expansion_mode", "thinking_type"):
        mode = properties.get(knob)
        if mode is not None:
            on = mode.get("default") or "enabled"
            meant = {"disabled": False, on: True}
            listed = [{"send": v, "means": meant.get(v, v)} for v in choices_of(mode)]
            return {"knob": knob, "choices": listed}
    return {"unstated": "no switch; whether the vendor rewrites prompts is not stated"}

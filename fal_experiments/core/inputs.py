"""The files that a cell starts from: which role each plays, and which argument carries it."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from fal_experiments.core.entries import Task
from fal_experiments.core.model import Record
from fal_experiments.core.preset import (
    TAKES_FIRST,
    ElementKnobs,
    InputKnobs,
    Preset,
    argument_name,
)
from fal_experiments.core.schema import INPUT_REF

Background = Literal["flat", "gradient", "checkerboard", "busy", "transparent"]

_INDEXED = re.compile(
    r"(references|elements)\.([0-9]+)(?:\.(image|references|video)(?:\.([0-9]+))?)?"
)
_STARTS_FROM: dict[Task, frozenset[str]] = {
    "image-to-video": frozenset({"image", "video"}),
    "video-to-video": frozenset({"video"}),
    "image-to-image": frozenset({"image", "references"}),
    "reference-to-video": frozenset({"image", "references", "elements", "video"}),
}
"""At least one of these is given, of those that the endpoint takes."""
_ROLE_NAMES = {
    "image": "first frame",
    "last_frame": "last frame",
    "references": "reference images",
    "elements": "elements",
    "video": "video",
    "audio": "audio",
}


class InputFile(Record):
    """An input as it was found: identity by content, or by address where it is a URL.

    `role` is image, last_frame, video, audio, references.N, elements.N.image,
    elements.N.references.M or elements.N.video; N counts from 0. None: not measured.
    """

    id: str
    role: str
    sha256: str | None = None
    path: str | None = None
    """From the project root, with `/` on every system."""
    url: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    size_bytes: int | None = None
    media_type: str | None = None
    duration_s: Decimal | None = None
    fps: Decimal | None = None
    has_audio: bool | None = None
    background: Background | None = None
    """What stands behind the subject of an image, judged by its borders."""

    @property
    def part(self) -> str:
        """The field of an input that the file belongs to: image, references, elements, …"""
        return self.role.partition(".")[0]

    @property
    def argument(self) -> Any:
        """What stands for the file in arguments."""
        return {INPUT_REF: self.sha256} if self.sha256 else self.url


def taken_parts(knobs: InputKnobs) -> frozenset[str]:
    """Return the fields of an input that an endpoint takes."""
    return frozenset(part for part in _ROLE_NAMES if getattr(knobs, part) is not None)


def of_task(task: Task, files: Mapping[str, InputFile]) -> dict[str, InputFile]:
    """Return what of an input a task is about: a text-to-video prompt starts from no picture."""
    if not task.startswith("text-to-"):
        return dict(files)
    return {role: file for role, file in files.items() if file.part == "audio"}


def starts_from(preset: Preset) -> list[str]:
    """Return the fields of an input of which a preset needs at least one; empty: it needs none."""
    wanted = _STARTS_FROM.get(preset.task, frozenset()) & taken_parts(preset.inputs)
    return [part for part in _ROLE_NAMES if part in wanted]


def lacking(preset: Preset, files: Mapping[str, InputFile]) -> str | None:
    """Return what a preset cannot start without and the files do not give, in words."""
    wanted = starts_from(preset)
    if not wanted or {file.part for file in files.values()} & set(wanted):
        return None
    return " or ".join(_ROLE_NAMES[part] for part in wanted)


def unused(knobs: InputKnobs, files: Mapping[str, InputFile]) -> tuple[str, ...]:
    """Return what is given and the endpoint has no knob for, as people say it."""
    found: dict[str, None] = {}
    for file in files.values():
        part, _, _ = file.role.partition(".")
        if part not in taken_parts(knobs):
            found[_ROLE_NAMES[part]] = None
        elif part == "elements" and knobs.elements is not None:
            inner = _places(file.role)[2]
            if getattr(knobs.elements, inner) is None:
                found[f"{_ROLE_NAMES.get(inner, inner)} of an element"] = None
    return tuple(found)


def too_many(knobs: InputKnobs, files: Mapping[str, InputFile]) -> str | None:
    """Return what is wrong where more references are given than the one that a model takes."""
    count = sum(file.part == "references" for file in files.values())
    if count < 2 or knobs.references is None or not knobs.references.endswith(TAKES_FIRST):
        return None
    return f"{argument_name(knobs.references)} takes one reference image, {count} are given"


def input_arguments(knobs: InputKnobs, files: Mapping[str, InputFile]) -> dict[str, Any]:
    """Return the arguments that carry the files which the endpoint takes.

    Raises: ValueError where `too_many` has something to say: no file is dropped in silence.
    """
    wrong = too_many(knobs, files)
    if wrong is not None:
        raise ValueError(wrong)
    sent: dict[str, Any] = {}
    for part in ("image", "last_frame", "video", "audio"):
        knob = getattr(knobs, part)
        if knob is not None and part in files:
            value = files[part].argument
            sent[argument_name(knob)] = [value] if knob.endswith("[]") else value
    if knobs.references is not None:
        listed = [file.argument for file in _in_order(files, "references")]
        if listed and knobs.references.endswith(TAKES_FIRST):
            sent[argument_name(knobs.references)] = listed[0]
        elif listed:
            sent[knobs.references] = [*sent.get(knobs.references, []), *listed]
    if knobs.elements is not None:
        elements = _elements(knobs.elements, files)
        if elements:
            sent[knobs.elements.knob] = elements
    return sent


def _elements(knobs: ElementKnobs, files: Mapping[str, InputFile]) -> list[dict[str, Any]]:
    elements: dict[int, dict[str, Any]] = {}
    for file in _in_order(files, "elements"):
        _, index, role, _ = _places(file.role)
        element = elements.setdefault(index, {})
        if role == "image":
            element[knobs.image] = file.argument
        elif role == "references" and knobs.references is not None:
            element.setdefault(knobs.references, []).append(file.argument)
        elif role == "video" and knobs.video is not None:
            element[knobs.video] = file.argument
    return [elements[index] for index in sorted(elements) if elements[index]]


def _in_order(files: Mapping[str, InputFile], part: str) -> list[InputFile]:
    return sorted((f for f in files.values() if f.part == part), key=lambda f: _places(f.role))


def _places(role: str) -> tuple[str, int, str, int]:
    found = _INDEXED.fullmatch(role)
    if found is None:
        raise ValueError(f"{role} is no role of an indexed input")
    return found[1], int(found[2]), found[3] or "", int(found[4] or 0)

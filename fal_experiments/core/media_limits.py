"""What an endpoint says of the files it takes (`x-fal`): least size, shape, length, bytes.

fal downloads a file before it looks, and answers HTTP 422 (`image_too_small`, `file_too_large`, …;
references/fal-platform.md 5.2), which may be billed. Here it is seen before anything is sent.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fal_experiments.core.inputs import InputFile
from fal_experiments.core.labels import bytes_label
from fal_experiments.core.schema import INPUT_REF


def broken_limits(
    schema: dict[str, Any], arguments: Mapping[str, Any], files: Mapping[str, InputFile]
) -> tuple[str, ...]:
    """Return what is wrong with the local files of a request, in words; empty is good.

    Args:
        schema: the endpoint's input schema; `x-fal` stands beside the type of each file.
        files: the inputs by SHA-256. What was not measured is not judged.
    """
    return tuple(_of_object(schema, arguments, files, ""))


def _of_object(
    schema: dict[str, Any], value: Any, files: Mapping[str, InputFile], path: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name, item in value.items():
        if name in properties:
            yield from _of_value(properties[name], item, files, f"{path}.{name}".lstrip("."))


def _of_value(
    schema: dict[str, Any], value: Any, files: Mapping[str, InputFile], path: str
) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _of_value(schema.get("items", {}), item, files, f"{path}[{index}]")
    elif isinstance(value, dict) and set(value) == {INPUT_REF}:
        file = files.get(str(value[INPUT_REF]))
        if file is not None:
            for words in file_against(schema.get("x-fal", {}), file):
                yield f"{path}: {words}"
    elif isinstance(value, dict):
        yield from _of_object(schema, value, files, path)


def file_against(limits: Mapping[str, Any], file: InputFile) -> Iterator[str]:
    """Yield each limit that a file breaks, with what it is and what is allowed."""
    name = file.path or file.id
    for axis, px in (("width", file.width_px), ("height", file.height_px)):
        yield from _outside(name, f"{axis} is", px, limits, axis, " px")
    if file.width_px and file.height_px:
        ratio = round(file.width_px / file.height_px, 3)
        yield from _outside(name, "width ÷ height is", ratio, limits, "aspect_ratio", "")
    length_s = float(file.duration_s) if file.duration_s is not None else None
    yield from _outside(name, "lasts", length_s, limits, "duration", " s")
    fps = float(file.fps) if file.fps is not None else None
    yield from _outside(name, "has", fps, limits, "fps", " fps")
    most = limits.get("max_file_size")
    if file.size_bytes is not None and most is not None and file.size_bytes > most:
        size, limit = bytes_label(file.size_bytes), bytes_label(int(most))
        yield f"{name} has {size}, the endpoint takes at most {limit}"


def _outside(
    name: str, verb: str, value: float | None, limits: Mapping[str, Any], what: str, unit: str
) -> Iterator[str]:
    if value is None:
        return
    least, most = limits.get(f"min_{what}"), limits.get(f"max_{what}")
    shown = f"{name}: {verb} {value:g}{unit}, the endpoint"
    if least is not None and value < least:
        yield f"{shown} asks for at least {least:g}{unit}"
    if most is not None and value > most:
        yield f"{shown} takes at most {most:g}{unit}"

"""A schema as a flat list of knobs, nested ones by path: what tables show and drift compares."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.labels import bytes_label
from fal_experiments.core.model import Json, Record

NUMBER_WORDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
RANGE_WORDS = (*NUMBER_WORDS, "minLength", "maxLength", "minItems", "maxItems")
LIMIT_UNITS = {
    "width": " px",
    "height": " px",
    "aspect_ratio": "",
    "duration": " s",
    "fps": "",
    "file_size": "",
    "timeout": " s",
}
"""What the figures in `x-fal` count, in the order in which they are said."""
SHORTENED = 5
"""From so many values in a row on, only the first and the last are said."""
MAX_DEPTH = 32


class Knob(Record):
    """One argument of an endpoint, or a field inside one."""

    path: str
    """`duration`; `multi_prompt[].duration` inside a list; `image_size.width` inside an object."""
    type: str
    """`string`, `array of string`, `object or string`, `string or null`."""
    required: bool = False
    has_default: bool = False
    default: Json = None
    values: tuple[Json, ...] = ()
    """The only values that are taken; none listed: any of the type."""
    range: dict[str, Json] = {}
    """Bounds in the schema's own words: minimum, maxLength, maxItems, …"""
    limits: dict[str, Json] = {}
    """What a file must be: min_width, max_file_size, … (`x-fal`)."""

    def compact(self) -> dict[str, Any]:
        """Return what there is to say, as plain JSON."""
        said: dict[str, Any] = {"type": self.type, "required": self.required}
        if self.has_default:
            said["default"] = self.default
        if self.values:
            said["values"] = list(self.values)
        if self.range:
            said["range"] = self.range
        if self.limits:
            said["limits"] = self.limits
        return said

    def default_label(self) -> str:
        """Return the default as JSON, or `–`."""
        return canonical_json(self.default) if self.has_default else "–"

    def allowed_label(self) -> str:
        """Return values, range and limits in words, or `–`."""
        parts = [values_label(self.values), range_label(self.range), limits_label(self.limits)]
        return "; ".join(part for part in parts if part) or "–"


def knobs_of(schema: Mapping[str, Any]) -> tuple[Knob, ...]:
    """Return every field of an input or output schema in its own order, parents before children."""
    return tuple(_fields(schema, "", 0))


def values_label(values: Sequence[Any]) -> str:
    """Return `"480p", "720p"`, or `"3" … "15"` for whole numbers in a row."""
    texts = [canonical_json(value) for value in values]
    if len(texts) >= SHORTENED and _are_in_a_row([text.strip('"') for text in texts]):
        return f"{texts[0]} … {texts[-1]}"
    return ", ".join(texts)


def range_label(bounds: Mapping[str, Any]) -> str:
    """Return `0 … 1`, `at most 2500 characters`, `1 … 9 items`, or nothing."""
    parts = [
        _span(bounds.get("minimum"), bounds.get("maximum"), ""),
        _span(bounds.get("minLength"), bounds.get("maxLength"), " characters"),
        _span(bounds.get("minItems"), bounds.get("maxItems"), " items"),
    ]
    words = {"exclusiveMinimum": "above", "exclusiveMaximum": "below", "multipleOf": "multiples of"}
    parts += [f"{said} {bounds[word]}" for word, said in words.items() if word in bounds]
    return ", ".join(part for part in parts if part)


def limits_label(limits: Mapping[str, Any]) -> str:
    """Return `width at least 300 px, file size at most 10.5 MB`, or nothing."""
    given = {name.removeprefix("min_").removeprefix("max_") for name in limits}
    ordered = [*(name for name in LIMIT_UNITS if name in given), *sorted(given - {*LIMIT_UNITS})]
    parts = []
    for name in ordered:
        low, high, exact = (limits.get(f"{bound}{name}") for bound in ("min_", "max_", ""))
        span = _span(_sized(name, low), _sized(name, high), LIMIT_UNITS.get(name, ""))
        figure = span or f"{_sized(name, exact)}{LIMIT_UNITS.get(name, '')}"
        parts.append(f"{name.replace('_', ' ')} {figure}")
    return ", ".join(parts)


def _fields(schema: Mapping[str, Any], path: str, depth: int) -> Iterator[Knob]:
    """Yield the fields below a schema, whichever of its alternatives has them."""
    if depth > MAX_DEPTH:
        return
    for part in _alternatives(schema):
        required = part.get("required") or []
        for name, field in (part.get("properties") or {}).items():
            here = f"{path}.{name}" if path else name
            yield _knob(field, here, required=name in required)
            yield from _fields(field, here, depth + 1)
        items = part.get("items")
        if isinstance(items, dict):
            inner = _knob(items, f"{path}[]", required=False)
            if inner.values or inner.range or inner.limits or inner.has_default:
                yield inner
            yield from _fields(items, f"{path}[]", depth + 1)


def _knob(field: Mapping[str, Any], path: str, *, required: bool) -> Knob:
    parts = _alternatives(field)
    types = list(dict.fromkeys(_type(part) for part in parts if _type(part) != "null"))
    if any(part.get("nullable") or _type(part) == "null" for part in (field, *parts)):
        types.append("null")
    values = [value for part in parts for value in _values(part)]
    listed = {canonical_json(value): value for value in values if value is not None}
    is_open = any(not _values(part) and _is_scalar(part) for part in parts)
    return Knob(
        path=path,
        type=" or ".join(types),
        required=required,
        has_default="default" in field,
        default=field.get("default"),
        values=() if is_open else tuple(listed.values()),
        range={word: part[word] for part in parts for word in RANGE_WORDS if word in part},
        limits={name: value for part in (field, *parts) for name, value in _limits(part).items()},
    )


def _alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parts of `anyOf` and `oneOf`, and of `allOf`; a plain schema is its own."""
    found = [p for key in ("anyOf", "oneOf", "allOf") for p in schema.get(key) or []]
    return [part for part in found if isinstance(part, dict)] or [schema]


def _type(schema: Mapping[str, Any]) -> str:
    named = schema.get("type")
    if isinstance(named, list):
        return " or ".join(map(str, named))
    if named == "array":
        items = schema.get("items")
        inner = [_type(part) for part in _alternatives(items)] if items else []
        return f"array of {' or '.join(dict.fromkeys(inner))}" if inner else "array"
    return str(named) if named else "object" if "properties" in schema else "any"


def _values(schema: Mapping[str, Any]) -> list[Any]:
    listed = schema.get("enum")
    if isinstance(listed, list):
        return listed
    return [schema["const"]] if "const" in schema else []


def _is_scalar(schema: Mapping[str, Any]) -> bool:
    return _type(schema) in {"string", "number", "integer", "any"}


def _limits(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    limits = schema.get("x-fal")
    return limits if isinstance(limits, dict) else {}


def _span(low: Any, high: Any, unit: str) -> str:
    if low is not None and high is not None:
        return f"{low} … {high}{unit}"
    if low is not None:
        return f"at least {low}{unit}"
    return f"at most {high}{unit}" if high is not None else ""


def _sized(name: str, value: Any) -> Any:
    is_size = name == "file_size" and isinstance(value, int | float)
    return bytes_label(int(value)) if is_size else value


def _are_in_a_row(texts: Sequence[str]) -> bool:
    if not all(text.isascii() and text.isdecimal() and len(text) < 9 for text in texts):
        return False
    first = int(texts[0])
    return [int(text) for text in texts] == list(range(first, first + len(texts)))

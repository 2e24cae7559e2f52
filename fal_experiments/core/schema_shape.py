"""What a schema must look like before anything is checked by it; no address in it is followed.

A snapshot in a project's folder is a file of strangers as soon as the project is shared: it may say
anything, and a `$ref` in it would let the plan ask a server or read a file.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, NoReturn

import jsonschema_rs

LIMITED = ("width", "height", "aspect_ratio", "duration", "fps")
_LIMITS = frozenset({*chain(*((f"min_{w}", f"max_{w}") for w in LIMITED)), "max_file_size"})
_BY_NAME = ("properties", "patternProperties", "dependentSchemas", "definitions")
_IN_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_ALONE = ("not", "items", "additionalProperties", "contains", "propertyNames", "if", "then", "else")
_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
_MAY_BE_TRUTH = {"items", "additionalProperties"}


def faults_of(schema: Any, place: str = "") -> Iterator[str]:
    """Yield what is wrong with the form of an endpoint's schema, each with its place; none is good.

    Only what the program itself reads is looked at here; `compiled` finds the rest.
    """
    if not isinstance(schema, dict):
        yield _wrong(place, "expected a schema, such as {type: string}", schema)
        return
    for word, value in schema.items():
        at = f"{place}.{word}".lstrip(".")
        if word.startswith("$"):
            yield f"{at}: references are not followed; write what it leads to in its place"
        elif word in _BY_NAME:
            yield from _named(value, at)
        elif word in _IN_LISTS:
            yield from _listed(value, at)
        elif word in _ALONE and not (word in _MAY_BE_TRUTH and isinstance(value, bool)):
            yield from faults_of(value, at)
        else:
            yield from _of_word(word, value, at)


def compiled(schema: Any, **options: Any) -> Any:
    """Return a validator of a JSON Schema that asks nobody for anything.

    Raises: ValueError in words for what is no JSON Schema.
    """
    try:
        return jsonschema_rs.Draft202012Validator(schema, retriever=_refuse, **options)
    except (ValueError, TypeError, RecursionError) as exc:
        said = (str(exc).splitlines() or [""])[0]
        path = ".".join(str(part) for part in getattr(exc, "instance_path", ()))
        raise ValueError(f"{path}: {said:.200}" if path else f"{said:.200}") from None


def _refuse(address: str) -> NoReturn:
    raise ValueError(f"{address} is not asked for")


def _named(value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _wrong(place, "expected fields, such as {prompt: {type: string}}", value)
        return
    for name, field in value.items():
        yield from faults_of(field, f"{place}.{name}")


def _listed(value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield _wrong(place, "expected a list of schemas", value)
        return
    for index, part in enumerate(value):
        yield from faults_of(part, f"{place}[{index}]")


def _of_word(word: str, value: Any, place: str) -> Iterator[str]:
    """Yield what is wrong with a word whose value is no schema."""
    is_texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    types = value if is_texts else [value]
    match word:
        case "required" if not is_texts:
            yield _wrong(place, "expected a list of names, such as [prompt]", value)
        case "type" if not types or not all(name in _TYPES for name in types):
            yield _wrong(place, f"expected one of {', '.join(_TYPES)}", value)
        case "enum" if not isinstance(value, list):
            yield _wrong(place, "expected a list of values", value)
        case "nullable" if not isinstance(value, bool):
            yield _wrong(place, "expected true or false", value)
        case "x-fal" if not isinstance(value, dict):
            yield _wrong(place, "expected limits, such as {min_width: 300}", value)
        case "x-fal":
            for name in sorted(_LIMITS & set(value)):
                number = value[name]
                if isinstance(number, bool) or not isinstance(number, int | float | None):
                    yield _wrong(f"{place}.{name}", "expected a number", number)


def _wrong(place: str, expected: str, found: Any) -> str:
    names = {type(None): "null", dict: "an object", list: "a list"}
    shown = names.get(type(found), repr(found))
    return f"{place or 'schema'}: {expected}, found {shown}"

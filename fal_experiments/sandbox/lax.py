"""What an endpoint's model makes of a body before it checks it: pydantic's lax reading.

fal's runners answer with pydantic's error types (references/fal-platform.md 5.1), whose usual mode
reads "5" as 5 and "true" as true where a plain number or a switch is declared, and takes an enum
literally. That fal keeps this mode is inferred from those types, not observed.
"""

from functools import cache
from typing import Annotated, Any, NamedTuple

import jsonschema_rs
from pydantic import Field, TypeAdapter, ValidationError

Schema = dict[str, Any]

_FINITE = Annotated[float, Field(allow_inf_nan=False)]
_SCALARS: dict[str, Any] = {"integer": int, "number": _FINITE, "boolean": bool, "string": str}


class Complaint(NamedTuple):
    """An error in pydantic's own terms."""

    type: str
    msg: str


def as_read(schema: Schema, value: Any) -> Any:
    """Return a value as the model holds it; what cannot be converted stays as it came.

    Fields that an object does not declare are gone, at any depth. Values of an enum or a constant
    are never converted.
    """
    if isinstance(value, dict) and "properties" in schema:
        declared = schema["properties"]
        return {name: as_read(declared[name], v) for name, v in value.items() if name in declared}
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [as_read(schema["items"], item) for item in value]
    branches = branches_of(schema)
    if branches:
        return _as_first_that_fits(branches, value)
    wanted = scalar_of(schema)
    return value if wanted is None or value is None else _converted(wanted, value)


def with_defaults(schema: Schema, value: Any) -> Any:
    """Return a value with the defaults of what was not sent, at any depth; null is no default."""
    if isinstance(value, dict) and "properties" in schema:
        declared = schema["properties"]
        missing = {name: declared[name].get("default") for name in declared if name not in value}
        kept = {name: with_defaults(declared.get(name, {}), v) for name, v in value.items()}
        return {name: item for name, item in missing.items() if item is not None} | kept
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [with_defaults(schema["items"], item) for item in value]
    return value


def complaint(wanted: str, value: Any) -> Complaint | None:
    """Return what pydantic says of a value where a scalar of JSON type `wanted` is declared."""
    adapter = _adapter(wanted)
    if adapter is None:
        return None
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        return Complaint(first["type"], first["msg"])
    return None


def branches_of(schema: Schema) -> list[Schema]:
    """Return the alternatives that a schema names, none where it is one thing."""
    branches: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or []
    return branches


def scalar_of(schema: Schema) -> str | None:
    """Return the JSON type of a plain scalar; None for an enum, a constant, or anything else."""
    if "enum" in schema or "const" in schema:
        return None
    stated = schema.get("type")
    types = [stated] if isinstance(stated, str) else [*(stated or [])]
    named = [name for name in types if name != "null"]
    return named[0] if len(named) == 1 and named[0] in _SCALARS else None


def _as_first_that_fits(branches: list[Schema], value: Any) -> Any:
    """Return a value as the first alternative reads it that takes it, unconverted if one does."""
    for branch in branches:
        if jsonschema_rs.is_valid(branch, value):
            return as_read(branch, value)
    for branch in branches:
        read = as_read(branch, value)
        if jsonschema_rs.is_valid(branch, read):
            return read
    return value


def _converted(wanted: str, value: Any) -> Any:
    adapter = _adapter(wanted)
    try:
        return value if adapter is None else adapter.validate_python(value)
    except ValidationError:
        return value


@cache
def _adapter(wanted: str) -> TypeAdapter[Any] | None:
    return TypeAdapter(_SCALARS[wanted]) if wanted in _SCALARS else None

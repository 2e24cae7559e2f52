"""What the runner says of a body: unknown fields dropped, wrong values listed as fal lists them.

The queue itself checks nothing; a wrong body is accepted, completes, and its result is HTTP 422
(references/fal-platform.md 2.2, 5.1, 5.2; presets-notes.md 2).
"""

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs

from fal_experiments.core.constraints import Constraint
from fal_experiments.core.schema import EndpointSchema, json_schema_of

ErrorItem = dict[str, Any]

_DOCS_URL = "https://docs.fal.ai/errors/#"
_MOST_ECHOED_CHARS = 2000
_TYPES = {
    "string": ("string_type", "Input should be a valid string"),
    "integer": ("int_type", "Input should be a valid integer"),
    "number": ("float_type", "Input should be a valid number"),
    "boolean": ("bool_type", "Input should be a valid boolean"),
    "array": ("list_type", "Input should be a valid list"),
    "object": ("dict_type", "Input should be a valid dictionary"),
}
_NUMBER, _TEXT, _LIST = "Input should be", "String should have", "List should have"
# JSON Schema's keyword → fal's type, the words before the limit, the name of the limit in ctx
_LIMITS = {
    "maximum": ("less_than_equal", f"{_NUMBER} less than or equal to", "le"),
    "exclusiveMaximum": ("less_than", f"{_NUMBER} less than", "lt"),
    "minimum": ("greater_than_equal", f"{_NUMBER} greater than or equal to", "ge"),
    "exclusiveMinimum": ("greater_than", f"{_NUMBER} greater than", "gt"),
    "maxLength": ("string_too_long", f"{_TEXT} at most this many characters:", "max_length"),
    "minLength": ("string_too_short", f"{_TEXT} at least this many characters:", "min_length"),
    "maxItems": ("sequence_too_long", f"{_LIST} at most this many items:", "max_length"),
    "minItems": ("sequence_too_short", f"{_LIST} at least this many items:", "min_length"),
}


def error_item(
    loc: tuple[str | int, ...],
    type_: str,
    msg: str,
    value: Any = None,
    ctx: dict[str, Any] | None = None,
) -> ErrorItem:
    """Return one entry of `detail`."""
    item: ErrorItem = {"loc": ["body", *loc], "msg": msg, "type": type_, "url": _DOCS_URL + type_}
    if ctx:
        item["ctx"] = ctx
    if not (isinstance(value, str) and len(value) > _MOST_ECHOED_CHARS):
        item["input"] = value
    return item


def known_arguments(schema: EndpointSchema | None, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body without fields that the endpoint does not have, which fal drops silently."""
    if schema is None:
        return dict(body)
    return {name: value for name, value in body.items() if name in schema.knobs}


def with_defaults(schema: EndpointSchema | None, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the provider's defaults for those that were not sent."""
    if schema is None:
        return dict(arguments)
    defaults = {knob: schema.default_of(knob) for knob in sorted(schema.knobs)}
    return {knob: value for knob, value in defaults.items() if value is not None} | arguments


def errors_in(schema: EndpointSchema | None, body: Any) -> list[ErrorItem]:
    """Return what the runner refuses; an empty list is good."""
    if not _is_unicode(body):
        return [error_item((), "string_unicode", "Input should be a valid unicode string")]
    if not isinstance(body, dict):
        return [error_item((), *_TYPES["object"], body)]
    if schema is None:
        return []
    arguments = known_arguments(schema, body)
    errors = list(_validator(json.dumps(schema.input)).iter_errors(arguments))
    listed = {tuple(error.instance_path) for error in errors if error.kind.name == "enum"}
    items = [
        _item(error)
        for error in errors
        if error.kind.name != "type" or tuple(error.instance_path) not in listed
    ]
    return items + [item for rule in schema.constraints for item in _broken(rule, arguments)]


def _is_unicode(body: Any) -> bool:
    """Tell whether no text holds half a character, which JSON can write and UTF-8 cannot."""
    try:
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=256)
def _validator(input_schema: str) -> Any:
    return jsonschema_rs.Draft202012Validator(json_schema_of(json.loads(input_schema)))


def _item(error: Any) -> ErrorItem:
    kind, loc, value = error.kind, tuple(error.instance_path), error.instance
    if kind.name == "required":
        return error_item((*loc, kind.property), "missing", "Field required", value)
    if kind.name == "type":
        wanted = next(name for name in kind.types if name != "null")
        return error_item(loc, *_TYPES.get(wanted, _TYPES["object"]), value)
    if kind.name == "enum":
        options = [repr(option) for option in kind.options if option is not None]
        expected = " or ".join([", ".join(options[:-1]), options[-1]] if options[1:] else options)
        msg = f"Input should be {expected}"
        return error_item(loc, "literal_error", msg, value, {"expected": expected})
    if kind.name == "multipleOf":
        ctx = {"multiple_of": kind.multiple_of}
        msg = f"Input should be a multiple of {kind.multiple_of}"
        return error_item(loc, "multiple_of", msg, value, ctx)
    if kind.name in _LIMITS:
        type_, words, limit_name = _LIMITS[kind.name]
        return error_item(loc, type_, f"{words} {kind.limit}", value, {limit_name: kind.limit})
    return error_item(loc, "value_error", f"Value error, {error.message}", value)


def _broken(rule: Constraint, arguments: dict[str, Any]) -> list[ErrorItem]:
    said = rule.broken_by(arguments)
    return [] if said is None else [error_item((), "value_error", f"Value error, {said}")]

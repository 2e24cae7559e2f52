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
from fal_experiments.sandbox import lax

ErrorItem = dict[str, Any]

_DOCS_URL = "https://docs.fal.ai/errors/#"
_MOST_ECHOED_CHARS = 2000
_TYPES = {
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
    "multipleOf": ("multiple_of", f"{_NUMBER} a multiple of", "multiple_of"),
    "pattern": ("string_pattern_mismatch", "String should match the pattern", "pattern"),
}
_NAMED_OTHERWISE = {"multipleOf": "multiple_of", "pattern": "pattern"}


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
    """Return the body as the endpoint's model reads it.

    Fields that it does not have are gone without a word, in nested objects too, as at fal.
    """
    if schema is None:
        return dict(body)
    read: dict[str, Any] = lax.as_read(_json_schema(schema), body)
    return read


def with_defaults(schema: EndpointSchema | None, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the provider's defaults for those that were not sent."""
    if schema is None:
        return dict(arguments)
    whole: dict[str, Any] = lax.with_defaults(_json_schema(schema), arguments)
    return whole


def errors_in(schema: EndpointSchema | None, body: Any) -> list[ErrorItem]:
    """Return what the runner refuses; an empty list is good."""
    if not _is_unicode(body):
        return [error_item((), "string_unicode", "Input should be a valid unicode string")]
    if not isinstance(body, dict):
        return [error_item((), *_TYPES["object"], body)]
    if schema is None:
        return []
    arguments = known_arguments(schema, body)
    items = _items(list(_validator(json.dumps(schema.input)).iter_errors(arguments)))
    # a model's own rules are asked only once its fields are good, and see its defaults
    whole = with_defaults(schema, arguments)
    return items or [item for rule in schema.constraints for item in _broken(rule, whole)]


def _is_unicode(body: Any) -> bool:
    """Tell whether no text holds half a character, which JSON can write and UTF-8 cannot."""
    try:
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _json_schema(schema: EndpointSchema) -> dict[str, Any]:
    return _converted(json.dumps(schema.input))


@lru_cache(maxsize=256)
def _converted(input_schema: str) -> dict[str, Any]:
    plain: dict[str, Any] = json_schema_of(json.loads(input_schema))
    return {"properties": {}} | plain


@lru_cache(maxsize=256)
def _validator(input_schema: str) -> Any:
    return jsonschema_rs.Draft202012Validator(_converted(input_schema))


def _items(errors: list[Any]) -> list[ErrorItem]:
    """Return fal's entries: one for each value, the one that pydantic would come to first."""
    first = {"enum": 0, "const": 0, "type": 1}
    by_place: dict[tuple[Any, ...], list[Any]] = {}
    for error in errors:
        name = error.kind.property if error.kind.name == "required" else None
        by_place.setdefault((*error.instance_path, name), []).append(error)
    items: list[ErrorItem] = []
    for found in by_place.values():
        told = min(found, key=lambda error: first.get(error.kind.name, 2))
        if told.kind.name in {"anyOf", "oneOfNotValid"}:
            items += [item for branch in told.kind.context for item in _items(branch)]
        else:
            items.append(_item(told))
    return items


def _item(error: Any) -> ErrorItem:
    kind, loc, value = error.kind, tuple(error.instance_path), error.instance
    if kind.name == "required":
        return error_item((*loc, kind.property), "missing", "Field required", value)
    if kind.name == "type":
        wanted = next(name for name in kind.types if name != "null")
        said = lax.complaint(wanted, value) or _TYPES.get(wanted, _TYPES["object"])
        return error_item(loc, *said, value)
    if kind.name in {"enum", "const"}:
        return _outside(loc, [kind.expected_value] if kind.name == "const" else kind.options, value)
    if kind.name in _LIMITS:
        type_, words, limit_name = _LIMITS[kind.name]
        limit = getattr(kind, _NAMED_OTHERWISE.get(kind.name, "limit"))
        return error_item(loc, type_, f"{words} {limit}", value, {limit_name: limit})
    return error_item(loc, "value_error", f"Value error, {error.message}", value)


def _outside(loc: tuple[str | int, ...], options: list[Any], value: Any) -> ErrorItem:
    shown = [repr(option) for option in options if option is not None]
    expected = " or ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
    msg = f"Input should be {expected}"
    return error_item(loc, "literal_error", msg, value, {"expected": expected})


def _broken(rule: Constraint, arguments: dict[str, Any]) -> list[ErrorItem]:
    """Return what a rule between fields says: at the one field it is of, or at the whole body."""
    said = rule.broken_by(arguments)
    if said is None:
        return []
    if rule.rule == "max_items" and rule.field is not None:
        ctx = {"max_length": int(rule.max or 0)}
        value = arguments.get(rule.field)
        return [error_item((rule.field,), "sequence_too_long", said, value, ctx)]
    loc = (rule.field.partition("[]")[0],) if rule.rule == "sum_max" and rule.field else ()
    return [error_item(loc, "value_error", f"Value error, {said}")]

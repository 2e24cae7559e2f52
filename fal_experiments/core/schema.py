"""A dated snapshot of an endpoint's input schema, and what it says of a body before it is sent.

fal drops unknown fields without an error and answers a bad value with HTTP 422 on the runner
(references/presets-notes.md 2), so both are refused here, where they cost nothing.
"""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError, ValidationInfo, field_validator

from fal_experiments.core.constraints import Constraint
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.model import Record, Text, nearest
from fal_experiments.core.schema_shape import compiled, faults_of

INPUT_REF = "$input"
"""A local input stands in arguments as `{"$input": sha256}` until it is uploaded."""
_SAYS_VALUES = {"type", "enum", "const", "nullable", "anyOf", "oneOf", "allOf"}
_STAND_IN_URL = "https://input.invalid/"


class EndpointSchema(Record):
    """What an endpoint accepts and returns, as of a date."""

    endpoint: Text
    as_of: Text
    source: Text
    input: dict[str, Any]
    output: dict[str, Any]
    constraints: tuple[Constraint, ...] = ()
    notes: tuple[str, ...] = ()
    """What is not certain about the snapshot: a default that may be another model's, …"""

    @field_validator("input", "output")
    @classmethod
    def _can_be_checked_by(cls, schema: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        part = str(info.field_name)
        fault = next(faults_of(schema, part), None)
        if fault is not None:
            raise ValueError(fault)
        try:
            canonical_json(schema)
            compiled(json_schema_of(schema))
        except ValueError as exc:
            raise ValueError(f"{part}: no JSON Schema: {exc}") from None
        return schema

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of the input schema and its constraints."""
        rules = [rule.model_dump(by_alias=True, exclude_defaults=True) for rule in self.constraints]
        parts = {"input": self.input, "constraints": rules}
        return sha256_hex(canonical_json(parts))

    @cached_property
    def knobs(self) -> frozenset[str]:
        """The names of every argument that the endpoint has."""
        return frozenset(self.input.get("properties", {}))

    def default_of(self, knob: str) -> Any:
        """Return the value that the provider uses when `knob` is not sent, or None."""
        return self.input.get("properties", {}).get(knob, {}).get("default")

    def violations(self, arguments: dict[str, Any]) -> tuple[str, ...]:
        """Return what the endpoint would refuse or drop, in the schema's own words; none is good.

        A local input is given as `{"$input": sha256}` and counts as a URL.
        """
        body = _with_stand_in_urls(arguments)
        errors = list(self._validator.iter_errors(body))
        listed = {tuple(e.instance_path) for e in errors if e.kind.name == "enum"}
        found = [
            _say(error, self.input)
            for error in errors
            # a value outside the list is said once, not again for its type
            if error.kind.name != "type" or tuple(error.instance_path) not in listed
        ]
        nulls = [name for name, value in arguments.items() if value is None and self._is_open(name)]
        found += [f"{name}: null is no value of it; leave it out" for name in nulls]
        return tuple(found + self._broken_constraints(body))

    def _is_open(self, knob: str) -> bool:
        """Tell whether the schema names the knob and not one word of what it takes."""
        field = self.input.get("properties", {}).get(knob)
        return field is not None and not _SAYS_VALUES & set(field)

    @cached_property
    def _validator(self) -> Any:
        schema = _closed(json_schema_of(self.input))
        return compiled(schema, validate_formats=True, formats={"uri": is_web_address})

    def _broken_constraints(self, body: dict[str, Any]) -> list[str]:
        return [said for rule in self.constraints if (said := rule.broken_by(body))]


def is_web_address(text: str) -> bool:
    """Tell whether a text is an http(s) address with a host, as a provider can fetch it."""
    if any(char.isspace() or not char.isprintable() for char in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def read_schema(text: str) -> EndpointSchema:
    """Return a snapshot from its JSON text. Raises: pydantic.ValidationError."""
    return EndpointSchema.model_validate_json(text)


def refusal(exc: ValidationError) -> str:
    """Return what is wrong with a snapshot, and where in it: `input.required: expected …`."""
    first = exc.errors()[0]
    where = ".".join(map(str, first["loc"]))
    if first["type"] == "value_error":
        return first["msg"].removeprefix("Value error, ")
    return f"{where}: {first['msg']}" if where else first["msg"]


def schema_file_name(endpoint: str) -> str:
    """Return the snapshot's file name below `presets/schemas/`."""
    return endpoint.replace("/", "__") + ".json"


def json_schema_of(schema: Any) -> Any:
    """Return an OpenAPI 3.0 schema as JSON Schema: `nullable` becomes the null type."""
    if isinstance(schema, list):
        return [json_schema_of(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: json_schema_of(value) for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable") is True:
        if isinstance(plain.get("type"), str):
            plain["type"] = [plain["type"], "null"]
        if isinstance(plain.get("enum"), list):
            plain["enum"] = [*plain["enum"], None]
        if isinstance(plain.get("anyOf"), list):
            plain["anyOf"] = [*plain["anyOf"], {"type": "null"}]
    return plain


def _closed(schema: Any) -> Any:
    """Return a schema whose objects take no field that they do not name.

    fal drops such a field without a word, inside a list as well as at the top.
    """
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    is_object = isinstance(closed.get("properties"), dict)
    return {"additionalProperties": False} | closed if is_object else closed


def _names_at(schema: Any, path: Iterable[str | int]) -> set[str]:
    """Return the fields that an object at a place of the body may have."""
    for part in path:
        inside = schema.get("items") if isinstance(part, int) else schema.get("properties", {})
        schema = inside if isinstance(part, int) else inside.get(part)
        if not isinstance(schema, dict):
            return set()
    return set(schema.get("properties", {}))


def input_refs(value: Any) -> frozenset[str]:
    """Return the SHA-256 of every local input that arguments refer to."""
    if isinstance(value, dict):
        if set(value) == {INPUT_REF}:
            return frozenset({str(value[INPUT_REF])})
        return frozenset().union(*(input_refs(item) for item in value.values()))
    if isinstance(value, list):
        return frozenset().union(*(input_refs(item) for item in value))
    return frozenset()


def _say(error: Any, schema: dict[str, Any]) -> str:
    path = ".".join(str(part) for part in error.instance_path)
    if error.kind.name == "additionalProperties":
        known = _names_at(schema, error.instance_path)
        return "; ".join(
            f"{f'{path}.{name}'.lstrip('.')}: the endpoint has no such knob{nearest(name, known)}"
            for name in error.kind.unexpected
        )
    if error.kind.name == "maxLength":
        return f"{path}: {len(error.instance):,} characters, the limit is {error.kind.limit:,}"
    if error.kind.name == "enum":
        options = ", ".join(json.dumps(option, ensure_ascii=False) for option in error.kind.options)
        value = error.instance
        quoted = isinstance(value, int | float) and str(value) in error.kind.options
        hint = f'; it is text there: write "{value}"' if quoted else ""
        shown = json.dumps(value, ensure_ascii=False)
        return f"{path}: {shown} is not one of {options}{hint}"
    if error.kind.name == "format" and error.kind.format == "uri":
        shown = json.dumps(error.instance, ensure_ascii=False)
        return f"{path}: {shown} is not an http(s) address; a file of yours goes below inputs"
    return f"{path}: {error.message}" if path else str(error.message)


def _with_stand_in_urls(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {INPUT_REF}:
            return _STAND_IN_URL + str(value[INPUT_REF])
        return {key: _with_stand_in_urls(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_stand_in_urls(item) for item in value]
    return value

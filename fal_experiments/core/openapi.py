"""An endpoint's OpenAPI document → input and output as one JSON Schema each, without references.

Source of the document's shape: references/fal-platform.md 9. Input is what the submitting POST
takes and Output what the GET of a result answers; names of schemas say nothing, because a document
may hold several that end in `Output`.
"""

from typing import Any

from pydantic import ValidationError

from fal_experiments.core.knobs import RANGE_WORDS
from fal_experiments.core.schema import EndpointSchema, refusal
from fal_experiments.errors import BadInput

MAX_DEPTH = 64
"""Levels of schemas within schemas; real ones have five."""
MAX_SCHEMAS = 20_000
"""Schemas of one endpoint once all references are replaced; real ones have two hundred."""
VALUE_WORDS = ("type", "format", "enum", "const", "default", "nullable", "pattern", "x-fal")
KEPT = frozenset({*VALUE_WORDS, *RANGE_WORDS, "required", "uniqueItems"})
"""What says which values are taken. Titles, texts and the order on a page are left out: they
change without any request being refused for it, and no address in them is ever followed."""
ALTERNATIVES = ("anyOf", "oneOf", "allOf")
Schema = dict[str, Any]


def schema_from_openapi(document: Any, *, endpoint: str, as_of: str, source: str) -> EndpointSchema:
    """Return what an endpoint accepts and returns, every `$ref` replaced by what it leads to.

    A schema that contains itself is cut where it begins again: anything is accepted there.

    Raises: BadInput for a document of another endpoint, or one that is none.
    """
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise _not_one(endpoint, "it has no paths")
    submit = f"/{endpoint}"
    if submit not in document["paths"]:
        named = ", ".join(str(path)[:100] for path in list(document["paths"])[:3])
        raise _not_one(endpoint, f"it speaks of {named or 'no path at all'}")
    post = _at(document, "paths", submit, "post", "requestBody")
    result = f"{submit}/requests/{{request_id}}"
    get = _at(document, "paths", result, "get", "responses", "200")
    if post is None or get is None:
        what = "no body of its POST" if post is None else f"no answer of GET {result}"
        raise _not_one(endpoint, f"it states {what}")
    taken, given = (_Inliner(document, endpoint).body(node) for node in (post, get))
    try:
        return EndpointSchema(
            endpoint=endpoint, as_of=as_of, source=source, input=taken, output=given
        )
    except ValidationError as exc:
        raise _not_one(endpoint, refusal(exc)) from exc


class _Inliner:
    """Replaces references in one document, within bounds."""

    def __init__(self, document: Schema, endpoint: str) -> None:
        self._document = document
        self._endpoint = endpoint
        self._count = 0

    def body(self, described: Any) -> Schema:
        """Return the schema of a request's or an answer's JSON."""
        node = _at(described, "content", "application/json", "schema")
        if node is None:
            raise _not_one(self._endpoint, "a body in it has no JSON schema")
        return self._schema(node, (), 0)

    def _schema(self, node: Any, refs: tuple[str, ...], depth: int) -> Schema:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_SCHEMAS:
            raise _not_one(self._endpoint, "its schemas are nested without end")
        if not isinstance(node, dict):
            raise _not_one(self._endpoint, f"a {type(node).__name__} stands where a schema should")
        if "$ref" in node:
            return self._referred(node, refs, depth)
        kept = {key: value for key, value in node.items() if key in KEPT}
        for key in ("items", "not"):
            if key in node:
                kept[key] = self._schema(node[key], refs, depth + 1)
        if "additionalProperties" in node:
            more = node["additionalProperties"]
            is_plain = isinstance(more, bool)
            kept["additionalProperties"] = more if is_plain else self._schema(more, refs, depth + 1)
        if isinstance(node.get("properties"), dict):
            fields = _in_page_order(node)
            kept["properties"] = {n: self._schema(f, refs, depth + 1) for n, f in fields.items()}
        for key in ALTERNATIVES:
            if isinstance(node.get(key), list):
                kept[key] = [self._schema(part, refs, depth + 1) for part in node[key]]
        return _normal(kept)

    def _referred(self, node: Schema, refs: tuple[str, ...], depth: int) -> Schema:
        """Return what a reference leads to, with what stands beside the reference on top."""
        ref = node["$ref"]
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise _not_one(self._endpoint, f"{str(ref)[:100]!r} leads out of it")
        if ref in refs:
            return {}
        steps = [part.replace("~1", "/").replace("~0", "~") for part in ref[2:].split("/")]
        target = _at(self._document, *steps)
        if target is None:
            raise _not_one(self._endpoint, f"{ref[:100]} leads nowhere")
        beside = {key: value for key, value in node.items() if key != "$ref"}
        found = self._schema(target, (*refs, ref), depth + 1)
        return _normal(found | self._schema(beside, refs, depth + 1)) if beside else found


def _normal(schema: Schema) -> Schema:
    """Return a schema in the one form that snapshots have.

    `anyOf: [X, null]` and `type: [x, "null"]` become X with `nullable`; a single alternative takes
    the place of its list; OpenAPI 3.0's `exclusiveMinimum: true` becomes the number itself.
    """
    for key in ALTERNATIVES:
        parts = schema.get(key)
        if not parts:
            continue
        others = [part for part in parts if part.get("type") != "null"]
        if len(others) == 1:
            rest = {name: value for name, value in schema.items() if name != key}
            schema = others[0] | rest | ({"nullable": True} if len(parts) > 1 else {})
    if isinstance(schema.get("type"), list):
        types = [name for name in schema["type"] if name != "null"]
        if len(types) == 1:
            has_null = len(types) < len(schema["type"])
            schema = schema | {"type": types[0]} | ({"nullable": True} if has_null else {})
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool):
            is_open = schema[exclusive] and limit in schema
            dropped = {limit, exclusive} if is_open else {exclusive}
            rest = {name: value for name, value in schema.items() if name not in dropped}
            schema = rest | ({exclusive: schema[limit]} if is_open else {})
    return schema


def _in_page_order(node: Schema) -> Schema:
    """Return the properties in the order in which fal's page shows them; the rest follows."""
    fields, order = node["properties"], node.get("x-fal-order-properties")
    wished = order if isinstance(order, list) else []
    first = [name for name in wished if isinstance(name, str) and name in fields]
    return {name: fields[name] for name in dict.fromkeys([*first, *fields])}


def _at(node: Any, *steps: str) -> Any:
    """Return what stands at the end of a path through objects, None where it breaks off."""
    for step in steps:
        if not isinstance(node, dict):
            return None
        node = node.get(step)
    return node


def _not_one(endpoint: str, why: str) -> BadInput:
    return BadInput(
        f"this is not the OpenAPI document of {endpoint}: {why}",
        fix="expected the document that fal's OpenAPI address gives for this very endpoint",
    )

"""Finished files in the shape that the endpoint's output schema gives to them."""

from typing import Any

from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.recipe import Recipe
from fal_experiments.sandbox.rewriting import OUTPUT_FIELDS

_EMPTY: dict[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "array": [],
    "object": {},
}
_USUAL = frozenset({"url", "content_type", "file_name", "file_size"})
"""What a file says of itself where the schema does not name its fields."""


def output_body(
    endpoint: CataloguedEndpoint, recipe: Recipe, files: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the result JSON: files where the preset says they are, the seed where one is returned.

    The prompt that was used stands wherever the schema has a field for it. Fields that the schema
    requires and nothing is known for are there, and empty.
    """
    schema = endpoint.schema.output if endpoint.schema else {}
    properties = schema.get("properties", {})
    body: dict[str, Any] = {
        name: _EMPTY.get(str(properties.get(name, {}).get("type")))
        for name in schema.get("required", [])
    }
    if "seed" in properties:
        body["seed"] = recipe.seed
    body |= {name: recipe.prompt for name in OUTPUT_FIELDS if name in properties}
    container, leaf = _split(endpoint.preset.output.path)
    fields = _named(properties, container) or _USUAL
    values = [
        {name: item for name, item in file.items() if name in fields or name == leaf}
        for file in files
    ]
    _place(body, container, values)
    return body


def _split(path: str) -> tuple[list[str], str]:
    parts = path.split(".")
    return parts[:-1], parts[-1]


def _named(properties: dict[str, Any], container: list[str]) -> set[str]:
    """Return the names that the schema gives to the fields of the file."""
    schema: Any = {"properties": properties}
    for part in container:
        schema = (
            schema.get("items", {})
            if part.isdecimal()
            else schema.get("properties", {}).get(part, {})
        )
    return set(schema.get("properties", {}))


def _place(body: dict[str, Any], container: list[str], values: list[dict[str, Any]]) -> None:
    """Put the files at their path: `video`, `images.0` and those after it, `data.video`."""
    if not container:
        body.update(values[0])
        return
    is_list = container[-1].isdecimal()
    node: Any = values if is_list else values[0]
    for part in reversed(container[1 : -1 if is_list else None]):
        node = [node] if part.isdecimal() else {part: node}
    body[container[0]] = node

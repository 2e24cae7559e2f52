"""A finished file in the shape that the endpoint's output schema gives to it."""

from typing import Any

from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.recipe import Recipe

_EMPTY: dict[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "array": [],
    "object": {},
}


def output_body(
    endpoint: CataloguedEndpoint, recipe: Recipe, file: dict[str, Any]
) -> dict[str, Any]:
    """Return the result JSON: the file where the preset says it is, the seed where one is returned.

    Fields that the schema requires and nothing is known for are there, and empty.
    """
    schema = endpoint.schema.output if endpoint.schema else {}
    properties = schema.get("properties", {})
    body: dict[str, Any] = {
        name: _EMPTY.get(str(properties.get(name, {}).get("type")))
        for name in schema.get("required", [])
    }
    if "seed" in properties:
        body["seed"] = recipe.seed
    if "prompt" in properties:
        body["prompt"] = recipe.order.prompt
    container, leaf = _split(endpoint.preset.output.path)
    fields = _named(properties, container) or set(file) - {"width", "height"}
    value = {name: item for name, item in file.items() if name in fields or name == leaf}
    _place(body, container, value)
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


def _place(body: dict[str, Any], container: list[str], value: dict[str, Any]) -> None:
    """Put the file at its path: `video`, `images.0`, `data.video`."""
    if not container:
        body.update(value)
        return
    node: Any = value
    for part in reversed(container[1:]):
        node = [node] if part.isdecimal() else {part: node}
    body[container[0]] = node

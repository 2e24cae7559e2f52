"""OpenAPI documents in the shape of fal's, small enough to read."""

from typing import Any

ENDPOINT = "lab/film/text-to-video"


def document(
    given: dict[str, Any], taken: dict[str, Any] | None = None, **schemas: Any
) -> dict[str, Any]:
    """A document whose input has the properties `given`; `schemas` are further components.

    A decoy called Input and a second one called Output stand in it, as they do in real ones.
    """
    film = {"type": "object", "title": "Film", "properties": given, "required": ["prompt"]}
    reel = {"type": "object", "properties": taken or {"video": {"$ref": ref("File")}}}
    components = {
        "AaaInput": {"type": "object", "properties": {"wrong": {"type": "string"}}},
        "AaaOutput": {"type": "object", "properties": {"wrong": {"type": "string"}}},
        "Film": film,
        "Reel": reel,
        "File": {"type": "object", "title": "File", "properties": {"url": {"type": "string"}}},
        **schemas,
    }
    submit = {"requestBody": {"required": True, **body("Film")}, "responses": {"200": {}}}
    return {
        "openapi": "3.0.4",
        "paths": {
            f"/{ENDPOINT}/requests/{{request_id}}/status": {"get": {}},
            f"/{ENDPOINT}": {"post": submit},
            f"/{ENDPOINT}/requests/{{request_id}}": {"get": {"responses": {"200": body("Reel")}}},
        },
        "components": {"schemas": components},
    }


def body(name: str) -> dict[str, Any]:
    """A JSON body that is a component."""
    return {"content": {"application/json": {"schema": {"$ref": ref(name)}}}}


def ref(name: str) -> str:
    """The reference to a component."""
    return f"#/components/schemas/{name}"

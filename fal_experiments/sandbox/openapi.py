"""An endpoint's OpenAPI document, in the shape of fal's (references/fal-platform.md 9)."""

from typing import Any

from fal_experiments.sandbox.catalogue import CataloguedEndpoint

_QUEUE_STATUS = {
    "type": "object",
    "title": "QueueStatus",
    "required": ["status", "request_id"],
    "properties": {
        "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
        "request_id": {"type": "string"},
        "response_url": {"type": "string"},
        "status_url": {"type": "string"},
        "cancel_url": {"type": "string"},
        "logs": {"type": "object"},
        "metrics": {"type": "object"},
        "queue_position": {"type": "integer"},
    },
}


def openapi_document(endpoint: CataloguedEndpoint, queue_url: str) -> dict[str, Any]:
    """Return the document of an endpoint; its input and output are those of the snapshot."""
    preset, schema = endpoint.preset, endpoint.schema
    name = "".join(part.capitalize() for part in _words(preset.endpoint))
    anything = {"type": "object", "properties": {}}
    return {
        "openapi": "3.0.4",
        "info": {
            "title": f"Queue OpenAPI for {preset.endpoint}",
            "version": "1.0.0",
            "description": f"The OpenAPI schema for the {preset.endpoint} queue.",
            "x-fal-metadata": {
                "endpointId": preset.endpoint,
                "category": preset.task,
                "thumbnailUrl": "",
                "playgroundUrl": f"https://fal.ai/models/{preset.endpoint}",
                "documentationUrl": f"https://fal.ai/models/{preset.endpoint}/api",
            },
        },
        "servers": [{"url": queue_url}],
        "security": [{"apiKeyAuth": []}],
        "components": {
            "securitySchemes": {
                "apiKeyAuth": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "Fal Key",
                }
            },
            "schemas": {
                "QueueStatus": _QUEUE_STATUS,
                f"{name}Input": _titled(schema.input if schema else anything, f"{name}Input"),
                f"{name}Output": _titled(schema.output if schema else anything, f"{name}Output"),
            },
        },
        "paths": _paths(f"/{preset.endpoint}", name),
    }


def _paths(endpoint: str, name: str) -> dict[str, Any]:
    request_id = {
        "name": "request_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    logs = {"name": "logs", "in": "query", "required": False, "schema": {"type": "number"}}
    ref = "#/components/schemas/"
    body = {"required": True, "content": _json({"$ref": f"{ref}{name}Input"})}
    one = f"{endpoint}/requests/{{request_id}}"
    cancelled = {"type": "object", "properties": {"success": {"type": "boolean"}}}
    status = _answers({"$ref": f"{ref}QueueStatus"})
    return {
        endpoint: {"post": {"requestBody": body, "responses": status}},
        f"{one}/status": {"get": {"parameters": [request_id, logs], "responses": status}},
        f"{one}/cancel": {"put": {"parameters": [request_id], "responses": _answers(cancelled)}},
        one: {
            "get": {
                "parameters": [request_id],
                "responses": _answers({"$ref": f"{ref}{name}Output"}),
            }
        },
    }


def _answers(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "", "content": _json(schema)}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _titled(schema: dict[str, Any], title: str) -> dict[str, Any]:
    return {**schema, "title": title, "x-fal-order-properties": list(schema.get("properties", {}))}


def _words(endpoint: str) -> list[str]:
    kept = "".join(char if char.isalnum() else " " for char in endpoint)
    return kept.split()

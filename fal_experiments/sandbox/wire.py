"""What requests and answers have in common: bounded bodies, JSON, refusals in fal's words."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

MAX_JSON_BYTES = 32 * 2**20
"""A larger body of a submit is refused; fal states no figure."""


class Refusal(Exception):
    """An answer other than success: raised anywhere below a route, sent as it is."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        super().__init__(f"HTTP {status}")


def detail(status: int, text: str) -> Refusal:
    """Return the gateway's form of an error: `{"detail": text}`."""
    return Refusal(status, {"detail": text})


def infrastructure_error(
    status: int, text: str, error_type: str, headers: Mapping[str, str] | None = None
) -> Refusal:
    """Return an infrastructure error (references/fal-platform.md 5.1, form 2)."""
    body = {"detail": text, "error_type": error_type}
    return Refusal(status, body, {"x-fal-error-type": error_type, **(headers or {})})


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer in ASCII, which even a lone surrogate in a prompt can not break."""
    return Response(
        json.dumps(body, separators=(",", ":")),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/json",
    )


async def chunks_up_to(request: Request, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body in pieces. Raises: Refusal (413) as soon as it is known to be too large."""
    too_large = detail(413, f"Request body too large: at most {max_bytes} bytes are taken")
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > max_bytes:
        raise too_large
    received = 0
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received > max_bytes:
                raise too_large
            yield chunk
    except ClientDisconnect as error:
        raise detail(400, "The client went away before the whole body had come") from error


async def read_body(request: Request, max_bytes: int = MAX_JSON_BYTES) -> bytes:
    """Return the whole body. Raises: Refusal (413)."""
    return b"".join([chunk async for chunk in chunks_up_to(request, max_bytes)])


def parse_json(body: bytes) -> Any:
    """Return the JSON value of a body. Raises: Refusal (400) for anything that is not JSON."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise infrastructure_error(
            400, "Malformed JSON in the request body", "bad_request"
        ) from error


async def read_json_object(request: Request) -> dict[str, Any]:
    """Return a JSON object. Raises: Refusal (400 not JSON, 422 not an object)."""
    value = parse_json(await read_body(request, 2**20))
    if not isinstance(value, dict):
        raise detail(422, "Input should be a valid dictionary")
    return value


def fal_headers(request: Request) -> dict[str, str]:
    """Return what a request says to fal's gateway and to the app behind it."""
    return {
        name: value
        for name, value in request.headers.items()
        if name.startswith(("x-fal-", "x-app-fal-"))
    }


def tags_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a request; parts that are none are left out, as fal leaves them out."""
    pairs = (part.partition("=") for part in headers.get("x-fal-tags", "").split(","))
    return {key.strip(): value.strip() for key, equals, value in pairs if equals and key.strip()}


def stamp(moment: datetime) -> str:
    """Return a UTC time as fal writes it, in one fixed width, so that text sorts by time."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")

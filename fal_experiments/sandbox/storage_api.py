"""rest.fal.ai's storage and the CDN: upload tokens, uploads whole and in parts, files.

fal does not document these routes; the shapes are those that its Python and JavaScript clients
send and read (references/fal-platform.md 7).
"""

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from fal_experiments.sandbox.fault_answers import instead_of_a_file
from fal_experiments.sandbox.file_store import StoredFile, Target, part_number
from fal_experiments.sandbox.lifecycle import lifetime
from fal_experiments.sandbox.mischief import ADDRESS_KNOB
from fal_experiments.sandbox.services import Services
from fal_experiments.sandbox.wire import (
    chunks_up_to,
    detail,
    fal_headers,
    json_answer,
    read_json_object,
    stamp,
)

_CDN_STORAGE = "fal-cdn-v3"
_SHARED_WITH_ALL = {"access-control-allow-origin": "*"}
_FOR_EVER = "public, max-age=31536000, immutable"


class StorageApi:
    """The routes of rest.fal.ai/storage and of the CDN."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def token(self, request: Request) -> Response:
        """POST /rest/storage/auth/token: a token for uploads; the body must be a JSON object."""
        services = self._services
        services.gate.check_rest(request)
        await read_json_object(request)
        now = services.now()
        token, ends_at = services.upload_tokens.issue(now)
        return json_answer(
            {
                "token": token,
                "token_type": "Bearer",
                "base_url": services.urls.cdn,
                "created_at": now.isoformat(),
                "expires_at": ends_at.isoformat(),
            }
        )

    async def upload(self, request: Request) -> Response:
        """POST /cdn/files/upload: a whole file at once."""
        services = self._services
        services.upload_tokens.check(request, services.now())
        target = self._target(
            request, request.headers.get("x-fal-file-name"), request.headers.get("content-type")
        )
        await services.files.receive(target, chunks_up_to(request, services.max_upload_bytes))
        return json_answer({"access_url": self._url(target), "uploaded": True})

    async def begin_multipart(self, request: Request) -> Response:
        """POST /cdn/files/upload/multipart: announce a file in parts, as the Python client does."""
        services = self._services
        services.upload_tokens.check(request, services.now())
        target = self._target(
            request, request.headers.get("x-fal-file-name"), request.headers.get("content-type")
        )
        upload_id = services.files.begin_upload(target)
        return json_answer({"access_url": self._url(target), "uploadId": upload_id})

    async def initiate(self, request: Request) -> Response:
        """POST /rest/storage/upload/initiate[-multipart]: announce a file, as JavaScript does."""
        services = self._services
        services.gate.check_rest(request)
        body = await read_json_object(request)
        if request.query_params.get("storage_type") != _CDN_STORAGE:
            raise detail(400, "Invalid storage type")
        target = self._target(request, body.get("file_name"), body.get("content_type"))
        upload_id = services.files.begin_upload(target)
        upload_url = f"{services.urls.cdn}/uploads/{upload_id}"
        return json_answer({"upload_url": upload_url, "file_url": self._url(target)})

    async def put_announced(self, request: Request) -> Response:
        """PUT /cdn/uploads/{id}: the whole of an announced file. The address is the permission."""
        services = self._services
        target = services.files.target_of(request.path_params["upload_id"])
        await services.files.receive(target, chunks_up_to(request, services.max_upload_bytes))
        return json_answer({"uploaded": True}, headers=_SHARED_WITH_ALL)

    async def put_part(self, request: Request) -> Response:
        """PUT …/{number}: one part; its etag comes back as a header and as JSON."""
        services = self._services
        number = part_number(request.path_params["number"])
        chunks = chunks_up_to(request, services.max_upload_bytes)
        upload_id = request.path_params["upload_id"]
        etag = f'"{await services.files.receive_part(upload_id, number, chunks)}"'
        body = {"partNumber": number, "etag": etag}
        return json_answer(body, headers={"etag": etag, **_SHARED_WITH_ALL})

    async def complete(self, request: Request) -> Response:
        """POST …/complete: join the parts, which may be named in any order."""
        services = self._services
        body = await read_json_object(request)
        upload_id = request.path_params["upload_id"]
        target = services.files.target_of(upload_id)
        services.files.complete_upload(upload_id, _etags(body), services.max_upload_bytes)
        return json_answer({"access_url": self._url(target), "uploaded": True})

    async def download(self, request: Request) -> Response:
        """GET or HEAD /cdn/files/…: a file, or a range of it. Public, as on fal."""
        file = self._file(request)
        token = request.query_params.get(ADDRESS_KNOB, "")
        url_path, is_get = f"/files/{request.path_params['path']}", request.method == "GET"
        fault = self._services.mischief.at_media(url_path, token, is_get=is_get)
        failed = instead_of_a_file(fault, file.path, file.content_type)
        if failed is not None:
            return failed
        headers = {
            "cache-control": _FOR_EVER,
            "x-content-type-options": "nosniff",
            **_SHARED_WITH_ALL,
        }
        return FileResponse(file.path, headers=headers, media_type=file.content_type)

    def _file(self, request: Request) -> StoredFile:
        services = self._services
        url_path = f"/files/{request.path_params['path']}"
        file = services.files.find(url_path, services.now())
        if file is None or not file.path.is_file():
            raise detail(404, "File not found")
        return file

    def _target(self, request: Request, name: Any, content_type: Any) -> Target:
        now = self._services.now()
        shown_name = name if isinstance(name, str) and name else f"{stamp(now)}.bin"
        shown_type = content_type if isinstance(content_type, str) else ""
        return self._services.files.upload_target(shown_name, shown_type, _expiry(request, now))

    def _url(self, target: Target) -> str:
        return self._services.urls.cdn + target.url_path


def _expiry(request: Request, now: datetime) -> datetime | None:
    seconds = lifetime(fal_headers(request))
    return None if seconds is None else now + timedelta(seconds=seconds)


def _etags(body: dict[str, Any]) -> dict[int, str]:
    parts = body.get("parts")
    if not isinstance(parts, list) or len(parts) > 10_000:
        raise detail(422, "parts: expected a list of {partNumber, etag}")
    etags: dict[int, str] = {}
    for part in parts:
        number = part.get("partNumber") if isinstance(part, dict) else None
        etag = str(part.get("etag", "")).strip('"') if isinstance(part, dict) else ""
        if not isinstance(number, int) or not etag.isalnum():
            raise detail(422, "parts: each has a partNumber and the etag that came back for it")
        etags[number] = etag
    return etags

"""Every route of the sandbox, and what becomes of a refusal or a fault of ours."""

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from fal_experiments.sandbox.platform_api import PlatformApi
from fal_experiments.sandbox.queue_api import QueueApi
from fal_experiments.sandbox.services import Services
from fal_experiments.sandbox.storage_api import StorageApi
from fal_experiments.sandbox.usage_api import UsageApi
from fal_experiments.sandbox.wire import Refusal, json_answer

_log = logging.getLogger("fal_experiments.sandbox")


def build_app(services: Services) -> Starlette:
    """Return the application: one path prefix for each of fal's hosts."""
    queue, storage = QueueApi(services), StorageApi(services)
    platform, usage = PlatformApi(services), UsageApi(services)
    return Starlette(
        routes=[
            Route("/queue/{path:path}", queue.submit, methods=["POST"]),
            Route("/queue/{path:path}", queue.read, methods=["GET"]),
            Route("/queue/{path:path}", queue.cancel, methods=["PUT"]),
            Route("/run/{path:path}", queue.run, methods=["POST"]),
            Mount("/rest/storage", routes=_rest_routes(storage)),
            Mount("/cdn", routes=_cdn_routes(storage)),
            Mount("/api/v1", routes=_platform_routes(platform, usage)),
            Route("/schema", platform.schema, methods=["GET"]),
        ],
        exception_handlers={Refusal: _refuse, HTTPException: _refuse_http, Exception: _confess},
    )


def _rest_routes(storage: StorageApi) -> list[Route]:
    return [
        Route("/auth/token", storage.token, methods=["POST"]),
        Route("/upload/initiate", storage.initiate, methods=["POST"]),
        Route("/upload/initiate-multipart", storage.initiate, methods=["POST"]),
    ]


def _cdn_routes(storage: StorageApi) -> list[Route]:
    in_parts, part = "/files/{path:path}/multipart", "{upload_id}/{number}"
    return [
        Route("/files/upload", storage.upload, methods=["POST"]),
        Route("/files/upload/multipart", storage.begin_multipart, methods=["POST"]),
        Route(in_parts + "/{upload_id}/complete", storage.complete, methods=["POST"]),
        Route(f"{in_parts}/{part}", storage.put_part, methods=["PUT"]),
        Route("/uploads/{upload_id}/complete", storage.complete, methods=["POST"]),
        Route(f"/uploads/{part}", storage.put_part, methods=["PUT"]),
        Route("/uploads/{upload_id}", storage.put_announced, methods=["PUT"]),
        Route("/files/{path:path}", storage.download, methods=["GET"]),
    ]


def _platform_routes(platform: PlatformApi, usage: UsageApi) -> list[Route]:
    return [
        Route("/models", platform.models, methods=["GET"]),
        Route("/models/pricing", platform.pricing, methods=["GET"]),
        Route("/models/pricing/estimate", platform.estimate, methods=["POST"]),
        Route("/models/requests/by-endpoint", usage.requests, methods=["GET"]),
        Route("/models/billing-events", usage.billing_events, methods=["GET"]),
        Route("/models/usage", usage.usage, methods=["GET"]),
        Route("/account/billing", platform.account, methods=["GET"]),
    ]


async def _refuse(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101  Starlette's type is wider than what it sends
    return json_answer(refusal.body, refusal.status, refusal.headers)


async def _refuse_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  as above
    return json_answer({"detail": error.detail}, error.status_code, error.headers)


async def _confess(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return json_answer({"detail": "Internal Server Error", "error_type": "internal_error"}, 500)

"""Answers of a service in trouble, in the words that fal and its proxy have for it."""

import asyncio
import json
from pathlib import Path

from starlette.responses import Response

from fal_experiments.sandbox.connection import CutShort, HangUp
from fal_experiments.sandbox.fault_kinds import (
    AimedFault,
    Ingress503,
    MediaBroken,
    MediaExpired,
    RateLimited,
    SlowHeaders,
    Status5xx,
    SubmitSpoiled,
)
from fal_experiments.sandbox.jobs import Outcome
from fal_experiments.sandbox.wire import infrastructure_error, json_answer

NO_ANSWER = 0
"""Stands in the database as the HTTP status of a POST whose connection was closed."""
_INGRESS_PAGE = (
    "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n"
    "<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_FILE_PAGE = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>\n"
_STATUS_OF_ERROR = {
    "runner_incomplete_response": 502,
    "runner_server_error": 500,
    "internal_error": 500,
    "request_timeout": 504,
    "startup_timeout": 504,
}
_TYPE_OF_STATUS = {
    500: "internal_error",
    502: "runner_incomplete_response",
    503: "runner_connection_error",
    504: "request_timeout",
}


def instead_of_accepting(fault: AimedFault | None, request_id: str) -> tuple[int, Response] | None:
    """Return the status and the answer of a submit that is not accepted; None: it is."""
    match fault:
        case SubmitSpoiled(do="dropped"):
            return NO_ANSWER, HangUp()
        case RateLimited():
            return 429, _rate_limited(fault, request_id)
        case Ingress503(accepted=False):
            return 503, ingress_page()
        case _:
            return None


async def after_accepting(fault: AimedFault | None, answer: Response) -> Response:
    """Return what is left of the answer to a submit that was accepted."""
    match fault:
        case SubmitSpoiled(do="answer_lost"):
            return HangUp()
        case SubmitSpoiled(do="garbled"):
            cut = bytes(answer.body)[: len(answer.body) // 2]
            kept = {"x-fal-request-id": answer.headers["x-fal-request-id"]}
            return Response(cut, headers=kept, media_type="application/json")
        case Ingress503():
            return ingress_page()
        case SlowHeaders():
            await asyncio.sleep(fault.delay_s)
    return answer


async def instead_of_reading(fault: AimedFault | None, request_id: str) -> Response | None:
    """Return the answer of a read that fails; None: it is answered, now or later."""
    match fault:
        case RateLimited():
            return _rate_limited(fault, request_id)
        case Ingress503():
            return ingress_page()
        case Status5xx():
            error_type = _TYPE_OF_STATUS[fault.status]
            refusal = infrastructure_error(fault.status, "The request failed", error_type)
            headers = refusal.headers | {"x-fal-request-id": request_id}
            return json_answer(refusal.body, fault.status, headers)
        case SlowHeaders():
            await asyncio.sleep(fault.delay_s)
    return None


def instead_of_a_file(fault: AimedFault | None, path: Path, content_type: str) -> Response | None:
    """Return what a fetch of a file gets; None: the file."""
    match fault:
        case MediaBroken(do="media_truncated"):
            return CutShort(path, content_type)
        case MediaBroken():
            return Response(_FILE_PAGE, media_type="text/html")
        case MediaExpired():
            return json_answer({"detail": "File not found"}, 404)
        case _:
            return None


def ingress_page() -> Response:
    """Return the page of a proxy that reached nobody. It knows of no request id."""
    return Response(_INGRESS_PAGE, 503, media_type="text/html")


def lost_by_runner(error_type: str) -> Outcome:
    """Return what comes of a job that the infrastructure lost; it is not billed."""
    text = f"The request failed: {error_type.replace('_', ' ')}"
    body = json.dumps({"detail": text, "error_type": error_type})
    headers = {"x-fal-error-type": error_type, "x-fal-needs-retry": "1"}
    return Outcome(_STATUS_OF_ERROR.get(error_type, 503), body, headers, text, error_type)


def _rate_limited(fault: RateLimited, request_id: str) -> Response:
    headers = {"x-fal-needs-retry": "1", "x-fal-request-id": request_id}
    if fault.retry_after_s:
        headers["retry-after"] = str(fault.retry_after_s)
    text, error_type = "Concurrent requests limit reached", "concurrent_requests_limit"
    refusal = infrastructure_error(429, text, error_type, headers)
    return json_answer(refusal.body, 429, refusal.headers)

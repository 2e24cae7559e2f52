"""https://queue.fal.run and https://fal.run: submit, status, stream, result, cancel, sync run.

Source of every shape: references/fal-platform.md, sections 2 to 4.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from fal_experiments.core.ids import sha256_hex
from fal_experiments.sandbox.catalogue import QueuePath, read_path
from fal_experiments.sandbox.fault_answers import (
    after_accepting,
    instead_of_accepting,
    instead_of_reading,
)
from fal_experiments.sandbox.jobs import CDN_MARK, Job, Submission, Via, new_request_id
from fal_experiments.sandbox.services import Services
from fal_experiments.sandbox.timing import log_lines
from fal_experiments.sandbox.wire import (
    Refusal,
    detail,
    fal_headers,
    infrastructure_error,
    json_answer,
    parse_json,
    read_body,
)

_RESULT_KEPT_S, _LARGE_RESULT_KEPT_S, _LARGE_RESULT_BYTES = 3600, 360, 10_000
"""Without payload storage a result is short-lived (references/fal-platform.md 2.5)."""
_STREAM_LOOK_S, _KEEPALIVE_S = 0.1, 15.0


class QueueApi:
    """The routes of the queue and of the sync host."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def submit(self, request: Request) -> Response:
        """POST /queue/{model id}: accept a job without looking at its input."""
        services, sent = self._services, await self._checked(request, "queue")
        # nothing may be awaited between here and the database: equal POSTs are told apart by count
        fault = services.mischief.at_submit(sent.endpoint, sha256_hex(sent.body))
        refused = instead_of_accepting(fault, sent.request_id)
        if refused is not None:
            status, refusal = refused
            self._note_refusal(sent.via, sent.endpoint, sent.body, status)
            return refusal
        job = services.store.accept(sent, services.now())
        services.dispatcher.enqueue(job)
        body = self._status_body(job) | {"status": "IN_QUEUE"}
        answer = json_answer(body, headers={"x-fal-request-id": job.request_id})
        return await after_accepting(fault, answer)

    async def run(self, request: Request) -> Response:
        """POST /run/{model id}: the result in the same answer."""
        sent = await self._checked(request, "run")
        job = self._services.store.accept(sent, self._services.now())
        self._services.dispatcher.start_at_once(job)
        await self._services.dispatcher.wait_done(job.request_id)
        return self._result_of(self._fresh(job))

    async def read(self, request: Request) -> Response:
        """GET /queue/{owner}/{app}/requests/{id}[/status[/stream]]."""
        path = self._path(request)
        self._services.gate.check_app(request, path.app)
        job = self._job(path)
        fault = self._services.mischief.at_read(job, path.action)
        failed = await instead_of_reading(fault, job.request_id)
        if failed is not None:
            return failed
        if path.action == ():
            return self._result(self._as_shown(job))
        if path.action == ("status",):
            return self._status(request, self._as_shown(job))
        if path.action == ("status", "stream"):
            events = self._events(job, with_logs=_wants_logs(request))
            return StreamingResponse(events, media_type="text/event-stream")
        raise detail(404, "Not Found")

    async def cancel(self, request: Request) -> Response:
        """PUT /queue/{owner}/{app}/requests/{id}/cancel."""
        path = self._path(request)
        self._services.gate.check_app(request, path.app)
        if path.action != ("cancel",):
            raise detail(404, "Not Found")
        job = self._job(path)
        headers = {"x-fal-request-id": job.request_id}
        if job.state == "completed":
            return json_answer({"status": "ALREADY_COMPLETED"}, 400, headers)
        is_ignored = self._services.mischief.ignores_cancel(job)
        if not is_ignored and self._services.dispatcher.cancel(job.request_id):
            return json_answer({"status": "OK"}, 200, headers)
        return json_answer({"status": "CANCELLATION_REQUESTED"}, 202, headers)

    async def _checked(self, request: Request, via: Via) -> Submission:
        """Return a POST that can be accepted. Raises: Refusal, which is in the database then."""
        services, body = self._services, None
        try:
            path = read_path(request.path_params["path"])
            if path is None or path.request_id is not None:
                raise detail(404, "Not Found")
            services.gate.check_app(request, path.app)
            if not services.catalogue.knows_app(path.app):
                raise detail(404, f'Application "{path.app.split("/", 1)[1]}" not found')
            headers = fal_headers(request)
            _check_start_deadline(headers)
            body = await read_body(request)
            parse_json(body)
            self._check_room(request, path, via)
        except Refusal as refusal:
            refusal.headers.setdefault("x-fal-request-id", new_request_id(services.now()))
            self._note_refusal(via, request.path_params["path"][:300], body, refusal.status)
            raise
        return Submission(
            request_id=new_request_id(services.now()),
            app=path.app,
            endpoint=path.endpoint,
            body=body,
            headers=headers,
            via=via,
        )

    def _note_refusal(self, via: Via, endpoint: str, body: bytes | None, status: int) -> None:
        services = self._services
        services.store.refuse(
            via=via, endpoint=endpoint, body=body, status=status, at=services.now()
        )

    def _check_room(self, request: Request, path: QueuePath, via: Via) -> None:
        dispatcher = self._services.dispatcher
        if via == "run":
            if not dispatcher.has_free_slot:
                text = "Concurrent requests limit reached"
                retry = {"x-fal-needs-retry": "1"}
                raise infrastructure_error(429, text, "concurrent_requests_limit", retry)
            return
        most = request.query_params.get("fal_max_queue_length")
        if most is None:
            return
        if not (most.isdecimal() and len(most) < 10):
            raise infrastructure_error(400, "fal_max_queue_length: a number", "bad_request")
        if dispatcher.waiting_count(path.endpoint) > int(most):
            raise detail(429, f"More than {int(most)} requests are waiting already")

    def _path(self, request: Request) -> QueuePath:
        """Return the request that is named. Raises: Refusal (404; 405 for anything else)."""
        path = read_path(request.path_params["path"])
        if path is None:
            raise detail(404, "Not Found")
        if path.request_id is None or path.sub_path:
            raise Refusal(405, {"detail": "Method Not Allowed"}, {"allow": "POST"})
        return path

    def _job(self, path: QueuePath) -> Job:
        job = self._services.store.job(path.request_id or "")
        if job is not None and job.app == path.app:
            return job
        if path.action == ():
            raise detail(404, "Request not found")
        raise Refusal(404, {"status": "NOT_FOUND"})

    def _fresh(self, job: Job) -> Job:
        return self._services.store.job(job.request_id) or job

    def _as_shown(self, job: Job) -> Job:
        """Return a job as it stands now, or as a fault of the script shows it."""
        return self._services.mischief.as_shown(self._fresh(job))

    def _result(self, job: Job) -> Response:
        if job.state != "completed":
            raise detail(400, "Request is still in progress")
        if job.outcome and job.ended_at and not job.keeps_payloads:
            is_large = len(job.outcome.body) >= _LARGE_RESULT_BYTES
            kept_s = _LARGE_RESULT_KEPT_S if is_large else _RESULT_KEPT_S
            if (self._services.now() - job.ended_at).total_seconds() > kept_s:
                raise detail(404, "Request not found")
        return self._result_of(job)

    def _result_of(self, job: Job) -> Response:
        outcome = job.outcome
        if outcome is None:
            raise detail(404, "Request not found")
        headers = outcome.headers | {
            "x-fal-request-id": job.request_id,
            "x-fal-served-from": sha256_hex(f"runner {job.endpoint}")[:16],
        }
        mischief = self._services.mischief
        headers, body = mischief.result_headers(job, headers), outcome.body
        if outcome.http_status == 200:
            body = mischief.result_body(job, body)
        body = body.replace(f'"{CDN_MARK}', f'"{self._services.urls.cdn}')
        return Response(body, outcome.http_status, headers, "application/json")

    def _status(self, request: Request, job: Job) -> Response:
        body = self._status_body(job, with_logs=_wants_logs(request))
        status = 200 if job.state == "completed" else 202
        return json_answer(body, status, {"x-fal-request-id": job.request_id})

    def _status_body(self, job: Job, *, with_logs: bool = False) -> dict[str, Any]:
        services = self._services
        below = f"{services.urls.queue}/{job.app}/requests/{job.request_id}"
        body: dict[str, Any] = {
            "status": "IN_QUEUE",
            "request_id": job.request_id,
            "response_url": below,
            "status_url": f"{below}/status",
            "cancel_url": f"{below}/cancel",
            "logs": self._logs(job) if with_logs else None,
            "metrics": {},
        }
        if job.state == "queued":
            return body | {"queue_position": services.dispatcher.position(job.request_id) or 0}
        if job.state == "running":
            return body | {"status": "IN_PROGRESS"}
        if job.started_at and job.ended_at:
            inference_s = (job.ended_at - job.started_at).total_seconds()
            body["metrics"] = {"inference_time": round(inference_s, 6)}
        if job.outcome and job.outcome.error_type:
            body |= {"error": job.outcome.error, "error_type": job.outcome.error_type}
        return body | {"status": "COMPLETED"}

    def _logs(self, job: Job) -> list[dict[str, Any]]:
        if job.started_at is None:
            return []
        services = self._services
        planned_s = services.dispatcher.planned_s(job)
        return log_lines(job.started_at, planned_s, services.now(), job.ended_at)

    async def _events(self, job: Job, *, with_logs: bool) -> AsyncIterator[str]:
        """Yield the status whenever it has changed, and close after COMPLETED."""
        loop = asyncio.get_running_loop()
        last, last_at_s = "", loop.time()
        while not self._services.is_closing():
            job = self._as_shown(job)
            event = json.dumps(self._status_body(job, with_logs=with_logs))
            if event != last:
                last, last_at_s = event, loop.time()
                yield f"data: {event}\n\n"
            elif loop.time() - last_at_s > _KEEPALIVE_S:
                last_at_s = loop.time()
                yield ": keepalive\n\n"
            if job.state == "completed":
                return
            await self._services.dispatcher.wait_done(job.request_id, _STREAM_LOOK_S)


def _wants_logs(request: Request) -> bool:
    return request.query_params.get("logs", "").lower() in {"1", "true"}


def _check_start_deadline(headers: dict[str, str]) -> None:
    """Refuse an `X-Fal-Request-Timeout` that is not a number of seconds above 0.1."""
    stated = headers.get("x-fal-request-timeout")
    if stated is None:
        return
    try:
        is_good = 0.1 < float(stated) < 1e7
    except ValueError:
        is_good = False
    if not is_good:
        text = "X-Fal-Request-Timeout: expected a number of seconds above 0.1"
        raise infrastructure_error(400, text, "bad_request")

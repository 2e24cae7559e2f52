"""fal's JSON and headers → records and typed errors. Pure; section numbers: fal-platform.md."""

from collections.abc import Mapping
from typing import Any

from fal_experiments.core.foreign import exact_number, json_of
from fal_experiments.core.preset import Output
from fal_experiments.core.request import LogLine, MediaRef, ProviderResult, QueueStatus, Ticket
from fal_experiments.errors import (
    Answer,
    Billed,
    ResultFailed,
    ResultNotReady,
    ServiceUnreachable,
    SubmitRejected,
    SubmitUnknown,
)

STRICT_HEADERS = {
    "X-Fal-Store-IO": "1",  # keep the payloads, so that a lost answer can be looked up (3.1)
    "x-app-fal-disable-fallback": "true",  # no other endpoint may serve this request (3.2)
    "X-Fal-Queue-Priority": "normal",
}
NO_RETRY = {"X-Fal-No-Retry": "1"}
"""Up to ten hidden attempts would spoil a latency comparison (5.4)."""
RETRY_HELPS = {  # 5.2 and 5.3; the header x-fal-needs-retry outranks this table
    "generation_timeout",
    "internal_server_error",
    "downstream_service_error",
    "downstream_service_unavailable",
    "request_timeout",
    "startup_timeout",
    "runner_scheduling_failure",
    "runner_connection_timeout",
    "runner_disconnected",
    "runner_connection_refused",
    "runner_connection_error",
    "runner_incomplete_response",
    "concurrent_requests_limit",
    "rate_limited",
}
PROMPT_FIELDS = ("actual_prompt", "revised_prompt", "prompt")
FIXES = {
    401: "check FAL_KEY: `fal-exp doctor` tells whether fal accepts it",
    402: "top up your balance at fal.ai/dashboard/billing",
    403: "the account may be locked or out of credit: see fal.ai/dashboard/billing",
    404: "check the preset's endpoint id: `fal-exp presets show ID`",
}


def ticket_from(answer: Answer, endpoint: str) -> Ticket:
    """Return the ticket in the answer to a submit (2.2).

    Raises: SubmitRejected for a refusal, SubmitUnknown when no job can be named but one may exist.
    """
    if 400 <= answer.http_status < 500 and answer.http_status != 408:
        raise _rejected(answer, endpoint)
    if 300 <= answer.http_status < 400:
        raise SubmitRejected(
            f"{endpoint}: redirected to {answer.headers.get('location', 'nowhere')}",
            kind="redirected",
            billed="no",
            answer=answer,
            fix="check FAL_EXP_QUEUE_URL: a paid request is never sent on to another address",
        )
    body = json_of(answer.text)
    fields = ("request_id", "status_url", "response_url", "cancel_url")
    if answer.http_status < 300 and isinstance(body, dict):
        given = {name: body.get(name) for name in fields}
        if all(isinstance(value, str) and value for value in given.values()):
            return Ticket(provider="fal", endpoint=endpoint, **given)
    seen = answer.headers.get("x-fal-request-id")
    raise SubmitUnknown(
        f"{endpoint}: HTTP {answer.http_status} without a ticket"
        + (f" (request id {seen})" if seen else "")
        + "; the job may be running and billed",
        kind="no_ticket",
        answer=answer,
        request_id=seen,
    )


def status_from(answer: Answer, ticket: Ticket) -> QueueStatus:
    """Return the status of a job (2.3). A word that is not known counts as completed.

    Treating an unknown word as `still running` would poll for ever; the result tells the truth.
    Raises: ResultFailed for an unknown job, ServiceUnreachable when the key is refused meanwhile.
    """
    if answer.http_status == 404:
        raise ResultFailed(
            f"fal does not know request {ticket.request_id} (any more)",
            kind="job_not_found",
            billed="unknown",
            answer=answer,
        )
    body = json_of(answer.text)
    if answer.http_status not in {200, 202} or not isinstance(body, dict):
        raise _not_now(answer, f"status of {ticket.request_id}")
    states = {"IN_QUEUE": "queued", "IN_PROGRESS": "running"}
    position = body.get("queue_position")
    metrics = body.get("metrics")
    return QueueStatus.model_validate(
        {
            "state": states.get(str(body.get("status")), "completed"),
            "queue_position": position if isinstance(position, int) else None,
            "logs": tuple(_log_lines(body.get("logs"))),
            "inference_s": exact_number(metrics.get("inference_time"))
            if isinstance(metrics, dict)
            else None,
        }
    )


def result_from(answer: Answer, ticket: Ticket, output: Output) -> ProviderResult:
    """Return the result of a completed job (2.5, 4).

    Raises: ResultFailed when the job failed or its result holds no file; ResultNotReady while it
    is still running; ServiceUnreachable when the key is refused, or the answer is no JSON.
    """
    body = json_of(answer.text)
    if answer.http_status == 400 and "still in progress" in answer.text:
        raise ResultNotReady(
            f"result of {ticket.request_id}: {_error_words(answer)[1]}",
            kind="not_ready",
            retry_can_help=True,
            answer=answer,
        )
    if answer.http_status in {401, 403}:
        raise _not_now(answer, f"result of {ticket.request_id}")
    if answer.http_status != 200:
        raise _result_failed(answer)
    if body is None:  # cut off on its way: the result is paid for, and can be asked for again
        raise _not_now(answer, f"result of {ticket.request_id}")
    media = _media_at(body, output.path)
    if media is None:
        raise ResultFailed(
            f"the result holds no file at {output.path}",
            kind="no_media",
            billed="yes",
            answer=answer,
            units=exact_number(answer.headers.get("x-fal-billable-units")),
            fix="the raw result is kept beside the request; check the preset's output.path",
        )
    seed = body.get("seed") if isinstance(body, dict) else None
    return ProviderResult(
        http_status=answer.http_status,
        headers=dict(answer.headers),
        text=answer.text,
        body=body,
        media=media,
        billable_units=exact_number(answer.headers.get("x-fal-billable-units")),
        seed_returned=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
        prompt_returned=_prompt_in(body),
        strict_breach=_breach(answer.headers, ticket.endpoint),
    )


def _prompt_in(body: Any) -> str | None:
    """Return the prompt that a result says was used (names in references/fal-endpoints.json)."""
    named = [body.get(name) for name in PROMPT_FIELDS] if isinstance(body, dict) else []
    return next((text for text in named if isinstance(text, str) and text.strip()), None)


def _breach(headers: Mapping[str, str], endpoint: str) -> str | None:
    """Return why another endpoint served or bills the request (4.3), None when none did."""
    billed_as = headers.get("x-fal-bill-as", "")
    if billed_as and billed_as != endpoint:
        return f"billed as {billed_as}"
    fallback = headers.get("x-app-fal-api-fallback", "")
    if fallback and fallback.lower() not in {"false", "0", "no"}:
        other = headers.get("x-app-fal-api-fallback-endpoint", "another endpoint")
        return f"served by {other}"
    return None


def _rejected(answer: Answer, endpoint: str) -> SubmitRejected:
    kind, message = _error_words(answer)
    busy = answer.http_status == 429
    return SubmitRejected(
        f"{endpoint}: {message}",
        kind="rate_limited" if busy and kind.startswith("http_") else kind,
        billed="no",
        retry_can_help=busy or answer.http_status in {401, 402, 403},
        answer=answer,
        fix=FIXES.get(answer.http_status, ""),
    )


def _result_failed(answer: Answer) -> ResultFailed:
    kind, message = _error_words(answer)
    hint = answer.headers.get("x-fal-needs-retry") or answer.headers.get("x-fal-retryable") or ""
    helps = hint.lower() in {"1", "true"} if hint else kind in RETRY_HELPS
    if answer.headers.get("x-fal-request-timeout-type") == "user":
        helps = False
    return ResultFailed(
        message,
        kind=kind,
        billed=_billed(answer),
        retry_can_help=helps,
        answer=answer,
        units=exact_number(answer.headers.get("x-fal-billable-units")),
    )


def _billed(answer: Answer) -> Billed:
    """Return what is known of a failure's cost (4.1, 5.5).

    5xx is never charged. A 422 may be; its units header tells, but on a 404 a zero was seen to be
    charged all the same.
    """
    if answer.http_status >= 500 or answer.http_status == 499:
        return "no"
    units = exact_number(answer.headers.get("x-fal-billable-units"))
    if units is None:
        return "maybe"
    if units > 0:
        return "yes"
    return "no" if answer.http_status == 422 else "maybe"


def _not_now(answer: Answer, what: str) -> ServiceUnreachable:
    kind, message = _error_words(answer)
    return ServiceUnreachable(
        f"{what}: HTTP {answer.http_status}: {message}",
        kind=kind,
        billed="unknown",
        retry_can_help=True,
        answer=answer,
        fix=FIXES.get(answer.http_status, "nothing is lost; `fal-exp resume` asks again"),
    )


def _error_words(answer: Answer) -> tuple[str, str]:
    """Return type and message of an error in any of fal's shapes (5.1)."""
    body = json_of(answer.text)
    kind = answer.headers.get("x-fal-error-type", "")
    message = ""
    if isinstance(body, dict):
        detail = body.get("detail")
        kind = kind or str(body.get("error_type") or "")
        if isinstance(detail, list) and detail and isinstance(detail[0], dict):
            kind = kind or str(detail[0].get("type") or "")
            message = "; ".join(_detail_words(item) for item in detail if isinstance(item, dict))
        elif isinstance(detail, str):
            message = detail
        elif isinstance(body.get("error"), dict):
            kind = kind or str(body["error"].get("type") or "")
            message = str(body["error"].get("message") or "")
        else:
            message = str(body.get("error") or body.get("status") or "")
    plain = " ".join(answer.text.split())
    return kind or f"http_{answer.http_status}", (message or plain or "an empty answer")[:2000]


def _detail_words(item: Mapping[str, Any]) -> str:
    where = item.get("loc")
    path = ".".join(str(part) for part in where[1:]) if isinstance(where, list) else ""
    said = str(item.get("msg") or item.get("type") or "")
    return f"{path}: {said}" if path else said


def _media_at(body: Any, path: str) -> MediaRef | None:
    """Return the file at a dotted path: `video.url`, `images.0.url`."""
    *parents, last = path.split(".")
    holder = body
    for part in parents:
        if isinstance(holder, dict):
            holder = holder.get(part)
        elif isinstance(holder, list) and part.isdigit() and int(part) < len(holder):
            holder = holder[int(part)]
        else:
            return None
    if not isinstance(holder, dict) or not isinstance(holder.get(last), str) or not holder[last]:
        return None
    size, kind = holder.get("file_size"), holder.get("content_type")
    return MediaRef(
        url=holder[last],
        media_type=kind if isinstance(kind, str) else None,
        size_bytes=size if isinstance(size, int) and not isinstance(size, bool) else None,
    )


def _log_lines(logs: Any) -> list[LogLine]:
    if not isinstance(logs, list):
        return []
    return [
        LogLine(
            at=str(line.get("timestamp") or ""),
            message=str(line.get("message") or ""),
            level=str(line.get("level") or ""),
        )
        for line in logs
        if isinstance(line, dict)
    ]

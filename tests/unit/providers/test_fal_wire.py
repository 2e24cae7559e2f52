"""fal's answers become records and errors that say whether money moved."""

import json
from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.preset import Output
from fal_experiments.errors import (
    Answer,
    ResultFailed,
    ResultNotReady,
    ServiceUnreachable,
    SubmitRejected,
    SubmitUnknown,
)
from fal_experiments.providers.fal.adapter import app_of
from fal_experiments.providers.fal.wire import result_from, status_from, ticket_from
from tests.unit.core.histories import TICKET

VIDEO = Output()


def answer(status: int, body: Any, **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, text)


ACCEPTED = {
    "status": "IN_QUEUE",
    "request_id": "r",
    "response_url": "https://queue.fal.run/a/b/requests/r",
    "status_url": "https://queue.fal.run/a/b/requests/r/status",
    "cancel_url": "https://queue.fal.run/a/b/requests/r/cancel",
    "queue_position": 0,
}


def test_a_ticket_keeps_the_urls_of_the_answer_verbatim() -> None:
    ticket = ticket_from(answer(200, ACCEPTED), "a/b/c")

    assert ticket.endpoint == "a/b/c"
    assert ticket.status_url == ACCEPTED["status_url"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "again"),
    [
        (401, {"detail": "invalid key credentials"}, "http_401", True),
        (403, {"detail": "User is locked."}, "http_403", True),
        (404, {"detail": 'Application "x" not found'}, "http_404", False),
        (
            422,
            {"detail": [{"loc": ["body", "a"], "msg": "no", "type": "missing"}]},
            "missing",
            False,
        ),
        (429, {"detail": "too many"}, "rate_limited", True),
        (307, "", "redirected", False),
    ],
)
def test_a_refused_submit_is_not_billed_and_says_whether_it_may_pass_later(
    status: int, body: Any, kind: str, *, again: bool
) -> None:
    with pytest.raises(SubmitRejected) as caught:
        ticket_from(answer(status, body), "a/b")

    error = caught.value
    assert (error.kind, error.billed, error.retry_can_help) == (kind, "no", again)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<html>"),
        (200, {}),
        (200, {**ACCEPTED, "status_url": None}),
        (200, [1]),
        (408, ""),
        (500, {"detail": "oops"}),
        (502, "<html>nginx</html>"),
        (503, ""),
        (504, ""),
    ],
)
def test_an_answer_without_a_ticket_leaves_the_submission_unknown(status: int, body: Any) -> None:
    with pytest.raises(SubmitUnknown) as caught:
        ticket_from(answer(status, body), "a/b")

    assert caught.value.may_have_spent


@pytest.mark.parametrize(
    ("body", "http_status", "state"),
    [
        ({"status": "IN_QUEUE", "queue_position": 3}, 202, "queued"),
        ({"status": "IN_PROGRESS", "logs": None}, 202, "running"),
        ({"status": "COMPLETED", "metrics": {"inference_time": 3.42}}, 200, "completed"),
        ({"status": "COMPLETED", "error": "boom", "metrics": None}, 200, "completed"),
        ({"status": "FAILED"}, 200, "completed"),
        ({}, 200, "completed"),
    ],
)
def test_a_status_is_queued_running_or_completed(
    body: dict[str, Any], http_status: int, state: str
) -> None:
    assert status_from(answer(http_status, body), TICKET).state == state


def test_a_status_carries_position_log_lines_and_runner_seconds() -> None:
    logs = [{"timestamp": "t", "message": "loading", "level": "INFO"}, "odd", None]
    queued = status_from(answer(202, {"status": "IN_QUEUE", "queue_position": 3}), TICKET)
    done = status_from(
        answer(200, {"status": "COMPLETED", "logs": logs, "metrics": {"inference_time": 3.42}}),
        TICKET,
    )

    assert queued.queue_position == 3
    assert [line.message for line in done.logs] == ["loading"]
    assert done.inference_s == Decimal("3.42")


def test_a_job_that_fal_does_not_know_is_a_failure_of_unknown_cost() -> None:
    with pytest.raises(ResultFailed) as caught:
        status_from(answer(404, {"status": "NOT_FOUND"}), TICKET)

    assert (caught.value.kind, caught.value.billed) == ("job_not_found", "unknown")


@pytest.mark.parametrize("status", [401, 403, 418])
def test_a_refused_status_question_leaves_the_job_alone(status: int) -> None:
    with pytest.raises(ServiceUnreachable):
        status_from(answer(status, {"detail": "no"}), TICKET)


RESULT = {"video": {"url": "https://v3.fal.media/x.mp4", "content_type": "video/mp4"}, "seed": 7}


def test_a_result_has_its_file_units_and_seed() -> None:
    result = result_from(answer(200, RESULT, x_fal_billable_units="38.80"), TICKET, VIDEO)

    assert result.media.url == "https://v3.fal.media/x.mp4"
    assert result.billable_units == Decimal("38.8")
    assert result.seed_returned == 7
    assert result.strict_breach is None


@pytest.mark.parametrize("units", ["", "many", "-1", "NaN"])
def test_units_that_are_missing_or_no_number_are_unknown_and_not_zero(units: str) -> None:
    headers = {"x_fal_billable_units": units} if units else {}

    assert result_from(answer(200, RESULT, **headers), TICKET, VIDEO).billable_units is None


@pytest.mark.parametrize(
    ("headers", "breach"),
    [
        ({"x_fal_bill_as": "other/model"}, "billed as other/model"),
        ({"x_fal_bill_as": TICKET.endpoint}, None),
        (
            {"x_app_fal_api_fallback": "true", "x_app_fal_api_fallback_endpoint": "other/model"},
            "served by other/model",
        ),
        ({"x_app_fal_api_fallback": "false"}, None),
    ],
)
def test_a_result_of_another_endpoint_breaks_strictness(
    headers: dict[str, str], breach: str | None
) -> None:
    assert result_from(answer(200, RESULT, **headers), TICKET, VIDEO).strict_breach == breach


def test_the_file_stands_where_the_preset_says() -> None:
    images = Output(kind="image", path="images.0.url")

    result = result_from(answer(200, {"images": [{"url": "https://x/y.png"}]}), TICKET, images)

    assert result.media.url == "https://x/y.png"


@pytest.mark.parametrize("text", ["x", "", '{"video": {"u'])
def test_a_result_that_cannot_be_read_is_no_failure_of_the_job(text: str) -> None:
    with pytest.raises(ServiceUnreachable):
        result_from(Answer(200, {}, text), TICKET, VIDEO)


@pytest.mark.parametrize(
    "body", [{}, {"video": None}, {"video": {"url": ""}}, {"video": {"url": 5}}, []]
)
def test_a_result_without_a_file_is_a_billed_failure(body: Any) -> None:
    with pytest.raises(ResultFailed) as caught:
        result_from(answer(200, body), TICKET, VIDEO)

    assert (caught.value.kind, caught.value.billed) == ("no_media", "yes")


POLICY = {"detail": [{"loc": ["body", "prompt"], "msg": "no", "type": "content_policy_violation"}]}


POLICY_KIND = "content_policy_violation"
UNITS = "x_fal_billable_units"


def _infrastructure(kind: str) -> dict[str, str]:
    return {"detail": "x", "error_type": kind}


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (422, POLICY, {}, (POLICY_KIND, "maybe", False)),
        (422, POLICY, {UNITS: "0"}, (POLICY_KIND, "no", False)),
        (422, POLICY, {UNITS: "2.5"}, (POLICY_KIND, "yes", False)),
        (422, {"detail": "a plain string"}, {}, ("http_422", "maybe", False)),
        (404, {"detail": "Path x not found"}, {UNITS: "0"}, ("http_404", "maybe", False)),
        (500, _infrastructure("internal_error"), {}, ("internal_error", "no", False)),
        (503, _infrastructure("runner_disconnected"), {}, ("runner_disconnected", "no", True)),
        (499, _infrastructure("client_cancelled"), {}, ("client_cancelled", "no", False)),
        (
            504,
            _infrastructure("request_timeout"),
            {"x_fal_request_timeout_type": "user"},
            ("request_timeout", "no", False),
        ),
        (
            500,
            {"detail": "x"},
            {"x_fal_needs_retry": "1", "x_fal_error_type": "odd"},
            ("odd", "no", True),
        ),
    ],
)
def test_a_failed_job_tells_its_type_whether_it_is_billed_and_whether_a_retry_can_help(
    status: int, body: Any, headers: dict[str, str], expected: tuple[str, str, bool]
) -> None:
    with pytest.raises(ResultFailed) as caught:
        result_from(answer(status, body, **headers), TICKET, VIDEO)

    error = caught.value
    assert (error.kind, error.billed, error.retry_can_help) == expected


def test_a_result_that_is_not_there_yet_is_no_failure() -> None:
    with pytest.raises(ResultNotReady):
        result_from(answer(400, {"detail": "Request is still in progress"}), TICKET, VIDEO)


@pytest.mark.parametrize(
    ("endpoint", "app"),
    [
        ("fal-ai/kling-video/v3/pro/image-to-video", "fal-ai/kling-video"),
        ("bytedance/seedance-2.0/image-to-video", "bytedance/seedance-2.0"),
        ("workflows/me/mine", "workflows/me/mine"),
    ],
)
def test_status_addresses_keep_owner_and_app(endpoint: str, app: str) -> None:
    assert app_of(endpoint) == app

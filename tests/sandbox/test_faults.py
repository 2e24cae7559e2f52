"""Faults of submit, read and job: each strikes over real HTTP, and the books tell the truth."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.lab import MOVER, PAINTER, TELLER, Lab, troubled

BODY = {"prompt": "a lamp"}
SECOND_NANO_USD = 10_000_000
LOST = (httpx.RemoteProtocolError, httpx.ReadError)


def known(lab: Lab, endpoint: str = TELLER) -> list[dict[str, Any]]:
    """Return the jobs that the platform API lists."""
    items: list[dict[str, Any]] = lab.api(
        "/models/requests/by-endpoint", endpoint_id=endpoint
    ).json()["items"]
    return items


def ticket_of(lab: Lab, request_id: str, app: str = "lab/tiny") -> dict[str, Any]:
    """Return the addresses of a job whose ticket was lost."""
    below = f"{lab.urls.queue}/{app}/requests/{request_id}"
    return {"request_id": request_id, "response_url": below, "status_url": f"{below}/status"}


def status_of(lab: Lab, ticket: dict[str, Any]) -> str:
    """Return the state that a status tells."""
    return str(lab.get(ticket["status_url"]).json()["status"])


# submit


def test_answer_lost_accepts_the_job_and_closes_the_connection(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "answer_lost", "times": 1}) as lab:
        with pytest.raises(LOST):
            lab.post(TELLER, BODY)
        (item,) = known(lab)
        result = lab.result(ticket_of(lab, item["request_id"]))
        stats = lab.server.stats()

    assert result.status_code == 200
    assert stats.posts == {TELLER: 1}
    assert (stats.accepted, stats.billed_nano_usd) == (1, SECOND_NANO_USD)
    assert stats.faults == {"answer_lost": 1}


def test_dropped_closes_the_connection_and_accepts_nothing(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "dropped", "times": 1}) as lab:
        with pytest.raises(LOST):
            lab.post(TELLER, BODY)
        after_first = lab.server.stats()
        again = lab.make(TELLER, **BODY)

    assert (after_first.posts, after_first.accepted) == ({TELLER: 1}, 0)
    assert again.status_code == 200


@pytest.mark.parametrize(("retry_after_s", "header"), [(0, None), (3, "3")])
def test_rate_limited_refuses_a_submit_in_fals_words(
    tmp_path: Path, retry_after_s: int, header: str | None
) -> None:
    fault = {"do": "rate_limited", "first": 1, "retry_after_s": retry_after_s}
    with troubled(tmp_path, fault) as lab:
        refused = lab.post(TELLER, BODY)
        again = lab.post(TELLER, BODY)
        stats = lab.server.stats()

    assert refused.status_code == 429
    assert refused.json()["error_type"] == "concurrent_requests_limit"
    assert refused.headers["x-fal-needs-retry"] == "1"
    assert refused.headers.get("retry-after") == header
    assert again.status_code == 200
    assert (stats.accepted, stats.posts) == (1, {TELLER: 2})


def test_rate_limited_refuses_reads_while_the_job_goes_on(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "rate_limited", "at": "read", "times": 2}) as lab:
        ticket = lab.submit(TELLER, BODY)
        lab.get(f"{ticket['status_url']}/stream")
        answers = [lab.get(ticket[name]) for name in ("status_url", "response_url")]
        result = lab.result(ticket)

    assert [answer.status_code for answer in answers] == [429, 429]
    assert result.status_code == 200


@pytest.mark.parametrize("accepted", [False, True])
def test_ingress_503_is_a_page_without_a_request_id(tmp_path: Path, accepted: bool) -> None:
    with troubled(tmp_path, {"do": "ingress_503", "times": 1, "accepted": accepted}) as lab:
        page = lab.post(TELLER, BODY)
        stats = lab.server.stats()

    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert "nginx" in page.text
    assert "x-fal-request-id" not in page.headers
    assert stats.accepted == int(accepted)


def test_ingress_503_at_a_read_leaves_the_job_alone(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "ingress_503", "at": "read", "first": 1}) as lab:
        ticket = lab.submit(TELLER, BODY)
        page = lab.get(ticket["status_url"])
        result = lab.result(ticket)

    assert (page.status_code, "x-fal-request-id" in page.headers) == (503, False)
    assert result.status_code == 200


def test_slow_headers_leave_a_client_that_gave_up_with_an_accepted_job(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "slow_headers", "delay_s": 600, "times": 1}) as lab:
        with pytest.raises(httpx.ReadTimeout):
            lab.http.post(f"{lab.urls.queue}/{TELLER}", json=BODY, timeout=0.3)
        (item,) = known(lab)
        result = lab.result(ticket_of(lab, item["request_id"]))

    assert result.status_code == 200


def test_slow_headers_can_hold_up_a_read(tmp_path: Path) -> None:
    with troubled(
        tmp_path, {"do": "slow_headers", "delay_s": 600, "at": "read", "times": 1}
    ) as lab:
        ticket = lab.submit(TELLER, BODY)
        with pytest.raises(httpx.ReadTimeout):
            lab.http.get(ticket["status_url"], timeout=0.3)

        assert lab.wait(ticket)["status"] == "COMPLETED"


def test_garbled_answers_200_with_half_a_json_for_an_accepted_job(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "garbled", "times": 1}) as lab:
        answer = lab.post(TELLER, BODY)
        stats = lab.server.stats()

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert stats.accepted == 1


# reads


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_status_5xx_fails_a_status_and_not_the_job(tmp_path: Path, status: int) -> None:
    with troubled(tmp_path, {"do": "status_5xx", "status": status, "first": 2}) as lab:
        ticket = lab.submit(TELLER, BODY)
        failed = [lab.get(ticket["status_url"]) for _ in range(2)]
        result = lab.result(ticket)

    assert [answer.status_code for answer in failed] == [status, status]
    assert failed[0].headers["x-fal-request-id"] == ticket["request_id"]
    assert failed[0].json()["error_type"] == failed[0].headers["x-fal-error-type"]
    assert result.status_code == 200


def test_units_late_are_missing_at_first_and_there_when_asked_again(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "units_late", "first": 2}) as lab:
        ticket = lab.submit(TELLER, BODY)
        lab.wait(ticket)
        units = [
            lab.get(ticket["response_url"]).headers.get("x-fal-billable-units") for _ in range(3)
        ]

    assert units == [None, None, "1"]


# jobs


def test_completed_with_error_tells_it_on_the_status_and_bills_nothing(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "completed_with_error", "first": 1}) as lab:
        ticket = lab.submit(TELLER, BODY)
        status, result = lab.wait(ticket), lab.get(ticket["response_url"])
        stats = lab.server.stats()
        again = lab.make(TELLER, **BODY)

    assert (status["status"], status["error_type"]) == ("COMPLETED", "runner_disconnected")
    assert status["error"]
    assert (result.status_code, result.json()["error_type"]) == (503, "runner_disconnected")
    assert stats.billed_nano_usd == 0
    assert again.status_code == 200


def test_completed_with_error_has_the_http_status_of_its_type(tmp_path: Path) -> None:
    fault = {"do": "completed_with_error", "error_type": "startup_timeout"}
    with troubled(tmp_path, fault) as lab:
        result = lab.make(TELLER, **BODY)

    assert (result.status_code, result.json()["error_type"]) == (504, "startup_timeout")


@pytest.mark.parametrize(("billed", "units", "cost"), [(False, "0", 0), (True, "2", 20_000_000)])
def test_result_422_is_a_refusal_of_the_model_billed_or_not(
    tmp_path: Path, billed: bool, units: str, cost: int
) -> None:
    with troubled(tmp_path, {"do": "result_422", "billed": billed}) as lab:
        ticket = lab.submit(TELLER, BODY | {"duration": "2"})
        status, result = lab.wait(ticket), lab.get(ticket["response_url"])
        stats = lab.server.stats()

    assert "error_type" not in status
    assert result.status_code == 422
    assert result.json()["detail"][0]["type"] == "content_policy_violation"
    assert "x-fal-needs-retry" not in result.headers
    assert result.headers["x-fal-billable-units"] == units
    assert stats.billed_by_request == {ticket["request_id"]: cost}


def test_result_500_says_that_a_retry_can_help_and_bills_nothing(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "result_500", "first": 1}) as lab:
        result, again = lab.make(TELLER, **BODY), lab.make(TELLER, **BODY)
        stats = lab.server.stats()

    assert result.status_code == 500
    assert result.json()["detail"][0]["type"] == "internal_server_error"
    assert result.headers["x-fal-needs-retry"] == "1"
    assert again.status_code == 200
    assert (stats.accepted, stats.billed_nano_usd) == (2, SECOND_NANO_USD)


def test_stuck_stays_in_progress_and_holds_up_nobody_else(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "stuck", "endpoint": TELLER}, concurrency=1) as lab:
        ticket = lab.submit(TELLER, BODY)
        other = lab.make(PAINTER, **BODY)

        assert other.status_code == 200
        assert status_of(lab, ticket) == "IN_PROGRESS"
        assert lab.get(ticket["response_url"]).status_code == 400
        assert lab.server.stats().jobs == {"running": 1, "completed": 1}


def test_stuck_for_a_while_ends_in_a_result(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "stuck", "for_s": 0.3}) as lab:
        result = lab.make(TELLER, **BODY)

    assert result.status_code == 200
    assert lab.server.stats().faults == {"stuck": 1}


def test_cancel_ignored_runs_to_the_end_and_is_billed(tmp_path: Path) -> None:
    faults: list[dict[str, Any]] = [
        {"do": "cancel_ignored"},
        {"do": "stuck", "endpoint": PAINTER, "for_s": 0.5},
    ]
    with troubled(tmp_path, *faults, concurrency=1) as lab:
        lab.submit(PAINTER, BODY)
        ticket = lab.submit(TELLER, BODY)
        answer = lab.http.put(ticket["cancel_url"])
        result = lab.result(ticket)
        stats = lab.server.stats()

    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    assert result.status_code == 200
    assert stats.billed_by_request[ticket["request_id"]] == SECOND_NANO_USD


def test_duplicate_delivery_is_in_progress_again_and_billed_once(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "duplicate_delivery", "for_reads": 3}) as lab:
        ticket = lab.submit(TELLER, BODY)
        lab.get(f"{ticket['status_url']}/stream")
        seen = [status_of(lab, ticket), lab.get(ticket["response_url"]), status_of(lab, ticket)]
        after = [lab.get(ticket["response_url"]).status_code, status_of(lab, ticket)]
        stats = lab.server.stats()

    assert (seen[0], seen[2]) == ("IN_PROGRESS", "IN_PROGRESS")
    assert isinstance(seen[1], httpx.Response)
    assert (seen[1].status_code, seen[1].json()) == (
        400,
        {"detail": "Request is still in progress"},
    )
    assert after == [200, "COMPLETED"]
    assert stats.billed_nano_usd == SECOND_NANO_USD


# books


def test_the_books_tell_each_body_and_each_moment(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "result_500", "times": 1}) as lab:
        for prompt in ("one", "one", "two"):
            lab.make(TELLER, prompt=prompt)
        stats = lab.server.stats()

    accepted = {
        (
            TELLER,
            hashlib.sha256(
                json.dumps({"prompt": prompt}, separators=(",", ":")).encode()
            ).hexdigest(),
        ): count
        for prompt, count in (("one", 2), ("two", 1))
    }
    assert stats.accepted_by_body == accepted
    assert [billed for _, billed in stats.timeline] == [SECOND_NANO_USD, 2 * SECOND_NANO_USD]
    assert [at for at, _ in stats.timeline] == sorted(at for at, _ in stats.timeline)


def test_a_fault_for_other_endpoints_leaves_this_one_alone(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "dropped", "endpoint": MOVER}) as lab:
        assert lab.make(TELLER, **BODY).status_code == 200
        with pytest.raises(LOST):
            lab.post(MOVER, BODY)

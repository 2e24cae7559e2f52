"""Between submit and result: positions, states, logs, deadlines, cancelling."""

import json
import uuid
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import TELLER, Lab, config


def test_a_waiting_job_tells_how_many_are_ahead_and_moves_up(stalled: Lab) -> None:
    tickets = [stalled.submit(TELLER, {"prompt": str(index)}) for index in range(3)]
    before = [stalled.get(ticket["status_url"]).json()["queue_position"] for ticket in tickets]

    stalled.http.put(tickets[0]["cancel_url"])

    after = [stalled.get(ticket["status_url"]).json()["queue_position"] for ticket in tickets[1:]]
    assert after == [position - 1 for position in before[1:]]
    assert min(before) >= 0


def test_a_status_is_202_until_the_job_is_done_and_200_then(stalled: Lab, lab: Lab) -> None:
    waiting = stalled.get(stalled.submit(TELLER, {"prompt": "a"})["status_url"])
    done = lab.submit(TELLER, {"prompt": "a"})
    lab.wait(done)

    assert waiting.status_code == 202
    assert waiting.json()["status"] == "IN_QUEUE"
    answer = lab.get(done["status_url"])
    assert answer.status_code == 200
    assert answer.json()["status"] == "COMPLETED"
    assert answer.json()["metrics"]["inference_time"] > 0
    assert "x-fal-billable-units" not in answer.headers


def test_logs_come_only_when_asked_for(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {"prompt": "a"})
    lab.wait(ticket)

    assert lab.get(ticket["status_url"]).json()["logs"] is None
    assert lab.get(ticket["status_url"], logs="false").json()["logs"] is None
    lines = lab.get(ticket["status_url"], logs="true").json()["logs"]
    assert "sampling step 48/50" in [line["message"] for line in lines]
    assert set(lines[0]) == {"message", "timestamp", "level", "source"}


def test_the_stream_tells_each_change_and_ends_with_completed(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {"prompt": "stream", "duration": "2"})

    answer = lab.get(f"{ticket['status_url']}/stream", logs=1)

    events = [
        json.loads(line.removeprefix("data: "))
        for line in answer.text.splitlines()
        if line.startswith("data: ")
    ]
    states = [event["status"] for event in events]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert states[-1] == "COMPLETED"
    assert states == sorted(states, key=["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].index)
    assert events[-1]["logs"]


def test_an_unknown_request_is_not_found(lab: Lab) -> None:
    below = f"{lab.urls.queue}/lab/tiny/requests/{uuid.uuid4()}"

    status, cancel = lab.get(f"{below}/status"), lab.http.put(f"{below}/cancel")
    result = lab.get(below)

    assert (status.status_code, status.json()) == (404, {"status": "NOT_FOUND"})
    assert (cancel.status_code, cancel.json()) == (404, {"status": "NOT_FOUND"})
    assert (result.status_code, result.json()) == (404, {"detail": "Request not found"})


def test_a_request_of_another_app_is_not_found(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {"prompt": "a"})

    answer = lab.get(f"{lab.urls.queue}/lab/paint/requests/{ticket['request_id']}/status")

    assert answer.status_code == 404


def test_a_get_of_the_full_model_path_is_not_allowed(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {"prompt": "a"})
    full = f"{lab.urls.queue}/{TELLER}/requests/{ticket['request_id']}"

    for url in (full, f"{full}/status", f"{lab.urls.queue}/{TELLER}"):
        answer = lab.get(url)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"


def test_a_trailing_slash_changes_nothing(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {"prompt": "a"})

    assert lab.get(f"{ticket['status_url']}/").status_code in {200, 202}


def test_a_result_before_the_end_is_an_error(stalled: Lab) -> None:
    ticket = stalled.submit(TELLER, {"prompt": "a"})

    answer = stalled.get(ticket["response_url"])

    assert answer.status_code == 400
    assert answer.json() == {"detail": "Request is still in progress"}


def test_a_start_deadline_that_passes_ends_the_job_without_cost(stalled: Lab) -> None:
    ticket = stalled.submit(TELLER, {"prompt": "a"}, x_fal_request_timeout="0.15")

    status = stalled.wait(ticket)

    assert status["status"] == "COMPLETED"
    assert status["error_type"] == "request_timeout"
    result = stalled.get(ticket["response_url"])
    assert result.status_code == 504
    assert result.headers["x-fal-request-timeout-type"] == "user"
    assert "x-fal-billable-units" not in result.headers
    assert stalled.server.stats().billed_by_request == {}


def test_a_queued_job_that_is_cancelled_never_runs(stalled: Lab) -> None:
    ticket = stalled.submit(TELLER, {"prompt": "a"})

    answer = stalled.http.put(ticket["cancel_url"])

    assert (answer.status_code, answer.json()) == (200, {"status": "OK"})
    result = stalled.get(ticket["response_url"])
    assert result.status_code == 499
    assert result.json()["error_type"] == "client_cancelled"
    assert stalled.server.stats().billed_by_request == {}
    again = stalled.http.put(ticket["cancel_url"])
    assert (again.status_code, again.json()) == (400, {"status": "ALREADY_COMPLETED"})


def test_a_running_job_that_is_cancelled_completes_and_is_billed(tmp_path: Path) -> None:
    with SandboxServer(config(tmp_path, time_scale=10_000)) as server:
        lab = Lab(server)
        with pytest.raises(httpx.ReadTimeout):
            lab.http.post(f"{lab.urls.run}/{TELLER}", json={"prompt": "a"}, timeout=0.2)
        (job,) = lab.api("/models/requests/by-endpoint", endpoint_id=TELLER).json()["items"]
        below = f"{lab.urls.queue}/lab/tiny/requests/{job['request_id']}"
        answer = lab.http.put(f"{below}/cancel")
        status = lab.get(f"{below}/status")
        lab.close()

    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    assert (status.status_code, status.json()["status"]) == (202, "IN_PROGRESS")
    with SandboxServer(config(tmp_path)) as server:
        lab = Lab(server)
        lab.wait({"status_url": f"{lab.urls.queue}/lab/tiny/requests/{job['request_id']}/status"})
        lab.close()
        assert server.stats().billed_by_request == {job["request_id"]: 10_000_000}


def test_low_priority_waits_behind_every_normal_request(stalled: Lab) -> None:
    low = stalled.submit(TELLER, {"prompt": "low"}, x_fal_queue_priority="low")
    before = stalled.get(low["status_url"]).json()["queue_position"]

    stalled.submit(TELLER, {"prompt": "normal"})

    assert stalled.get(low["status_url"]).json()["queue_position"] == before + 1


def test_no_more_jobs_are_in_progress_than_the_account_allows(tmp_path: Path) -> None:
    with SandboxServer(config(tmp_path, concurrency=1, render_workers=2)) as server:
        lab = Lab(server)
        tickets = [lab.submit(TELLER, {"prompt": f"{index}"}) for index in range(3)]
        for ticket in tickets:
            lab.wait(ticket)
        items = lab.api("/models/requests/by-endpoint", endpoint_id=TELLER).json()["items"]
        lab.close()

    times = sorted((item["started_at"], item["ended_at"]) for item in items)
    assert len(times) == 3
    assert all(ended <= started for (_, ended), (started, _) in pairwise(times))

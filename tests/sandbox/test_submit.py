"""Submitting to the queue: who is let in, what is refused at once, what is taken unseen."""

import uuid

import httpx
import pytest

from tests.sandbox.lab import MOVER, TELLER, Lab


def test_a_submit_is_answered_with_absolute_urls_of_the_app_only_form(lab: Lab) -> None:
    answer = lab.post(TELLER, {"prompt": "a boat"})

    ticket = answer.json()
    below = f"{lab.urls.queue}/lab/tiny/requests/{ticket['request_id']}"
    assert answer.status_code == 200
    assert answer.headers["x-fal-request-id"] == ticket["request_id"]
    assert ticket["status"] == "IN_QUEUE"
    assert ticket["response_url"] == below
    assert ticket["status_url"] == f"{below}/status"
    assert ticket["cancel_url"] == f"{below}/cancel"
    assert ticket["logs"] is None
    assert ticket["metrics"] == {}
    assert ticket["queue_position"] >= 0


def test_request_ids_are_time_ordered_uuids(lab: Lab) -> None:
    first, second = (lab.submit(TELLER, {"prompt": "a"})["request_id"] for _ in range(2))

    assert uuid.UUID(first).version == 7
    assert first[:8] <= second[:8]


@pytest.mark.parametrize(
    ("authorization", "words"),
    [
        (None, "Cannot access application"),
        ("Key wrong:key", "invalid key credentials"),
        ("Bearer sandbox:local", "could not be decoded"),
        ("Basic c2FuZGJveA==", "invalid key credentials"),
    ],
)
def test_a_caller_without_the_key_is_refused_in_fals_words(
    lab: Lab, authorization: str | None, words: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    answer = httpx.post(f"{lab.urls.queue}/{TELLER}", json={"prompt": "a"}, headers=headers)

    assert answer.status_code == 401
    assert words in answer.json()["detail"]


def test_an_unknown_app_is_refused_at_once(lab: Lab) -> None:
    answer = lab.post("lab/nothing/image-to-video", {})

    assert answer.status_code == 404
    assert answer.json() == {"detail": 'Application "nothing" not found'}


def test_an_unknown_path_of_a_known_app_is_taken_and_fails_on_the_runner(lab: Lab) -> None:
    ticket = lab.submit("lab/tiny/video-to-video", {"prompt": "a"})

    result = lab.result(ticket)

    assert result.status_code == 404
    assert result.json() == {"detail": "Path /video-to-video not found"}
    assert result.headers["x-fal-billable-units"] == "0"


def test_the_queue_takes_a_body_that_the_runner_will_refuse(lab: Lab) -> None:
    assert lab.post(MOVER, {"duration": 17}).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b'{"a": NaN}', b"\xff\xfe{}", b"[" * 9999]
)
def test_what_is_not_json_is_refused_at_once(lab: Lab, body: bytes) -> None:
    answer = lab.http.post(f"{lab.urls.queue}/{TELLER}", content=body)

    assert answer.status_code == 400
    assert answer.json()["error_type"] == "bad_request"


@pytest.mark.parametrize("seconds", ["soon", "0.1", "-5", "nan", "inf", ""])
def test_a_start_deadline_that_is_no_number_of_seconds_is_refused(lab: Lab, seconds: str) -> None:
    answer = lab.post(TELLER, {"prompt": "a"}, x_fal_request_timeout=seconds)

    assert answer.status_code == 400
    assert answer.headers["x-fal-error-type"] == "bad_request"


def test_too_long_a_queue_refuses_a_submit_that_asked_for_it(stalled: Lab) -> None:
    url = f"{stalled.urls.queue}/{TELLER}?fal_max_queue_length=1"

    statuses = [stalled.http.post(url, json={"prompt": "a"}).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_every_post_is_on_record_whether_it_was_accepted_or_not(stalled: Lab) -> None:
    stalled.post(TELLER, {"prompt": "a"})
    stalled.post(TELLER, {"prompt": "a"})
    stalled.post(TELLER, {"prompt": "b"})
    httpx.post(f"{stalled.urls.queue}/{TELLER}", json={"prompt": "a"})
    stalled.post("lab/nothing", {})

    stats = stalled.server.stats()

    assert stats.posts == {TELLER: 4, "lab/nothing": 1}
    assert (stats.accepted, stats.duplicates) == (3, 1)
    assert stats.jobs == {"queued": 3}
    assert stats.billed_nano_usd == 0


def test_every_answer_says_that_no_money_moves(lab: Lab) -> None:
    urls = lab.urls
    asked = [
        lab.get(f"{urls.queue}/lab/tiny/requests/{uuid.uuid4()}/status"),
        lab.get(f"{urls.cdn}/files/nothing"),
        lab.get(f"{urls.api}/models"),
        lab.get(f"{urls.schema}?endpoint_id=none"),
        lab.post("lab/nothing", {}),
        lab.get(f"{lab.server.base_url}/nowhere"),
    ]

    assert {answer.headers["x-fal-exp-sandbox"] for answer in asked} == {"1"}

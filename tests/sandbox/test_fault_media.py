"""Faults of files, lists and clocks."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.lab import PAINTER, TELLER, Lab, picture, read_clip, troubled

BODY = {"prompt": "a lamp"}


def made(lab: Lab) -> tuple[dict[str, Any], str]:
    """Return the ticket of a finished job and the address of its file."""
    ticket = lab.submit(TELLER, BODY)
    return ticket, str(lab.result(ticket).json()["video"]["url"])


def drain(answer: httpx.Response, into: bytearray) -> None:
    """Keep every byte that comes, also when the connection breaks after it."""
    for chunk in answer.iter_raw():
        into += chunk


def listed(lab: Lab) -> list[dict[str, Any]]:
    """Return what the platform API lists."""
    answer = lab.api("/models/requests/by-endpoint", endpoint_id=TELLER).raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_media_truncated_announces_the_whole_file_and_sends_half(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "media_truncated", "first": 1}) as lab:
        _, url = made(lab)
        got = bytearray()
        with httpx.stream("GET", url) as answer, pytest.raises(httpx.RemoteProtocolError):
            drain(answer, got)
        whole = httpx.get(url)

    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(whole.content)
    assert bytes(got) == whole.content[: len(whole.content) // 2]
    assert read_clip(whole.content).frames == 8


def test_media_html_is_a_page_with_status_200(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "media_html", "first": 1}) as lab:
        _, url = made(lab)
        page, whole = httpx.get(url), httpx.get(url)

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert whole.headers["content-type"] == "video/mp4"


def test_media_expired_kills_an_address_and_the_next_result_has_a_fresh_one(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "media_expired"}) as lab:
        ticket, url = made(lab)
        fresh = lab.get(ticket["response_url"]).json()["video"]["url"]
        statuses = [httpx.get(address).status_code for address in (url, fresh, url, fresh)]

    assert url != fresh
    assert statuses == [404, 200, 404, 200]


def test_media_gone_is_gone_at_every_address(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "media_expired", "gone": True}) as lab:
        ticket, url = made(lab)
        again = lab.get(ticket["response_url"]).json()["video"]["url"]
        statuses = [httpx.get(address).status_code for address in (url, again, f"{url}?token=9")]

    assert statuses == [404, 404, 404]


def test_faults_of_files_leave_uploads_and_other_endpoints_alone(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "media_html", "endpoint": "lab/tiny/*"}) as lab:
        upload = lab.upload(picture())
        painted = lab.make(PAINTER, **BODY).json()["images"][0]["url"]

        assert httpx.get(upload).headers["content-type"] == "image/png"
        assert httpx.get(painted).headers["content-type"] == "image/png"


def test_list_lag_leaves_out_the_youngest_requests(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "list_lag", "for_s": 3600}) as lab:
        lab.make(TELLER, **BODY)
        young = listed(lab)
        faults = lab.server.stats().faults
    with troubled(tmp_path, {"do": "list_lag", "for_s": 0}) as lab:
        old = listed(lab)

    assert (young, len(old)) == ([], 1)
    assert faults == {"list_lag": 1}


def test_list_tags_tells_the_tags_of_a_request(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "list_tags"}) as lab:
        lab.submit(TELLER, BODY, X_Fal_Tags="cell=abc123,batch=x y,nonsense")
        (item,) = listed(lab)

    assert item["tags"] == {"cell": "abc123", "batch": "x y"}


def test_clock_skew_shows_wherever_the_service_tells_the_time(tmp_path: Path) -> None:
    """Half of the skew is far from the real clock and from the skewed one, however slow we are."""
    with troubled(tmp_path, {"do": "clock_skew", "by_s": 86_400}) as lab:
        ticket = lab.submit(TELLER, BODY)
        lab.wait(ticket)
        date = parsedate_to_datetime(lab.get(ticket["status_url"]).headers["date"])
        end = (datetime.now(UTC) + timedelta(days=2)).isoformat()
        (item,) = lab.api("/models/requests/by-endpoint", endpoint_id=TELLER, end=end).json()[
            "items"
        ]
        token = lab.http.post(f"{lab.urls.rest}/storage/auth/token", json={}).json()
        lab.upload(picture())
        charged_at = lab.server.stats().timeline[0][0]
        faults = lab.server.stats().faults

    tomorrow = datetime.now(UTC) + timedelta(hours=12)
    told = [item["sent_at"], item["ended_at"], token["created_at"], charged_at]
    assert all(datetime.fromisoformat(text) > tomorrow for text in told)
    assert date > tomorrow
    assert faults == {"clock_skew": 1}

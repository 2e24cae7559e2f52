"""Uploads and files: the shapes of both official clients, ranges, limits, and odd names."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import KEY, Lab, config

DATA = bytes(range(256)) * 8


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def token_of(lab: Lab) -> dict[str, Any]:
    """Return a fresh upload token."""
    url = f"{lab.urls.rest}/storage/auth/token?storage_type=fal-cdn-v3"
    token: dict[str, Any] = httpx.post(url, json={}, headers=KEY).raise_for_status().json()
    return token


def bearer(lab: Lab, **headers: str) -> dict[str, str]:
    """Return the headers of an upload."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"Authorization": f"Bearer {token_of(lab)['token']}", **named}


def test_a_token_names_its_type_its_end_and_where_to_upload(lab: Lab) -> None:
    token = token_of(lab)

    assert token["token_type"] == "Bearer"
    assert token["base_url"] == lab.urls.cdn
    assert datetime.fromisoformat(token["expires_at"]) > datetime.now(UTC)


def test_a_token_wants_the_key_and_a_json_body(lab: Lab) -> None:
    url = f"{lab.urls.rest}/storage/auth/token"

    assert httpx.post(url, json={}).json() == {"detail": "Authorization header is required"}
    assert httpx.post(url, headers=KEY).status_code == 400


def test_an_upload_comes_back_byte_for_byte(lab: Lab) -> None:
    url = lab.upload(DATA, "plate.webp", "image/webp")

    answer = httpx.get(url)

    assert answer.content == DATA
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "immutable" in answer.headers["cache-control"]
    assert url.endswith("_plate.webp")


def test_a_part_of_a_file_can_be_asked_for(lab: Lab) -> None:
    url = lab.upload(DATA)

    part = httpx.get(url, headers={"Range": "bytes=10-19"})
    tail = httpx.get(url, headers={"Range": "bytes=-5"})
    beyond = httpx.get(url, headers={"Range": "bytes=99999-"})
    head = httpx.head(url)

    assert (part.status_code, part.content) == (206, DATA[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(DATA)}"
    assert tail.content == DATA[-5:]
    assert beyond.status_code == 416
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Key sandbox:local"}, {"Authorization": "Bearer 9999999999.forged"}],
)
def test_an_upload_without_a_good_token_is_refused(lab: Lab, headers: dict[str, str]) -> None:
    answer = httpx.post(f"{lab.urls.cdn}/files/upload", content=DATA, headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "/abs/path.png", "..", "", "a b\tc?.png", "x" * 999],
)
def test_a_file_name_never_leaves_its_folder(lab: Lab, name: str) -> None:
    url = lab.upload(DATA, name)

    last = url.removeprefix(f"{lab.urls.cdn}/files/b/")
    assert last.count("/") == 1
    assert ".." not in url
    assert httpx.get(url).content == DATA


@pytest.mark.parametrize(
    "path", ["../sandbox.sqlite3", "..%2fsandbox.sqlite3", "b/../../x", "%00", ""]
)
def test_a_path_that_is_no_file_is_not_found(lab: Lab, path: str) -> None:
    assert httpx.get(f"{lab.urls.cdn}/files/{path}").status_code == 404


def test_an_odd_content_type_becomes_plain_bytes(lab: Lab) -> None:
    headers = bearer(lab, content_type="text/html; x=<script>")

    answer = httpx.post(f"{lab.urls.cdn}/files/upload", content=DATA, headers=headers)

    kind = httpx.get(answer.json()["access_url"]).headers["content-type"]
    assert kind == "application/octet-stream"


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with SandboxServer(config(tmp_path, max_upload_bytes=1000)) as server:
        lab = Lab(server)
        url, headers = f"{lab.urls.cdn}/files/upload", bearer(lab)
        stated = httpx.post(url, content=b"x" * 1001, headers=headers)
        streamed = httpx.post(url, content=iter([b"x" * 600] * 2), headers=headers)
        lab.close()

    assert (stated.status_code, streamed.status_code) == (413, 413)
    assert list((tmp_path / "files").iterdir()) == []


def test_parts_are_joined_by_number_whatever_their_order(lab: Lab) -> None:
    headers = bearer(lab, content_type="video/mp4", x_fal_file_name="big.mp4")
    begun = httpx.post(f"{lab.urls.cdn}/files/upload/multipart", headers=headers).json()
    below = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    chunks = {1: DATA[:900], 2: DATA[900:1800], 3: DATA[1800:]}
    parts = [
        {
            "partNumber": number,
            "etag": httpx.put(f"{below}/{number}", content=chunks[number]).headers["etag"],
        }
        for number in (3, 1, 2)
    ]

    done = httpx.post(f"{below}/complete", json={"parts": parts})

    assert done.status_code == 200
    assert httpx.get(begun["access_url"]).content == DATA
    assert httpx.post(f"{below}/complete", json={"parts": parts}).status_code == 400


def test_a_part_that_never_came_is_named(lab: Lab) -> None:
    begun = httpx.post(f"{lab.urls.cdn}/files/upload/multipart", headers=bearer(lab)).json()
    below = f"{begun['access_url']}/multipart/{begun['uploadId']}"

    answer = httpx.post(f"{below}/complete", json={"parts": [{"partNumber": 2, "etag": '"ab"'}]})

    assert answer.status_code == 400
    assert "2" in answer.json()["detail"]
    assert httpx.put(f"{below}/zero", content=b"x").status_code == 400
    assert httpx.put(f"{lab.urls.cdn}/uploads/unknown/1", content=b"x").status_code == 404


def test_javascript_announces_a_file_and_puts_it(lab: Lab) -> None:
    url = f"{lab.urls.rest}/storage/upload/initiate?storage_type=fal-cdn-v3"
    body = {"content_type": "image/png", "file_name": "a.png"}
    begun = httpx.post(url, json=body, headers=KEY).json()

    put = httpx.put(begun["upload_url"], content=DATA, headers={"Content-Type": "image/png"})

    assert put.is_success
    assert httpx.get(begun["file_url"]).content == DATA


def test_javascript_puts_a_large_file_in_parts(lab: Lab) -> None:
    url = f"{lab.urls.rest}/storage/upload/initiate-multipart?storage_type=fal-cdn-v3"
    begun = httpx.post(url, json={"content_type": "video/mp4"}, headers=KEY).json()
    parts = [
        httpx.put(f"{begun['upload_url']}/{number}", content=chunk).json()
        for number, chunk in ((1, DATA[:1000]), (2, DATA[1000:]))
    ]

    done = httpx.post(f"{begun['upload_url']}/complete", json={"parts": parts})

    assert [part["partNumber"] for part in parts] == [1, 2]
    assert done.is_success
    assert httpx.get(begun["file_url"]).content == DATA


def test_the_old_storage_is_refused_as_fal_refuses_it(lab: Lab) -> None:
    url = f"{lab.urls.rest}/storage/upload/initiate?storage_type=gcs"

    answer = httpx.post(url, json={"file_name": "a", "content_type": "b"}, headers=KEY)

    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid storage type"})


def test_a_file_with_an_end_is_gone_after_it(tmp_path: Path) -> None:
    clock = Clock()
    with SandboxServer(config(tmp_path), now=clock) as server:
        lab = Lab(server)
        headers = bearer(lab, x_fal_object_lifecycle='{"expiration_duration_seconds": 60}')
        url = httpx.post(f"{lab.urls.cdn}/files/upload", content=DATA, headers=headers).json()
        before = httpx.get(url["access_url"]).status_code
        clock.at += timedelta(seconds=61)
        after = httpx.get(url["access_url"]).status_code
        lab.close()

    assert (before, after) == (200, 404)

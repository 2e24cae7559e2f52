"""Results: the endpoint's own shape, real files, exact units, and the runner's errors."""

import base64
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.sandbox.lab import MOVER, PAINTER, TELLER, UNPRICED, Lab, picture, read_clip


def file_of(result: httpx.Response) -> bytes:
    """Return the bytes of a result's video."""
    return httpx.get(result.json()["video"]["url"]).raise_for_status().content


def errors_of(result: httpx.Response) -> list[tuple[str, str]]:
    """Return type and field of each entry of a 422."""
    assert result.status_code == 422
    return [(item["type"], item["loc"][-1]) for item in result.json()["detail"]]


def test_a_result_has_the_shape_of_the_output_schema_and_a_file_that_plays(lab: Lab) -> None:
    image_url = lab.upload(picture())

    result = lab.make(MOVER, prompt="it walks", image_url=image_url, seed=7)

    assert result.status_code == 200
    body = result.json()
    assert body["seed"] == 7
    assert set(body["video"]) == {"url", "content_type", "file_name", "file_size"}
    data = file_of(result)
    assert len(data) == body["video"]["file_size"]
    clip = read_clip(data)
    assert (clip.width_px, clip.height_px, clip.frames, clip.fps) == (128, 72, 8, 8)


def test_a_result_carries_request_id_units_and_runner(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {"prompt": "a", "duration": "2"})

    headers = lab.result(ticket).headers

    assert headers["x-fal-request-id"] == ticket["request_id"]
    assert Decimal(headers["x-fal-billable-units"]) * Decimal("0.01") == Decimal("0.02")
    assert headers["x-fal-served-from"]


def test_a_result_can_be_read_again(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {"prompt": "again"})

    assert lab.result(ticket).content == lab.result(ticket).content


def test_the_file_follows_the_arguments(lab: Lab) -> None:
    result = lab.make(
        TELLER, prompt="a", duration="2", resolution="144p", aspect_ratio="1:1", generate_audio=True
    )

    clip = read_clip(file_of(result))

    assert (clip.width_px, clip.height_px) == (192, 192)
    assert clip.frames == 16
    assert abs(clip.duration_s - 2) < 0.05
    assert clip.codecs == ("h264", "aac")


def test_an_image_endpoint_gives_a_picture(lab: Lab) -> None:
    body = lab.make(PAINTER, prompt="a fox").json()

    image = body["images"][0]
    assert body["prompt"] == "a fox"
    assert httpx.get(image["url"]).content.startswith(b"\x89PNG")
    assert (image["content_type"], image["width"], image["height"]) == ("image/png", 128, 72)


def test_equal_arguments_and_seed_give_equal_bytes(lab: Lab) -> None:
    one, other = (
        file_of(lab.make(MOVER, prompt="p", image_url=lab.upload(picture()), seed=3))
        for _ in range(2)
    )

    assert one == other


def test_without_a_seed_each_repeat_is_another_take(lab: Lab) -> None:
    first, second = (file_of(lab.make(TELLER, prompt="repeat me")) for _ in range(2))

    assert first != second


def test_an_endpoint_without_a_price_bills_compute_time_and_states_no_units(lab: Lab) -> None:
    ticket = lab.submit(UNPRICED, {"prompt": "a"})

    assert "x-fal-billable-units" not in lab.result(ticket).headers
    assert lab.server.stats().billed_by_request[ticket["request_id"]] > 0


def test_an_unknown_field_is_dropped_without_a_word(lab: Lab) -> None:
    assert lab.make(TELLER, prompt="a", sede=4, image_url="nonsense").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "errors"),
    [
        ({}, [("missing", "prompt")]),
        ({"prompt": 5}, [("string_type", "prompt")]),
        ({"prompt": "a", "duration": 1}, [("literal_error", "duration")]),
        ({"prompt": "a", "duration": "9"}, [("literal_error", "duration")]),
        ({"prompt": "a", "cfg_scale": 1.5}, [("less_than_equal", "cfg_scale")]),
        ({"prompt": "a", "num_frames": 1}, [("greater_than_equal", "num_frames")]),
        ({"prompt": "a", "generate_audio": "x"}, [("bool_parsing", "generate_audio")]),
        ({"prompt": "a" * 501}, [("string_too_long", "prompt")]),
        (["prompt"], [("dict_type", "body")]),
    ],
)
def test_a_value_that_the_endpoint_does_not_take_is_listed_and_costs_nothing(
    lab: Lab, arguments: Any, errors: list[tuple[str, str]]
) -> None:
    ticket = lab.submit(TELLER, arguments)

    result = lab.result(ticket)

    assert errors_of(result) == errors
    item = result.json()["detail"][0]
    assert item["url"].endswith(f"#{item['type']}")
    assert result.headers["x-fal-billable-units"] == "0"
    assert lab.server.stats().billed_by_request[ticket["request_id"]] == 0
    assert lab.wait(ticket)["status"] == "COMPLETED"


def test_half_a_character_is_refused_by_the_runner(lab: Lab) -> None:
    body = b'{"prompt": "a \\ud800 b"}'
    ticket = lab.http.post(f"{lab.urls.queue}/{TELLER}", content=body).json()

    assert errors_of(lab.result(ticket)) == [("string_unicode", "body")]


@pytest.mark.parametrize(
    ("image_url", "error"),
    [
        ("data:image/png;base64,bm90IGEgcGljdHVyZQ==", "image_load_error"),
        ("data:image/png;base64,***", "file_download_error"),
        ("data:image/png", "file_download_error"),
        ("ftp://example.com/a.png", "file_download_error"),
        ("no address", "file_download_error"),
        ("http://[::1", "file_download_error"),
        ("http://127.0.0.1:1/cdn/files/b/0/none.png", "file_download_error"),
    ],
)
def test_a_picture_that_cannot_be_had_is_refused(lab: Lab, image_url: str, error: str) -> None:
    result = lab.make(MOVER, prompt="a", image_url=image_url)

    assert errors_of(result) == [(error, "image_url")]


def test_a_picture_below_the_least_size_is_refused_with_the_size(lab: Lab) -> None:
    result = lab.make(MOVER, prompt="a", image_url=lab.upload(picture(16, 16)))

    assert errors_of(result) == [("image_too_small", "image_url")]
    assert result.json()["detail"][0]["ctx"] == {"min_width": 32, "min_height": 32}


def test_an_uploaded_file_that_is_no_picture_is_refused(lab: Lab) -> None:
    result = lab.make(MOVER, prompt="a", image_url=lab.upload(b"<html>", "a.png"))

    assert errors_of(result) == [("image_load_error", "image_url")]


def test_a_data_uri_is_the_same_picture_as_its_upload(lab: Lab) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"

    inline = lab.make(MOVER, prompt="p", image_url=uri, seed=1)
    uploaded = lab.make(MOVER, prompt="p", image_url=lab.upload(picture()), seed=1)

    assert file_of(inline) == file_of(uploaded)


def test_a_foreign_address_is_not_fetched_and_the_clip_is_drawn_on_a_plate(lab: Lab) -> None:
    result = lab.make(MOVER, prompt="a", image_url="http://fal.invalid/knight.png")

    assert read_clip(file_of(result)).frames == 8


def test_an_end_picture_changes_the_clip(lab: Lab) -> None:
    first, last = lab.upload(picture()), lab.upload(picture(54, 96))

    alone = lab.make(MOVER, prompt="p", image_url=first, seed=1)
    ended = lab.make(MOVER, prompt="p", image_url=first, end_image_url=last, seed=1)

    assert file_of(alone) != file_of(ended)


def test_the_sync_host_answers_with_the_result(lab: Lab) -> None:
    answer = lab.http.post(f"{lab.urls.run}/{TELLER}", json={"prompt": "now"})

    assert answer.status_code == 200
    assert answer.headers["x-fal-billable-units"]
    assert read_clip(file_of(answer)).frames == 8


def test_the_sync_host_answers_with_the_runners_error(lab: Lab) -> None:
    answer = lab.http.post(f"{lab.urls.run}/{TELLER}", json={})

    assert errors_of(answer) == [("missing", "prompt")]


def test_the_sync_host_refuses_above_the_concurrency(stalled: Lab) -> None:
    url = f"{stalled.urls.run}/{TELLER}"
    for index in range(4):
        with pytest.raises(httpx.ReadTimeout):
            stalled.http.post(url, json={"prompt": f"{index}"}, timeout=0.1)

    answer = stalled.http.post(url, json={"prompt": "one too many"})

    assert answer.status_code == 429
    assert answer.json()["error_type"] == "concurrent_requests_limit"
    assert answer.headers["x-fal-needs-retry"] == "1"

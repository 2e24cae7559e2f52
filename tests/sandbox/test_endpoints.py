"""Shots, rewritten prompts, several pictures, named sizes, and endpoints that are gone."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from fal_experiments.sandbox.rewriting import MARK
from tests.sandbox.lab import Lab, read_clip
from tests.sandbox.studio import DEAD, PAINTER, REROUTED, TELLER
from tests.sandbox.test_results import errors_of, file_of


def shots(*lengths: str) -> list[dict[str, str]]:
    return [{"prompt": f"shot {at}", "duration": length} for at, length in enumerate(lengths)]


def test_shots_add_up_to_the_length_and_to_the_bill(studio: Lab) -> None:
    ticket = studio.submit(TELLER, {"multi_prompt": [*shots("2"), {"prompt": "the usual length"}]})

    clip = read_clip(file_of(studio.result(ticket)))

    assert clip.frames == 3 * 8
    assert studio.server.stats().billed_by_request[ticket["request_id"]] == 30_000_000


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"prompt": "p", "multi_prompt": shots("1")}, "body"),
        ({}, "body"),
        ({"multi_prompt": shots("2", "2", "1")}, "multi_prompt"),
    ],
)
def test_prompt_and_shots_exclude_each_other_and_are_not_endless(
    studio: Lab, body: dict[str, Any], loc: str
) -> None:
    assert errors_of(studio.make(TELLER, **body)) == [("value_error", loc)]


def test_a_prompt_is_rewritten_unless_somebody_switches_that_off(studio: Lab) -> None:
    usual = studio.make(TELLER, prompt="a fox").json()
    plain = studio.make(TELLER, prompt="a fox", expand_prompt=False).json()

    assert usual["actual_prompt"] == f"a fox {MARK}"
    assert plain["actual_prompt"] == "a fox"


def test_several_pictures_are_made_each_another_and_each_is_billed(studio: Lab) -> None:
    ticket = studio.submit(PAINTER, {"prompt": "a fox", "num_images": 3})

    images = studio.result(ticket).json()["images"]

    files = {httpx.get(image["url"]).raise_for_status().content for image in images}
    assert len(files) == len(images) == 3
    assert studio.server.stats().billed_by_request[ticket["request_id"]] == 121_000_000


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        (None, (512, 512)),
        ("landscape_16_9", (1024, 576)),
        ({"width": 320, "height": 200}, (320, 200)),
        ({"width": "96", "height": "4000"}, (96, 4000)),
    ],
)
def test_a_picture_has_the_size_that_is_named_or_given(
    studio: Lab, size: Any, pixels: tuple[int, int]
) -> None:
    sent = {} if size is None else {"image_size": size}
    url = studio.make(PAINTER, prompt="a fox", **sent).json()["images"][0]["url"]

    assert Image.open(io.BytesIO(httpx.get(url).content)).size == pixels


def test_a_dead_path_is_accepted_and_fails_later(studio: Lab) -> None:
    answer = studio.post(DEAD, {"prompt": "a"})
    result = studio.result(answer.json())

    assert answer.status_code == 200
    assert result.status_code == 404
    assert result.json() == {"detail": "Path /gone/text-to-video not found"}


def test_a_rerouted_endpoint_is_served_and_booked_as_its_successor(studio: Lab) -> None:
    ticket = studio.submit(REROUTED, {"prompt": "a", "image_url": "dropped by the successor"})
    result = studio.result(ticket)

    assert result.status_code == 200
    assert result.headers["x-fal-bill-as"] == TELLER
    events = studio.api("/models/billing-events", request_id=ticket["request_id"]).json()
    assert [event["endpoint_id"] for event in events["billing_events"]] == [TELLER]


def test_an_endpoint_that_serves_itself_says_nothing_of_that(studio: Lab) -> None:
    assert "x-fal-bill-as" not in studio.make(TELLER, prompt="a").headers


def test_retired_endpoints_are_listed_as_deprecated(studio: Lab) -> None:
    models = studio.api("/models", status="deprecated").json()["models"]

    assert {model["endpoint_id"] for model in models} == {DEAD, REROUTED}

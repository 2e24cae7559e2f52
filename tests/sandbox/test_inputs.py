"""Input files of every role: found, held to the schema's limits, and seen in the clip."""

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.sandbox.lab import Lab, picture, read_clip
from tests.sandbox.studio import EDITOR, REFERRER, SPEAKER, film, tone
from tests.sandbox.test_results import errors_of, file_of


def noise(side_px: int = 200) -> bytes:
    """Return a picture that does not compress."""
    buffer = io.BytesIO()
    Image.effect_noise((side_px, side_px), 90).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def where(result: httpx.Response) -> tuple[str, list[Any]]:
    """Return type and place of the one entry of a 422."""
    assert result.status_code == 422, result.text
    (item,) = result.json()["detail"]
    return item["type"], item["loc"][1:]


def uri(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def test_references_change_the_clip_and_equal_ones_do_not(studio: Lab) -> None:
    first, again, other = (studio.upload(picture(90, side)) for side in (90, 90, 60))

    clips = [
        file_of(studio.make(REFERRER, prompt="p", seed=1, image_urls=urls))
        for urls in ([first], [again], [other], [first, other], [])
    ]

    assert clips[0] == clips[1]
    assert len(set(clips)) == 4


def test_an_elements_files_change_the_clip(studio: Lab) -> None:
    face, side = studio.upload(picture(90, 90)), studio.upload(picture(80, 60))
    clip = studio.upload(film(), "walk.mp4", "video/mp4")
    elements = [
        {"frontal_image_url": face},
        {"frontal_image_url": face, "reference_image_urls": [side]},
        {"frontal_image_url": face, "video_url": clip},
    ]

    clips = {
        file_of(studio.make(REFERRER, prompt="p", seed=1, elements=[element]))
        for element in elements
    }

    assert len(clips) == 3


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"image_urls": ["good", "small"]}, ["image_urls", 1]),
        ({"elements": [{"frontal_image_url": "small"}]}, ["elements", 0, "frontal_image_url"]),
        (
            {"elements": [{}, {"reference_image_urls": ["good", "small"]}]},
            ["elements", 1, "reference_image_urls", 1],
        ),
    ],
)
def test_a_picture_that_is_too_small_is_named_where_it_stands(
    studio: Lab, arguments: dict[str, Any], place: list[Any]
) -> None:
    urls = {"good": studio.upload(picture(90, 90)), "small": studio.upload(picture(16, 16))}

    result = studio.make(REFERRER, prompt="p", **replaced(arguments, urls))

    assert where(result) == ("image_too_small", place)
    assert result.json()["detail"][0]["ctx"] == {"min_width": 32, "min_height": 32}
    assert result.json()["detail"][0]["input"] == urls["small"]


def replaced(value: Any, urls: dict[str, str]) -> Any:
    """Return a value with addresses in place of their names."""
    if isinstance(value, dict):
        return {key: replaced(item, urls) for key, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, urls) for item in value]
    return urls[value]


@pytest.mark.parametrize(
    ("data", "error", "ctx"),
    [
        (picture(401, 300), "image_too_large", {"max_width": 400, "max_height": 400}),
        (picture(300, 100), "value_error", None),
        (noise(), "file_too_large", {"max_size": 20_000}),
        (film(), "image_load_error", None),
    ],
    ids=["too large", "too wide", "too many bytes", "a clip"],
)
def test_a_picture_outside_the_limits(
    studio: Lab, data: bytes, error: str, ctx: dict[str, Any] | None
) -> None:
    result = studio.make(REFERRER, prompt="p", image_urls=[studio.upload(data)])

    assert where(result) == (error, ["image_urls", 0])
    assert result.json()["detail"][0].get("ctx") == ctx


@pytest.mark.parametrize(
    ("data", "error", "ctx"),
    [
        (
            film(0.4),
            "video_duration_too_short",
            {"min_duration": 0.5, "provided_duration": 0.4},
        ),
        (
            film(2.5),
            "video_duration_too_long",
            {"max_duration": 2.05, "provided_duration": 2.5},
        ),
        (film(2, fps=5), "value_error", None),
        (picture(), "unsupported_video_format", None),
        (tone(), "unsupported_video_format", None),
        (film()[:300], "unsupported_video_format", None),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n", "unsupported_video_format", None),
    ],
    ids=["short", "long", "slow", "a picture", "a sound", "cut off", "a playlist"],
)
def test_a_clip_outside_the_limits(
    studio: Lab, data: bytes, error: str, ctx: dict[str, Any] | None
) -> None:
    address = studio.upload(data, "in.mp4", "video/mp4")

    result = studio.make(EDITOR, prompt="p", video_url=address)

    assert where(result) == (error, ["video_url"])
    if ctx is not None:
        assert result.json()["detail"][0]["ctx"] == ctx
    assert result.headers["x-fal-billable-units"] == "0"


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])
def test_an_edited_clip_has_the_length_rate_size_and_sound_of_its_input(
    studio: Lab, container: str
) -> None:
    source = film(1.5, fps=12, size_px=(192, 128), sound=True, container=container)

    ticket = studio.submit(EDITOR, {"prompt": "p", "video_url": uri(source, "video/mp4")})
    clip = read_clip(file_of(studio.result(ticket)))

    assert (clip.width_px, clip.height_px, clip.fps, clip.frames) == (192, 128, 12, 18)
    assert clip.codecs == ("h264", "aac")
    assert studio.server.stats().billed_by_request[ticket["request_id"]] == 30_000_000


def test_sound_is_kept_only_where_there_is_some_and_it_is_wanted(studio: Lab) -> None:
    silent, sounding = (uri(film(sound=sound), "video/mp4") for sound in (False, True))

    def codecs(**arguments: Any) -> tuple[str, ...]:
        return read_clip(file_of(studio.make(EDITOR, prompt="p", **arguments))).codecs

    assert codecs(video_url=sounding) == ("h264", "aac")
    assert codecs(video_url=silent) == ("h264",)
    assert codecs(video_url=sounding, keep_audio=False) == ("h264",)


def test_an_edit_is_drawn_over_its_input_and_another_prompt_is_another_edit(studio: Lab) -> None:
    address = studio.upload(film(), "in.mp4", "video/mp4")

    edits = {
        file_of(studio.make(EDITOR, prompt=prompt, video_url=address, seed=1))
        for prompt in ("make it dusk", "make it snow")
    }

    assert len(edits) == 2


def test_a_clip_that_is_not_fetched_is_a_plate_of_the_usual_length(studio: Lab) -> None:
    result = studio.make(EDITOR, prompt="p", video_url="https://fal.invalid/in.mp4")

    clip = read_clip(file_of(result))
    assert abs(clip.duration_s - 5) < 0.1


def test_a_sound_decides_the_length_and_is_heard(studio: Lab) -> None:
    clip = read_clip(
        file_of(studio.make(SPEAKER, prompt="p", audio_url=uri(tone(1.5), "audio/wav")))
    )

    assert clip.frames == 12
    assert clip.codecs == ("h264", "aac")


@pytest.mark.parametrize(
    ("data", "error"),
    [(tone(2.5), "audio_duration_too_long"), (picture(), "unsupported_audio_format")],
)
def test_a_sound_that_cannot_be_used(studio: Lab, data: bytes, error: str) -> None:
    result = studio.make(SPEAKER, prompt="p", audio_url=uri(data, "audio/wav"))

    assert where(result) == (error, ["audio_url"])


def test_an_address_that_is_none_is_refused_in_a_list_too(studio: Lab) -> None:
    result = studio.make(REFERRER, prompt="p", image_urls=["no address"])

    assert where(result) == ("file_download_error", ["image_urls", 0])


def test_more_files_than_a_rule_allows_are_refused_at_the_list(studio: Lab) -> None:
    address = studio.upload(picture(90, 90))

    result = studio.make(REFERRER, prompt="p", image_urls=[address] * 4)

    assert errors_of(result) == [("sequence_too_long", "image_urls")]
    assert result.json()["detail"][0]["ctx"] == {"max_length": 3}

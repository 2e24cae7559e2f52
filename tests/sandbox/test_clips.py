"""Clips: the same order gives the same bytes, and what differs in the order shows in the clip."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from fal_experiments.sandbox.clips.draw import draw_clip
from fal_experiments.sandbox.clips.order import ClipMade, ClipOrder, Medium, MediumRefused
from tests.sandbox.lab import picture, read_clip
from tests.sandbox.studio import film

ORDER = ClipOrder(
    endpoint="fal-ai/kling-video/v3/pro/image-to-video",
    family="kling",
    prompt="It walks in place.",
    name="kling-video v3 pro i2v",
    mark="take 1",
    seed=1,
    flavour="plain",
    kind="video",
    lines=144,
    ratio=None,
    fps=8,
    frame_count=12,
    has_audio=False,
    picture=Medium(data=picture(160, 90)),
)
WORDS = replace(ORDER, picture=None, endpoint="fal-ai/veo3.1/fast", family="veo")
FAMILIES = {
    "fal-ai/bytedance/seedance/v1/pro/image-to-video": "seedance",
    "fal-ai/kling-video/v3/pro/image-to-video": "kling",
    "fal-ai/minimax/hailuo-02/standard/image-to-video": "hailuo",
    "bytedance/seedance-2.0/image-to-video": "seedance",
    "fal-ai/veo3.1/fast/image-to-video": "veo",
    "fal-ai/wan/v2.7/image-to-video": "wan",
    "somebody/else/image-to-video": "unheard-of",
}


def drawn(folder: Path, order: ClipOrder) -> bytes:
    """Return the bytes of an order's file."""
    path = folder / "clip"
    assert isinstance(draw_clip(order, path), ClipMade)
    return path.read_bytes()


def frames_of(data: bytes) -> list[Any]:
    """Return the luma of every frame."""
    with av.open(io.BytesIO(data), "r") as container:
        return [
            frame.to_ndarray(format="gray").astype(float) for frame in container.decode(video=0)
        ]


@pytest.mark.parametrize("order", [ORDER, WORDS, replace(WORDS, has_audio=True)])
def test_equal_orders_give_equal_bytes(tmp_path: Path, order: ClipOrder) -> None:
    assert drawn(tmp_path, order) == drawn(tmp_path, replace(order))


@pytest.mark.parametrize("order", [ORDER, WORDS])
@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"prompt": "It turns around."}, {"endpoint": "bytedance/seedance-2.0/x"}],
)
def test_seed_prompt_and_endpoint_each_change_the_clip(
    tmp_path: Path, order: ClipOrder, change: dict[str, Any]
) -> None:
    assert drawn(tmp_path, order) != drawn(tmp_path, replace(order, **change))


@pytest.mark.parametrize(("endpoint", "family"), FAMILIES.items())
def test_a_clip_begins_with_its_picture_and_moves_away_from_it(
    tmp_path: Path, endpoint: str, family: str
) -> None:
    order = replace(ORDER, endpoint=endpoint, family=family)
    still = np.asarray(Image.open(io.BytesIO(picture(160, 90))).resize((256, 144)).convert("L"))

    frames = frames_of(drawn(tmp_path, order))

    middle = (slice(30, 110), slice(20, 236))  # the watermark stands outside of it
    apart = [np.abs(frame[middle] - still[middle]).mean() for frame in frames]
    assert apart[0] < 3
    assert max(apart[4:]) > apart[0] + 0.5


def test_families_move_differently(tmp_path: Path) -> None:
    clips = {
        drawn(tmp_path, replace(ORDER, endpoint=endpoint, family=family))
        for endpoint, family in FAMILIES.items()
    }

    assert len(clips) == len(FAMILIES)


def test_the_prompts_words_stand_in_the_clip(tmp_path: Path) -> None:
    spoken = frames_of(drawn(tmp_path, replace(WORDS, prompt="A red fox", lines=288)))[-1]

    bright = spoken > 215
    assert 0.005 < bright.mean() < 0.3


@pytest.mark.parametrize(
    "prompt",
    ["", "   ", "侍が竹林を歩く", "Ein Drache, höflich", "\ud800", "🦊", "word " * 900, "x" * 900],
)
def test_any_prompt_can_be_drawn(tmp_path: Path, prompt: str) -> None:
    assert read_clip(drawn(tmp_path, replace(WORDS, prompt=prompt, frame_count=2))).frames == 2


@pytest.mark.parametrize("lines", [144, 480])
@pytest.mark.parametrize("ratio", [16 / 9, 9 / 16, 1.0, 21 / 9])
def test_every_frame_names_its_endpoint_and_take(tmp_path: Path, lines: int, ratio: float) -> None:
    order = replace(ORDER, lines=lines, ratio=ratio, frame_count=2)

    marked = frames_of(drawn(tmp_path, order))
    other = frames_of(drawn(tmp_path, replace(order, name="another name", mark="take 2")))

    assert all(np.abs(a - b).max() > 60 for a, b in zip(marked, other, strict=True))


def test_the_smallest_clip_still_says_sandbox(tmp_path: Path) -> None:
    empty = io.BytesIO()
    Image.new("RGB", (96, 54), "white").save(empty, "PNG")
    order = replace(ORDER, lines=64, picture=Medium(data=empty.getvalue()), frame_count=1)

    (frame,) = frames_of(drawn(tmp_path, order))

    assert 0.02 < (frame < 160).mean() < 0.25


@pytest.mark.parametrize(
    ("lines", "ratio", "size"),
    [
        (720, 16 / 9, (1280, 720)),
        (480, 1.0, (640, 640)),
        (144, 9 / 16, (144, 256)),
        (144, None, (256, 144)),
    ],
)
def test_a_label_and_a_ratio_fix_the_size(
    tmp_path: Path, lines: int, ratio: float | None, size: tuple[int, int]
) -> None:
    order = replace(ORDER, lines=lines, ratio=ratio, frame_count=1)

    made = draw_clip(order, tmp_path / "clip")

    assert isinstance(made, ClipMade)
    assert (made.width_px, made.height_px) == size
    clip = read_clip((tmp_path / "clip").read_bytes())
    assert (clip.width_px, clip.height_px) == size


def test_a_file_can_be_played_before_it_is_whole(tmp_path: Path) -> None:
    data = drawn(tmp_path, ORDER)

    assert data.index(b"moov") < data.index(b"mdat")


def test_sound_is_there_only_when_asked_for_and_as_long_as_the_clip(tmp_path: Path) -> None:
    silent = read_clip(drawn(tmp_path, ORDER))
    sounding = read_clip(drawn(tmp_path, replace(ORDER, has_audio=True)))

    assert silent.codecs == ("h264",)
    assert sounding.codecs == ("h264", "aac")
    assert abs(sounding.duration_s - 1.5) < 0.05


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_any_usual_kind_of_picture_is_taken(tmp_path: Path, kind: str) -> None:
    order = replace(ORDER, picture=Medium(data=picture(kind=kind)), frame_count=1)

    assert read_clip(drawn(tmp_path, order)).frames == 1


@pytest.mark.parametrize("size_px", [(1, 1), (1, 900), (900, 1)])
def test_a_picture_of_an_odd_shape_is_taken(tmp_path: Path, size_px: tuple[int, int]) -> None:
    order = replace(ORDER, picture=Medium(data=picture(*size_px)), frame_count=2)

    assert read_clip(drawn(tmp_path, order)).frames == 2


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")

    refused = draw_clip(replace(ORDER, picture=Medium(data=bomb.getvalue())), tmp_path / "clip")

    assert isinstance(refused, MediumRefused)
    assert refused.type == "image_too_large"


@pytest.mark.parametrize("keep", [0, 8, 40, 200])
def test_a_cut_off_picture_is_refused(tmp_path: Path, keep: int) -> None:
    cut = Medium(data=picture(640, 360)[:keep], loc=("end_image_url",))

    refused = draw_clip(replace(ORDER, last_picture=cut), tmp_path / "clip")

    assert isinstance(refused, MediumRefused)
    assert (refused.loc, refused.type) == (("end_image_url",), "image_load_error")
    assert not (tmp_path / "clip").exists()


CLIP = Medium(data=film(1.0, fps=12), kind="video", loc=("video_url",))


def test_a_clip_over_a_clip_shows_its_frames_in_its_pace(tmp_path: Path) -> None:
    """The bright bar of the input stands as far right as it stands in the input by then."""
    order = replace(WORDS, video=CLIP, fps=12.0, frame_count=12, ratio=160 / 96)

    frames = frames_of(drawn(tmp_path, order))

    assert len(frames) == 12
    for index, frame in enumerate(frames):
        columns = frame[20:100].mean(axis=0)
        middle = np.flatnonzero(columns > (columns.max() + columns.min()) / 2).mean()
        assert middle / len(columns) == pytest.approx((index * 160 // 12 + 8) / 160, abs=0.02)


@pytest.mark.parametrize(
    ("fps", "frame_count"), [(24.0, 24), (5.0, 5), (12.0, 30), (24000 / 1001, 20)]
)
def test_a_clip_over_a_clip_has_its_own_rate_and_length(
    tmp_path: Path, fps: float, frame_count: int
) -> None:
    order = replace(WORDS, video=CLIP, fps=fps, frame_count=frame_count)

    clip = read_clip(drawn(tmp_path, order))

    assert clip.frames == frame_count
    assert abs(clip.fps - fps) < 0.001


def test_a_clip_without_one_good_frame_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    broken = replace(CLIP, data=film()[:400])

    refused = draw_clip(replace(WORDS, video=broken), tmp_path / "clip")

    assert isinstance(refused, MediumRefused)
    assert (refused.loc, refused.type) == (("video_url",), "unsupported_video_format")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [1, 3, 12])
def test_references_stand_small_at_the_right_edge(tmp_path: Path, count: int) -> None:
    white = io.BytesIO()
    Image.new("RGB", (80, 60), "white").save(white, "PNG")
    references = (Medium(data=white.getvalue()), *(replace(CLIP) for _ in range(count - 1)))
    order = replace(WORDS, frame_count=1)

    (plain,) = frames_of(drawn(tmp_path, order))
    (shown,) = frames_of(drawn(tmp_path, replace(order, references=references)))

    changed = np.abs(shown - plain) > 40
    assert changed[:, -40:].any()
    assert not changed[:, :-40].any()


def test_pixels_that_are_asked_for_are_what_is_made(tmp_path: Path) -> None:
    clip = read_clip(drawn(tmp_path, replace(ORDER, size_px=(200, 120), frame_count=1)))

    assert (clip.width_px, clip.height_px) == (200, 120)

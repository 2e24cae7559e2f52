"""Figures that fal's pages and public price lists state, and what the price rules make of them."""

from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.estimate import estimate
from fal_experiments.storage.bundled import bundled_root
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

SHELF = PresetShelf(Project(bundled_root()))
SOUND, SILENT = {"generate_audio": True}, {"generate_audio": False}
P720, P1080, P4K = {"resolution": "720p"}, {"resolution": "1080p"}, {"resolution": "4k"}
FIVE, TEN = {"duration": "5"}, {"duration": "10"}
A_VIDEO = {"video_urls": ["https://example.com/a.mp4"]}

FIGURES: list[tuple[str, dict[str, Any], str]] = [
    ("seedance-pro-i2v", P720 | FIVE, "0.27"),
    ("seedance-pro-i2v", P1080 | FIVE, "0.6075"),
    ("seedance-pro-t2v", P1080 | FIVE, "0.6075"),
    ("seedance-pro-fast-t2v", P1080 | FIVE, "0.243"),
    ("seedance-pro-fast-i2v", P720 | FIVE, "0.108"),
    ("seedance-1-5-pro-t2v", P720 | FIVE | SOUND, "0.2592"),
    ("seedance-1-5-pro-i2v", P720 | FIVE | SILENT, "0.1296"),
    ("seedance-1-5-pro-i2v", P1080 | FIVE | SOUND, "0.5832"),
    ("seedance-2-i2v", P720 | FIVE, "1.512"),
    ("seedance-2-t2v", P4K | FIVE, "7.776"),
    ("seedance-2-t2v", P4K | FIVE | {"aspect_ratio": "21:9"}, "10.206"),
    ("seedance-2-fast-t2v", P720 | FIVE, "1.2096"),
    ("seedance-2-mini-t2v", P720 | FIVE, "0.7735"),
    ("seedance-2-5-i2v", P1080 | FIVE, "5.82"),
    ("kling-v2-1-master-t2v", FIVE, "1.4"),
    ("kling-v2-1-standard-i2v", FIVE, "0.28"),
    ("kling-v2-1-pro-i2v", TEN, "0.98"),
    ("kling-v2-5-turbo-pro-t2v", FIVE, "0.35"),
    ("kling-v2-5-turbo-pro-i2v", TEN, "0.7"),
    ("kling-v2-5-turbo-standard-i2v", FIVE, "0.21"),
    ("kling-v2-6-pro-i2v", FIVE | SILENT, "0.35"),
    ("kling-v2-6-pro-i2v", TEN | SOUND, "1.4"),
    ("kling-v2-6-pro-i2v", TEN | SOUND | {"voice_ids": ["a"]}, "1.68"),
    ("kling-v3-pro-i2v", FIVE | SILENT, "0.56"),
    ("kling-v3-pro-t2v", TEN | SOUND, "1.68"),
    ("kling-v3-standard-t2v", FIVE | SOUND, "0.63"),
    ("kling-v3-4k-i2v", FIVE | SOUND, "2.1"),
    ("kling-v3-turbo-pro-t2v", FIVE, "0.7"),
    ("kling-v3-turbo-standard-i2v", FIVE, "0.56"),
    ("kling-o3-pro-r2v", TEN | SOUND, "1.4"),
    ("kling-o3-standard-t2v", FIVE | SILENT, "0.42"),
    ("kling-o1-i2v", FIVE, "0.56"),
    ("veo-3-1-t2v", {"duration": "8s"} | P1080 | SOUND, "3.2"),
    ("veo-3-1-i2v", {"duration": "8s"} | P4K | SOUND, "4.8"),
    ("veo-3-1-fast-t2v", {"duration": "8s"} | P4K | SOUND, "2.8"),
    ("veo-3-1-fast-t2v", {"duration": "4s"} | P720 | SILENT, "0.4"),
    ("veo-3-1-lite-t2v", {"duration": "4s"} | P1080 | SILENT, "0.2"),
    ("veo-3-1-lite-i2v", {"duration": "8s"} | P1080 | SOUND, "0.64"),
    ("veo-3-1-extend", SOUND, "2.8"),
    ("sora-2-t2v", {"duration": 8}, "0.8"),
    ("sora-2-pro-t2v", {"duration": 12} | P1080, "6"),
    ("hailuo-02-standard-i2v", {"duration": "6", "resolution": "768P"}, "0.27"),
    ("hailuo-02-standard-i2v", {"duration": "10", "resolution": "512P"}, "0.17"),
    ("hailuo-02-pro-t2v", {}, "0.48"),
    ("hailuo-2-3-standard-i2v", {"duration": "10"}, "0.56"),
    ("hailuo-2-3-pro-t2v", {}, "0.49"),
    ("minimax-video-01-t2v", {}, "0.5"),
    ("minimax-h3-t2v", {"duration": 5, "resolution": "2K"}, "0.65"),
    ("wan-2-2-a14b-t2v", {"num_frames": 80} | P720, "0.4"),
    ("wan-2-2-a14b-t2v", {"num_frames": 80, "frames_per_second": 32} | P720, "0.4"),
    ("wan-2-2-a14b-turbo-i2v", P720, "0.1"),
    ("wan-2-5-t2v", FIVE | P1080, "0.75"),
    ("wan-2-6-flash-i2v", TEN | P1080, "0.75"),
    ("wan-2-7-i2v", {"duration": 5} | P1080, "0.75"),
    ("wan-3-t2v", {"duration": 5} | P1080, "1"),
    ("wan-flf2v", {"num_frames": 81} | P720, "0.4"),
    ("wan-flf2v", {"num_frames": 90} | P720, "0.5"),
    ("ltx-2-3-t2v", {"duration": 6, "resolution": "2160p"}, "1.92"),
    ("ltx-2-5-pro-i2v", {"duration": 6} | P1080, "1.02"),
    ("grok-imagine-i2v", {"duration": 6} | P720, "0.422"),
    ("grok-imagine-1-5-i2v", {"duration": 6} | P1080, "1.51"),
    ("gemini-omni-flash-t2v", {"duration": 8}, "1"),
    ("luma-ray-2-i2v", {"duration": "5s", "resolution": "540p"}, "0.5"),
    ("pixverse-v6-t2v", {"duration": 5} | P720, "0.225"),
    ("pixverse-v6-t2v", {"duration": 5, "generate_audio_switch": True} | P720, "0.315"),
    ("nano-banana-2-t2i", {"resolution": "4K"}, "0.16"),
    ("nano-banana-pro-t2i", {"resolution": "1K", "enable_web_search": True}, "0.165"),
    ("seedream-4-5-t2i", {"num_images": 3}, "0.12"),
    ("gpt-image-1-5-t2i", {"quality": "high", "image_size": "1024x1024"}, "0.133"),
    ("flux-2-t2i", {"image_size": "landscape_4_3"}, "0.012"),
    ("flux-2-t2i", {"image_size": "square_hd", "num_images": 2}, "0.048"),
    ("flux-schnell-t2i", {"image_size": "landscape_4_3"}, "0.003"),
    ("flux-schnell-t2i", {"image_size": "square", "num_images": 4}, "0.012"),
    ("z-image-turbo-t2i", {"image_size": "landscape_4_3"}, "0.005"),
    ("seedream-5-pro-t2i", {}, "0.135"),
    ("seedream-5-pro-edit", {"image_size": "square_hd", "num_images": 2}, "0.135"),
    ("kling-o1-standard-i2v", FIVE, "0.42"),
    ("luma-ray-2-flash-t2v", {"duration": "5s", "resolution": "540p"}, "0.2"),
    ("luma-ray-2-flash-t2v", {"duration": "9s", "resolution": "1080p"}, "1.6"),
    ("luma-ray-2-flash-i2v", {"duration": "5s", "resolution": "720p"}, "0.4"),
    ("ltx-2-3-fast-t2v", {"duration": 6, "resolution": "2160p"}, "0.96"),
]
OF_INPUTS: list[tuple[str, dict[str, Any], int, str]] = [
    ("seedance-2-r2v", P720 | FIVE | A_VIDEO, 5, "1.8144"),
    ("seedance-2-mini-r2v", P720 | FIVE | A_VIDEO, 5, "0.928"),
    ("seedance-2-5-r2v", P720 | FIVE | A_VIDEO, 5, "2.838"),
    ("kling-o3-pro-edit", {}, 10, "1.68"),
    ("kling-v3-pro-motion", {}, 10, "1.68"),
    ("wan-2-7-edit", {"duration": 0}, 5, "1"),
    ("wan-2-7-edit", {"duration": 3}, 5, "0.8"),
    ("happy-horse-edit", P720, 10, "2.8"),
    ("grok-imagine-edit", P720, 10, "0.8"),
    ("gemini-omni-flash-edit", {}, 5, "0.65"),
    ("seedance-2-r2v", P4K | FIVE | A_VIDEO | {"aspect_ratio": "21:9"}, 5, "12.2472"),
]
DISAGREEING: dict[str, tuple[dict[str, Any], str, str]] = {
    "seedance-pro-i2v": (P720 | FIVE, "0.27", "0.324"),
    "kling-v3-pro-i2v": (FIVE | SOUND, "0.84", "0.98"),
    "minimax-h3-t2v": ({"duration": 5, "resolution": "768P"}, "0.3", "0.4"),
    "happy-horse-1-1-i2v": ({"duration": 5}, "0.9", "1.4"),
    "seedream-5-pro-t2i": ({"image_size": "square_hd"}, "0.0675", "0.135"),
    "ltx-2-3-fast-i2v": ({"duration": 6, "resolution": "1440p"}, "0.48", "0.72"),
    "seedance-pro-fast-i2v": (P720 | FIVE, "0.108", "0.11124"),
}
CHEAPER: dict[str, str] = {
    "flux-2-t2i": "0.012",
    "flux-schnell-t2i": "0.003",
    "flux-2-pro-t2i": "0.03",
    "z-image-turbo-t2i": "0.005",
}


def _band(preset_id: str, changes: dict[str, Any], input_s: Decimal | None = None) -> Any:
    preset = SHELF.read(preset_id)
    band = estimate(preset, preset.arguments | changes, input_s).band
    assert band is not None, f"{preset_id} {changes} has no price"
    return band


@pytest.mark.parametrize(("preset_id", "changes", "usd"), FIGURES)
def test_the_price_rule_gives_the_published_figure(
    preset_id: str, changes: dict[str, Any], usd: str
) -> None:
    assert Decimal(_band(preset_id, changes).expected) / 10**9 == Decimal(usd)


@pytest.mark.parametrize(("preset_id", "changes", "input_s", "usd"), OF_INPUTS)
def test_seconds_of_an_input_video_count_where_the_page_says_so(
    preset_id: str, changes: dict[str, Any], input_s: int, usd: str
) -> None:
    band = _band(preset_id, changes, Decimal(input_s))

    assert Decimal(band.expected) / 10**9 == Decimal(usd)


@pytest.mark.parametrize("preset_id", DISAGREEING)
def test_where_sources_disagree_the_dearer_one_is_reserved(preset_id: str) -> None:
    changes, expected, high = DISAGREEING[preset_id]
    band = _band(preset_id, changes)

    assert Decimal(band.expected) / 10**9 == Decimal(expected)
    assert Decimal(band.high) / 10**9 == Decimal(high)


@pytest.mark.parametrize("preset_id", CHEAPER)
def test_a_picture_that_may_count_as_one_megapixel_or_two_may_cost_half(preset_id: str) -> None:
    band = _band(preset_id, {"image_size": "square_hd"})

    assert Decimal(band.low) / 10**9 == Decimal(CHEAPER[preset_id])
    assert band.low < band.expected == band.high


@pytest.mark.parametrize(
    ("preset_id", "changes", "why"),
    [
        ("seedance-2-t2v", {"duration": "auto"}, "the model chooses the length"),
        ("hailuo-2-3-fast-standard-i2v", {"duration": "10"}, "no price rule fits"),
        ("luma-ray-2-flash-i2v", {"duration": "9s"}, "no price rule fits"),
        ("kling-o3-pro-edit", {}, "the length of the input, which is not known"),
        ("minimax-video-01-live-t2v", {}, "the preset has no price"),
    ],
)
def test_what_is_not_published_is_unknown_and_never_free(
    preset_id: str, changes: dict[str, Any], why: str
) -> None:
    preset = SHELF.read(preset_id)

    found = estimate(preset, preset.arguments | changes)

    assert found.band is None
    assert why in found.note

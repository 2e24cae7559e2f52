"""Copies for blind tests: alike, whole, and without a word of where they are from."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fal_experiments.core.blind_alike import made_alike, made_plain
from fal_experiments.media.blind_copy import (
    LIMITS,
    Look,
    Order,
    copy_clip,
    read_clip,
    sandbox_crop_px,
)
from fal_experiments.media.blind_mux import STEP_BYTES, pad_mp4, padded_bytes
from fal_experiments.sandbox.clips.order import ClipOrder
from fal_experiments.sandbox.clips.watermark import Watermark
from fal_experiments.sandbox.clips.yuv import Planes
from tests.media.clips import VP9, Encoding, ffmpeg_frames, ffmpeg_tells, moving_frames, write_clip

SEI = 6
"""The type of a unit of H.264 that carries messages."""


def units(path: Path) -> set[int]:
    """Return the types of the units in the packets of an MP4 file."""
    found = set()
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            data, at = bytes(packet), 0
            while at + 4 < len(data):
                found.add(data[at + 4] & 31)
                at += 4 + int.from_bytes(data[at : at + 4], "big")
    return found


def tell_tales(path: Path) -> Path:
    """Write tags, names and times into a copy of a clip, as generators do."""
    told = path.with_name(f"told-{path.name}")
    with av.open(str(path)) as source, av.open(str(told), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        target.metadata.update(
            {"title": "Kling 3.0", "comment": "made by Kling", "encoder": "Kling"}
        )
        stream.metadata["handler_name"] = "Kling Handler"
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return told


def test_copies_of_unlike_clips_are_alike_and_say_nothing(tmp_path: Path) -> None:
    sound = Encoding(sound=True)
    one = write_clip(tmp_path / "one.mp4", moving_frames(24, 128, 96), sound)
    two = write_clip(tmp_path / "two.mp4", moving_frames(36, 160, 90), Encoding(fps=30, sound=True))
    reads = [read_clip(Look(path), LIMITS).facts for path in (one, two)]
    facts = [read for read in reads if read is not None]
    copies = [tmp_path / f"copy{n}.mp4" for n in range(2)]
    for clip, copy, to in zip((one, two), copies, made_alike(facts, trim=True), strict=True):
        assert copy_clip(Order(clip, copy, to), LIMITS).bad == ""
    size_bytes = padded_bytes([copy.stat().st_size for copy in copies])
    for copy in copies:
        pad_mp4(copy, size_bytes)

    assert {copy.stat().st_size for copy in copies} == {size_bytes}
    assert size_bytes % STEP_BYTES == 0
    told = [ffmpeg_tells(copy) for copy in copies]
    assert {(each.width_px, each.height_px, each.frames) for each in told} == {(160, 90, 60)}
    loud = [read_clip(Look(copy), LIMITS).facts for copy in copies]
    assert len({each.loudness_lufs for each in loud if each}) == 1
    for copy in copies:
        assert SEI not in units(copy)
        data = copy.read_bytes().lower()
        assert not [word for word in (b"lavf", b"lavc", b"x264", b"options:") if word in data]


@pytest.mark.parametrize("keeps", [True, False])
def test_what_a_clip_says_of_itself_is_gone_and_its_picture_stays(
    tmp_path: Path, keeps: bool
) -> None:
    clip = tell_tales(write_clip(tmp_path / "c.mp4", moving_frames(12)))
    assert b"kling" in clip.read_bytes().lower()
    assert SEI in units(clip)
    facts = read_clip(Look(clip), LIMITS).facts
    assert facts is not None
    copy = tmp_path / "copy.mp4"

    made = copy_clip(Order(clip, copy, made_plain([facts])[0], keeps_pixels=keeps), LIMITS)

    assert made.bad == ""
    assert b"kling" not in copy.read_bytes().lower()
    assert SEI not in units(copy)
    with av.open(str(copy)) as container:
        assert container.metadata.keys() <= {"major_brand", "minor_version", "compatible_brands"}
    before, after = (np.stack(ffmpeg_frames(path, 128, 96)).astype(int) for path in (clip, copy))
    assert before.shape == after.shape
    assert np.abs(before - after).mean() < (0.001 if keeps else 2.0)


def test_a_codec_that_would_tell_or_not_play_is_encoded_anew(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.webm", moving_frames(12), VP9)
    facts = read_clip(Look(clip), LIMITS).facts
    assert facts is not None
    copy = tmp_path / "copy.mp4"

    assert copy_clip(Order(clip, copy, made_plain([facts])[0], keeps_pixels=True), LIMITS).bad == ""

    with av.open(str(copy)) as container:
        assert container.streams.video[0].codec_context.name == "h264"


def test_a_damaged_clip_gives_a_reason_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    clip = write_clip(
        tmp_path / "c.mp4", moving_frames(48), Encoding(muxer_options={"movflags": "+faststart"})
    )
    facts = read_clip(Look(clip), LIMITS).facts
    assert facts is not None
    clip.write_bytes(clip.read_bytes()[:-3000])

    made = copy_clip(Order(clip, tmp_path / "copy.mp4", made_plain([facts])[0]), LIMITS)

    assert "cut off" in made.bad
    assert "cut off" in read_clip(Look(clip), LIMITS).bad
    assert [path.name for path in tmp_path.iterdir()] == ["c.mp4"]


@pytest.mark.parametrize("size_px", [(128, 72), (1280, 720), (720, 1280), (1024, 1024), (426, 240)])
def test_the_sandbox_mark_lies_in_what_is_cropped(size_px: tuple[int, int]) -> None:
    width, height = size_px
    order = ClipOrder(
        endpoint="e", family="f", prompt="p", name="kling-video v3 pro i2v", mark="seed 7", seed=7,
        flavour="", kind="video", lines=720, ratio=None, fps=24, frame_count=1, has_audio=False,
    )  # fmt: skip
    crop_px = sandbox_crop_px(width, height)
    for corner in range(4):
        detail = np.ones((90, 160), np.float32)
        detail[(0, 45)[corner // 2] :, (0, 80)[corner % 2] :] = 0
        planes = Planes(*(np.full((height // n, width // n), 128, np.uint8) for n in (1, 2, 2)))
        Watermark(order, size_px, detail).stamp(planes)
        touched = np.flatnonzero((planes[0] != 128).any(axis=1))
        assert len(touched)
        assert (touched < crop_px).all() or (touched >= height - crop_px).all()


def test_cropping_takes_the_edges_and_nothing_else(tmp_path: Path) -> None:
    frame = np.full((96, 128, 3), 90, np.uint8)
    frame[:22], frame[-22:] = 250, 250
    clip = write_clip(tmp_path / "c.mp4", [frame] * 6)
    read = read_clip(Look(clip, is_marked=True), LIMITS)
    assert read.facts is not None
    copy = tmp_path / "copy.mp4"

    assert copy_clip(Order(clip, copy, made_plain([read.facts])[0], read.crop_px), LIMITS).bad == ""

    shown = ffmpeg_frames(copy, 128, read.facts.height_px)[0]
    assert read.facts.height_px == 96 - 2 * read.crop_px
    assert read.facts.duration_s == Fraction(1, 4)
    assert shown.max() < 120

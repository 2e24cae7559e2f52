"""The hand-off of a clip: raw frames, cut frames, sheet with atlas, loops; whole or not at all."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fal_experiments.core.sprite import RECORD_FILE, SpriteOrder, SpriteRecord
from fal_experiments.media.clip import open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sprite.jobs import SpriteJob, is_in_the_way, made_before, make_sprites
from fal_experiments.media.sprite.kept import full_size, keep_frames
from tests.media.clips import moving_frames, write_clip
from tests.media.sprite.walker import Walker, walk


def job(clip: Path, folder: Path, **order: object) -> SpriteJob:
    blank = SpriteRecord(asset_sha256="a", order=SpriteOrder.model_validate(order))
    return SpriteJob("k", clip, None, folder, blank)


def made(clip: Path, folder: Path, **order: object) -> SpriteRecord:
    ((_, record),) = make_sprites([job(clip, folder, **order)])
    return record


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    return write_clip(folder / "walk.mp4", walk(Walker(size_px=(426, 240), height_px=150), 56))


@pytest.fixture(scope="module")
def sprite(clip: Path) -> tuple[Path, SpriteRecord]:
    folder = clip.parent / "sprite"
    return folder, made(clip, folder, extrude_px=1)


def atlas_frames(folder: Path) -> Iterator[tuple[str, Any, Image.Image]]:
    """Load an atlas as an engine does: each frame on its whole canvas again."""
    atlas = json.loads((folder / "sheet.json").read_text())
    sheet = Image.open(folder / atlas["meta"]["image"])
    assert sheet.size == (atlas["meta"]["size"]["w"], atlas["meta"]["size"]["h"])
    for name, entry in atlas["frames"].items():
        place, source = entry["frame"], entry["spriteSourceSize"]
        box = (place["x"], place["y"], place["x"] + place["w"], place["y"] + place["h"])
        whole = Image.new("RGBA", (entry["sourceSize"]["w"], entry["sourceSize"]["h"]))
        whole.paste(sheet.crop(box), (source["x"], source["y"]))
        yield name, entry, whole


def test_the_atlas_gives_every_frame_back_pixel_by_pixel(
    sprite: tuple[Path, SpriteRecord],
) -> None:
    folder, record = sprite
    frames = list(atlas_frames(folder))

    assert record.loop is not None
    assert len(frames) == record.loop.end_frame - record.loop.first_frame == 24
    for name, _, whole in frames:
        assert np.array_equal(np.asarray(whole), np.asarray(Image.open(folder / "frames" / name)))


def test_frames_last_as_long_as_in_the_clip(sprite: tuple[Path, SpriteRecord]) -> None:
    folder, _ = sprite

    assert sum(entry["duration"] for _, entry, _ in atlas_frames(folder)) == 1000
    for name in ("loop.webp", "loop.gif"):
        with Image.open(folder / name) as loop:
            assert _length_ms(loop) == pytest.approx(1000, abs=10)
            assert loop.info.get("loop") == 0


def test_raw_frames_are_those_of_the_clip(clip: Path, sprite: tuple[Path, SpriteRecord]) -> None:
    folder, record = sprite
    assert record.loop is not None
    raw = sorted((folder / "raw").iterdir())
    with open_clip(clip, Limits()) as opened:
        shape = keep_frames(opened).shape
    with open_clip(clip, Limits()) as opened:
        full = full_size(opened, shape)
        frames = [np.asarray(full(frame.picture)) for frame in opened.frames()]

    assert len(raw) == 24
    for path, frame in zip(raw, frames[record.loop.first_frame :], strict=False):
        assert np.array_equal(np.asarray(Image.open(path)), frame)


def test_the_pivot_is_between_the_feet_on_the_ground(sprite: tuple[Path, SpriteRecord]) -> None:
    folder, _ = sprite
    _, entry, whole = next(atlas_frames(folder))
    height, width = np.asarray(whole).shape[:2]

    assert entry["pivot"]["y"] * height == pytest.approx(height, abs=3)
    # the figure is drawn around its middle; cape and plume weigh a little to the left
    alpha = np.asarray(whole)[..., 3] > 127
    middle = (alpha.sum(axis=0) * np.arange(width)).sum() / alpha.sum()
    assert entry["pivot"]["x"] * width == pytest.approx(middle, abs=6)


def test_the_ground_is_clear_and_the_figure_is_not(sprite: tuple[Path, SpriteRecord]) -> None:
    folder, _ = sprite
    frame = np.asarray(Image.open(folder / "frames" / "0001.png"))

    assert frame[0, -1, 3] == 0
    assert 0.2 < (frame[..., 3] == 255).mean() < 0.9


def test_the_record_lists_every_file(sprite: tuple[Path, SpriteRecord]) -> None:
    folder, record = sprite
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}

    assert {file.file for file in record.files} | {RECORD_FILE} == names
    assert SpriteRecord.model_validate_json((folder / RECORD_FILE).read_text()) == record


def test_the_same_work_is_found_again_and_other_work_is_not(
    clip: Path, sprite: tuple[Path, SpriteRecord]
) -> None:
    folder, record = sprite

    assert made_before(job(clip, folder, extrude_px=1)) == record
    assert made_before(job(clip, folder, frames=6)) is None
    assert is_in_the_way(job(clip, folder, frames=6))


def test_a_file_that_is_missing_is_no_finished_sprite(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sprite"
    made(clip, folder, frames=4)
    (folder / "raw" / "0003.png").unlink()

    assert made_before(job(clip, folder, frames=4)) is None


def test_nothing_is_overwritten(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sprite"
    folder.mkdir()
    (folder / "mine.png").write_bytes(b"mine")

    record = made(clip, folder, frames=4)

    assert record.failed is not None
    assert "other files lie there" in record.failed
    assert [path.name for path in tmp_path.rglob("*")] == ["sprite", "mine.png"]


def test_few_frames_without_a_key_and_powers_of_two(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sprite"
    record = made(clip, folder, frames=6, key="none", packing="pow2")

    frames = list(atlas_frames(folder))
    assert [entry["trimmed"] for _, entry, _ in frames] == [False] * 6
    assert len(list((folder / "raw").iterdir())) == 24
    atlas = json.loads((folder / "sheet.json").read_text())
    assert all(side & (side - 1) == 0 for side in atlas["meta"]["size"].values())
    assert (np.asarray(frames[0][2])[..., 3] == 255).all()
    assert record.key_colour is not None


def test_steady_frames_stand_still_though_the_clip_sinks(tmp_path: Path) -> None:
    small = Walker(size_px=(426, 240), height_px=150, sinks_px=0.25)
    sinking = write_clip(tmp_path / "walk.mp4", walk(small, 56))
    made(sinking, tmp_path / "as-is", frames=8)
    made(sinking, tmp_path / "steady", frames=8, steady=True)

    def feet(folder: Path) -> list[int]:
        frames = (np.asarray(whole)[..., 3] for _, _, whole in atlas_frames(folder))
        return [int(np.flatnonzero((a > 127).any(axis=1))[-1]) for a in frames]

    assert np.ptp(feet(tmp_path / "as-is")) >= 4
    assert np.ptp(feet(tmp_path / "steady")) <= 2


def test_a_clip_without_a_loop_leaves_its_record_alone(tmp_path: Path) -> None:
    other = write_clip(tmp_path / "clip.mp4", moving_frames(48))

    record = made(other, tmp_path / "sprite")

    assert record.loop is None
    assert [path.name for path in (tmp_path / "sprite").iterdir()] == [RECORD_FILE]
    assert not is_in_the_way(job(other, tmp_path / "sprite"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!doctype html><html><body>no</body></html>", "HTML"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), ""),
    ],
    ids=["nothing", "html", "half a picture"],
)
def test_a_file_that_is_no_clip_fails_with_its_reason(
    data: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(data)

    record = made(tmp_path / "clip.mp4", tmp_path / "sprite")

    assert record.failed
    assert words.lower() in record.failed.lower()
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_clip_that_is_cut_off_gives_what_its_sound_frames_give(
    clip: Path, tmp_path: Path
) -> None:
    data = write_clip(
        tmp_path / "whole.mkv", walk(Walker(size_px=(426, 240), height_px=150), 56)
    ).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 3 // 4])

    record = made(tmp_path / "cut.mkv", tmp_path / "sprite")

    assert record.failed is None
    assert record.frames < 56
    assert any("cut off" in text or "damaged" in text for text in record.notes)


def test_a_limit_ends_one_clip_only(tmp_path: Path) -> None:
    endless = tmp_path / "endless.mp4"
    os.mkfifo(endless)  # nobody ever writes to it
    jobs = [job(endless, tmp_path / "slow", frames=4)._replace(key="slow")]
    limits = Limits(wall_s=0.01)

    ((_, record),) = make_sprites(jobs, limits)

    assert record.failed == "it took longer than 0.01 s"
    assert list(tmp_path.iterdir()) == [endless]


def _length_ms(picture: Image.Image) -> int:
    total = 0
    for index in range(getattr(picture, "n_frames", 1)):
        picture.seek(index)
        picture.load()
        total += int(picture.info["duration"])
    return total

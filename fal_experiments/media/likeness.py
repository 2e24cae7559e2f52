"""Compares two results of one request frame by frame; runs in a worker process."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from fal_experiments.core.likeness import Decoded, Likeness, Scores, judge
from fal_experiments.media.check import flaw_of_picture
from fal_experiments.media.clip import Clip, open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia, sniff
from fal_experiments.media.ssim import Luma, Similarity, similarity
from fal_experiments.media.still import opaque_rgb, read_still

MOST_COMPARED = 150
"""SSIM costs 5 ms for a pair of 720p and 45 for 4K; of a longer clip every nth frame is taken."""

LUMA_FIRST = {
    "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray",
}  # fmt: skip
"""Formats whose first plane is luma with 8 bits; others are turned into yuv420p."""


SIDES = ("the first", "the second")


class _Shot(NamedTuple):
    """What is kept of a frame: its hash and, until it has been compared, its luma."""

    sha256: bytes
    luma: Luma


_Measured = tuple[Decoded, Decoded, Scores | None]


class _Tally:
    """Collects what the frames of one side were."""

    def __init__(self) -> None:
        self.frames = 0
        self.size_px = (0, 0)
        self._hash = hashlib.sha256()

    def add(self, shot: _Shot) -> None:
        """Count a frame."""
        if not self.frames:
            height_px, width_px = shot.luma.shape
            self.size_px = (width_px, height_px)
        self.frames += 1
        self._hash.update(shot.sha256)

    def decoded(self) -> Decoded:
        """Return what was collected."""
        width_px, height_px = self.size_px
        return Decoded(
            frames=self.frames,
            width_px=width_px,
            height_px=height_px,
            frames_sha256=self._hash.hexdigest(),
        )


def compare_clips(first: Path, second: Path, limits: Limits) -> Likeness:
    """Return how alike two clips or two still pictures are.

    Frames are paired by their index: a model that repeats itself makes as many, and a result that
    lags by a frame is another result. Of an animated picture the first frame counts. A file that
    is damaged, or a clip beside a picture, gives a record that says so. Raises: OSError,
    MemoryError.
    """
    try:
        one, other, scores = _measured(first, second, limits)
    except BadMedia as exc:
        return Likeness(failed=exc.reason)
    return judge(one, other, scores, same_file=_file_sha256(first) == _file_sha256(second))


def _measured(first: Path, second: Path, limits: Limits) -> _Measured:
    kinds: list[str] = []
    for side, path in zip(SIDES, (first, second), strict=True):
        with _blaming(side):
            kinds.append(sniff(path, limits).kind)
    if kinds[0] != kinds[1]:
        raise BadMedia("not_media", f"the first is a {kinds[0]}, the second a {kinds[1]}")
    return (_stills if kinds[0] == "still" else _clips)(first, second, limits)


@contextmanager
def _blaming(side: str) -> Iterator[None]:
    """Say which of the two is bad."""
    try:
        yield
    except BadMedia as exc:
        raise BadMedia(exc.kind, f"{side}: {exc.reason}") from exc


def _clips(first: Path, second: Path, limits: Limits) -> _Measured:
    """Decode two clips in step, so that only a frame of each is held."""
    with ExitStack() as stack:
        clips: list[Clip] = []
        for side, path in zip(SIDES, (first, second), strict=True):
            with _blaming(side):
                clips.append(stack.enter_context(_whole_clip(path, limits)))
        longest = max(len(clip.times_s) for clip in clips)
        pairs = zip_longest(_shots(clips[0]), _shots(clips[1]))
        found = _compared(pairs, max(1, ceil(longest / MOST_COMPARED)))
        for side, clip in zip(SIDES, clips, strict=True):
            with _blaming(side):
                _refuse_damaged(clip)
    return found


@contextmanager
def _whole_clip(path: Path, limits: Limits) -> Iterator[Clip]:
    with open_clip(path, limits) as clip:
        if not clip.is_whole:
            raise BadMedia("too_large", f"it has more than {limits.max_frames:,} frames")
        yield clip


def _refuse_damaged(clip: Clip) -> None:
    damage = clip.damage()
    if damage is not None:
        raise damage


def _stills(first: Path, second: Path, limits: Limits) -> _Measured:
    shots: list[_Shot] = []
    for side, path in zip(SIDES, (first, second), strict=True):
        with _blaming(side):
            shots.append(_still_shot(path, limits))
    return _compared([(shots[0], shots[1])], every=1)


def _compared(pairs: Iterable[tuple[_Shot | None, _Shot | None]], every: int) -> _Measured:
    tallies = (_Tally(), _Tally())
    found: list[Similarity] = []
    for index, pair in enumerate(pairs):
        for tally, shot in zip(tallies, pair, strict=True):
            if shot is not None:
                tally.add(shot)
        one, other = pair
        if one is not None and other is not None and index % every == 0:
            found.append(_similarity(one, other))
    first, second = (tally.decoded() for tally in tallies)
    same_size = tallies[0].size_px == tallies[1].size_px
    return first, second, _scores(found) if same_size and found else None


def _similarity(one: _Shot, other: _Shot) -> Similarity:
    if one.sha256 == other.sha256:
        return Similarity(1.0, 1.0)
    if one.luma.shape != other.luma.shape:  # a clip may change its size on the way
        return Similarity(0.0, 0.0)
    return similarity(one.luma, other.luma)


def _scores(found: list[Similarity]) -> Scores:
    means = [one.mean for one in found]
    details = [one.detail for one in found if one.detail is not None]
    detail = sum(details) / len(details) if details else None
    return Scores(len(found), sum(means) / len(means), min(means), detail)


def _shots(clip: Clip) -> Iterator[_Shot]:
    for _, picture in clip.frames():
        yield _Shot(_frame_sha256(picture), _luma(picture))


def _frame_sha256(picture: VideoFrame) -> bytes:
    """Hash what is visible of a frame; the bytes that fill up its lines are left out."""
    told = f"{picture.format.name} {picture.width} {picture.height}"
    digest = hashlib.sha256(told.encode())
    for index, plane in enumerate(picture.planes):
        parts = [part for part in picture.format.components if part.plane == index]
        px_bytes = sum((part.bits + 7) // 8 for part in parts)
        digest.update(_lines(plane, px_bytes).tobytes())
    return digest.digest()


def _luma(picture: VideoFrame) -> Luma:
    if picture.format.name not in LUMA_FIRST:
        picture = picture.reformat(format="yuv420p", threads=1)
    return _lines(picture.planes[0], 1)


def _lines(plane: VideoPlane, bytes_per_px: int) -> Luma:
    stored = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return stored[: plane.height, : plane.width * bytes_per_px]


def _still_shot(path: Path, limits: Limits) -> _Shot:
    picture = read_still(path, limits)
    flaw = flaw_of_picture(path, picture, sniff(path, limits), limits)
    if flaw is not None:
        raise flaw
    picture.seek(0)
    if picture.mode == "P":  # two palettes may hold the same colours in another order
        picture = picture.convert("RGBA")
    digest = hashlib.sha256(f"{picture.mode} {picture.width} {picture.height}".encode())
    digest.update(picture.tobytes())
    return _Shot(digest.digest(), np.asarray(opaque_rgb(picture).convert("L")))


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

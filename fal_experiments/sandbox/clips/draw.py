"""One order, one file: chooses picture or words, moves them, marks every frame, encodes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from fal_experiments.sandbox.clips.encode import write_mp4, write_png
from fal_experiments.sandbox.clips.footage import frames_over
from fal_experiments.sandbox.clips.manners import Moment, manner_of, stage_for, temper_of
from fal_experiments.sandbox.clips.media import CannotUse, still_of
from fal_experiments.sandbox.clips.order import (
    ClipMade,
    ClipOrder,
    Medium,
    MediumRefused,
)
from fal_experiments.sandbox.clips.plate import clip_size_px, plate_for
from fal_experiments.sandbox.clips.scene import Scene
from fal_experiments.sandbox.clips.strip import Strip
from fal_experiments.sandbox.clips.subject import find_subject
from fal_experiments.sandbox.clips.tone import chord
from fal_experiments.sandbox.clips.warp import MeshWarp
from fal_experiments.sandbox.clips.watermark import Watermark
from fal_experiments.sandbox.clips.yuv import Planes

_DISSOLVE_FROM = 0.55
"""With a last frame given, the clip begins to turn into it after this share of its length."""


def draw_clip(order: ClipOrder, path: Path) -> ClipMade | MediumRefused:
    """Write the clip (or the still) of an order to `path`, whole or not at all.

    Returns: what was made, or why an input file cannot be used. Raises: OSError.
    """
    part = path.with_suffix(path.suffix + ".part")
    try:
        size_px = _write(order, part)
    except CannotUse as refusal:
        part.unlink(missing_ok=True)
        return refusal.refused
    part.replace(path)
    return ClipMade(path.stat().st_size, *size_px)


def _write(order: ClipOrder, path: Path) -> tuple[int, int]:
    """Write the file and return its width and height. Raises: CannotUse, OSError."""
    first, last = _still(order.picture), _still(order.last_picture)
    shown = [still for medium in order.references if (still := _still(medium))]
    size_px = clip_size_px(order, first)
    strip = Strip(shown, size_px)
    if order.picture:
        frames = _moved(order, size_px, strip, (first, last))
    elif order.video and order.video.is_here:
        frames = _marked(order, size_px, strip, frames_over(order, order.video, size_px))
    else:
        frames = _marked(order, size_px, strip, _told(order, size_px))
    if order.kind == "image":
        write_png(path, next(frames))
    else:
        write_mp4(path, frames, order.fps, chord(order) if order.has_audio else None)
    return size_px


def _still(medium: Medium | None) -> Image.Image | None:
    return still_of(medium) if medium else None


def _moved(
    order: ClipOrder,
    size_px: tuple[int, int],
    strip: Strip,
    ends: tuple[Image.Image | None, Image.Image | None],
) -> Iterator[Planes]:
    plate = plate_for(ends[0], size_px, note=_note(order.picture))
    ending = (
        plate_for(ends[1], size_px, note=_note(order.last_picture)) if order.last_picture else None
    )
    subject = find_subject(plate)
    warp = MeshWarp(plate)
    stage = stage_for(subject, warp.u, warp.v, size_px[0] / size_px[1])
    manner, temper = manner_of(order), temper_of(order)
    mark = Watermark(order, size_px, subject.detail)
    length_s = order.frame_count / order.fps
    for index in range(order.frame_count):
        shift = manner(stage, temper, Moment(index / order.fps, length_s))
        planes = warp(shift.dx * size_px[1], shift.dy * size_px[1])
        if ending is not None:
            planes = _dissolved(planes, ending, index / max(1, order.frame_count - 1))
        frame = Planes(*(np.array(plane) for plane in planes))
        strip.stamp(frame)
        mark.stamp(frame)
        yield frame


def _told(order: ClipOrder, size_px: tuple[int, int]) -> Iterator[Planes]:
    scene = Scene(order, size_px)
    first = round(order.fps) if order.kind == "image" else 0
    for index in range(first, first + order.frame_count):
        yield scene.frame(index / order.fps)


def _marked(
    order: ClipOrder, size_px: tuple[int, int], strip: Strip, frames: Iterator[Planes]
) -> Iterator[Planes]:
    mark = Watermark(order, size_px, None)
    for frame in frames:
        strip.stamp(frame)
        mark.stamp(frame)
        yield frame


def _dissolved(planes: Planes, ending: Planes, share: float) -> Planes:
    over = max(0.0, (share - _DISSOLVE_FROM) / (1 - _DISSOLVE_FROM))
    part = round(256 * over * over * (3 - 2 * over))
    if part == 0:
        return planes
    mixed = (
        ((256 - part) * here.astype(np.uint16) + part * there.astype(np.uint16)) >> 8
        for here, there in zip(planes, ending, strict=True)
    )
    return Planes(*(plane.astype(np.uint8) for plane in mixed))


def _note(picture: Medium | None) -> str:
    host = picture.unfetched if picture else None
    return f"The input at {host} was not fetched:\nthe sandbox never reaches out." if host else ""

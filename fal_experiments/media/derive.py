"""Makes of one file, in one decode, all that is looked at, and puts it on disk."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from fal_experiments.core.derived import PARTS, Derived, Part, Probe, Recipe
from fal_experiments.core.measures import Measures
from fal_experiments.media.anchor_file import Anchor
from fal_experiments.media.animated import Animation, is_animated
from fal_experiments.media.clip import open_clip
from fal_experiments.media.encoded import POSTER_QUALITY, File, encode_part, picture_file
from fal_experiments.media.gauges.measuring import Measuring, measure_still, sound_of
from fal_experiments.media.gauges.waveform import waveform
from fal_experiments.media.limits import Limits
from fal_experiments.media.one_pass import OnePass, Source
from fal_experiments.media.picture_end import flaw_of
from fal_experiments.media.rendered import POSTER, parts_at_hand, read_record, write_rendered
from fal_experiments.media.shape import Shape
from fal_experiments.media.sniff import BadMedia, Sniffed, sniff
from fal_experiments.media.still import plain_rgb, read_still

Made = tuple[dict[str, Any], list[File]]
"""The fields of a record that were made, and the files that belong to them."""


class _Task(NamedTuple):
    """What is wanted of a file."""

    recipe: Recipe
    parts: tuple[Part, ...]
    """Those that are not there yet."""
    measures: Measures | None
    """What was measured before and still holds."""
    bars: tuple[int, ...] | None
    """The waveform that stands beside those measures."""
    anchor: Anchor | None
    limits: Limits


def derive_file(
    path: Path,
    folder: Path,
    asset_sha256: str,
    recipe: Recipe,
    limits: Limits,
    anchor: Anchor | None = None,
) -> Derived:
    """Render a clip or a picture into `folder` and measure it; the record is written there too.

    A damaged clip gives what its sound frames give, and `damage` says so. A file of which nothing
    can be made gives a record that says why, and its folder keeps whatever pictures it had. Of a
    still picture there is a poster only. Parts that are there already, and that this recipe would
    make just so, stay.
    `anchor` is the picture that a clip started from. Raises: OSError, MemoryError.
    """
    blank = Derived(asset_sha256=asset_sha256, recipe=recipe)
    earlier = read_record(folder)
    kept = parts_at_hand(earlier, folder, blank)
    try:
        sniffed = sniff(path, limits)
        made, files = _made_of(path, sniffed, _task(earlier, blank, kept, anchor, limits))
    except BadMedia as exc:
        derived, files = blank.model_copy(update={"failed": exc.reason}), []
    else:
        stay = {part: getattr(earlier, part) for part in kept}
        derived = blank.model_copy(update=stay | made)
    write_rendered(folder, derived, {file.record.file: file.data for file in files})
    return derived


def _task(
    earlier: Derived | None,
    wanted: Derived,
    kept: Collection[Part],
    anchor: Anchor | None,
    limits: Limits,
) -> _Task:
    recipe, sha256 = wanted.recipe, wanted.asset_sha256
    parts = tuple(part for part in recipe.parts if part not in kept)
    known = earlier.measures_of(sha256, anchor.sha256 if anchor else None) if earlier else None
    bars = earlier.waveform if earlier and known else None
    return _Task(recipe, parts, known, bars, anchor, limits)


def _made_of(path: Path, sniffed: Sniffed, task: _Task) -> Made:
    limits = task.limits
    if sniffed.kind == "still":
        picture = read_still(path, limits)
        if is_animated(picture):
            source = Animation(picture, limits, lambda: read_still(path, limits))
            made = _of_moving(source, sniffed, task)
        else:
            made = _of_still(picture, sniffed, task)
        return _marked(made, flaw_of(path.read_bytes(), sniffed.media_type))
    with open_clip(path, limits) as clip:
        if not clip.is_whole:
            raise BadMedia("too_large", f"it has more than {limits.max_frames:,} frames")
        return _of_moving(clip, sniffed, task)


def _marked(made: Made, flaw: BadMedia | None) -> Made:
    """Note what is wrong with a file, though something could be made of it."""
    fields, files = made
    return (fields if flaw is None else fields | {"damage": flaw.reason}), files


def _of_moving(source: Source, sniffed: Sniffed, task: _Task) -> Made:
    measuring = Measuring(source, task.anchor, task.limits) if task.measures is None else None
    seen = OnePass(source, task.recipe, [measuring] if measuring else [], parts=task.parts)
    made: dict[str, Any] = {"probe": seen.probe(sniffed.size_bytes)}
    made["measures"] = measuring.measures() if measuring else task.measures
    made["waveform"] = task.bars or _bars(source, measuring)
    files: list[File] = []
    for part in PARTS:
        if part in task.parts:
            file, made[part] = encode_part(part, seen, task.recipe)
            files.append(file)
    return _marked((made, files), source.damage())


def _bars(source: Source, measuring: Measuring | None) -> tuple[int, ...] | None:
    """Return the waveform of a clip from the sound that was measured; else its sound is decoded."""
    sound = measuring.sound if measuring else sound_of(source)
    if sound is None or not source.times_s:
        return None
    first_s = source.times_s[0]
    return waveform(sound.peaks, first_s, source.times_s[-1] + source.frame_s - first_s)


def _of_still(picture: Image.Image, sniffed: Sniffed, task: _Task) -> Made:
    recipe = task.recipe
    shown = plain_rgb(picture)
    measures = task.measures or measure_still(shown, task.anchor, task.limits)
    probe = Probe(
        width_px=shown.width,
        height_px=shown.height,
        fps=0,
        frames=1,
        duration_s=0,
        has_audio=False,
        video_codec=sniffed.media_type.removeprefix("image/"),
        pixel_format=picture.mode,
        size_bytes=sniffed.size_bytes,
    )
    size_px = Shape(*shown.size).fit_px(recipe.poster_width_px)
    if size_px != shown.size:
        shown = shown.resize(size_px, Image.Resampling.LANCZOS)
    poster = picture_file(POSTER, shown, POSTER_QUALITY)
    return {"probe": probe, "measures": measures, "poster": poster.record}, [poster]

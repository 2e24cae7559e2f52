"""Makes of one file, in one decode, all that is looked at, and puts it on disk."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from fal_experiments.core.derived import PARTS, Derived, Part, Probe, Recipe
from fal_experiments.media.animated import Animation, is_animated
from fal_experiments.media.clip import open_clip
from fal_experiments.media.encoded import POSTER_QUALITY, File, encode_part, picture_file
from fal_experiments.media.limits import Limits
from fal_experiments.media.one_pass import OnePass, Source
from fal_experiments.media.rendered import POSTER, parts_at_hand, read_record, write_rendered
from fal_experiments.media.shape import Shape
from fal_experiments.media.sniff import BadMedia, Sniffed, sniff
from fal_experiments.media.still import plain_rgb, read_still

Made = tuple[dict[str, Any], list[File]]
"""The fields of a record that were made, and the files that belong to them."""


def derive_file(
    path: Path, folder: Path, asset_sha256: str, recipe: Recipe, limits: Limits
) -> Derived:
    """Render a clip or a picture into `folder`; the record is written there too.

    A damaged clip gives what its sound frames give. A file of which nothing can be made gives a
    record that says why, and its folder keeps whatever pictures it had. Of a still picture there
    is a poster only. Parts that are there already, and that this recipe would make just so, stay.
    Raises: OSError, MemoryError.
    """
    blank = Derived(asset_sha256=asset_sha256, recipe=recipe)
    earlier = read_record(folder)
    kept = parts_at_hand(earlier, folder, blank)
    try:
        sniffed = sniff(path, limits)
        made, files = _made_of(path, sniffed, recipe, limits, kept)
    except BadMedia as exc:
        derived, files = blank.model_copy(update={"failed": exc.reason}), []
    else:
        stay = {part: getattr(earlier, part) for part in kept}
        derived = blank.model_copy(update=stay | made)
    write_rendered(folder, derived, {file.record.file: file.data for file in files})
    return derived


def _made_of(
    path: Path, sniffed: Sniffed, recipe: Recipe, limits: Limits, kept: Iterable[Part]
) -> Made:
    parts = tuple(part for part in recipe.parts if part not in set(kept))
    if sniffed.kind == "still":
        picture = read_still(path, limits)
        if is_animated(picture):
            return _of_moving(Animation(picture, limits), sniffed, recipe, parts)
        return _of_still(picture, sniffed, recipe)
    with open_clip(path, limits) as clip:
        if not clip.is_whole:
            raise BadMedia("too_large", f"it has more than {limits.max_frames:,} frames")
        return _of_moving(clip, sniffed, recipe, parts)


def _of_moving(source: Source, sniffed: Sniffed, recipe: Recipe, parts: tuple[Part, ...]) -> Made:
    seen = OnePass(source, recipe, parts=parts)
    made: dict[str, Any] = {"probe": seen.probe(sniffed.size_bytes)}
    files: list[File] = []
    for part in PARTS:
        if part in parts:
            file, made[part] = encode_part(part, seen, recipe)
            files.append(file)
    return made, files


def _of_still(picture: Image.Image, sniffed: Sniffed, recipe: Recipe) -> Made:
    shown = plain_rgb(picture)
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
    return {"probe": probe, "poster": poster.record}, [poster]

"""Makes of one file, in one decode, all that is looked at, and puts it on disk."""

import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from fal_experiments.core.derived import Derived, Probe, Recipe, Sheet
from fal_experiments.core.derived import Picture as PictureRecord
from fal_experiments.media.clip import open_clip
from fal_experiments.media.contact_sheet import Tile, draw_sheet
from fal_experiments.media.gif import cues, encode_gif
from fal_experiments.media.limits import Limits
from fal_experiments.media.one_pass import OnePass
from fal_experiments.media.rendered import GIF, POSTER, SHEET, write_rendered
from fal_experiments.media.shape import Shape
from fal_experiments.media.sniff import BadMedia, Sniffed, sniff
from fal_experiments.media.still import plain_rgb, read_still

POSTER_QUALITY = 88
SHEET_QUALITY = 85


class File(NamedTuple):
    """A picture, encoded."""

    data: bytes
    record: PictureRecord


def derive_file(
    path: Path, folder: Path, asset_sha256: str, recipe: Recipe, limits: Limits
) -> Derived:
    """Render a clip or a picture into `folder`; the record is written there too.

    A damaged clip gives what its sound frames give. A file of which nothing can be made gives a
    record that says why, and its folder keeps whatever pictures it had. Of a still picture there
    is a poster only. Raises: OSError, MemoryError.
    """
    blank = Derived(asset_sha256=asset_sha256, recipe=recipe)
    try:
        sniffed = sniff(path, limits)
        still = sniffed.kind == "still"
        derived, files = (_of_still if still else _of_clip)(path, sniffed, blank, limits)
    except BadMedia as exc:
        derived, files = blank.model_copy(update={"failed": exc.reason}), {}
    write_rendered(folder, derived, files)
    return derived


def _of_clip(
    path: Path, sniffed: Sniffed, blank: Derived, limits: Limits
) -> tuple[Derived, dict[str, bytes]]:
    with open_clip(path, limits) as clip:
        if not clip.is_whole:
            raise BadMedia("too_large", f"it has more than {limits.max_frames:,} frames")
        seen = OnePass(clip, blank.recipe)
        probe = seen.probe(sniffed.size_bytes)
    poster = _jpeg(POSTER, seen.poster, POSTER_QUALITY)
    sheet_file, sheet = _sheet(seen, blank.recipe)
    moving = _gif(seen)
    made = {"probe": probe, "poster": poster.record, "sheet": sheet, "gif": moving.record}
    files = {POSTER: poster.data, SHEET: sheet_file.data, GIF: moving.data}
    return blank.model_copy(update=made), files


def _of_still(
    path: Path, sniffed: Sniffed, blank: Derived, limits: Limits
) -> tuple[Derived, dict[str, bytes]]:
    picture = read_still(path, limits)
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
    size_px = Shape(*shown.size).fit_px(blank.recipe.poster_width_px)
    if size_px != shown.size:
        shown = shown.resize(size_px, Image.Resampling.LANCZOS)
    poster = _jpeg(POSTER, shown, POSTER_QUALITY)
    made = {"probe": probe, "poster": poster.record}
    return blank.model_copy(update=made), {POSTER: poster.data}


def _sheet(seen: OnePass, recipe: Recipe) -> tuple[File, Sheet]:
    tiles = [Tile(shot.picture, seen.since_start_s(shot)) for shot in seen.sheet]
    drawn = draw_sheet(tiles, recipe.sheet_columns)
    file = _jpeg(SHEET, drawn.picture, SHEET_QUALITY)
    width_px, height_px = tiles[0].picture.size
    sheet = Sheet(
        picture=file.record,
        columns=drawn.columns,
        rows=drawn.rows,
        tile_width_px=width_px,
        tile_height_px=height_px,
        times_s=tuple(tile.at_s for tile in tiles),
    )
    return file, sheet


def _gif(seen: OnePass) -> File:
    frames = cues(seen.moving)
    return _file(GIF, encode_gif(frames, seen.duration_s), frames[0].picture.size)


def _jpeg(name: str, picture: Image.Image, quality: int) -> File:
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=quality)
    return _file(name, output.getvalue(), picture.size)


def _file(name: str, data: bytes, size_px: tuple[int, int]) -> File:
    record = PictureRecord(
        file=name, width_px=size_px[0], height_px=size_px[1], size_bytes=len(data)
    )
    return File(data, record)

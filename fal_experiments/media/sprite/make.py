"""Makes a sprite of one clip, in a worker process: measures it, cuts its frames, packs them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from fal_experiments.core.sprite import (
    RECORD_FILE,
    Loop,
    SpriteFile,
    SpriteOrder,
    SpriteRecord,
    spread_evenly,
)
from fal_experiments.core.sprite_atlas import Margins, atlas_json, durations_ms, pack
from fal_experiments.errors import BadInput
from fal_experiments.media.clip import open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia, sniff
from fal_experiments.media.sprite.analyse import Analysis, analyse
from fal_experiments.media.sprite.cutout import Cutout, cut_out, whole
from fal_experiments.media.sprite.kept import Kept, full_size, keep_frames
from fal_experiments.media.sprite.strip import (
    Stance,
    Strip,
    draw_sheet,
    loop_gif,
    loop_webp,
    make_strip,
)
from fal_experiments.media.still import plain_rgb, read_still

SHEET, ATLAS, GIF, WEBP = "sheet.png", "sheet.json", "loop.gif", "loop.webp"
TAG = "walk"
WAYS = ("travel_px_s", "baseline_drift_px_s")


def make_sprite(
    clip: Path, anchor: Path | None, folder: Path, blank: SpriteRecord, limits: Limits
) -> SpriteRecord:
    """Measure a clip, and write what the hand-off is made of into an empty folder.

    The record is returned and written there too. A clip without a loop gives the record alone; one
    that cannot be decoded gives a record that says why, and nothing is written. Raises: OSError,
    MemoryError.
    """
    try:
        _refuse_stills(clip, limits)
        picture = None if anchor is None else plain_rgb(read_still(anchor, limits))
        with open_clip(clip, limits) as opened:
            kept = keep_frames(opened)
            damage = opened.damage_so_far()
        found = analyse(kept, blank.order, blank, picture)
    except BadMedia as exc:
        return blank.model_copy(update={"failed": exc.reason})
    notes = found.record.notes if damage is None else (*found.record.notes, damage.reason)
    found = found._replace(record=found.record.model_copy(update={"notes": notes}))
    record = found.record
    if record.loop is not None:
        record = _handed_off(_Source(clip, kept, found, record.loop, limits), folder)
    text = record.model_dump_json(indent=1) + "\n"
    (folder / RECORD_FILE).write_text(text, encoding="utf-8")
    return record


def _refuse_stills(clip: Path, limits: Limits) -> None:
    if sniff(clip, limits).kind != "clip":
        raise BadMedia("not_media", "it is no clip: a sprite is cut from moving pictures")


class _Source(NamedTuple):
    """A clip that has a loop, and what is known of it."""

    clip: Path
    kept: Kept
    found: Analysis
    loop: Loop
    limits: Limits


def _handed_off(source: _Source, folder: Path) -> SpriteRecord:
    """Write raw frames, cut frames, sheet, atlas and loops; returns the record that lists them."""
    record, loop = source.found.record, source.loop
    notes = list(record.notes)
    chosen = spread_evenly(loop.first_frame, loop.end_frame, record.order.frames)
    for name in ("raw", "frames"):
        (folder / name).mkdir()
    cutouts = list(_cut_frames(source, folder, frozenset(chosen)))
    starts_s = [float(source.kept.starts_s[i]) for i in (*chosen, loop.end_frame)]
    strip = make_strip(cutouts, _stance(source, chosen, cutouts), durations_ms(starts_s))
    for index, cut in enumerate(strip.cuts):
        _png(folder / "frames" / cut.name, strip.frame(index))
    (folder / GIF).write_bytes(loop_gif(strip))
    (folder / WEBP).write_bytes(loop_webp(strip))
    try:
        _sheet(folder, strip, record.order)
    except BadInput as exc:
        notes.append(f"no sheet: {exc.message}; {exc.fix}")
    return record.model_copy(
        update={
            "notes": tuple(notes),
            "frame_width_px": strip.canvas.width_px,
            "frame_height_px": strip.canvas.height_px,
            "files": tuple(_listed(folder)),
        }
    )


def _cut_frames(source: _Source, folder: Path, chosen: frozenset[int]) -> Iterator[Cutout]:
    """Write every frame of the loop as it is, and yield those chosen with their ground away."""
    loop, (record, ground, masks, _) = source.loop, source.found
    with open_clip(source.clip, source.limits) as opened:
        full = full_size(opened, source.kept.shape)
        for index, frame in enumerate(opened.frames()):
            if index >= loop.end_frame:
                break
            if index < loop.first_frame:
                continue
            picture = full(frame.picture)
            _png(folder / "raw" / f"{index - loop.first_frame + 1:04d}.png", picture)
            if index in chosen:
                cut = None
                if masks is not None and record.order.key != "none":
                    cut = cut_out(picture, ground.keys[index], ground.tolerance, masks[index])
                yield cut or whole(picture)


def _stance(source: _Source, chosen: tuple[int, ...], cutouts: list[Cutout]) -> Stance:
    """Return the point between the feet, and how frames are moved where that was asked for.

    The ground line is the lowest row that the figure reaches in the loop; a tenth of the frames
    may reach lower.
    """
    record, places = source.found.record, source.found.places
    moves = [(0, 0)] * len(chosen)
    if record.order.steady and places is not None:
        per_frame = [(record.value(n) or 0.0) / float(record.fps) for n in WAYS]
        moves = [
            (-round(per_frame[0] * (i - chosen[0])), -round(per_frame[1] * (i - chosen[0])))
            for i in chosen
        ]
    bottoms = [c.top_px + c.pixels.shape[0] + m[1] for c, m in zip(cutouts, moves, strict=True)]
    foot_x = source.kept.shape.width_px / 2
    if places is not None:
        at = [
            places.middle[i] * source.kept.scale + m[0] for i, m in zip(chosen, moves, strict=True)
        ]
        foot_x = float(np.median(at))
    return Stance(foot_x, float(np.quantile(bottoms, 0.9, method="lower")), tuple(moves))


def _sheet(folder: Path, strip: Strip, order: SpriteOrder) -> None:
    sizes = [(cut.width_px, cut.height_px) for cut in strip.cuts]
    sheet = pack(sizes, Margins(order.padding_px, order.extrude_px), order.packing)
    _png(folder / SHEET, draw_sheet(strip, sheet, order.extrude_px))
    atlas = atlas_json(sheet, strip.cuts, strip.canvas, SHEET, TAG)
    (folder / ATLAS).write_text(json.dumps(atlas, indent=1) + "\n", encoding="utf-8")


def _png(path: Path, picture: Image.Image) -> None:
    # The highest effort saves a tenth of the bytes and takes ten times as long.
    picture.save(path, "PNG", compress_level=4)


def _listed(folder: Path) -> Iterator[SpriteFile]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield SpriteFile(
                file=path.relative_to(folder).as_posix(),
                size_bytes=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
            )

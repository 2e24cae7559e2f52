"""The sprites of a batch for its report: loops with what was measured of them, the best first."""

from collections.abc import Mapping
from typing import NamedTuple

from fal_experiments.core.labels import Tone
from fal_experiments.core.report_model import LabelledValue, Link, PictureView, SpriteView
from fal_experiments.core.sprite import SpriteRecord
from fal_experiments.core.sprite_rank import Ranked, Verdict, rank
from fal_experiments.core.sprite_readings import READINGS, label, level

SHOWN = (
    *("period_s", "seam", "foot_slide_px", "baseline_drift_px_s", "travel_px_s", "facing_flips"),
    *("plate_drift", "palette_growth", "identity_shape", "identity_colour"),
)
TONES: dict[Verdict, Tone] = {
    "ready": "good", "look": "warn", "spoilt": "bad", "no loop": "idle", "failed": "bad",
}  # fmt: skip
FILES = {"sheet.png": "sheet", "sheet.json": "atlas", "loop.gif": "GIF", "loop.webp": "WebP"}
LOOP = "loop.webp"


class FoundSprite(NamedTuple):
    """A record with what the report calls its clip, and where its files lie."""

    label: str
    folder_href: str
    """Ends in `/`."""
    record: SpriteRecord


def sprite_views(found: Mapping[str, FoundSprite]) -> tuple[SpriteView, ...]:
    """Return sprites for the page, by cell id, from the best to the worst."""
    ranked = rank({key: one.record for key, one in found.items()})
    return tuple(_view(one, found[one.key]) for one in ranked)


def _view(one: Ranked, found: FoundSprite) -> SpriteView:
    record, names = one.record, {file.file for file in one.record.files}
    loop = None
    if LOOP in names and record.frame_width_px:
        loop = PictureView(
            href=found.folder_href + LOOP,
            width_px=record.frame_width_px,
            height_px=record.frame_height_px,
        )
    links = [
        Link(label=title, href=found.folder_href + name)
        for name, title in FILES.items()
        if name in names
    ]
    return SpriteView(
        cell=one.key,
        label=found.label,
        verdict=one.verdict,
        tone=TONES[one.verdict],
        words=one.words,
        loop=loop,
        lines=tuple(_lines(record)),
        links=(*links, Link(label="folder", href=found.folder_href)),
    )


def _lines(record: SpriteRecord) -> list[LabelledValue]:
    lines = []
    if record.loop is not None:
        frames = record.loop.end_frame - record.loop.first_frame
        note = f"{frames} frames from {float(record.loop.start_s):.2f} s"
        length = f"{float(record.loop.length_s):.2f} s"
        lines.append(LabelledValue(label="loop", value=length, note=note))
    for name in SHOWN:
        value = record.value(name)
        if value is not None:
            how = level(name, value)
            tone: Tone | None = "bad" if how == "poor" else "warn" if how == "fair" else None
            title = READINGS[name].title
            lines.append(LabelledValue(label=title, value=label(name, value), tone=tone))
    return lines

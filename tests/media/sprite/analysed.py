"""Walks drawn, encoded, decoded and measured as any clip is."""

from pathlib import Path

from fal_experiments.core.sprite import SpriteOrder, SpriteRecord
from fal_experiments.media.clip import open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sprite.analyse import analyse
from fal_experiments.media.sprite.kept import Kept, keep_frames
from tests.media.clips import write_clip
from tests.media.sprite.walker import Walker, walk


def kept_of(clip: Path) -> Kept:
    """Decode a clip."""
    with open_clip(clip, Limits()) as opened:
        return keep_frames(opened)


def measured(folder: Path, walker: Walker, count: int = 72, **order: object) -> SpriteRecord:
    """Return what is found out about a walk of so many frames at 24 a second."""
    clip = write_clip(folder / "walk.mp4", walk(walker, count))
    blank = SpriteRecord(asset_sha256="a", order=SpriteOrder.model_validate(order))
    return analyse(kept_of(clip), blank.order, blank, None).record


def value(record: SpriteRecord, name: str) -> float:
    """Return a reading that must be there."""
    found = record.value(name)
    assert found is not None, record.readings[name].why_not
    return found

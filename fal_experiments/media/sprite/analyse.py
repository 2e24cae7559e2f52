"""Measures a clip that was kept in small pictures: every reading, and the best loop."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.core.sprite import (
    MOST_FRAMES,
    Loop,
    SpriteOrder,
    SpriteRecord,
    colour_name,
    colour_of,
    read,
)
from fal_experiments.media.backdrop import backdrop_of
from fal_experiments.media.sampling import decimal_s, short_decimal
from fal_experiments.media.sprite.cycle import (
    WHOLE_CLIP_SEAM,
    Cycle,
    Window,
    best_window,
    differences,
    find_cycle,
    seam_of,
)
from fal_experiments.media.sprite.facing import Facing, facing
from fal_experiments.media.sprite.feet import foot_slide
from fal_experiments.media.sprite.ground import Ground, Masks, figures, ground_of
from fal_experiments.media.sprite.identity import anchor_of, likeness
from fal_experiments.media.sprite.kept import Kept, luma_of
from fal_experiments.media.sprite.places import Places, places_of, speed, wandered
from fal_experiments.media.sprite.watch import camera_drift, palette_growth, plate_drift

LEAST_WAY_PX = 2.0
"""Of the small picture, over the clip: less than that is no wandering."""
SURE, CLOSED = 0.6, 1.25
"""A period less sure than this does not count in a clip whose ends meet so well."""
OF_THE_FIGURE = (
    *("foot_slide_px", "baseline_drift_px_s", "travel_px_s", "growth_percent_s", "facing_flips"),
    *("palette_growth", "identity_shape", "identity_colour", "cut_off_percent"),
)
Values = dict[str, float | str]
"""Readings by name: a number, or why there is none."""


class Analysis(NamedTuple):
    """The record of a clip, and what the cutting of frames goes on with."""

    record: SpriteRecord
    ground: Ground
    masks: Masks | None
    places: Places | None


class _Timed(NamedTuple):
    """What was found out about the motion alone."""

    cycle: Cycle | str
    window: Window | str
    values: Values


def analyse(
    kept: Kept, order: SpriteOrder, blank: SpriteRecord, anchor: Image.Image | None
) -> Analysis:
    """Return what a clip is worth as a sprite. `blank` says which clip and anchor it is."""
    ground = ground_of(kept.small, colour_of(order.key), order.tolerance)
    found = figures(kept.small, ground)
    masks = None if isinstance(found, str) else found
    places = places_of(masks) if masks is not None else None
    timed = _timed(kept, ground, masks, places)
    values, turned = {**timed.values, **_of_ground(kept, ground, masks)}, Facing(())
    if masks is None or places is None:
        values |= dict.fromkeys(OF_THE_FIGURE, str(found))
    else:
        period = timed.cycle.period if isinstance(timed.cycle, Cycle) else None
        turned = facing(kept.small, masks, places, kept.fps)
        values |= _of_figure(kept, ground, (masks, places), period)
        values |= _identity(kept, masks, anchor)
        values["facing_flips"] = turned.why_not or float(len(turned.flips))
    record = blank.model_copy(
        update={
            "width_px": kept.shape.width_px,
            "height_px": kept.shape.height_px,
            "frames": len(kept.small),
            "fps": short_decimal(1 / decimal_s(kept.starts_s[-1] / len(kept.small)), 3),
            "key_colour": None if masks is None else _key_name(order, ground),
            "plate_first": backdrop_of(kept.large[min(kept.large)]),
            "plate_last": backdrop_of(kept.large[max(kept.large)]),
            "loop": None if isinstance(timed.window, str) else _loop(kept, timed),
            "no_loop": timed.window if isinstance(timed.window, str) else "",
            "readings": read(values),
            "facing_frames": turned.flips,
            "notes": tuple(_notes(kept, found)),
        }
    )
    return Analysis(record, ground, masks, places)


def _key_name(order: SpriteOrder, ground: Ground) -> str:
    red, green, blue = colour_of(order.key) or (round(float(v)) for v in ground.keys[0])
    return colour_name((red, green, blue))


def _timed(kept: Kept, ground: Ground, masks: Masks | None, places: Places | None) -> _Timed:
    """Return period and loop. A clip without a period may be a loop as a whole."""
    luma, count = luma_of(kept.small), len(kept.small)
    seen = differences(luma, masks, ground)
    cycle, told = find_cycle(seen, kept.fps), seen
    if masks is not None and places is not None:
        cycle, told = _held_in_place(_Seen(luma, masks, ground, places), seen, cycle, kept.fps)
    whole = seam_of(seen, 0, count) if count > 1 else None
    if isinstance(cycle, Cycle) and cycle.confidence < SURE and whole and whole <= CLOSED:
        cycle = "the clip as a whole loops better than any part of it"
    if isinstance(cycle, Cycle):
        window = best_window(told, seen, cycle)
        times: Values = {
            "period_s": cycle.period / kept.fps,
            "confidence": cycle.confidence,
            "seam": window if isinstance(window, str) else window.seam,
        }
        return _Timed(cycle, _of_bearable_length(window), times)
    none = {"period_s": cycle, "confidence": cycle}
    if whole is None:
        return _Timed(cycle, cycle, {**none, "seam": "nothing moves"})
    if whole <= WHOLE_CLIP_SEAM and cycle != "hardly anything moves":
        window = _of_bearable_length(Window(0, count, whole))
        return _Timed(cycle, window, {**none, "seam": whole})
    return _Timed(cycle, cycle, {**none, "seam": cycle})


class _Seen(NamedTuple):
    """Frames, and where the figure is in them."""

    luma: NDArray[np.float32]
    masks: Masks
    ground: Ground
    places: Places


def _held_in_place(
    of: _Seen, seen: NDArray[np.float32], cycle: Cycle | str, fps: float
) -> tuple[Cycle | str, NDArray[np.float32]]:
    """Return the period of a figure that wanders through the picture, put back to its place."""
    period = cycle.period if isinstance(cycle, Cycle) else None
    ways = speed(of.places.middle, period), speed(of.places.bottom, period)
    if max(map(abs, ways)) * len(seen) < LEAST_WAY_PX:
        return cycle, seen
    masks = wandered(of.masks.astype(np.float32), ways) > 0.5
    told = differences(wandered(of.luma, ways), masks, of.ground)
    again = find_cycle(told, fps)
    if isinstance(cycle, Cycle) and (isinstance(again, str) or again.confidence < cycle.confidence):
        return cycle, seen
    return again, told


def _of_bearable_length(window: Window | str) -> Window | str:
    if not isinstance(window, str) and window.end - window.first > MOST_FRAMES:
        return f"the loop has {window.end - window.first} frames, more than {MOST_FRAMES}"
    return window


def _loop(kept: Kept, timed: _Timed) -> Loop | None:
    cycle, window = timed.cycle, timed.window
    if isinstance(window, str):
        return None
    return Loop(
        first_frame=window.first,
        end_frame=window.end,
        start_s=decimal_s(kept.starts_s[window.first]),
        length_s=decimal_s(kept.starts_s[window.end] - kept.starts_s[window.first]),
        found_by="period" if isinstance(cycle, Cycle) else "whole clip",
        steps=2 if isinstance(cycle, Cycle) and cycle.steps == 2 else 1,
    )


def _of_ground(kept: Kept, ground: Ground, masks: Masks | None) -> Values:
    drift = camera_drift(kept.small, masks)
    is_plate = masks is not None or backdrop_of(kept.large[0]) == "flat"
    none = "there is no flat plate to begin with"
    return {
        "plate_drift": plate_drift(ground) if is_plate else none,
        "plate_spread": float(np.max(ground.spread)) if is_plate else none,
        "camera_px": drift if isinstance(drift, str) else drift * kept.scale,
    }


def _of_figure(
    kept: Kept, ground: Ground, found: tuple[Masks, Places], period: float | None
) -> Values:
    masks, places = found
    slide = foot_slide(kept.small, ground, masks, places)
    rows, columns = masks.shape[1:]
    touches = (places.left <= 0) | (places.top <= 0)
    touches |= (places.right >= columns) | (places.bottom >= rows)
    height = float(np.median(places.height))
    cut_off = float(np.mean(places.bottom >= rows)) > 0.5
    per_s = kept.scale * kept.fps
    return {
        "foot_slide_px": slide if isinstance(slide, str) else slide * kept.scale,
        "baseline_drift_px_s": "the feet are cut off by the lower border"
        if cut_off
        else speed(places.bottom, period) * per_s,
        "travel_px_s": speed(places.middle, period) * per_s,
        "growth_percent_s": speed(places.height, period) / height * 100 * kept.fps,
        "palette_growth": palette_growth(kept.small, masks),
        "cut_off_percent": float(np.mean(touches)) * 100,
    }


def _identity(kept: Kept, masks: Masks, picture: Image.Image | None) -> Values:
    anchor = "no anchor picture was given" if picture is None else anchor_of(picture)
    if isinstance(anchor, str):
        return {"identity_shape": anchor, "identity_colour": anchor}
    shape, colour = likeness(kept.small, masks, anchor)
    return {"identity_shape": shape, "identity_colour": colour}


def _notes(kept: Kept, found: Masks | str) -> Iterator[str]:
    if not kept.is_all:
        yield f"only the first {len(kept.small)} frames were looked at"
    if isinstance(found, str):
        yield found

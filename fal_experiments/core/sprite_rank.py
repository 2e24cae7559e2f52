"""Which clip makes the best sprite: clips in order, and what is good or bad of each in words."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from fal_experiments.core.sprite import SpriteRecord
from fal_experiments.core.sprite_readings import READINGS, label, level

Verdict = Literal["ready", "look", "spoilt", "no loop", "failed"]
ORDER: tuple[Verdict, ...] = ("ready", "look", "spoilt", "no loop", "failed")

WEIGHED = ("seam", "foot_slide_px", "baseline_drift_px_s")
"""Clips of the same verdict go by these, each ÷ where it becomes poor, added up."""

_WORDS = {
    "seam": "the seam shows",
    "foot_slide_px": "feet slide",
    "baseline_drift_px_s": "the feet leave their line",
    "travel_px_s": "it wanders",
    "growth_percent_s": "it changes its size",
    "facing_flips": "it turns round",
    "plate_drift": "the ground changes its colour",
    "plate_spread": "the ground is not even",
    "palette_growth": "new colours come up",
    "cut_off_percent": "it is cut off",
    "camera_px": "the camera moves",
}


class Ranked(NamedTuple):
    """A clip, its verdict, and the reasons."""

    key: str
    record: SpriteRecord
    verdict: Verdict
    words: str
    badness: float


def rank(records: Mapping[str, SpriteRecord]) -> list[Ranked]:
    """Return clips from the best to the worst; equal ones in the order in which they came."""
    judged = [_judged(key, record) for key, record in records.items()]
    return sorted(judged, key=lambda one: (ORDER.index(one.verdict), one.badness))


def _judged(key: str, record: SpriteRecord) -> Ranked:
    verdict, words = verdict_of(record)
    return Ranked(key, record, verdict, words, _badness(record))


def verdict_of(record: SpriteRecord) -> tuple[Verdict, str]:
    """Return what a clip is good for, and why, in plain words."""
    if record.failed is not None:
        return "failed", record.failed
    found = {name: level(name, v) for name in READINGS if (v := record.value(name)) is not None}
    poor = [name for name, how in found.items() if how == "poor"]
    fair = [name for name, how in found.items() if how == "fair"]
    said = [f"{_WORDS[name]} ({label(name, record.value(name))})" for name in (*poor, *fair)]
    if record.key_colour is None:
        said.insert(
            0, f"the background is {record.plate_first or 'not flat'}: nothing to cut along"
        )
    if record.loop is None:
        return "no loop", "; ".join([record.no_loop, *said])
    if poor or record.key_colour is None:
        return "spoilt", "; ".join(said)
    return ("look", "; ".join(said)) if fair else ("ready", "loops cleanly")


def _badness(record: SpriteRecord) -> float:
    total = 0.0
    for name in WEIGHED:
        poor, value = READINGS[name].poor, record.value(name)
        # What could not be measured is no better than what is at the edge of poor.
        total += 1.0 if value is None or poor is None else abs(value) / poor
    return total

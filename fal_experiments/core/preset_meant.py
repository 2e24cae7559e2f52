"""A name that is no preset's: which one is meant, or what is true of it."""

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

from fal_experiments.core.model import listed
from fal_experiments.core.preset import Preset
from fal_experiments.errors import BadInput

MOST_NAMED = 5
_ALIKE, _ALMOST_SAME = 0.6, 0.93
_APART, _APART_OF_A_SLIP = 0.15, 0.03
"""How much less alike another name may be: one wrong letter means one name, a lost word several."""


def endpoint_for_preset(name: str, presets: Sequence[Preset]) -> BadInput:
    """Return the error for an endpoint's id where a preset's belongs."""
    current = [preset.id for preset in presets if preset.status == "current"]
    if current:
        return BadInput(
            f"{name} is an endpoint; presets are named by their id", fix=f"write {listed(current)}"
        )
    gone = presets[0]
    why = f": {gone.status_note}" if gone.status_note else ""
    return BadInput(
        f"{name} is an endpoint, and its preset {gone.id} is retired{why}",
        fix=f"use {gone.successor}" if gone.successor else "choose another preset",
    )


def unknown_preset(name: str, known: Collection[str], families: Collection[str]) -> BadInput:
    """Return the error for a name that means nothing: its family, or the names that are close."""
    if name in families:
        return BadInput(
            f"{name} is a family of presets, not one of them",
            fix=f"`fal-exp presets list --family {name}` lists them",
        )
    close = close_names(name, known)
    meant = f"; did you mean {listed(close)}?" if close else ""
    return BadInput(
        f"there is no preset {name}{meant}", fix="`fal-exp presets list` names them all"
    )


def close_names(name: str, known: Collection[str]) -> list[str]:
    """Return the names that may be meant: those that say more than this one, else those alike."""
    parts = set(name.split("-"))
    fuller = [other for other in known if parts < set(other.split("-"))] if len(parts) > 1 else []
    ranked = sorted((-_likeness(name, other), other) for other in fuller or known)
    best = -ranked[0][0] if ranked else 0.0
    apart = _APART_OF_A_SLIP if best >= _ALMOST_SAME else _APART
    least = 0.0 if fuller else max(_ALIKE, best - apart)
    return [other for ratio, other in ranked if -ratio >= least][:MOST_NAMED]


def _likeness(name: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1; 0 for what is surely less than alike."""
    matcher = SequenceMatcher(None, name, other)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    return matcher.ratio()

"""A look at each input file before anything is drawn: what it is, and whether it fits.

The types and what stands in `ctx` are those of fal's error page (references/fal-platform.md 5.2).
It has no type for a clip's width and height, its rate, or any shape: there the sandbox takes
image_too_small and image_too_large for sizes, and value_error for the rest.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from fal_experiments.sandbox.clips.media import (
    CannotUse,
    clip_facts,
    picture_facts,
    sound_facts,
)
from fal_experiments.sandbox.clips.order import Medium, MediumFacts, MediumRefused

_FACTS_OF = {"image": picture_facts, "video": clip_facts, "audio": sound_facts}


def look_at(media: tuple[Medium, ...]) -> tuple[MediumFacts, ...] | MediumRefused:
    """Return what each file is, in order, or why the first that cannot be used is refused."""
    found: list[MediumFacts] = []
    for medium in media:
        try:
            found.append(_facts_within_limits(medium))
        except CannotUse as refusal:
            return refusal.refused
    return tuple(found)


def _facts_within_limits(medium: Medium) -> MediumFacts:
    if not medium.is_here:
        return MediumFacts()
    most = medium.limits.get("max_file_size")
    size_bytes = _size_bytes(medium)
    if most is not None and size_bytes > most:
        message = f"The file has {size_bytes:,} bytes, at most {int(most):,} are taken"
        raise CannotUse(medium, "file_too_large", message, max_size=int(most))
    measure = _FACTS_OF.get(medium.kind)
    if measure is None:
        return MediumFacts()
    facts = measure(medium)
    for refusal in _broken(medium, facts):
        raise refusal
    return facts


def _size_bytes(medium: Medium) -> int:
    if medium.data is not None:
        return len(medium.data)
    return medium.path.stat().st_size if medium.path else 0


def _broken(medium: Medium, facts: MediumFacts) -> Iterator[CannotUse]:
    if facts.width_px is not None and facts.height_px is not None:
        yield from _of_size(medium, (facts.width_px, facts.height_px))
    if facts.duration_s is not None:
        yield from _of_length(medium, facts.duration_s)
    if facts.fps is not None:
        least, most = _bounds(medium.limits, "fps")
        if not least <= round(facts.fps, 3) <= most:
            message = f"Value error, {facts.fps:g} frames per second; {_range(least, most)}"
            yield CannotUse(medium, "value_error", message)


def _of_size(medium: Medium, size_px: tuple[int, int]) -> Iterator[CannotUse]:
    width_px, height_px = size_px
    found, limits = f"The {medium.kind} is {width_px}×{height_px} px", medium.limits
    least = [int(limits.get(f"min_{axis}", 0)) for axis in ("width", "height")]
    if width_px < least[0] or height_px < least[1]:
        message = f"{found}; at least {least[0]}×{least[1]} px are needed"
        yield CannotUse(medium, "image_too_small", message, min_width=least[0], min_height=least[1])
    most = [limits.get(f"max_{axis}") for axis in ("width", "height")]
    if any(top is not None and px > top for px, top in zip(size_px, most, strict=True)):
        message = f"{found}; at most {most[0]}×{most[1]} px are taken"
        yield CannotUse(medium, "image_too_large", message, max_width=most[0], max_height=most[1])
    # three places, as a client sees it who checks before he sends
    ratio = round(width_px / height_px, 3)
    low, high = _bounds(limits, "aspect_ratio")
    if not low <= ratio <= high:
        yield CannotUse(
            medium, "value_error", f"Value error, {found}: {ratio:g} to 1; {_range(low, high)}"
        )


def _of_length(medium: Medium, duration_s: Decimal) -> Iterator[CannotUse]:
    kind = "audio" if medium.kind == "audio" else "video"
    least, most = _bounds(medium.limits, "duration")
    found = f"The {kind} lasts {duration_s:f} s"
    given = {"provided_duration": float(duration_s)}
    if float(duration_s) < least:
        message = f"{found}, at least {least:g} s are needed"
        yield CannotUse(medium, f"{kind}_duration_too_short", message, min_duration=least, **given)
    if float(duration_s) > most:
        message = f"{found}, at most {most:g} s are taken"
        yield CannotUse(medium, f"{kind}_duration_too_long", message, max_duration=most, **given)


def _bounds(limits: Mapping[str, Any], what: str) -> tuple[float, float]:
    least, most = limits.get(f"min_{what}"), limits.get(f"max_{what}")
    return (0 if least is None else least, float("inf") if most is None else most)


def _range(least: float, most: float) -> str:
    if most == float("inf"):
        return f"at least {least:g} is needed"
    return f"{least:g} to {most:g} is taken"

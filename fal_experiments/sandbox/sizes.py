"""Width and height of what is made: labels (720p, 2K), ratios, names, pixels, or the input's."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fal_experiments.core.control_kinds import (
    Control,
    FixedControl,
    FollowsControl,
    KnobControl,
)
from fal_experiments.core.preset import Preset
from fal_experiments.sandbox.clips.order import MediumFacts
from fal_experiments.sandbox.inputs import Inputs

DEFAULT_LINES = 720
"""Where an endpoint has no size knob and says nothing of its size."""
_LEAST_LINES, _MOST_LINES, _MOST_SIDE_PX = 64, 2160, 16_384
_LINES_OF_A_CLIP = {1: 1080, 2: 1440, 4: 2160, 8: 2160}
_PICTURE_LINES_PER_K = 768
"""A picture of 1K has the pixels of 1024×1024, which are those of 768 lines at 16:9."""
_P_LABEL, _K_LABEL = re.compile(r"(?:^|_)([0-9]{2,5})p?$"), re.compile(r"(?:^|_)([0-9])k$")
_RATIO = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?):([0-9]{1,3}(?:\.[0-9]{1,3})?)")
_PIXELS = re.compile(r"([0-9]{2,5})\s*[x*×]\s*([0-9]{2,5})")
# fal's image endpoints share these names (ImageSize in references/fal-endpoints.json)
_NAMED = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
_SIZE_KNOBS = ("image_size", "video_size", "size", "resolution", "aspect_ratio")


class Size(NamedTuple):
    """What an order says of its size: pixels, or the lines of a label and a ratio."""

    lines: int
    ratio: float | None
    size_px: tuple[int, int] | None = None


def size_of(preset: Preset, arguments: dict[str, Any], inputs: Inputs) -> Size:
    """Return the size that the arguments amount to. A ratio of None follows the input picture."""
    resolution = preset.controls.get("resolution")
    ratio = preset.controls.get("aspect_ratio")
    lines = _first_lines(_values(resolution, arguments, "resolution"), preset.output.kind)
    found = [_pixels(arguments.get(name)) for name in (*_SIZE_KNOBS, *_knobs((resolution, ratio)))]
    found += [_pixels({name: arguments.get(name) for name in ("width", "height")})]
    found += [_followed_px(preset, resolution, inputs)]
    exact = next((size for size in found if size is not None), None)
    shape = _first_ratio(_values(ratio, arguments, "aspect_ratio"))
    if shape is None and not inputs.under(preset.inputs.image):
        shape = _ratio_of(inputs.facts_under(preset.inputs.video))
    return Size(lines, shape, exact)


def _values(control: Control | None, arguments: dict[str, Any], usual_knob: str) -> Iterator[Any]:
    """Yield what says something of a size, the surest first: what is sent, then what it means."""
    match control:
        case KnobControl():
            sent = arguments.get(control.knob)
            yield sent
            yield from (choice.means for choice in control.choices if choice.send == sent)
        case FixedControl():
            yield control.fixed
    yield arguments.get(usual_knob)


def _knobs(controls: tuple[Control | None, ...]) -> list[str]:
    return [control.knob for control in controls if isinstance(control, KnobControl)]


def _followed_px(preset: Preset, control: Control | None, inputs: Inputs) -> tuple[int, int] | None:
    if not isinstance(control, FollowsControl):
        return None
    facts = inputs.facts_under(getattr(preset.inputs, control.follows))
    if not facts or not facts[0].width_px or not facts[0].height_px:
        return None
    return facts[0].width_px, facts[0].height_px


def _first_lines(values: Iterator[Any], kind: str) -> int:
    for value in values:
        label = str(value).lower()
        thousands, lines = _K_LABEL.search(label), _P_LABEL.search(label)
        if thousands:
            count = int(thousands[1])
            wide = _LINES_OF_A_CLIP.get(count, _MOST_LINES)
            return wide if kind == "video" else count * _PICTURE_LINES_PER_K
        if lines:
            return min(_MOST_LINES, max(_LEAST_LINES, int(lines[1])))
    return DEFAULT_LINES


def _first_ratio(values: Iterator[Any]) -> float | None:
    for value in values:
        found = _RATIO.fullmatch(str(value))
        if found and float(found[1]) and float(found[2]):
            return float(found[1]) / float(found[2])
    return None


def _ratio_of(facts: list[MediumFacts]) -> float | None:
    if not facts or not facts[0].width_px or not facts[0].height_px:
        return None
    return facts[0].width_px / facts[0].height_px


def _pixels(value: Any) -> tuple[int, int] | None:
    """Return width and height where a value states them: an object, a name, `1024x768`."""
    if isinstance(value, dict):
        sides = [value.get(side) for side in ("width", "height")]
    elif isinstance(value, str) and value in _NAMED:
        return _NAMED[value]
    elif isinstance(value, str) and (found := _PIXELS.fullmatch(value)):
        sides = [int(found[1]), int(found[2])]
    else:
        return None
    whole = [side for side in sides if isinstance(side, int) and not isinstance(side, bool)]
    is_size = len(whole) == len(sides) and all(0 < side <= _MOST_SIDE_PX for side in whole)
    return (whole[0], whole[1]) if is_size else None

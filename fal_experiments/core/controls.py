"""Hold → knobs: how a preset meets what the task keeps constant, and what it cannot meet."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from fal_experiments.core.control_kinds import (
    Choice,
    Control,
    FixedControl,
    FollowsControl,
    FramesControl,
    KnobControl,
    RangeControl,
    TextControl,
)
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.matrix import HoldKey, OnMismatch
from fal_experiments.core.plan import Deviation
from fal_experiments.core.preset import Preset

RATIO_TOLERANCE = 0.02
"""Two aspect ratios this near (natural logarithm) count as one."""
FOLLOWED_TOLERANCE = 0.05
"""Seconds or frames per second by which a clip that is followed may differ from what is held."""
NEAREST = "the nearest that the model offers"
_LINES_OF_K = {"2k": 1440.0, "4k": 2160.0, "8k": 4320.0}


class Met(NamedTuple):
    """How one held value is met: arguments to send, and the compromise if there is one."""

    arguments: dict[str, Any]
    deviation: Deviation | None = None


class CannotMeet(Exception):
    """A held value that the matrix does not allow to be missed."""


KNOB_FIELDS = ("knob", "text_knob", "frames_knob")
"""Where a control names its knob."""


def knobs_of_hold(preset: Preset, key: HoldKey) -> frozenset[str]:
    """Return the arguments of a preset that decide a key of hold."""
    control = preset.controls.get(key)
    named = {getattr(control, field, None) for field in KNOB_FIELDS}
    other = {knob for knob, of in preset.stands_for.items() if of == key}
    return frozenset(knob for knob in named | other if knob is not None)


def applies(preset: Preset, key: HoldKey) -> bool:
    """Tell whether a held value means anything for what is made: a picture has no length."""
    return preset.output.kind == "video" or key not in {"duration", "fps", "audio"}


class Circumstances(NamedTuple):
    """What else decides how a held value is met."""

    files: Mapping[str, InputFile]
    """The cell's inputs by role; some models follow them."""
    arguments: Mapping[str, Any]
    """What is sent so far: the length of a clip of N frames depends on its rate."""
    on_mismatch: OnMismatch = "nearest"
    """`nearest` records a deviation; any other value raises."""


def meet(preset: Preset, key: HoldKey, asked: Any, around: Circumstances) -> Met:
    """Return how `preset` meets the held value `asked` of `key`.

    Raises: CannotMeet with the reason in words.
    """
    asked = plain_number(asked)
    met = _meet(preset.controls.get(key), key, asked, around)
    if met.deviation is not None and around.on_mismatch != "nearest":
        raise CannotMeet(f"{met.deviation.label()}: {met.deviation.why}")
    return met


def _meet(control: Control | None, key: str, asked: Any, around: Circumstances) -> Met:
    match control:
        case KnobControl() | RangeControl() | FramesControl():
            return _set_knob(control, key, asked, around.arguments)
        case TextControl():
            return Met({control.text_knob: asked})
        case FixedControl():
            got = plain_number(control.fixed)
            return Met({}) if _same(key, got, asked) else _miss(key, asked, got, "it has no knob")
        case FollowsControl():
            return _follow(control.follows, key, asked, around.files.get(control.follows))
        case _:
            why = control.unstated if control else "the preset says nothing about it"
            return _not_said(key, asked, why)


def _not_said(key: str, asked: Any, why: str) -> Met:
    """Return what it means that a vendor does not say how a held value is met.

    What a clip shows is found out after the run. What it cannot show is not: a negative prompt is
    not taken where there is no knob for it, and a silent rewriting of prompts stays unstated.
    """
    if key == "negative_prompt":
        return Met({}) if asked == "" else _miss(key, asked, "not taken", why)
    return _miss(key, asked, "not stated" if key == "prompt_enhancement" else None, why)


def _set_knob(
    control: KnobControl | RangeControl | FramesControl,
    key: str,
    asked: Any,
    arguments: Mapping[str, Any],
) -> Met:
    match control:
        case KnobControl():
            return _turn_knob(control, key, asked)
        case RangeControl():
            return _take_number(control, key, asked)
        case FramesControl():
            return _count_frames(control, key, asked, arguments)


def _turn_knob(control: KnobControl, key: str, asked: Any) -> Met:
    exact = [choice for choice in control.choices if _same(key, plain_number(choice.means), asked)]
    if exact:
        return Met({control.knob: exact[0].send})
    measured = [(_distance(key, plain_number(c.means), asked), c) for c in control.choices]
    near = [(distance, choice) for distance, choice in measured if distance is not None]
    if not near:
        offered = ", ".join(str(choice.means) for choice in control.choices)
        raise CannotMeet(f"{key} {asked}: the model offers {offered}")
    best: Choice = min(near, key=lambda pair: pair[0])[1]
    return Met(
        {control.knob: best.send},
        Deviation(hold=key, asked=asked, got=best.means, why=NEAREST),
    )


def _take_number(control: RangeControl, key: str, asked: Any) -> Met:
    got = plain_number(control.nearest(Decimal(str(_number(asked)))))
    sent = {control.knob: got}
    if got == asked:
        return Met(sent)
    return Met(sent, Deviation(hold=key, asked=asked, got=got, why=NEAREST))


def _count_frames(
    control: FramesControl, key: str, asked: Any, arguments: Mapping[str, Any]
) -> Met:
    fps = frames_per_second(control, arguments)
    wanted = round(_number(asked) * fps)
    frames = min(max(wanted, control.least), control.most)
    sent = {control.frames_knob: frames}
    if abs(frames - _number(asked) * fps) <= 0.5:
        return Met(sent)
    got = round(frames / fps, 2)
    return Met(sent, Deviation(hold=key, asked=asked, got=got, why=NEAREST))


def frames_per_second(control: FramesControl, arguments: Mapping[str, Any]) -> float:
    """Return the rate at which a number of frames becomes a length."""
    sent = arguments.get(control.fps_knob) if control.fps_knob else None
    is_rate = isinstance(sent, int | float) and not isinstance(sent, bool) and sent > 0
    return float(sent) if is_rate and sent is not None else float(control.fps)


def _follow(what: str, key: str, asked: Any, file: InputFile | None) -> Met:
    why = f"the model follows its input {what}"
    if file is None:
        return _miss(key, asked, None, f"{why}, which is not given")
    if key in {"aspect_ratio", "resolution"}:
        return _follow_size(key, asked, file, why)
    got = {"duration": file.duration_s, "fps": file.fps, "audio": file.has_audio}.get(key)
    if got is None:
        return _miss(key, asked, None, f"{why}, of which it is not known before the run")
    if isinstance(got, bool):
        return Met({}) if got == asked else _miss(key, asked, got, why)
    if abs(float(got) - _number(asked)) <= FOLLOWED_TOLERANCE:
        return Met({})
    return _miss(key, asked, round(float(got), 2), why)


def _follow_size(key: str, asked: Any, file: InputFile, why: str) -> Met:
    if file.width_px is None or file.height_px is None:
        return _miss(key, asked, None, f"{why}, whose size is not known before the run")
    if key == "aspect_ratio":
        other = other_ratio(file, asked)
        return _miss(key, asked, other, why) if other else Met({})
    if min(file.width_px, file.height_px) == lines_of(asked):
        return Met({})
    return _miss(key, asked, f"{file.width_px}×{file.height_px}", why)


def other_ratio(image: InputFile, asked: str) -> str | None:
    """Return the aspect ratio of an image, `3:4`, where it is not the one that is asked for."""
    if image.width_px is None or image.height_px is None:
        return None
    if (
        abs(math.log(image.width_px / image.height_px) - math.log(ratio_of(asked)))
        <= RATIO_TOLERANCE
    ):
        return None
    shared = math.gcd(image.width_px, image.height_px)
    return f"{image.width_px // shared}:{image.height_px // shared}"


def _miss(key: str, asked: Any, got: Any, why: str) -> Met:
    return Met({}, Deviation(hold=key, asked=asked, got=got, why=why))


def _same(key: str, means: Any, asked: Any) -> bool:
    if key == "resolution":
        return str(means).lower() == str(asked).lower() or _lines(means) == _lines(asked)
    return bool(means == asked) and isinstance(means, bool) == isinstance(asked, bool)


def _distance(key: str, means: Any, asked: Any) -> tuple[float, float] | None:
    """Return how far a choice is from what was asked; of two equally far, the larger is nearer.

    A longer or larger clip can be cut down to the one that was asked for, a shorter one cannot be
    made up. None: the two cannot be compared (`auto`, on/off).
    """
    scale = {"duration": _number, "fps": _number, "resolution": lines_of, "aspect_ratio": ratio_of}
    measure = scale.get(key)
    if measure is None:
        return None
    try:
        here, there = measure(means), measure(asked)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    apart = abs(math.log(here) - math.log(there)) if key == "aspect_ratio" else abs(here - there)
    return (apart, -here)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return float(value)


def _lines(value: Any) -> float | None:
    try:
        return lines_of(value)
    except ValueError:  # a label of its own, such as `auto`
        return None


def lines_of(value: Any) -> float:
    """Return the picture height that a resolution label stands for: 768P → 768, 4k → 2160."""
    text = str(value).lower()
    return _LINES_OF_K[text] if text in _LINES_OF_K else float(text.removesuffix("p"))


def ratio_of(value: Any) -> float:
    width, _, height = str(value).partition(":")
    return float(width) / float(height)


def plain_number(value: Any) -> Any:
    """Return a held decimal as the int or float that JSON has, so that equal values are equal."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value

"""How long a clip is to be, and at what rate: by the preset's controls, its shots, or its input."""

from decimal import Decimal, InvalidOperation
from typing import Any

from fal_experiments.core.control_kinds import (
    Control,
    FixedControl,
    FollowsControl,
    FramesControl,
    KnobControl,
    RangeControl,
)
from fal_experiments.core.controls import frames_per_second
from fal_experiments.core.estimate import seconds_asked
from fal_experiments.core.preset import Preset
from fal_experiments.sandbox.inputs import Inputs

_DEFAULT_S = Decimal(5)
_DEFAULT_FPS, _FPS_OF_FAMILY = 24.0, {"wan": 16.0}
_MOST_FPS = 60.0
_MOST_S = Decimal(600)


def clip_seconds(preset: Preset, arguments: dict[str, Any], inputs: Inputs, fps: float) -> Decimal:
    """Return the length that is billed and made.

    Shots add up to it, whatever `duration` says beside them. Where nothing is asked for (`auto`)
    it is that of the input video or sound, else 5 s.
    """
    video_s = inputs.seconds_under(preset.inputs.video)
    counted = _number(arguments.get("num_frames"))
    frames_s = counted / Decimal(str(fps)) if counted else None
    candidates = (
        _shots_s(preset, arguments),
        frames_s,
        _first_video_s(preset, inputs) if _follows_video(preset) else None,
        seconds_asked(preset, arguments, video_s),
        _first_video_s(preset, inputs),
        inputs.seconds_under(preset.inputs.audio),
    )
    found = next((length for length in candidates if length is not None and length > 0), _DEFAULT_S)
    return min(found, _MOST_S)


def clip_fps(preset: Preset, arguments: dict[str, Any], inputs: Inputs) -> float:
    """Return frames per second."""
    length = preset.controls.get("duration")
    if isinstance(length, FramesControl):
        return min(_MOST_FPS, frames_per_second(length, arguments))
    of_video = next((facts.fps for facts in inputs.facts_under(preset.inputs.video)), None)
    candidates = (
        _stated(preset.controls.get("fps"), arguments),
        _number(arguments.get("frames_per_second")),
        _number(arguments.get("fps")),
        of_video,
    )
    usual = _FPS_OF_FAMILY.get(preset.family, _DEFAULT_FPS)
    found = next((float(rate) for rate in candidates if rate is not None and rate >= 1), usual)
    return min(_MOST_FPS, found)


def _stated(control: Control | None, arguments: dict[str, Any]) -> Decimal | None:
    match control:
        case FixedControl():
            return _number(control.fixed)
        case KnobControl() if control.knob in arguments:
            sent = arguments[control.knob]
            return _number(next((c.means for c in control.choices if c.send == sent), sent))
        case RangeControl():
            return _number(arguments.get(control.knob))
        case _:
            return None


def _shots_s(preset: Preset, arguments: dict[str, Any]) -> Decimal | None:
    shots = preset.inputs.shots
    listed = arguments.get(shots.knob) if shots else None
    if shots is None or shots.duration is None or not isinstance(listed, list):
        return None
    lengths = [_number(shot.get(shots.duration)) for shot in listed if isinstance(shot, dict)]
    return sum((length or Decimal(0) for length in lengths), Decimal(0))


def _follows_video(preset: Preset) -> bool:
    control = preset.controls.get("duration")
    return isinstance(control, FollowsControl) and control.follows == "video"


def _first_video_s(preset: Preset, inputs: Inputs) -> Decimal | None:
    facts = inputs.facts_under(preset.inputs.video)
    return facts[0].duration_s if facts else None


def _number(value: Any) -> Decimal | None:
    """Return a number, also one that is text ("5", "8s"); None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).removesuffix("s"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None

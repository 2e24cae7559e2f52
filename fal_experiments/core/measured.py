"""What a clip turned out to be, against what its cell asked for and its model promised.

A resolution label fixes the number of pixels, not the short side: 480p at 1:1 came back as 640×640
(references/presets-notes.md 4), so either is taken for it.
"""

import math
from collections.abc import Iterator
from typing import Any

from fal_experiments.core.control_kinds import FixedControl, KnobControl, RangeControl
from fal_experiments.core.controls import applies, lines_of, ratio_of
from fal_experiments.core.derived import Probe
from fal_experiments.core.estimate import seconds_asked
from fal_experiments.core.labels import hold_label
from fal_experiments.core.matrix import HoldKey
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell, Deviation
from fal_experiments.core.preset import Preset

LENGTH_TOLERANCE_S = 0.25
"""Models count whole frames and blocks of them: 121 frames at 24 fps are 5.04 s."""
PIXELS_TOLERANCE = 0.06
RATIO_TOLERANCE = 0.03
FPS_TOLERANCE = 0.5
MEASURED: tuple[HoldKey, ...] = ("duration", "aspect_ratio", "resolution", "fps", "audio")


class Measurement(Record):
    """One property of one clip: what was held, what the request promised, what came."""

    what: HoldKey
    held: str | None
    """As the task holds it; None where it holds nothing of the kind."""
    promised: str | None
    """What the arguments ask this model for; None where the model decides."""
    got: str
    kept: bool | None
    """Whether the model gave what the request promised; None where it promised nothing."""
    meets_hold: bool | None
    """Whether the clip is what the task holds, promised or not; None where nothing is held."""


def measure(
    cell: Cell, preset: Preset, hold: dict[HoldKey, Any], probe: Probe
) -> list[Measurement]:
    """Return what was measured of a clip beside what was asked, property by property."""
    is_picture = preset.output.kind == "image"
    return [
        Measurement(
            what=key,
            held=None if hold.get(key) is None else hold_label(key, hold[key]),
            promised=None if promise is None else hold_label(key, promise),
            got=_got(key, probe),
            kept=None if promise is None else _is(key, promise, probe, is_picture=is_picture),
            meets_hold=None
            if hold.get(key) is None
            else _is(key, hold[key], probe, is_picture=is_picture),
        )
        for key, promise in _promises(cell, preset)
    ]


def known_deviations(cell: Cell, probe: Probe | None) -> tuple[Deviation, ...]:
    """Return the deviations of a cell as its clip shows them.

    What was not known before the run is gone where the clip has what is held, and has the measured
    value where it does not.
    """
    if probe is None:
        return cell.deviations
    return tuple(
        deviation
        if deviation.got is not None or deviation.hold not in MEASURED
        else deviation.model_copy(update={"got": _got(deviation.hold, probe)})
        for deviation in cell.deviations
        if not _is_settled(cell, deviation, probe)
    )


def asked_of(cell: Cell, preset: Preset) -> dict[HoldKey, str]:
    """Return what the arguments of a cell ask of its clip, of what can be measured, in words."""
    promises = _promises(cell, preset)
    return {key: hold_label(key, promise) for key, promise in promises if promise is not None}


def _is_settled(cell: Cell, deviation: Deviation, probe: Probe) -> bool:
    if deviation.got is not None or deviation.hold not in MEASURED:
        return False
    return _is(deviation.hold, deviation.asked, probe, is_picture=cell.task.endswith("-image"))


def _promises(cell: Cell, preset: Preset) -> Iterator[tuple[HoldKey, Any]]:
    for key in MEASURED:
        if applies(preset, key):
            is_length = key == "duration"
            promise = seconds_asked(preset, cell.arguments) if is_length else None
            yield key, promise if is_length else _promise(preset, key, cell.arguments)


def _promise(preset: Preset, key: HoldKey, arguments: dict[str, Any]) -> Any:
    match preset.controls.get(key):
        case FixedControl() as control:
            return control.fixed
        case RangeControl() as control:
            return arguments.get(control.knob)
        case KnobControl() as control:
            sent = arguments.get(control.knob)
            return next((c.means for c in control.choices if c.send == sent), None)
        case _:
            return None


def _got(key: str, probe: Probe) -> str:
    match key:
        case "duration":
            return f"{probe.duration_s:.2f} s"
        case "fps":
            return f"{probe.fps:.2f} fps"
        case "audio":
            return "on" if probe.has_audio else "off"
        case "aspect_ratio":
            return f"{probe.width_px / probe.height_px:.3f} : 1"
        case _:
            return f"{probe.width_px}×{probe.height_px}"


def _is(key: str, asked: Any, probe: Probe, *, is_picture: bool) -> bool:
    """Tell whether a clip has the asked value of a property, within the tolerances above."""
    match key:
        case "duration":
            return abs(float(probe.duration_s) - float(asked)) <= LENGTH_TOLERANCE_S
        case "fps":
            return abs(float(probe.fps) - float(asked)) <= FPS_TOLERANCE
        case "audio":
            return probe.has_audio is bool(asked)
        case "aspect_ratio":
            apart = math.log(probe.width_px / probe.height_px) - math.log(ratio_of(asked))
            return abs(apart) <= RATIO_TOLERANCE
        case _:
            return _has_lines(lines_of(asked), probe, is_picture=is_picture)


def _has_lines(lines: float, probe: Probe, *, is_picture: bool) -> bool:
    """Tell whether a size is that of a label: of a video by 16:9 lines, of a picture by a square.

    1K is a picture of about 1024 × 1024 pixels in any shape.
    """
    short_px, pixels = min(probe.width_px, probe.height_px), probe.width_px * probe.height_px
    nominal = lines * lines * (1 if is_picture else 16 / 9)
    return short_px == lines or abs(pixels / nominal - 1) <= PIXELS_TOLERANCE

"""Presets side by side: what each takes, how it meets a hold, what five seconds cost, in words."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from fal_experiments.core.control_kinds import (
    Control,
    FixedControl,
    FollowsControl,
    FramesControl,
    KnobControl,
    RangeControl,
)
from fal_experiments.core.controls import CannotMeet, Circumstances, meet
from fal_experiments.core.estimate import estimate
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.knobs import SHORTENED
from fal_experiments.core.matrix import HoldKey
from fal_experiments.core.money import usd_from_nano
from fal_experiments.core.preset import TAKES_FIRST, Preset
from fal_experiments.core.price_words import price_words, usd_words

TYPICAL: tuple[tuple[HoldKey, Any], ...] = (
    ("resolution", "720p"),
    ("audio", False),
    ("duration", 5),
)
"""What the column of typical prices holds: a video of the same length stands for any input."""
TYPICAL_HEAD = "5 s, 720p, silent"
NONE = "–"
_INPUT_S = Decimal(5)
_INPUT_WORDS = {
    "image": "first frame",
    "last_frame": "last frame",
    "references": "references",
    "elements": "elements",
    "video": "video",
    "audio": "sound",
    "shots": "shots",
}
_SEED_WORDS = {
    "accepted": "yes",
    "accepted-not-returned": "yes, not returned",
    "none": "no",
    "undocumented": "not documented",
}


class Row(NamedTuple):
    """One preset in a table, every cell in words."""

    preset: str
    endpoint: str
    family: str
    task: str
    takes: str
    length: str
    size: str
    ratio: str
    sound: str
    seeds: str
    typical: str
    """What a typical request costs, with what differs from it; `–` where it is not known."""
    price: str
    """The whole price rule."""
    status: str
    note: str
    """What there is to know about the status, or nothing."""


def input_words(preset: Preset) -> dict[str, str]:
    """Return the inputs that a preset takes, in words: `image` is a first frame or a picture."""
    is_edited = preset.output.kind == "image" or preset.task == "video-to-video"
    takes_one = (preset.inputs.references or "").endswith(TAKES_FIRST)
    words = _INPUT_WORDS | ({"image": "picture"} if is_edited else {})
    words |= {"references": "one reference"} if takes_one else {}
    return {part: said for part, said in words.items() if getattr(preset.inputs, part)}


def row_of(preset: Preset) -> Row:
    """Return the row of a preset."""
    is_picture = preset.output.kind == "image"
    return Row(
        preset=preset.id,
        endpoint=preset.endpoint,
        family=preset.family,
        task=preset.task,
        takes=_takes(preset),
        length=NONE if is_picture else _values(preset.controls.get("duration"), " s"),
        size=_sizes(preset.controls.get("resolution")),
        ratio=_values(preset.controls.get("aspect_ratio"), ""),
        sound=NONE if is_picture else _sound(preset.controls.get("audio")),
        seeds=_SEED_WORDS[preset.seed.support],
        typical=typical_price(preset),
        price=price_words(preset.price),
        status=status_words(preset),
        note=preset.status_note,
    )


def by_family(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return rows under their family, families and presets in the order of the alphabet."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.family, row.preset)):
        found.setdefault(row.family, []).append(row)
    return found


def status_words(preset: Preset) -> str:
    """Return `current`, `retired: use X`, or what is not certain."""
    if preset.status == "retired":
        return f"retired, use {preset.successor}" if preset.successor else "retired"
    return "current, see note" if preset.status_note else "current"


def typical_price(preset: Preset) -> str:
    """Return what 5 s at 720p without sound cost, or the nearest that the model makes."""
    arguments = dict(preset.arguments)
    around = {"video": InputFile(id="x", role="video", duration_s=_INPUT_S)}
    got: list[str] = []
    for key, asked in TYPICAL if preset.output.kind == "video" else ():
        try:
            met = meet(preset, key, asked, Circumstances(around, arguments))
        except CannotMeet:
            continue
        arguments |= met.arguments
        if met.deviation is not None and met.deviation.got is not None:
            got.append(_got(key, met.deviation.got))
    band = estimate(preset, arguments, _INPUT_S).band
    if band is None:
        return NONE
    usd = usd_from_nano(band.expected)
    per = " a picture" if preset.output.kind == "image" else ""
    return f"${usd_words(usd)}{per}" + (f" ({', '.join(got)})" if got else "")


def _got(key: str, value: Any) -> str:
    if key == "audio":
        return "with sound" if value else "silent"
    return f"{value} s" if key == "duration" else str(value)


def _takes(preset: Preset) -> str:
    taken = [*input_words(preset).values()]
    return ", ".join(["text", *taken] if preset.task.startswith("text-") else taken)


def _sound(control: Control | None) -> str:
    match control:
        case KnobControl():
            return f"switch ({control.knob})"
        case FixedControl():
            return "always" if control.fixed else "never"
        case _:
            return "not stated"


def _values(control: Control | None, unit: str) -> str:
    match control:
        case KnobControl():
            means = [_words(choice.means) for choice in control.choices]
            return _list(list(dict.fromkeys(means)), unit)
        case RangeControl():
            most = f"{control.most:f}" if control.most is not None else "…"
            return f"{control.least:f}–{most}{unit}"
        case FramesControl():
            return f"{control.least}–{control.most} frames at {control.fps} fps"
        case FixedControl():
            return f"{control.fixed}{unit}, fixed"
        case FollowsControl():
            return f"that of the {control.follows}"
        case _:
            return "not stated"


def _sizes(control: Control | None) -> str:
    """Return sizes as the vendor labels them."""
    if isinstance(control, KnobControl):
        return ", ".join(str(choice.send) for choice in control.choices)
    return _values(control, "")


def _words(means: Any) -> str:
    return "that of the video" if means == "video" else str(means)


def _list(means: Sequence[str], unit: str) -> str:
    """Return values, whole numbers in a row as a span."""
    numbers = [int(text) for text in means if text.isdecimal()]
    if len(numbers) >= SHORTENED and numbers == list(range(numbers[0], numbers[-1] + 1)):
        others = [text for text in means if not text.isdecimal()]
        return ", ".join([*others, f"{numbers[0]}–{numbers[-1]}{unit}"])
    return ", ".join(means) + unit

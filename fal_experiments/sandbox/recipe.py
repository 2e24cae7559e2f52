"""A request's arguments → the clip to draw: size, length, rate, sound, seed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard

from fal_experiments.core.control_kinds import FixedControl, KnobControl
from fal_experiments.core.estimate import seconds_asked
from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.preset import Preset
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.clips.order import ClipOrder, Picture
from fal_experiments.sandbox.stable_json import stable_json

DEFAULT_LINES = 720
"""Where an endpoint has no size knob and says nothing of its size."""
_DEFAULT_S = 5
_DEFAULT_FPS, _FPS_OF_FAMILY = 24, {"wan": 16}
_MOST_FRAMES, _MOST_FPS = 3600, 60
_LINES_OF_LABEL = {"2k": 1440, "4k": 2160, "8k": 2160}
_SEED_LIMIT = 2**31
_SHORT = {"image-to-video": "i2v", "text-to-video": "t2v", "text-to-image": "t2i"}


@dataclass(frozen=True)
class Inputs:
    """The pictures of a request, and a digest of what each one shows."""

    picture: Picture | None = None
    last_picture: Picture | None = None
    digests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """What is drawn, and the arguments that it amounts to."""

    order: ClipOrder
    made: dict[str, Any]
    """The arguments with the length that was really made, where `auto` left it open."""
    seed: int
    """The seed used: the caller's, or one that the endpoint chose."""


def recipe_for(
    endpoint: CataloguedEndpoint, arguments: dict[str, Any], inputs: Inputs, take: int
) -> Recipe:
    """Return the clip of a request.

    Args:
        arguments: what the endpoint takes, with the provider's defaults.
        take: how many equal requests came before; without a seed each take is another clip.
    """
    preset = endpoint.preset
    given = _given_seed(preset, arguments)
    seed = given if given is not None else _chosen_seed(preset, arguments, inputs, take)
    fps, frame_count = _rate_and_frames(preset, arguments)
    prompt = arguments.get(preset.inputs.prompt or "")
    order = ClipOrder(
        endpoint=preset.endpoint,
        family=preset.family,
        prompt=prompt if isinstance(prompt, str) else _shots(arguments),
        name=short_name(preset.endpoint),
        mark=f"seed {seed}" if preset.takes_seed else f"take {take + 1}",
        seed=seed,
        flavour=sha256_hex(stable_json(_other_knobs(preset, arguments)))[:16],
        kind=preset.output.kind,
        lines=_lines(arguments.get("resolution")),
        ratio=_ratio(arguments.get("aspect_ratio")),
        fps=fps,
        frame_count=1 if preset.output.kind == "image" else frame_count,
        has_audio=arguments.get("generate_audio") is True,
        picture=inputs.picture,
        last_picture=inputs.last_picture,
    )
    return Recipe(order, _as_made(preset, arguments, frame_count / fps), seed)


def short_name(endpoint: str) -> str:
    """Return an endpoint in a few words: `kling-video v3 pro i2v`."""
    parts = [_SHORT.get(part, part) for part in endpoint.split("/")[1:]]
    return " ".join(parts[-4:])


def _given_seed(preset: Preset, arguments: dict[str, Any]) -> int | None:
    value = arguments.get(preset.seed.knob) if preset.seed.knob else None
    is_seed = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_seed else None


def _chosen_seed(preset: Preset, arguments: dict[str, Any], inputs: Inputs, take: int) -> int:
    image_knobs = {preset.inputs.image, preset.inputs.last_frame}
    seen = {knob: value for knob, value in arguments.items() if knob not in image_knobs}
    text = stable_json([preset.endpoint, seen, inputs.digests, take])
    return int(sha256_hex(text)[:12], 16) % _SEED_LIMIT


def _rate_and_frames(preset: Preset, arguments: dict[str, Any]) -> tuple[int, int]:
    control = preset.controls.get("fps")
    fixed = control.fixed if isinstance(control, FixedControl) else None
    asked = (arguments.get("frames_per_second"), arguments.get("fps"), fixed)
    usual = _FPS_OF_FAMILY.get(preset.family, _DEFAULT_FPS)
    fps = min(_MOST_FPS, next((round(n) for n in asked if _is_positive(n)), usual))
    counted = arguments.get("num_frames")
    seconds = seconds_asked(preset, arguments)
    if not _is_positive(counted):
        counted = (seconds if seconds is not None else _DEFAULT_S) * fps
    return fps, max(1, min(_MOST_FRAMES, round(counted)))


def _is_positive(value: Any) -> TypeGuard[int | float | Decimal]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value >= 1


def _lines(label: Any) -> int:
    text = str(label).lower()
    digits = text.removesuffix("p")
    if text in _LINES_OF_LABEL:
        return _LINES_OF_LABEL[text]
    return (
        min(2160, max(64, int(digits))) if digits.isdecimal() and len(digits) < 6 else DEFAULT_LINES
    )


def _ratio(label: Any) -> float | None:
    width, _, height = str(label).partition(":")
    is_ratio = all(part.isdecimal() and 0 < int(part) < 1000 for part in (width, height))
    return int(width) / int(height) if is_ratio else None


def _shots(arguments: dict[str, Any]) -> str:
    shots = arguments.get("multi_prompt")
    texts = [shot.get("prompt") for shot in shots if isinstance(shot, dict)] if shots else []
    return " / ".join(text for text in texts if isinstance(text, str))


def _other_knobs(preset: Preset, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the knobs that only season a clip; length and size must not change its movement."""
    inputs = preset.inputs
    drawn = {inputs.prompt, inputs.image, inputs.last_frame, preset.seed.knob}
    drawn |= {"duration", "resolution", "aspect_ratio", "generate_audio", "num_frames"}
    return {knob: value for knob, value in arguments.items() if knob not in drawn}


def _as_made(preset: Preset, arguments: dict[str, Any], length_s: float) -> dict[str, Any]:
    control = preset.controls.get("duration")
    if not isinstance(control, KnobControl) or seconds_asked(preset, arguments) is not None:
        return arguments
    lengths = [choice for choice in control.choices if _is_positive(choice.means)]
    if not lengths:
        return arguments
    nearest = min(lengths, key=lambda choice: abs(choice.means - length_s))
    return arguments | {control.knob: nearest.send}

"""A request's arguments → the files to draw: size, length, rate, sound, seed, what is shown."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from fal_experiments.core.control_kinds import (
    Choice,
    FixedControl,
    FollowsControl,
    KnobControl,
)
from fal_experiments.core.estimate import seconds_asked
from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.preset import InputKnobs, Preset
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.clips.order import ClipOrder, Medium
from fal_experiments.sandbox.inputs import Inputs
from fal_experiments.sandbox.lengths import clip_fps, clip_seconds
from fal_experiments.sandbox.rewriting import prompt_used
from fal_experiments.sandbox.sizes import size_of
from fal_experiments.sandbox.stable_json import stable_json

_MOST_FRAMES, _MOST_PICTURES = 3600, 16
_SEED_LIMIT = 2**31
_SHORT = {
    "image-to-video": "i2v",
    "reference-to-video": "r2v",
    "text-to-video": "t2v",
    "video-to-video": "v2v",
    "text-to-image": "t2i",
}
_SOUND_KNOBS = (
    "generate_audio",
    "with_audio",
    "audio",
    "keep_audio",
    "keep_original_sound",
    "audio_setting",
)
_KEEPS_SOUND = ("keep", "preserve", "original")


@dataclass(frozen=True)
class Recipe:
    """What is drawn, and what it amounts to."""

    orders: tuple[ClipOrder, ...]
    """One for each file; several where an image endpoint is asked for several."""
    made: dict[str, Any]
    """The arguments with the length that was really made, where they left it open."""
    length_s: Decimal
    """As it is billed; a clip of whole frames may be a fraction longer or shorter."""
    input_s: Decimal | None
    """How long the input video plays."""
    seed: int
    """The seed used: the caller's, or one that the endpoint chose."""
    prompt: str
    """The words that the endpoint says it used."""

    @property
    def order(self) -> ClipOrder:
        """The first file."""
        return self.orders[0]


def recipe_for(
    endpoint: CataloguedEndpoint, arguments: dict[str, Any], inputs: Inputs, take: int
) -> Recipe:
    """Return what a request makes.

    Args:
        arguments: what the endpoint takes, with the provider's defaults.
        inputs: its files, looked at.
        take: how many equal requests came before; without a seed each take is another clip.
    """
    preset = endpoint.preset
    given = _given_seed(preset, arguments)
    seed = given if given is not None else _chosen_seed(preset, inputs, take)
    fps = clip_fps(preset, arguments, inputs)
    length_s = clip_seconds(preset, arguments, inputs, fps)
    size = size_of(preset, arguments, inputs)
    is_still = preset.output.kind == "image"
    prompt = _words(preset.inputs, arguments)
    order = ClipOrder(
        endpoint=preset.endpoint,
        family=preset.family,
        prompt=prompt,
        name=short_name(preset.endpoint),
        mark=f"seed {seed}" if preset.takes_seed else f"take {take + 1}",
        seed=seed,
        flavour=sha256_hex(stable_json(_other_knobs(preset, inputs)))[:16],
        kind=preset.output.kind,
        lines=size.lines,
        ratio=size.ratio,
        size_px=size.size_px,
        fps=fps,
        frame_count=1 if is_still else max(1, min(_MOST_FRAMES, round(float(length_s) * fps))),
        has_audio=not is_still and _has_sound(preset, arguments, inputs),
        **_shown(preset.inputs, inputs),
    )
    return Recipe(
        orders=tuple(replace(order, seed=seed + at) for at in range(_count(preset, arguments))),
        made=_as_made(preset, arguments, length_s),
        length_s=length_s,
        input_s=inputs.seconds_under(preset.inputs.video),
        seed=seed,
        prompt=prompt_used(preset, arguments, prompt),
    )


def short_name(endpoint: str) -> str:
    """Return an endpoint in a few words: `kling-video v3 pro i2v`."""
    parts = [_SHORT.get(part, part) for part in endpoint.split("/")[1:]]
    return " ".join(parts[-4:])


def _given_seed(preset: Preset, arguments: dict[str, Any]) -> int | None:
    value = arguments.get(preset.seed.knob) if preset.seed.knob else None
    is_seed = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_seed else None


def _chosen_seed(preset: Preset, inputs: Inputs, take: int) -> int:
    text = stable_json([preset.endpoint, inputs.by_content, take])
    return int(sha256_hex(text)[:12], 16) % _SEED_LIMIT


def _count(preset: Preset, arguments: dict[str, Any]) -> int:
    """Return how many files are made; only image endpoints have a knob for it."""
    count = arguments.get("num_images")
    if preset.output.kind != "image" or isinstance(count, bool) or not isinstance(count, int):
        return 1
    return max(1, min(_MOST_PICTURES, count))


def _shown(knobs: InputKnobs, inputs: Inputs) -> dict[str, Any]:
    """Return the files that are drawn, by the part they play in an order."""
    first = inputs.under(knobs.image)[:1]
    last = inputs.under(knobs.last_frame)[:1]
    video = [] if first else inputs.under(knobs.video)[:1]
    taken = [medium.loc for medium in (*first, *last, *video)]
    rest = [m for m in inputs.media if m.loc not in taken and m.kind in {"image", "video"}]
    return {
        "picture": _one(first) or _nothing_of(video),
        "last_picture": _one(last),
        "video": _one(video),
        "references": tuple(medium for medium in rest if medium.is_here),
    }


def _one(media: list[Medium]) -> Medium | None:
    return media[0] if media else None


def _nothing_of(video: list[Medium]) -> Medium | None:
    """Return a video that was not fetched as a picture: its plate says why it is not shown."""
    return replace(video[0], kind="image") if video and not video[0].is_here else None


def _words(knobs: InputKnobs, arguments: dict[str, Any]) -> str:
    """Return the prompt, or the texts of the shots in place of it."""
    prompt = arguments.get(knobs.prompt or "")
    if isinstance(prompt, str) and prompt:
        return prompt
    name, part = (knobs.shots.knob, knobs.shots.text) if knobs.shots else ("multi_prompt", "prompt")
    shots = arguments.get(name)
    if not isinstance(shots, list):
        return ""
    texts = [shot.get(part) for shot in shots if isinstance(shot, dict)]
    return " / ".join(text for text in texts if isinstance(text, str))


def _has_sound(preset: Preset, arguments: dict[str, Any], inputs: Inputs) -> bool:
    """Tell whether there is sound: made, given, or kept from the input video."""
    control = preset.controls.get("audio")
    of_video = any(facts.has_audio for facts in inputs.facts_under(preset.inputs.video))
    match control:
        case FixedControl():
            return control.fixed is True
        case FollowsControl():
            return of_video
        case KnobControl() if control.knob in arguments:
            return _by_knob(control.knob, _meaning(control, arguments), of_video=of_video)
    knob = next((name for name in _SOUND_KNOBS if arguments.get(name) is not None), None)
    if knob is not None:
        return _by_knob(knob, arguments[knob], of_video=of_video)
    return any(facts.has_audio for facts in inputs.facts_under(preset.inputs.audio))


def _by_knob(knob: str, value: Any, *, of_video: bool) -> bool:
    if isinstance(value, str):  # `origin`, `auto`: the sound that came with the video
        return of_video
    keeps = any(word in knob for word in _KEEPS_SOUND)
    return value is True and (of_video or not keeps)


def _meaning(control: KnobControl, arguments: dict[str, Any]) -> Any:
    sent = arguments[control.knob]
    return next((choice.means for choice in control.choices if choice.send == sent), sent)


def _other_knobs(preset: Preset, inputs: Inputs) -> dict[str, Any]:
    """Return the knobs that only season a clip; length and size must not change its movement."""
    drawn = {preset.inputs.prompt, preset.seed.knob, "num_images"}
    drawn |= {"duration", "resolution", "aspect_ratio", "generate_audio", "num_frames"}
    return {knob: value for knob, value in inputs.by_content.items() if knob not in drawn}


def _as_made(preset: Preset, arguments: dict[str, Any], length_s: Decimal) -> dict[str, Any]:
    """Return the arguments with the listed length that is nearest to what was made."""
    control = preset.controls.get("duration")
    if not isinstance(control, KnobControl) or seconds_asked(preset, arguments) == length_s:
        return arguments
    lengths = [choice for choice in control.choices if _is_length(choice)]
    if not lengths:
        return arguments
    nearest = min(lengths, key=lambda choice: abs(Decimal(str(choice.means)) - length_s))
    return arguments | {control.knob: nearest.send}


def _is_length(choice: Choice) -> bool:
    value = choice.means
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
